"""One job in a process of its own, for a GIMP that finds no service.

``python -m gradewright.hosts.gimp.bridge`` reads {"kind": ..., "request": ...} from its standard input and
writes the events that the service would send to its standard output, one JSON object a line.
"""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

from gradewright.core.errors import BadInput

from ..tasks import fields, work


def main() -> int:
    """Entry point."""
    out = sys.stdout

    def send(event: str, **more: Any) -> None:
        out.write(json.dumps({"event": event, **more}) + "\n")
        out.flush()

    def step(fraction: float, text: str) -> None:
        send("progress", fraction=fraction, text=text)

    with contextlib.redirect_stdout(sys.stderr):  # nothing but events may appear there
        try:
            order = fields.checked(json.load(sys.stdin), {"kind": work.kind, "request": _any}, "job")
            job = work.work(order["kind"], order.get("request"), _private_folder)
            send("result", result=job(step))
        except BadInput as error:
            send("error", kind="input", message=" ".join(str(error).split()))
        except Exception as error:
            traceback.print_exc()
            message = f"this is a fault in gradewright ({type(error).__name__}: {error}); please report it"
            send("error", kind="fault", message=" ".join(message.split()))
    return 0


def _any(_name: str, value: Any) -> Any:
    return value


def _private_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="gradewright-"))


if __name__ == "__main__":
    sys.exit(main())

"""onnxruntime, told before it is loaded to report nothing.

Its official builds send events about processes, sessions and errors to Microsoft unless the
environment says otherwise before the library starts (onnxruntime's Privacy.md); a switch in its API
comes after the first event. Every other module takes it, and its sessions, from here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .errors import FileError

for _name in ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"):  # the second in builds of mid-2026
    os.environ[_name] = "1"

import onnxruntime  # noqa: E402

onnxruntime.disable_telemetry_events()  # Windows builds that do not read the environment

__all__ = ["onnxruntime", "session"]


def session(
    model: Path | bytes, what: str = "model", adjust: Callable[[Any], None] | None = None
) -> onnxruntime.InferenceSession:
    """A network on one CPU thread.

    Parameters
    ----------
    model : the ONNX file, or its bytes
    what : it is called in the error
    adjust : changes the session's options

    Raises
    ------
    FileError : the file is missing or damaged
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # too small to share
    options.log_severity_level = 3
    if adjust is not None:
        adjust(options)
    source = model if isinstance(model, bytes) else str(model)
    try:
        return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own classes have no common base but this
        said = str(error).partition("\n")[0]
        name = what if isinstance(model, bytes) else model
        raise FileError(name, f"no {what} ({said})", "reinstall gradewright") from error

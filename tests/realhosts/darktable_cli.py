"""darktable-cli of a chroot as a program: ``python darktable_cli.py SUITE FOLDER[:FOLDER] ARGUMENTS...``.

The product starts it through ``GRADEWRIGHT_DARKTABLE_CLI``; the folders are those that both sides see.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from realhosts.chroots import SUITES
from realhosts.jail import run


def wrapper(suite: str, folders: list[Path], target: Path) -> Path:
    """An executable at ``target`` that runs darktable-cli of ``suite``, on one thread."""
    shared = ":".join(map(str, folders))
    target.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" {suite} "{shared}" "$@" -t 1\n')
    target.chmod(0o755)
    return target


if __name__ == "__main__":
    _, suite, folders, *arguments = sys.argv
    done = run(SUITES[suite], ["darktable-cli", *arguments], binds=[Path(f) for f in folders.split(":")])
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    sys.exit(done.returncode)

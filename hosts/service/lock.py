"""One service per runtime folder: whoever holds the lock file is it, until its process ends."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

_TICK = 0.05


def acquire(folder: Path, running: Callable[[], bool], patience: float) -> IO[bytes] | None:
    """Take the lock; the system releases it when the process ends, however it ends.

    Parameters
    ----------
    folder : the runtime folder
    running : asks whether the holder of the lock serves
    patience : seconds to wait for a holder that does not serve (any more)

    Returns
    -------
    The open lock file, to be kept; None when another service runs.

    Raises
    ------
    TimeoutError : a process holds the lock but does not serve
    """
    file = open(folder / "service.lock", "ab", opener=_private)  # noqa: SIM115 - held for life
    deadline = time.monotonic() + patience
    while not _try(file):
        if running():
            file.close()
            return None
        if time.monotonic() > deadline:
            file.close()
            raise TimeoutError
        time.sleep(_TICK)
    return file


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _try(file: IO[bytes]) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

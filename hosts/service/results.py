"""Private folders for the results of requests that name none."""

from __future__ import annotations

import secrets
import shutil
import time
from pathlib import Path


class Results:
    """Folders below the runtime folder, often in memory: swept when they are older than ``keep`` seconds,
    and when there are more than ``most``.
    """

    def __init__(self, runtime: Path, keep: float, most: int) -> None:
        self._home, self._keep, self._most = runtime / "results", keep, most

    def new(self) -> Path:
        """A new empty folder that only the user can look into."""
        self._home.mkdir(mode=0o700, exist_ok=True)
        self.sweep(self._keep)
        newest_first = sorted(self._home.iterdir(), key=_changed, reverse=True)
        for surplus in newest_first[self._most - 1 :]:
            shutil.rmtree(surplus, ignore_errors=True)
        folder = self._home / secrets.token_hex(8)
        folder.mkdir(mode=0o700)
        return folder

    def sweep(self, older_than: float = 0.0) -> None:
        """Remove the folders that have not changed for so many seconds."""
        limit = time.time() - older_than
        for folder in self._home.glob("*"):
            if _changed(folder) <= limit:
                shutil.rmtree(folder, ignore_errors=True)


def _changed(folder: Path) -> float:
    """When, in seconds; the beginning of time for what has gone meanwhile."""
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0

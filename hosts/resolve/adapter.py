"""Installing into Resolve: a library that it does not scan, one launcher, and the Lua courier."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gradewright.core.errors import FileError
from gradewright.core.files import write_bytes

from ..install import look, put, remove
from . import courier
from .places import Edition, Places, at, here

INSIDE = Path(__file__).parent / "inside"
LAUNCHER = "Utility/gradewright.py"  # Utility: in the menu of every page
COURIER = "Color/gradewright (Lua).lua"
_MARK = "gradewright launcher, made by 'gradewright install resolve'"
_PYTHON = """\
# {mark}
# Everything else is in the folder below; this file only starts it.
import sys

sys.path.insert(0, {folder!r})
from gradewright_resolve import menu

menu.main(globals())
"""


@dataclass(frozen=True)
class ResolveAdapter:
    """DaVinci Resolve, every edition that is found here.

    ``places`` : where to look; None for this machine's own
    """

    places: Places | None = None
    name: str = "resolve"

    def install(self, folder: Path | None = None) -> Sequence[str]:
        """Install or update; ``folder`` is a ``Fusion/Scripts`` folder.

        Raises
        ------
        BadInput : Resolve was not found, and what was looked for
        FileError : a folder cannot be written, or a file of our name is not ours
        """
        editions = [at(folder)] if folder else (self.places or here()).needed()
        lines: list[str] = []
        for edition in editions:
            for path, data in _scripts(edition).items():
                _refuse_foreign(path, data)
            files = {path.name: path for path in sorted(INSIDE.glob("*.py"))}
            lines += put("resolve", edition.library, dict(files), state=str(edition.state))
            for path, data in _scripts(edition).items():
                path.parent.mkdir(parents=True, exist_ok=True)
                write_bytes(path, data, overwrite=True)
            lines.append(
                f"{edition.name}: Workspace > Scripts > gradewright (start Resolve again if it runs)"
            )
        return lines

    def uninstall(self, folder: Path | None = None) -> Sequence[str]:
        """Remove launcher, courier and library; looks in the LUT folders stay, for projects use them."""
        editions = [at(folder)] if folder else (self.places or here()).installed()
        lines: list[str] = []
        for edition in editions:
            found = [path for path in _scripts(edition) if _is_ours(path)]
            for path in found:
                path.unlink()
            removed = [*(f"removed {path}" for path in found), *remove(edition.library)]
            if removed and edition.state.is_dir():
                removed.append(f"{edition.state} stays: your prompts, and what can be undone")
            lines += removed
        if lines:
            lines.append(
                "LUTs in the folder gradewright of Resolve's LUT folders stay: projects may use them"
            )
        return lines

    def doctor(self) -> Sequence[str]:
        """What is found, what is missing, and what this edition cannot do."""
        from .checks import findings

        return findings(self.places or here())


def _scripts(edition: Edition) -> dict[Path, bytes]:
    """What Resolve lists in its menu."""
    python = _PYTHON.format(mark=_MARK, folder=str(edition.library.parent))
    job = courier.script(edition.state / courier.JOB_NAME)
    found: dict[Path, bytes] = {}
    for folder in (edition.scripts, *edition.others):
        found.update({folder / LAUNCHER: python.encode(), folder / COURIER: job})
    return found


def _is_ours(path: Path) -> bool:
    try:
        head = path.read_bytes()[:2000]
    except OSError:
        return False
    return _MARK.encode() in head or b"gradewright's courier for the free edition" in head


def _refuse_foreign(path: Path, data: bytes) -> None:
    if path.exists() and not _is_ours(path):
        raise FileError(path, "stands there and was not installed by gradewright", "move it away first")
    if path.parent.is_dir() and not os.access(path.parent, os.W_OK):
        raise FileError(path.parent, "cannot be written", "make it yours, or give another --folder")


def state_of(edition: Edition) -> str:
    """How the adapter in an edition stands, one line."""
    found = look(edition.library)
    if found.verdict == "absent":
        return f"{edition.name}: gradewright is not installed: gradewright install resolve"
    missing = [str(path) for path in _scripts(edition) if not _is_ours(path)]
    if missing:
        return f"{edition.name}: missing: {', '.join(missing)}; install it again"
    return f"{edition.name}: {found.line}"


ADAPTER = ResolveAdapter()

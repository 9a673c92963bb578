"""Installing the plug-in into GIMP 3.0 and 3.2."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from gradewright.core.errors import BadInput

from .. import install

NAME = "gimp"
FOLDER = "gradewright"
PROCEDURE = "plug-in-gradewright-words"
_VERSIONS = ("3.0", "3.2")
_HERE = Path(__file__).parent


def files() -> dict[str, Path]:
    """Name in the plug-in folder -> the file to copy."""
    modules = sorted((_HERE / "plugin").glob("*.py"))
    return {
        f"{FOLDER}.py": _HERE / "entry.py",
        **{f"gradewright_gimp/{path.name}": path for path in modules},
    }


class GimpAdapter:
    """``gradewright install gimp``."""

    name = NAME

    def install(self, folder: Path | None = None) -> Sequence[str]:
        """Install into every version found, or into the configuration folder that is named.

        Raises
        ------
        BadInput : no GIMP 3.0 or 3.2 was found
        FileError : a file in the way
        """
        lines = []
        for target in _targets(folder):
            lines += install.put(NAME, target, files(), executable=[f"{FOLDER}.py"])
        return [*lines, "restart GIMP; the procedures are under Colors > Gradewright"]

    def uninstall(self, folder: Path | None = None) -> Sequence[str]:
        """Remove it from every version."""
        return [line for target in _existing(folder) for line in install.remove(_plug_in(target))]

    def doctor(self) -> Sequence[str]:
        """The programs and configuration folders found, and how the adapter stands in each."""
        found = _existing(None)
        programs = [_version_of(program) for program in _programs().values()]
        lines = [f"GIMP: {', '.join(programs) or 'no gimp-3.x program in PATH'}"]
        if not found:
            lines.append(
                f"GIMP: no configuration folder of version {' or '.join(_VERSIONS)}; start GIMP once"
            )
        for target in found:
            lines += [f"GIMP {target.name}: {install.look(_plug_in(target)).line}", *_seen(target)]
        return lines


ADAPTER = GimpAdapter()


def _programs() -> dict[str, str]:
    """Version -> the program of that version in PATH."""
    return {version: found for version in _VERSIONS if (found := shutil.which(f"gimp-{version}"))}


def _version_of(program: str) -> str:
    """What a program says of its version, in a second's time."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False)
        found = re.search(r"\d+\.\d+\.\d+", done.stdout)
    except (OSError, subprocess.TimeoutExpired):
        found = None
    return f"{found.group() if found else 'of unknown version'} ({program})"


def _seen(configuration: Path) -> list[str]:
    """Whether GIMP has taken the plug-in up, by what it noted at its last start."""
    if install.look(_plug_in(configuration)).verdict == "absent":
        return []
    try:
        noted = (configuration / "pluginrc").read_text(encoding="utf-8", errors="replace")
    except OSError:
        noted = ""
    if PROCEDURE in noted:
        return [f"GIMP {configuration.name}: it lists the plug-in"]
    return [f"GIMP {configuration.name}: it has not seen the plug-in yet: start it, and close it again"]


def _targets(folder: Path | None) -> list[Path]:
    found = _existing(folder) or _first()
    if not found:
        raise BadInput(
            "gimp: no configuration folder of GIMP 3.0 or 3.2 was found: start GIMP once and close it, "
            "or name its folder with --folder (GIMP shows it under Preferences > Folders)"
        )
    return [_plug_in(target) for target in found]


def _first() -> list[Path]:
    """The folders that a GIMP which was never started will use. Only where there is none of any version:
    beside one, GIMP would not take its settings over.
    """
    bases = [base for base in install.config_places("GIMP")[:1] if not base.exists()]
    return [base / version for base in bases for version in _programs()]


def _existing(folder: Path | None) -> list[Path]:
    """The configuration folders of GIMP 3.x: the one named, or all that are found."""
    if folder is not None:
        return [folder]
    # Flatpak and snap builds use the ordinary folder; older ones kept one of their own.
    bases = install.config_folders("GIMP", flatpak="org.gimp.GIMP", snap="gimp")
    inside = [path for base in bases for path in sorted(base.iterdir()) if path.is_dir()]
    return [path for path in inside if re.fullmatch(r"3\.(0|[2-9]|\d\d)", path.name)]


def _plug_in(configuration: Path) -> Path:
    return configuration / "plug-ins" / FOLDER

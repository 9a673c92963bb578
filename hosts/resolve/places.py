"""Where Resolve keeps its scripts, LUTs and scripting library, by platform and edition."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gradewright.core.errors import BadInput

from .inside.luts import MASTER, SANDBOXES
from .inside.state import default_folder

_BMD = "Blackmagic Design/DaVinci Resolve"
_STORE = {"DaVinciResolveLite": "App Store", "DaVinciResolve": "App Store, Studio"}


@dataclass(frozen=True)
class Edition:
    """One installation of Resolve.

    ``name`` : for messages. ``marker`` : a folder that is there when it is installed (or has run).
    ``scripts`` : the user's Fusion/Scripts folder. ``library`` : where our modules go: not scanned for
    scripts. ``state`` : for the adapter's own files. ``others`` : further script folders, where it is not
    known which one this edition reads
    """

    name: str
    marker: Path
    scripts: Path
    library: Path
    state: Path
    others: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Places:
    """What a platform has: editions, Blackmagic's scripting folder and library, LUT folders."""

    platform: str
    editions: tuple[Edition, ...]
    api: Path
    library: Path
    luts: tuple[Path, ...]

    def installed(self) -> list[Edition]:
        """The editions found here."""
        return [edition for edition in self.editions if edition.marker.is_dir()]

    def needed(self) -> list[Edition]:
        """The editions found here. Raises BadInput when there is none, saying what was looked for."""
        found = self.installed()
        if not found:
            looked = ", ".join(str(edition.marker) for edition in self.editions)
            raise BadInput(
                f"DaVinci Resolve was not found: looked for {looked}. Start it once, or give --folder"
            )
        return found


def here() -> Places:
    """The places of this machine."""
    return places(sys.platform, Path.home(), os.environ)


def places(platform: str, home: Path, environment: Mapping[str, str]) -> Places:
    """The places of a platform (``sys.platform``) for a home folder and environment."""
    if platform == "darwin":
        return _mac(home)
    if platform == "win32":
        return _windows(home, environment)
    return _linux(home, environment)


def at(folder: Path) -> Edition:
    """An installation whose ``Fusion/Scripts`` folder the user names."""
    # The state lies where the commands look for it, wherever the scripts are.
    return Edition(str(folder), folder, folder, folder.parent / "gradewright_resolve", Path(default_folder()))


def _mac(home: Path) -> Places:
    support = home / "Library/Application Support"
    system = Path("/Library/Application Support") / _BMD
    plain = Edition(
        "DaVinci Resolve",
        support / _BMD,
        support / _BMD / "Fusion/Scripts",
        support / "gradewright/gradewright_resolve",
        support / "gradewright/resolve",
    )
    app = Path("/Applications/DaVinci Resolve/DaVinci Resolve.app")
    library = app / "Contents/Libraries/Fusion/fusionscript.so"
    stores = [_store(home / f"{SANDBOXES}{name}/Data", title) for name, title in _STORE.items()]
    return Places("darwin", (plain, *stores), system / "Developer/Scripting", library, _luts("darwin", {}))


def _store(box: Path, title: str) -> Edition:
    """A sandboxed edition: it may read its own container only, and follows no link out of it."""
    support = box / "Library/Application Support"
    # On 21.0.3 some machines list the scripts of the documented folder, others those of Fusion's own
    # (samuelgursky/davinci-resolve-mcp, issue #104).
    return Edition(
        f"DaVinci Resolve ({title})",
        box,
        support / _BMD / "Fusion/Scripts",
        support / "gradewright/gradewright_resolve",
        support / "gradewright/resolve",
        (support / "Fusion/Scripts",),
    )


def _windows(home: Path, environment: Mapping[str, str]) -> Places:
    roaming = Path(environment.get("APPDATA") or home / "AppData/Roaming")
    program_data = Path(environment.get("PROGRAMDATA") or "C:/ProgramData")
    base = roaming / _BMD / "Support"  # the README leaves "Support" out
    edition = Edition(
        "DaVinci Resolve",
        roaming / _BMD,
        base / "Fusion/Scripts",
        roaming / "gradewright/gradewright_resolve",
        roaming / "gradewright/resolve",
    )
    library = Path(environment.get("PROGRAMFILES") or "C:/Program Files") / _BMD / "fusionscript.dll"
    api = program_data / _BMD / "Support/Developer/Scripting"
    return Places("win32", (edition,), api, library, _luts("win32", environment))


def _linux(home: Path, environment: Mapping[str, str]) -> Places:
    data = Path(environment.get("XDG_DATA_HOME") or home / ".local/share")
    edition = Edition(
        "DaVinci Resolve",
        home / ".local/share/DaVinciResolve",
        home / ".local/share/DaVinciResolve/Fusion/Scripts",
        data / "gradewright/gradewright_resolve",
        data / "gradewright/resolve",
    )
    roots = [Path("/opt/resolve"), Path("/home/resolve")]
    root = next((path for path in roots if path.is_dir()), roots[0])
    return Places(
        "linux",
        (edition,),
        root / "Developer/Scripting",
        root / "libs/Fusion/fusionscript.so",
        _luts("linux", environment),
    )


def _luts(platform: str, environment: Mapping[str, str]) -> tuple[Path, ...]:
    program_data = environment.get("PROGRAMDATA") or "C:\\ProgramData"
    return tuple(Path(path.format(PROGRAMDATA=program_data)) for path in MASTER[platform])

"""Where darktable keeps things on this machine: its configuration, and the folder of its LUTs."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from .. import install

LUT_ROOT_KEY = "plugins/darkroom/lut3d/def_path"
FOLDER = "gradewright"  # ours, inside the LUT root
FLATPAK = "org.darktable.Darktable"


@dataclass(frozen=True)
class Place:
    """One darktable configuration: ``kind`` is "darktable" or "flatpak"."""

    kind: str
    config: Path

    @property
    def lua(self) -> Path:
        """The folder of Lua scripts."""
        return self.config / "lua"

    @property
    def luarc(self) -> Path:
        """The file that darktable runs at start."""
        return self.config / "luarc"

    @property
    def lut_root(self) -> Path:
        """The folder that LUT 3D takes its files from: the user's setting, or darktable's own default."""
        written = read_setting(self.config / "darktablerc", LUT_ROOT_KEY)
        return expanded(written) if written else home()


def home() -> Path:
    """The user's folder, darktable's default LUT root."""
    named = os.environ.get("USERPROFILE" if sys.platform == "win32" else "HOME")
    return Path(named) if named else Path.home()


def default_config() -> Path:
    """Where a darktable that is installed the ordinary way keeps its configuration."""
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else home() / "AppData" / "Local") / "darktable"
    named = os.environ.get("XDG_CONFIG_HOME", "") if sys.platform != "darwin" else ""
    return (Path(named) if os.path.isabs(named) else home() / ".config") / "darktable"


def places() -> list[Place]:
    """The darktable configurations that exist here; the ordinary one first."""
    found = install.config_folders("darktable", flatpak=FLATPAK)
    return [Place("flatpak" if FLATPAK in folder.parts else "darktable", folder) for folder in found]


def lut_root() -> Path:
    """The LUT root of the first darktable here, or what it will be once darktable has run."""
    known = places()
    return known[0].lut_root if known else home()


def read_setting(darktablerc: Path, key: str) -> str | None:
    """A value of darktable's settings file; None where file or key is missing."""
    try:
        text = darktablerc.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    found = re.search(rf"^{re.escape(key)}=(.*)$", text, re.MULTILINE)
    return found.group(1).strip() or None if found else None


def expanded(setting: str) -> Path:
    """A folder as darktable's settings write it: ``$(home)`` and ``~`` stand for the user's folder."""
    return Path(re.sub(r"^(\$\(home\)|~(?=/|\\|$))", lambda _: str(home()), setting))

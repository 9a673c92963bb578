"""Installs the panel: files under darktable's ``lua`` folder, and one line in its ``luarc``."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from gradewright.core.errors import BadInput

from .. import install
from . import looks, places

NAME = "darktable"
LINE = 'require "gradewright/gradewright"'
_FLATPAK = (
    "the flatpak starts gradewright outside its sandbox once you allow it: "
    f"flatpak override --user --talk-name=org.freedesktop.Flatpak {places.FLATPAK}"
)
_CHOOSE = "choose one in darktable's preferences, processing, 3D lut root folder"


class DarktableAdapter:
    """darktable 5.0 and later."""

    name = NAME

    def install(self, folder: Path | None = None) -> Sequence[str]:
        """Install or update the panel in every darktable configuration here, or in one folder.

        Raises
        ------
        BadInput : no configuration was found and none was named
        FileError : files of somebody else stand in the way
        """
        lines: list[str] = []
        for place in _places(folder):
            lines += install.put(NAME, _ours(place), panel_files())
            if install.add_line(place.luarc, LINE):
                lines.append(f"added a line to {place.luarc}")
            lines += _root_lines(place)
            if place.kind == "flatpak":
                lines.append(_FLATPAK)
        return [*lines, "start darktable again: the panel is on the right of the lighttable"]

    def uninstall(self, folder: Path | None = None) -> Sequence[str]:
        """Remove the panel and its line; LUTs stay, because images may use them."""
        lines: list[str] = []
        for place in _places(folder):
            lines += install.remove(_ours(place))
            if install.remove_line(place.luarc, LINE):
                lines.append(f"took our line out of {place.luarc}")
            with contextlib.suppress(OSError):  # somebody else's scripts are in it
                place.lua.rmdir()
            kept = place.lut_root / places.FOLDER
            if lines and kept.is_dir():
                lines.append(f"left {kept}: images may use the LUTs in it")
        return lines

    def doctor(self) -> Sequence[str]:
        """How darktable and the panel stand."""
        program = shutil.which("darktable")
        lines = [f"darktable: {program or 'the program is not on the PATH'}"]
        for place in places.places():
            lines.append(f"darktable panel: {install.look(_ours(place)).line}")
            lines += _luarc_lines(place)
            lines += [f"darktable: {line}" for line in _root_lines(place)]
        return lines if len(lines) > 1 else [*lines, "darktable: no configuration here; start it once"]


def panel_files() -> dict[str, bytes]:
    """The panel's files by name: Lua, and the styles that switch our modules off."""
    lua = files("gradewright.hosts.darktable") / "lua"
    found = {entry.name: entry.read_bytes() for entry in lua.iterdir() if entry.name.endswith(".lua")}
    return {
        **dict(sorted(found.items())),
        **{f"off/{name}": data for name, data in looks.off_styles().items()},
    }


def _places(folder: Path | None) -> list[places.Place]:
    if folder is not None:
        if not folder.is_dir():
            raise BadInput(f"{folder}: is no folder: name darktable's configuration folder")
        return [places.Place(NAME, folder.absolute())]
    found = places.places()
    if not found:
        where = places.default_config()
        raise BadInput(f"darktable has no configuration in {where}: start it once, or name it with --folder")
    return found


def _ours(place: places.Place) -> Path:
    return place.lua / "gradewright"


def _luarc_lines(place: places.Place) -> list[str]:
    try:
        text = place.luarc.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    if re.search(rf"^\s*{re.escape(LINE)}\s*$", text, re.MULTILINE):
        return []
    return [f"darktable panel: {place.luarc} does not load it; install it again"]


def _root_lines(place: places.Place) -> list[str]:
    """Where LUTs go, or why they cannot."""
    root = place.lut_root
    if not root.is_dir():
        return [f"the LUT root {root} does not exist: {_CHOOSE}"]
    if not os.access(root, os.W_OK):
        return [f"the LUT root {root} cannot be written: {_CHOOSE}"]
    return [f"LUTs go to {root / places.FOLDER}"]


ADAPTER = DarktableAdapter()

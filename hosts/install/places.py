"""Where hosts keep their configuration."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def config_folders(name: str, flatpak: str | None = None, snap: str | None = None) -> list[Path]:
    """Folders in which a host called ``name`` keeps its configuration here, existing ones only.

    Parameters
    ----------
    name : the host's folder below the platform's configuration folder, e.g. ``GIMP`` or ``darktable``
    flatpak : the application's id, where its sandbox has a configuration folder of its own
    snap : the snap's name, likewise
    """
    return [folder for folder in config_places(name, flatpak, snap) if folder.is_dir()]


def config_places(name: str, flatpak: str | None = None, snap: str | None = None) -> list[Path]:
    """As :func:`config_folders`, whether they exist or not, the usual one first."""
    home = Path.home()
    if sys.platform == "win32":
        bases = [os.environ.get("APPDATA", ""), os.environ.get("LOCALAPPDATA", "")]
        return [Path(base) / name for base in bases if base]
    if sys.platform == "darwin":
        return [home / "Library" / "Application Support" / name, home / ".config" / name]
    found = [_xdg_config(home) / name]
    if flatpak:
        found.append(home / ".var" / "app" / flatpak / "config" / name)
    if snap:
        found.append(home / "snap" / snap / "current" / ".config" / name)
    return found


def _xdg_config(home: Path) -> Path:
    """$XDG_CONFIG_HOME where it is absolute, as its specification asks."""
    own = os.environ.get("XDG_CONFIG_HOME", "")
    return Path(own) if os.path.isabs(own) else home / ".config"

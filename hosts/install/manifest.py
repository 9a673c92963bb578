"""``gradewright.json``: how an installed adapter starts gradewright, and which files are ours."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from gradewright.core.errors import FileError
from gradewright.core.files import write_bytes

MANIFEST = "gradewright.json"
CLIENT = "client.py"
COMMAND = (sys.executable, "-m", "gradewright.cli")


@dataclass(frozen=True)
class Installed:
    """An adapter as it was installed.

    Parameters
    ----------
    host : "gimp", "darktable", "resolve"
    folder : where it stands
    files : name below the folder, with ``/`` -> SHA-256 of what was written
    version : gradewright's, when it was installed
    command : how the client starts gradewright
    more : further entries for the client: ``runtime``, ``scratch``
    """

    host: str
    folder: Path
    files: Mapping[str, str]
    version: str = field(default_factory=lambda: version("gradewright"))
    command: tuple[str, ...] = COMMAND
    more: Mapping[str, Any] = field(default_factory=dict)

    def write(self) -> None:
        """Write the manifest into the folder, replacing the old one."""
        facts = {
            "host": self.host,
            "version": self.version,
            "command": list(self.command),
            "files": dict(sorted(self.files.items())),
            **self.more,
        }
        text = json.dumps(facts, indent=1, ensure_ascii=False) + "\n"
        write_bytes(self.folder / MANIFEST, text.encode(), overwrite=True)

    def path(self, name: str) -> Path:
        """A file of the adapter."""
        return self.folder / name

    def unchanged(self, name: str) -> bool:
        """The file is there and still what was installed."""
        return digest_of(self.path(name)) == self.files[name]


@dataclass(frozen=True)
class State:
    """How an adapter stands: ``verdict`` and a line for the user.

    ``verdict``: "absent", "current", "outdated" (another version of gradewright, or another Python, has
    installed it), "changed" (someone edited its files) or "damaged" (files are missing).
    """

    verdict: str
    line: str


def installed(folder: Path) -> Installed | None:
    """What our manifest in a folder says; None when there is none.

    Raises
    ------
    FileError : a file of that name that is not our manifest
    """
    path = folder / MANIFEST
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        host, files, command = str(facts.pop("host")), facts.pop("files"), facts.pop("command")
        entries = {_checked(name): str(digest) for name, digest in files.items()}
        return Installed(host, folder, entries, str(facts.pop("version")), tuple(map(str, command)), facts)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FileError(path, error.strerror or "cannot be read") from None
    except (ValueError, KeyError, AttributeError, TypeError):
        raise FileError(path, "is not the manifest of an installed adapter", "remove it") from None


def look(folder: Path) -> State:
    """How the adapter in a folder stands."""
    found = installed(folder)
    if found is None:
        return State("absent", f"{folder}: not installed")
    missing = [name for name in found.files if not found.path(name).exists()]
    if missing:
        return State("damaged", f"{folder}: {', '.join(missing)} missing; install it again")
    changed = [name for name in found.files if not found.unchanged(name)]
    if changed:
        return State("changed", f"{folder}: {', '.join(changed)} edited since it was installed")
    now = version("gradewright")
    if found.version != now:
        line = f"{folder}: installed by version {found.version}, this is {now}; install it again"
        return State("outdated", line)
    if found.command[0] != sys.executable and not os.access(found.command[0], os.X_OK):
        return State("outdated", f"{folder}: {found.command[0]} is gone; install it again")
    return State("current", f"{folder}: version {found.version}, up to date")


def digest_of(path: Path) -> str | None:
    """SHA-256 of a plain file; None for anything else."""
    if path.is_symlink() or not path.is_file():
        return None
    return sha256(path.read_bytes()).hexdigest()


def _checked(name: str) -> str:
    """A manifest's file name, refused when it would lead out of the folder."""
    if not name or name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
        raise ValueError(name)
    return name

"""Whether the code and weights on disk are still those that this process has loaded."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

_PACKAGES = ("core", "lutio", "hosts", "cli")
_KINDS = (".py", ".onnx", ".npz", ".json", ".txt")


def version() -> str:
    """The installed version."""
    return metadata.version("gradewright")


def root() -> Path:
    """Where gradewright.core is loaded from: two installations differ in it."""
    from gradewright import core

    return Path(core.__file__).resolve().parent


def stamp() -> tuple[str, int]:
    """Version and newest modification: what changes with every upgrade or edit. Takes a few ms."""
    newest = 0
    for name in _PACKAGES:
        for path in (root().parent / name).rglob("*"):
            if path.suffix in _KINDS and "train" not in path.parts:
                newest = max(newest, path.stat().st_mtime_ns)
    return version(), newest

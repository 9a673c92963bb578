"""Which photos of the data pack count as good: what degradation starts from, and what auto leaves alone."""

from __future__ import annotations

from pathlib import Path

from .. import codec_data
from ..degrade import UNRETOUCHED


def source(path: Path) -> str:
    """The source that a photo's name begins with."""
    return path.name.partition("__")[0]


def good_photos(root: Path, split: str) -> list[Path]:
    """The photos of a split without the sources in UNRETOUCHED."""
    return [path for path in codec_data.photo_paths(root, split) if source(path) not in UNRETOUCHED]


def camera_photos(root: Path, split: str) -> list[Path]:
    """The camera JPEGs of a split."""
    return [path for path in codec_data.photo_paths(root, split) if source(path) == "mei"]

"""Pictures that requests name: files, or ``.gwpx`` buffers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gradewright.core import photo as photos
from numpy.typing import NDArray

from . import pixels


def loaded(path: Path, side: int) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Float32 (H, W, 3) sRGB 0..1, at most ``side`` along the longer side, and warnings."""
    return photos.load_with_notes(picture(path, side), max_side=side)


def picture(path: Path, side: int) -> Path | NDArray[np.float32]:
    """What the grader takes for a picture: the path, or a buffer's pixels in at most twice ``side``."""
    return pixels.proxy(path, side) if pixels.is_buffer(path) else path

"""Exported frames: the values as they are in the file, and what they look like."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gradewright.core import photo as photos
from gradewright.core.bake_grid import run, showing, unshowing
from gradewright.core.space import Space
from numpy.typing import NDArray

F32 = NDArray[np.float32]
_LOOKED_AT = 960  # pixels along the longer side: enough to grade by and to compare with


def values(path: Path) -> F32:
    """A frame's code values, float32 (H, W, 3) 0..1, thinned to at most 960 pixels a side.

    Thinned and not averaged, so that a second export can be compared pixel by pixel; profiles in the file are
    not followed, since the project's settings say what the values mean.
    """
    pixels = photos.open_pixels(path).pixels[..., :3]
    step = -(-max(pixels.shape[:2]) // _LOOKED_AT)
    thinned = pixels[::step, ::step]
    scale = {"uint8": 255.0, "uint16": 65535.0}.get(thinned.dtype.name, 1.0)
    return np.clip(thinned.astype(np.float32) / scale, 0, 1)


def shown(space: Space, frame: F32) -> F32:
    """Values of a space as sRGB, as a display shows them."""
    return _through(showing(space), frame)


def unshown(space: Space, picture: F32) -> F32:
    """sRGB back in values of a space."""
    return _through(unshowing(space), picture)


def _through(processor: object, pixels: F32) -> F32:
    flat = np.ascontiguousarray(pixels.reshape(-1, 3), np.float32)
    return np.clip(run(processor, flat), 0, 1).reshape(pixels.shape).astype(np.float32)

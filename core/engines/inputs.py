"""Pictures an engine can work with, or an error that says why not."""

from __future__ import annotations

import numpy as np

from ..errors import BadInput
from ..request import Pixels
from .planes import shrink

SIDE = 512
_SMALLEST = 16  # pixels along an edge
_FLAT = 1.5 / 255  # a picture with less contrast than this shows one colour


def usable(picture: Pixels, name: str) -> Pixels:
    """The picture clipped to 0..1 and shrunk to 512 pixels along its longer side.

    Parameters
    ----------
    picture : float32 (H, W, 3), sRGB
    name : what messages call it

    Raises
    ------
    BadInput : it is tiny, of one colour, or holds values that are not finite
    """
    height, width = picture.shape[:2]
    if min(height, width) < _SMALLEST:
        raise BadInput(f"the {name} is {width}x{height} pixels: needs at least {_SMALLEST}x{_SMALLEST}")
    if not np.isfinite(picture).all():
        raise BadInput(f"the {name} holds values that are not finite: needs 0..1")
    if (np.ptp(picture.reshape(-1, 3), axis=0) < _FLAT).all():
        raise BadInput(f"the {name} is one flat colour: a grade cannot be learnt from it")
    small = shrink(np.clip(picture, 0, 1), SIDE)
    if min(small.shape[:2]) < _SMALLEST:
        raise BadInput(f"the {name} is {width}x{height} pixels: too narrow a strip to learn a grade from")
    return small

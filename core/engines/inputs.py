"""Pictures an engine can work with, or an error that says why not."""

from __future__ import annotations

import numpy as np

from ..errors import BadInput
from ..request import Pixels
from .planes import shrink

SIDE = 512
_SMALLEST = 16  # pixels along an edge
_NARROWEST = 1 / 32  # shorter side over the longer one
_FLAT = 1.5 / 255  # a picture with less contrast than this shows one colour


def check(picture: Pixels, name: str) -> None:
    """Refuse pictures that nothing can be learnt from.

    Parameters
    ----------
    picture : float32 (H, W, 3), sRGB
    name : what messages call it

    Raises
    ------
    BadInput : it is tiny, a narrow strip, of one colour, or holds values that are not finite
    """
    height, width = picture.shape[:2]
    if min(height, width) < _SMALLEST:
        raise BadInput(f"the {name} is {width}x{height} pixels: needs at least {_SMALLEST}x{_SMALLEST}")
    if min(height, width) < _NARROWEST * max(height, width):
        raise BadInput(f"the {name} is {width}x{height} pixels: too narrow a strip to learn a grade from")
    if not np.isfinite(picture).all():
        raise BadInput(f"the {name} holds values that are not finite: needs 0..1")
    if (np.ptp(picture.reshape(-1, 3), axis=0) < _FLAT).all():
        raise BadInput(f"the {name} is one flat colour: a grade cannot be learnt from it")


def usable(picture: Pixels, name: str) -> Pixels:
    """The checked picture, clipped to 0..1, averaged down to 512 pixels along its longer side."""
    check(picture, name)
    return np.clip(shrink(picture, SIDE), 0, 1)

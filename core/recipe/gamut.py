"""Bringing colours back into sRGB, softly, without touching what was there to begin with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..colour import srgb_encode

Floats = NDArray[np.floating]

_KNEE = 0.8  # share of the way from grey to the gamut's boundary at which compression begins
_DRAW = 0.15  # how far the grey that colours move towards is drawn to the middle


def into_gamut(encoded: Floats, light: Floats, before: Floats, light_before: Floats) -> Floats:
    """Draw colours towards a grey of nearly their own lightness until all channels are in 0..1.

    The way from that grey to the boundary is compressed from a knee on. The knee is never below
    the place ``before``, the colour the grade started from, had: what is not moved is not compressed,
    so the identity stays the identity up to the surface of the cube.

    Parameters
    ----------
    encoded : (..., n, 3) sRGB-encoded, any value
    light : (..., n) its Oklab lightness, within 0..1
    before, light_before : the same of the colour before the colour stages, in gamut
    """
    grey = _anchor(light)
    reach = _reach(encoded, grey)
    if not (reach > _KNEE).any():
        return encoded
    knee = np.clip(_reach(before, _anchor(light_before)), _KNEE, 1)
    over, room = np.maximum(reach - knee, 0), 1 - knee
    compressed = knee + over * room / (over + room + 1e-12)
    scale = np.where(over > 0, compressed / np.maximum(reach, 1e-12), 1.0)
    return grey[..., None] + scale[..., None] * (encoded - grey[..., None])


def _anchor(light: Floats) -> Floats:
    grey = srgb_encode(light**3)
    return grey + _DRAW * (0.5 - grey)


def _reach(encoded: Floats, grey: Floats) -> Floats:
    """Distance from grey as a share of the distance to the boundary; above 1 is outside."""
    red, green, blue = encoded[..., 0], encoded[..., 1], encoded[..., 2]
    up = (np.maximum(np.maximum(red, green), blue) - grey) / (1 - grey)
    down = (grey - np.minimum(np.minimum(red, green), blue)) / grey
    return np.maximum(up, down)

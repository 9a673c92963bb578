"""Colours as photographs have them: where a fit must be good, and where its residual is measured.

The quantiles were measured on 33,840 pixels of 564 photographs (Oklab lightness, Oklch hue of
colours with chroma above 0.03, chroma); a low-discrepancy sequence draws from them, so the sets
are the same on every machine and no random stream is involved.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..colour import oklab_to_srgb_in_gamut
from ..interp import lattice

Floats = NDArray[np.floating]

_LIGHTNESS = ([0, 0.01, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99, 1],
              [0, 0.092, 0.170, 0.229, 0.365, 0.545, 0.714, 0.853, 0.918, 0.992, 1])  # fmt: skip
_CHROMA = ([0, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99, 1],
           [0, 0.005, 0.008, 0.017, 0.035, 0.065, 0.102, 0.130, 0.175, 0.27])  # fmt: skip
_HUE_SHARE = [15, 53, 67, 88, 129, 117, 77, 79, 87, 56, 12, 9, 6, 8, 11, 25, 65, 53, 14, 6, 6, 7, 4, 6]


@cache
def photo_colours(count: int, skip: int = 0) -> Floats:
    """sRGB-encoded (count, 3) colours distributed like those of photographs."""
    u, v, w = _sequence(count, skip)
    hue_steps = np.concatenate([[0], np.cumsum(_HUE_SHARE)]) / np.sum(_HUE_SHARE)
    hue = np.radians(np.interp(v, hue_steps, np.linspace(0, 360, len(hue_steps))))
    light, chroma = np.interp(u, *_LIGHTNESS), np.interp(w, *_CHROMA)
    return oklab_to_srgb_in_gamut(np.stack([light, chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1))


@cache
def fit_colours() -> tuple[Floats, Floats]:
    """Colours (n, 3) and weights (n,) to fit on: photo-like, a grey ramp, and lightly the whole cube."""
    grey = np.linspace(0, 1, 21)[:, None].repeat(3, axis=1)
    cube = lattice(4, np.float64).reshape(-1, 3)
    photo = photo_colours(256, skip=5000)
    weights = [
        np.full(len(part), share / len(part)) for part, share in ((photo, 0.8), (grey, 0.1), (cube, 0.1))
    ]
    return np.concatenate([photo, grey, cube]), np.concatenate(weights)


def _sequence(count: int, skip: int) -> Floats:
    """Roberts' R3 low-discrepancy sequence (2018): (3, count) in 0..1."""
    plastic = 1.2207440846057596  # the root of x^4 = x + 1
    steps = np.array([1 / plastic, 1 / plastic**2, 1 / plastic**3])
    return (0.5 + steps[:, None] * np.arange(1 + skip, 1 + skip + count)) % 1

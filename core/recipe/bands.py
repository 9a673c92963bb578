"""The bands group: hue, chroma and lightness shifts of eight hue ranges in Oklch.

The windows are periodic, smooth and sum to one: between two neighbouring centres the shift
passes from one band's value to the next one's along a smoothstep. All three shifts fade out
towards neutral, so greys are never touched.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .knobs import Knobs
from .parameters import BAND_CENTRES, BANDS

Floats = NDArray[np.floating]

_FADE = 0.025  # Oklab chroma at which a shift acts with half its strength
_LIGHTNESS = 0.35  # at 100, as a share of L (1.3 - L)
_CENTRES = np.array([BAND_CENTRES[-1] - 360, *BAND_CENTRES, BAND_CENTRES[0] + 360])


def shift_bands(knobs: Knobs, lab: Floats) -> Floats:
    """Oklab (..., n, 3) through the bands group, batched over the knobs."""
    light, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    chroma2 = a * a + b * b
    strength = chroma2 / (chroma2 + _FADE**2)
    windows = _Windows(np.degrees(np.arctan2(b, a)))
    gain = 1 + strength * windows.blend(knobs, "chroma", 0.01)
    turn = strength * windows.blend(knobs, "hue", np.pi / 180)
    lift = strength * windows.blend(knobs, "lightness", 0.01 * _LIGHTNESS)
    cos, sin = gain * np.cos(turn), gain * np.sin(turn)
    light = light + lift * light * (1.3 - light)
    return np.stack(np.broadcast_arrays(light, a * cos - b * sin, a * sin + b * cos), axis=-1)


class _Windows:
    """Where hues lie among the band centres."""

    def __init__(self, hue: Floats) -> None:
        hue = hue % 360
        self.index = np.searchsorted(_CENTRES[1:-1], hue, side="right")
        centres = _CENTRES.astype(hue.dtype)
        start = centres[self.index]
        fraction = (hue - start) / (centres[self.index + 1] - start)
        self.weight = fraction * fraction * (3 - 2 * fraction)

    def blend(self, knobs: Knobs, control: str, unit: float) -> Floats | float:
        """The value of ``{band}_{control}`` at each hue, times ``unit``."""
        names = [f"{band}_{control}" for band in BANDS]
        if not knobs.any(*names):
            return 0.0
        values = unit * np.concatenate([knobs.flat(names[i]) for i in (-1, *range(8), 0)], axis=-1)
        index = np.broadcast_to(self.index, (*values.shape[:-1], self.index.shape[-1]))
        first = np.take_along_axis(values, index, axis=-1)
        return first + self.weight * (np.take_along_axis(values, index + 1, axis=-1) - first)

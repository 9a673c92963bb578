"""The colours of a picture, in the spaces that attributes are defined in, and the parts they look at."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..colour import floats, linear_to_oklab, srgb_decode, srgb_to_lab
from ..recipe.parameters import BAND_CENTRES, BANDS

Floats = NDArray[np.floating]
Mask = NDArray[np.bool_]

NEUTRAL = 10.0  # C* below which a colour counts as nearly neutral
FEW = 50  # fewer nearly neutral colours than this say nothing: the least colourful tenth is taken
CODE = 1.5 / 255  # nearer to 0 or 1 than this is clipped
SHARE = 0.01  # of the picture that lies below the black point, and above the white point
COLOURED = 0.03  # Oklab chroma from which a colour belongs to a hue band
# Oklch of human skin under neutral light, all complexions: lightness, chroma, hue in degrees.
SKIN = ((0.28, 0.93), (0.025, 0.16), (28.0, 78.0))
BAND_NAMES = BANDS


class Colours:
    """Colours (n, 3), sRGB-encoded 0..1, of a picture.

    Parameters
    ----------
    rgb : (n, 3) or (H, W, 3)
    like : the same pixels before an edit. Thirds, neutrals, bands and skin are then those of ``like``,
        so that an edit is measured on the same pixels before and after
    """

    def __init__(self, rgb: ArrayLike, like: Colours | None = None) -> None:
        self.rgb: Floats = floats(rgb).reshape(-1, 3)
        self.like = like or self

    @cached_property
    def lab(self) -> Floats:
        """CIE L*a*b*, (n, 3)."""
        return srgb_to_lab(self.rgb)

    @cached_property
    def oklab(self) -> Floats:
        """Oklab, (n, 3)."""
        return linear_to_oklab(srgb_decode(self.rgb))

    @cached_property
    def chroma(self) -> Floats:
        """C*, (n,)."""
        return np.hypot(self.lab[:, 1], self.lab[:, 2])

    # -- parts; those of an edited picture are asked of the picture before

    @cached_property
    def thirds(self) -> tuple[Mask, Mask, Mask]:
        """The dark, the middle and the bright third of the pixels, by L*."""
        light = self.lab[:, 0]
        low, high = np.quantile(light, [1 / 3, 2 / 3])
        return light <= low, (light >= low) & (light <= high), light >= high

    @cached_property
    def neutrals(self) -> Mask:
        """Nearly neutral pixels; the least colourful tenth where there are hardly any."""
        found: Mask = self.chroma < NEUTRAL
        if found.sum() < FEW:
            found = self.chroma <= np.quantile(self.chroma, 0.1)
        return found

    @cached_property
    def bands(self) -> NDArray[np.intp]:
        """Index of the hue band each pixel belongs to, -1 for what has too little colour; (n,)."""
        a, b = self.oklab[:, 1], self.oklab[:, 2]
        hue = np.degrees(np.arctan2(b, a))[:, None]
        gap = np.abs((hue - np.array(BAND_CENTRES, hue.dtype) + 180) % 360 - 180)
        return np.where(np.hypot(a, b) < COLOURED, -1, gap.argmin(axis=1))

    @cached_property
    def skin(self) -> Mask:
        """Pixels that have the colour of skin (wood and sand can have it too)."""
        light, a, b = self.oklab.T
        hue, chroma = np.degrees(np.arctan2(b, a)) % 360, np.hypot(a, b)
        inside = [low <= x for x, (low, _) in zip((light, chroma, hue), SKIN, strict=True)]
        inside += [x <= high for x, (_, high) in zip((light, chroma, hue), SKIN, strict=True)]
        return np.logical_and.reduce(inside)

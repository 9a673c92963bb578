"""What a look does, in a dozen figures: the ground that attributes stand on."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from ..attributes import around_greys, slope
from ..colour import delta_e_2000, srgb_to_lab, srgb_to_oklab
from ..lut import Lut
from ..recipe.points import photo_colours

Floats = NDArray[np.floating]

# Direction of a warmer daylight in the a*b* plane: D50 seen from D65.
_WARM = np.array([0.13, 0.99])
_COLOURFUL = 8.0  # C*ab from which a colour counts for saturation
_SHADOWS, _HIGHLIGHTS, _MIDDLE = (12, 35), (70, 92), (25, 75)  # L* ranges of the input


@dataclass(frozen=True)
class Figures:
    """Measurements of one look; the identity has 0 0 0 1 0 100 1 0 0 0 0 0.

    Parameters
    ----------
    warmth, tint : mean cast of greys: a*b* along the daylight locus (yellow is positive) and
        across it (magenta is positive)
    brightness : mean change of L* over photo-like colours
    contrast : slope of L* over the middle of the grey axis
    black, white : L* of black and white
    colour : mean chroma around the grey axis of the output, over that of the input
    shadow_a, shadow_b, highlight_a, highlight_b : Oklab tint of dark and of bright greys
    effect : mean CIEDE2000 over photo-like colours
    """

    warmth: float
    tint: float
    brightness: float
    contrast: float
    black: float
    white: float
    colour: float
    shadow_a: float
    shadow_b: float
    highlight_a: float
    highlight_b: float
    effect: float

    def to_dict(self) -> dict[str, float]:
        """The figures by name."""
        return asdict(self)


def measure(lut: Lut) -> Figures:
    """Measure a display-referred look; values beyond 0..1 count as clipped."""
    greys = np.linspace(0, 1, 65)[:, None].repeat(3, axis=1)
    light = srgb_to_lab(greys)[:, 0]
    grey_out = np.clip(lut.sample(greys), 0, 1)
    grey_lab = srgb_to_lab(grey_out)
    seen = grey_lab[(light > 10) & (light < 95), 1:].mean(axis=0)
    colours = photo_colours(1024)
    before, after = srgb_to_lab(colours), srgb_to_lab(np.clip(lut.sample(colours), 0, 1))
    shadow, highlight = (_tint(grey_out, light, zone) for zone in (_SHADOWS, _HIGHLIGHTS))
    values = {
        "warmth": seen @ _WARM,
        "tint": seen @ np.array([_WARM[1], -_WARM[0]]),
        "brightness": (after - before)[:, 0].mean(),
        "contrast": slope(light, grey_lab[:, 0], (light >= _MIDDLE[0]) & (light <= _MIDDLE[1])),
        "black": grey_lab[0, 0],
        "white": grey_lab[-1, 0],
        "colour": _colour(before, after, grey_lab),
        "shadow_a": shadow[0],
        "shadow_b": shadow[1],
        "highlight_a": highlight[0],
        "highlight_b": highlight[1],
        "effect": delta_e_2000(before, after).mean(),
    }
    return Figures(**{name: round(float(value), 4) for name, value in values.items()})


def _tint(greys: Floats, light: Floats, zone: tuple[int, int]) -> Floats:
    inside = (light >= zone[0]) & (light <= zone[1])
    return srgb_to_oklab(greys[inside])[:, 1:].mean(axis=0)


def _colour(before: Floats, after: Floats, grey_lab: Floats) -> float:
    """Chroma ratio, with the cast of greys of the output's lightness taken off: sepia has no colour."""
    chroma, made = np.hypot(before[:, 1], before[:, 2]), around_greys(after, grey_lab)
    return float(made[chroma > _COLOURFUL].mean() / chroma[chroma > _COLOURFUL].mean())

"""What a look did to a photo, in CIE L*a*b*: the figures that prompt checks are made of.

Every figure is "after minus before" unless its name says otherwise:

    light, shadows, mids, highlights   mean L* of the whole photo, of its dark, middle and bright third
    contrast                           per cent change of the standard deviation of L*
    black, white                       1st and 99th percentile of L*
    sat                                per cent change of the mean chroma C*
    warm, magenta                      mean b* and a* of the nearly neutral pixels
    change                             mean CIEDE2000
    chroma                             mean C* after (not a difference)
    mono                               mean distance of a*, b* from those of a grey of that L*: 0 is one tone
    clip                               more pixels at 0 or 1, in per cent of the photo
    ev                                 stops by which linear middle grey moved
    ZONE.warm, ZONE.magenta       what greys received, b* and a*; ZONE: tint (all), shadows, mids, highlights
    PATCH.L .C .hue .warm .magenta .de   what fixed colours received; PATCH: sky, foliage, skin, ...
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from gradewright.core import Lut
from gradewright.core.attributes import Colours, around_greys, change, measure
from gradewright.core.colour import LUMA, delta_e_2000, srgb_decode, srgb_encode, srgb_to_lab

Figures = dict[str, float]
PATCHES = {
    "sky": [(135, 175, 225), (100, 150, 210), (70, 120, 190)],
    "foliage": [(90, 115, 55), (60, 95, 40), (120, 145, 80)],
    "skin": [(225, 180, 155), (195, 145, 115), (140, 95, 70), (90, 60, 45)],
    "red": [(190, 50, 45), (150, 40, 40)],
    "orange": [(215, 120, 40), (180, 95, 35)],
    "yellow": [(225, 200, 60), (190, 165, 50)],
    "green": [(70, 150, 70), (50, 110, 60)],
    "cyan": [(60, 170, 180), (50, 130, 140)],
    "blue": [(50, 75, 170), (45, 60, 120)],
    "purple": [(115, 65, 150), (90, 60, 120)],
    "pink": [(225, 140, 165), (200, 110, 140)],
}
ZONES = {
    "tint": (12, 92),
    "shadows": (12, 35),
    "mids": (40, 62),
    "highlights": (68, 92),
}  # L* of the grey before
_NAMES = {
    "light": "brightness",
    "shadows": "shadows",
    "mids": "mids",
    "highlights": "highlights",
    "black": "black_point",
    "white": "white_point",
    "warm": "cast_b",
    "magenta": "cast_a",
    "clip": "clipped",
}  # figure -> the attribute whose change it is
_MOVED = tuple(_NAMES.values())


@dataclass(frozen=True)
class Scene:
    """A photo ready to be measured: ``rgb`` (n, 3) float64 sRGB 0..1."""

    rgb: np.ndarray

    @classmethod
    def of(cls, photo: np.ndarray, pixels: int = 8000) -> Scene:
        """Some pixels, evenly spread, of a photo (H, W, 3), sRGB 0..1."""
        rgb = photo.reshape(-1, 3).astype(np.float64)
        return cls(rgb[:: max(1, len(rgb) // pixels)])

    def measure(self, lut: Lut) -> Figures:
        """All figures of a look on this photo."""
        after = np.clip(lut.sample(self.rgb), 0, 1)
        before, made = Colours(self.rgb), Colours(after)
        moved = change(before, after, *_MOVED)
        start, end = (measure(one, "contrast", "saturation") for one in (before, made))
        return {
            **{name: moved[attribute] for name, attribute in _NAMES.items()},
            **_colours(lut),
            "contrast": _per_cent(end["contrast"], start["contrast"]),
            "sat": _per_cent(end["saturation"], start["saturation"]),
            "change": float(delta_e_2000(made.lab, before.lab).mean()),
            "chroma": end["saturation"],
            "mono": _mono(lut, made.lab),
        }


def _per_cent(after: float, before: float) -> float:
    return float(100 * (after / max(before, 1e-6) - 1))


@cache
def _ramp() -> tuple[np.ndarray, np.ndarray]:
    """Greys (256, 3) and their L*."""
    greys = np.repeat(np.linspace(0, 1, 256)[:, None], 3, axis=1)
    return greys, srgb_to_lab(greys)[:, 0]


@cache
def _patches() -> tuple[np.ndarray, list[str]]:
    """Fixed colours (n, 3), 0..1, and the patch each belongs to."""
    names = [name for name, colours in PATCHES.items() for _ in colours]
    return np.array([c for colours in PATCHES.values() for c in colours]) / 255, names


@cache
def _middle_grey() -> np.ndarray:
    """Greys around 18 % in linear light, (7, 3), sRGB-encoded."""
    return srgb_encode(np.repeat(np.linspace(0.12, 0.24, 7)[:, None], 3, axis=1))


@lru_cache(maxsize=64)
def _colours(lut: Lut) -> Figures:
    """Figures that do not depend on the photo: greys and fixed colours."""
    greys, light = _ramp()
    toned = srgb_to_lab(np.clip(lut.sample(greys), 0, 1))
    figures = {}
    for zone, (low, high) in ZONES.items():
        mean = toned[(light >= low) & (light <= high)].mean(axis=0)
        figures |= {f"{zone}.magenta": float(mean[1]), f"{zone}.warm": float(mean[2])}
    middle = np.clip(lut.sample(_middle_grey()), 0, 1)
    gain = (srgb_decode(middle) @ LUMA + 1e-4) / (srgb_decode(_middle_grey()) @ LUMA + 1e-4)
    return figures | {"ev": float(np.log2(gain).mean())} | _patch_figures(lut)


def _patch_figures(lut: Lut) -> Figures:
    colours, names = _patches()
    before, after = srgb_to_lab(colours), srgb_to_lab(np.clip(lut.sample(colours), 0, 1))
    chroma, hue = (
        np.array([np.hypot(*x.T[1:]), np.degrees(np.arctan2(x[:, 2], x[:, 1]))]) for x in (before, after)
    )
    moved = {
        "L": (after - before)[:, 0],
        "C": hue[0] - chroma[0],
        "hue": (hue[1] - chroma[1] + 180) % 360 - 180,
        "magenta": (after - before)[:, 1],
        "warm": (after - before)[:, 2],
        "de": delta_e_2000(before, after),
    }
    belongs = np.array(names)
    return {
        f"{name}.{what}": float(values[belongs == name].mean())
        for name in PATCHES
        for what, values in moved.items()
    }


def _mono(lut: Lut, lab: np.ndarray) -> float:
    return float(around_greys(lab, srgb_to_lab(np.clip(lut.sample(_ramp()[0]), 0, 1))).mean())

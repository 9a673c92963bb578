"""Which colours a set of samples shows, in words."""

from __future__ import annotations

import numpy as np

from ..colour import Floats, srgb_to_oklab

_CELLS = 8  # along an edge of the cube
_COLOURED = 0.06  # Oklab chroma from which a colour has a hue that people name
_ENOUGH = 0.002  # share of the samples that counts as seen
# Oklab hue in degrees at which each family begins; the last one ends where the first begins.
_HUES = {"reds": 5, "oranges": 45, "yellows": 85, "greens": 125, "cyans": 170, "blues": 230, "magentas": 305}


def share_of_cube(colours: Floats) -> float:
    """Share 0..1 of the colour cube's 8^3 cells that hold one of the colours (n, 3)."""
    cell = np.minimum((np.clip(colours, 0, 1) * _CELLS).astype(np.int64), _CELLS - 1)
    return len(np.unique(cell @ np.array([_CELLS * _CELLS, _CELLS, 1]))) / _CELLS**3


def unseen(colours: Floats) -> list[str]:
    """Names of the tones and hue families that hardly occur among sRGB colours (n, 3)."""
    lab = srgb_to_oklab(colours)
    light, chroma = lab[:, 0], np.hypot(lab[:, 1], lab[:, 2])
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360
    names = []
    for name, share in (("deep shadows", (light < 0.25).mean()), ("bright highlights", (light > 0.9).mean())):
        if share < _ENOUGH:
            names.append(name)
    starts = list(_HUES.values())
    family = (np.searchsorted(starts, hue, side="right") - 1) % len(starts)
    for number, name in enumerate(_HUES):
        if ((family == number) & (chroma > _COLOURED)).mean() < _ENOUGH:
            names.append(name)
    return names


def sentence(colours: Floats) -> str:
    """One line for a report: how much was seen, and what had to be extrapolated."""
    line = f"the samples show {100 * share_of_cube(colours):.0f} % of the colour cube"
    missing = unseen(colours)
    return f"{line}; extrapolated: {', '.join(missing)}" if missing else line

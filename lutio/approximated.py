"""The warning for a file that cannot hold, or be held as, exactly the same transform."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradewright.core.lut import Lut


class LutApproximated(UserWarning):
    """What was read or written differs from its source by more than rounding; the text says how."""


def warn(path: str | Path, what: str) -> None:
    """Issue the warning, pointing at the caller of ``lutio.read`` or ``lutio.write``."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__package__") == __package__:
        level, frame = level + 1, frame.f_back
    warnings.warn(f"{path}: {what}", LutApproximated, stacklevel=level)


def plain(lut: Lut, kind: str) -> Lut:
    """A LUT for a format that knows nothing but a cube over 0..1: shaper and domain baked in."""
    if lut.is_plain:
        return lut
    flat = lut.flatten()
    warn(
        lut.title, f"{kind} holds one cube over 0..1: the shaper and the domain were baked into {flat.size}^3"
    )
    return flat


def codes(values: np.ndarray, highest: int, title: str, kind: str) -> np.ndarray:
    """Values 0..1 as rounded integers 0..highest (float64); those outside are clipped, and it is said."""
    scaled = values.astype(np.float64) * highest
    outside = float(((scaled < -0.5) | (scaled > highest + 0.5)).mean())
    if outside:
        warn(title, f"{kind} holds 0..1: {outside:.1%} of the values lay outside and were clipped")
    return np.rint(np.clip(scaled, 0, highest))

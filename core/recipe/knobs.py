"""Parameter vectors as the renderer reads them, one recipe or many at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..colour import floats
from .parameters import INDEX, ZONES

F64 = NDArray[np.float64]
Floats = NDArray[np.floating]

TONING = tuple((INDEX[f"{zone}_hue"], INDEX[f"{zone}_amount"]) for zone in ZONES)


class Knobs:
    """Coefficients (..., K) of one recipe, or of a batch, in the order of PARAMETERS.

    The two slots of a zone's hue and amount hold the tint's Cartesian a and b, in per cent, so
    that everything is smooth around zero: the hue of no tint is undefined. The float type is kept.
    """

    def __init__(self, coefficients: ArrayLike) -> None:
        self.coefficients = floats(coefficients)

    def any(self, *names: str) -> bool:
        """Whether one of these coefficients differs from 0 anywhere in the batch."""
        return bool(np.any(self.coefficients[..., [INDEX[name] for name in names]]))

    def flat(self, name: str) -> Floats:
        """A coefficient as (..., 1), to meet arrays (..., n)."""
        return self.coefficients[..., INDEX[name], None]

    def wide(self, name: str) -> Floats:
        """A coefficient as (..., 1, 1), to meet arrays (..., n, 3)."""
        return self.coefficients[..., INDEX[name], None, None]


def to_coefficients(values: ArrayLike) -> F64:
    """Parameter values (..., K) to coefficients: the tints from polar to Cartesian."""
    out = np.array(values, np.float64)
    for hue, amount in TONING:
        angle, size = np.radians(out[..., hue]), out[..., amount].copy()
        out[..., hue], out[..., amount] = size * np.cos(angle), size * np.sin(angle)
    return out


def to_values(coefficients: ArrayLike) -> F64:
    """Coefficients (..., K) to parameter values: the tints from Cartesian to polar."""
    out = np.array(coefficients, np.float64)
    for hue, amount in TONING:
        a, b = out[..., hue].copy(), out[..., amount].copy()
        out[..., hue], out[..., amount] = np.degrees(np.arctan2(b, a)) % 360, np.hypot(a, b)
    return out

"""The space in which an image's filters work: its own primaries, with sRGB's curve where values are encoded.

Measured in GIMP 3.0.4 and 3.2.6 on an AdobeRGB image: curves, overlays and blend modes take the image's
linear values through sRGB's curve and not through the profile's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from gradewright.core.colour import srgb_decode
from numpy.typing import NDArray

from .models import encoded

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Space:
    """``matrix`` (3, 3) : linear sRGB to the image's linear values, as columns."""

    matrix: Floats

    @classmethod
    def of(cls, primaries: Sequence[float] | None) -> Space:
        """From nine numbers: linear sRGB red, green and blue in the image's linear values; None: sRGB."""
        return cls(np.eye(3) if primaries is None else np.array(primaries, float).reshape(3, 3).T)

    @property
    def is_srgb(self) -> bool:
        """Nothing is to be converted."""
        return bool(np.abs(self.matrix - np.eye(3)).max() < 1e-3)

    def entered(self, rgb: Floats) -> Floats:
        """sRGB colours (n, 3) as the filters get them."""
        return rgb if self.is_srgb else _through(self.matrix, rgb)

    def left(self, rgb: Floats) -> Floats:
        """The filters' colours (n, 3) as sRGB; what sRGB cannot hold comes out below 0 or above 1."""
        return rgb if self.is_srgb else _through(np.linalg.inv(self.matrix), rgb)

    def linear_srgb(self, linear: Sequence[float]) -> list[float]:
        """A filter's linear colour as GIMP is told it: linear sRGB."""
        if self.is_srgb:
            return list(linear)
        return [round(float(part), 6) for part in np.linalg.inv(self.matrix) @ np.array(linear)]


def _through(matrix: Floats, rgb: Floats) -> Floats:
    below = np.minimum(rgb, 0) / 12.92  # sRGB's curve goes on as a line below black
    return encoded((srgb_decode(np.maximum(rgb, 0)) + below) @ matrix.T)

"""What a recipe could not express of a look, and in which colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..attributes import BAND_NAMES, Colours
from ..colour import delta_e_2000, srgb_to_lab
from ..lut import Lut
from ..recipe import Recipe

Floats = NDArray[np.floating]
_SHARE = 0.02  # of the colours that a part must have to be named
_MORE, _LEAST, _NAMED = 1.25, 1.0, 3  # times the mean, dE, and how many parts are named


@dataclass(frozen=True)
class Residual:
    """CIEDE2000 between the recipe's rendering and the look.

    ``mean`` and ``p95`` over the colours; ``where`` : (part, mean) of the parts it is worst in.
    """

    mean: float
    p95: float
    where: tuple[tuple[str, float], ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return {
            "mean_de": round(self.mean, 3),
            "p95_de": round(self.p95, 3),
            "where": [{"part": part, "mean_de": round(value, 3)} for part, value in self.where],
        }


def residual(recipe: Recipe, lut: Lut, colours: Floats) -> Residual:
    """Compare on sRGB-encoded colours (n, 3)."""
    made = srgb_to_lab(np.clip(lut.sample(colours), 0, 1))
    error = delta_e_2000(srgb_to_lab(recipe.apply(colours)), made)
    mean, p95 = float(error.mean()), float(np.quantile(error, 0.95))
    parts = Colours(colours)
    masks = dict(zip(("the shadows", "the mids", "the highlights"), parts.thirds, strict=True))
    masks |= {f"{band} colours": parts.bands == number for number, band in enumerate(BAND_NAMES)}
    found = {name: float(error[mask].mean()) for name, mask in masks.items() if mask.mean() >= _SHARE}
    worst = sorted(found.items(), key=lambda pair: -pair[1])
    named = [pair for pair in worst if pair[1] >= max(_MORE * mean, _LEAST)][:_NAMED]
    return Residual(mean, p95, tuple(named))

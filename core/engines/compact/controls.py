"""Recipes as vectors that a network can regress: every control over its range, tints as points in a plane."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ...recipe.parameters import NAMES, PARAMETERS, ZONES

SIZE = len(NAMES)
_HUES = {f"{zone}_hue": f"{zone}_amount" for zone in ZONES}


def vector(params: Mapping[str, float]) -> NDArray[np.float32]:
    """(49,) about -1..1: a third of the range counts as 1; hue and amount become a and b."""
    out = np.zeros(SIZE, np.float32)
    for i, p in enumerate(PARAMETERS):
        if p.name in _HUES:
            angle, amount = math.radians(params.get(p.name, 0.0)), params.get(_HUES[p.name], 0.0) / 33
            out[i], out[i + 1] = amount * math.cos(angle), amount * math.sin(angle)
        elif not p.name.endswith("_amount"):
            out[i] = params.get(p.name, 0.0) / (max(-p.low, p.high) / 3)
    return out


def params_of(values: NDArray[np.floating], least: float = 0.12) -> dict[str, float]:
    """The controls of a vector that stand out, in their units; the inverse of :func:`vector`."""
    out: dict[str, float] = {}
    for i, p in enumerate(PARAMETERS):
        if p.name in _HUES:
            amount = math.hypot(values[i], values[i + 1])
            if amount >= least:
                out[p.name] = math.degrees(math.atan2(values[i + 1], values[i])) % 360
                out[_HUES[p.name]] = float(min(amount * 33, 100.0))
        elif not p.name.endswith("_amount") and abs(values[i]) >= least:
            value = float(values[i]) * max(-p.low, p.high) / 3
            out[p.name] = min(max(value, p.low), p.high)
    return out

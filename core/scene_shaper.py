"""The 1D curve in front of a cube for scene-linear light.

A cube over linear light needs lattice planes spaced like stops. The usual shaper, a log curve, makes
the pair only *nearly* transparent: between two planes half a stop apart the cube is a straight
line and the curve is not, an error of 1.5 %. Here the shaper is piecewise linear with its corners
exactly on the lattice planes, so that shaper and identity cube undo each other everywhere, to
float32 rounding.

The corners lie on the rows of a uniform table over -4.2..92 (65,536 rows, the largest that `.cube`
readers take): 0.0015 a row, seven stops under middle grey; below that the planes are linear. Saturated
colours of a wide gamut are negative in a small one: with -0.5 for -4.2, a saturated look for linear
Rec.709 erred three times as much.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .errors import BadInput
from .lut import MAX_SHAPER, MAX_SIZE, Shaper

HIGH = 0.18 * 2**9  # nine stops over middle grey
_BELOW = 2850  # table rows under zero
_STEP = HIGH / (MAX_SHAPER - 1 - _BELOW)
_SMALLEST = 9

# ACEScct, Academy S-2016-001, section 4.4: log above the break, linear below, defined for all numbers.
_BREAK, _SLOPE, _OFFSET = 0.0078125, 10.5402377416545, 0.0729055341958355


def lin_to_log(linear: NDArray[np.floating]) -> NDArray[np.floating]:
    """Scene-linear values (...) through the ACEScct curve, whatever their primaries."""
    log = (np.log2(np.maximum(linear, _BREAK)) + 9.72) / 17.52
    return np.where(linear > _BREAK, log, _SLOPE * linear + _OFFSET).astype(linear.dtype)


def log_to_lin(log: NDArray[np.floating]) -> NDArray[np.floating]:
    """The inverse of :func:`lin_to_log`."""
    at_break = _SLOPE * _BREAK + _OFFSET
    linear = np.exp2(np.maximum(log, at_break) * 17.52 - 9.72)
    return np.where(log > at_break, linear, (log - _OFFSET) / _SLOPE).astype(log.dtype)


@lru_cache(maxsize=4)
def _rows(size: int) -> NDArray[np.int64]:
    """The table row of each lattice plane; an eighth of the planes lie below zero."""
    if not _SMALLEST <= size <= MAX_SIZE:
        raise BadInput(f"LUT size {size} is out of range for scene-linear light: {_SMALLEST}..{MAX_SIZE}")
    below = size // 8
    negative = _spread(_BELOW, below)[::-1]
    positive = _spread(MAX_SHAPER - 1 - _BELOW, size - 1 - below)
    return np.concatenate([_BELOW - negative, [_BELOW], _BELOW + positive])


def _spread(last: int, count: int) -> NDArray[np.int64]:
    """``count`` whole numbers from 1 to ``last``, each step larger than the one before by one factor."""
    steps = np.arange(1, count + 1) / count
    small, large = 1e-6, float(last)
    for _ in range(80):  # the linear part c of c * ((1 + last / c) ** t - 1) that makes the first step 1
        middle = (small * large) ** 0.5
        first = middle * np.expm1(steps[0] * np.log1p(last / middle))
        small, large = (middle, large) if first < 1 else (small, middle)
    spread: NDArray[np.int64] = np.rint(large * np.expm1(steps * np.log1p(last / large))).astype(np.int64)
    return spread


def scene_knots(size: int) -> NDArray[np.float64]:
    """The linear value (size,) of each lattice plane."""
    return (_rows(size) - _BELOW).astype(np.float64) * _STEP


def scene_shaper(size: int) -> Shaper:
    """The shaper that takes the value of plane i to i / (size - 1), straight lines between.

    Raises
    ------
    BadInput : a size outside 9..129
    """
    curve = np.interp(np.arange(MAX_SHAPER), _rows(size), np.linspace(0, 1, size))
    low = -_BELOW * _STEP
    return Shaper(np.repeat(curve[:, None], 3, axis=1), ((low,) * 3, (HIGH,) * 3))

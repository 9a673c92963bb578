"""The light group: one monotone curve per channel, then highlights and shadows by the light's amount.

Every stage is monotone on greys for every value in range, so their composition is; grey stays grey.
Stages whose parameters are all neutral are skipped, which keeps the neutral recipe exact.
Highlights and shadows scale all three channels alike: recovered per channel, a bright yellow would
lose red, gain blue and end as salmon.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..colour import luma, srgb_decode, srgb_encode
from .knobs import Knobs

Floats = NDArray[np.floating]

PIVOT = 0.4613561295  # 18 % grey, sRGB-encoded
_TOE = 0.05  # keeps the contrast curve's slope finite at black and white
_CONTRAST = math.log(3.0)  # contrast 100 raises the odds of a tone against the pivot to the power 3
_ZONE, _END = 0.19, 0.053  # largest shift by shadows/highlights, by blacks/whites (encoded)
ZONES = (("shadows", 2, 4), ("highlights", 4, 2))  # powers of v and 1 - v
_DARKEST = 1e-6
_FADE = 0.3  # black lift and white drop at 100 (encoded)
CURVE = ("curve_shadows", "curve_darks", "curve_mids", "curve_lights", "curve_highlights")
_SPACING = 1 / (len(CURVE) + 1)


def tone(knobs: Knobs, encoded: Floats) -> Floats:
    """sRGB-encoded values 0..1 through the per-channel curve; same shape, batched over the knobs."""
    v = encoded
    if knobs.any("exposure"):
        v = srgb_encode(expose(srgb_decode(v), knobs.wide("exposure")))
    if knobs.any("contrast"):
        v = _contrast(v, np.exp(_CONTRAST / 100 * knobs.wide("contrast")))
    for name, low, high in (("blacks", 1, 6), ("whites", 6, 1)):
        if knobs.any(name):
            v = v + _END / 100 * knobs.wide(name) * _bump(v, low, high)
    if knobs.any(*CURVE):
        v = _bend(v, [_SPACING / 200 * knobs.wide(name) for name in CURVE])
    if knobs.any("black_fade", "white_fade"):
        floor, drop = (_FADE / 100 * knobs.wide(name) for name in ("black_fade", "white_fade"))
        v = floor + (1 - floor - drop) * v
    return v


def relight(knobs: Knobs, linear: Floats) -> Floats:
    """Highlights and shadows: linear light (..., n, 3) scaled by what its amount asks for.

    The amount lies halfway between luminance and a power norm (sum of cubes by sum of squares, as in
    tone mappers that keep hue): a deep blue sky is neither taken for a shadow nor for a highlight. On
    greys both are the grey, and the stage is the monotone curve ``v + s v^2 (1-v)^4 + h v^4 (1-v)^2``.
    """
    squares = (linear * linear).sum(axis=-1)
    cubes = _power(linear, 3).sum(axis=-1)
    amount = 0.5 * (luma(linear) + cubes / np.maximum(squares, _DARKEST))
    v = start = srgb_encode(amount)
    for name, low, high in ZONES:
        v = v + _ZONE / 100 * knobs.flat(name) * _bump(v, low, high)
    gain = np.where(start > _DARKEST, srgb_decode(v) / np.maximum(amount, _DARKEST), 1)
    return linear * gain[..., None].astype(linear.dtype)


def expose(linear: Floats, ev: Floats) -> Floats:
    """Gain ``E = 2**ev`` in linear light with a shoulder that keeps white.

    ``E x / (1 + (E^n - 1) x^n)^(1/n)``: monotone for every ev; the slope at black is E. The
    exponent goes from 3 (a late, short shoulder when brightening: 18 % grey at +1 EV reaches
    35 %) to 1.5 (gentle next to white when darkening).
    """
    n = 2.25 + 0.75 * np.tanh(ev)
    gain = np.exp2(ev)
    return gain * linear * (1 + (gain**n - 1) * linear**n) ** (-1 / n)


def _contrast(v: Floats, power: Floats) -> Floats:
    """A sigmoid in log-odds around :data:`PIVOT`, rescaled to keep 0 and 1."""

    def sigmoid(x: Floats | float) -> Floats:
        inside = (x + _TOE) / (1 + 2 * _TOE)
        pivot = (PIVOT + _TOE) / (1 + 2 * _TOE)
        return 1 / (1 + ((1 - inside) / inside * (pivot / (1 - pivot))) ** power * ((1 - pivot) / pivot))

    low, high = sigmoid(0.0), sigmoid(1.0)
    return (sigmoid(v) - low) / (high - low)


def _bump(v: Floats, low: int, high: int) -> Floats:
    """``v^low (1-v)^high`` scaled to a peak of 1, at ``low / (low + high)``."""
    top = low / (low + high)
    return _power(v, low) * _power(1 - v, high) / (top**low * (1 - top) ** high)


def _power(v: Floats, exponent: int) -> Floats:
    """``v**exponent`` by multiplication; numpy's own power is ten times slower above 2."""
    product = v
    for _ in range(exponent - 1):
        product = product * v
    return product


def _bspline(x: Floats) -> Floats:
    """The uniform cubic B-spline, support -2..2."""
    a = np.abs(x)
    near, far = np.maximum(1 - a, 0), np.maximum(2 - a, 0)
    return (_power(far, 3) - 4 * _power(near, 3)) / 6


def _bend(v: Floats, offsets: list[Floats]) -> Floats:
    """Offsets of a cubic B-spline's control points.

    An offset is at most half their spacing, so the control points stay ordered, and a B-spline
    with ordered control points is monotone (variation diminishing). The outer splines are
    reflected at 0 and 1, which pins both.
    """
    bent = v
    last = len(offsets) - 1
    for number, offset in enumerate(offsets):
        centre = (number + 1) * _SPACING
        shape = _bspline((v - centre) / _SPACING)
        if number == 0:
            shape = shape - _bspline((v + centre) / _SPACING)
        if number == last:
            shape = shape - _bspline((v - 2 + centre) / _SPACING)
        bent = bent + offset * shape
    return bent

"""The colour group, in Oklab: white balance, saturation, and the tints of shadows, mids, highlights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..colour import oklab_balance
from .knobs import Knobs
from .parameters import ZONES

Floats = NDArray[np.floating]

# Natural logarithm of the gains on Oklab's cone responses per unit. Temperature: D65 -> the daylight
# locus (CIE 015), mean of -50 and +50 mired. Tint: perpendicular to it in CIE 1960 uv, 0.0003 a unit.
_TEMPERATURE = np.array([0.000914, -0.000226, -0.003987])
_TINT = np.array([0.001008, 0.000165, 0.001992])
_TINT_CHROMA = 0.12  # Oklab chroma of a tint of 100
_WEAK = 0.10  # Oklab chroma at which vibrance has fallen to 1/e


def colour(knobs: Knobs, lab: Floats) -> Floats:
    """Oklab (..., n, 3) through the colour group, batched over the knobs."""
    if knobs.any("temperature", "tint"):
        lab = oklab_balance(lab, knobs.wide("temperature") * _TEMPERATURE + knobs.wide("tint") * _TINT)
    light, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    windows = zone_windows(light)
    gain = _saturation(knobs, windows, a * a + b * b)
    tint_a, tint_b = _tint(knobs, windows)
    return np.stack(np.broadcast_arrays(light, gain * a + tint_a, gain * b + tint_b), axis=-1)


def zone_windows(light: Floats) -> tuple[Floats, Floats, Floats]:
    """Weights of shadows, mids and highlights at Oklab lightness (...,): smooth, they sum to one."""
    dark, bright = 1 - _smooth((light - 0.10) / 0.55), _smooth((light - 0.45) / 0.55)
    return dark, 1 - dark - bright, bright


def _smooth(x: Floats) -> Floats:
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


def _saturation(knobs: Knobs, windows: tuple[Floats, Floats, Floats], chroma2: Floats) -> Floats | float:
    gain: Floats | float = 1 + 0.01 * knobs.flat("saturation")
    if knobs.any("vibrance"):
        gain = gain * (1 + 0.01 * knobs.flat("vibrance") * np.exp(-chroma2 / _WEAK**2))
    for name, window in (("shadow_saturation", windows[0]), ("highlight_saturation", windows[2])):
        if knobs.any(name):
            gain = gain * (1 + 0.01 * knobs.flat(name) * window)
    return gain


def _tint(knobs: Knobs, windows: tuple[Floats, Floats, Floats]) -> tuple[Floats | float, Floats | float]:
    a: Floats | float = 0.0
    b: Floats | float = 0.0
    for zone, window in zip(ZONES, windows, strict=True):
        if knobs.any(f"{zone}_hue", f"{zone}_amount"):
            a = a + 0.01 * _TINT_CHROMA * knobs.flat(f"{zone}_hue") * window
            b = b + 0.01 * _TINT_CHROMA * knobs.flat(f"{zone}_amount") * window
    return a, b

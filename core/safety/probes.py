"""The fixed colours a LUT is judged on: greys, skin, and the gradients that show banding first.

All are sRGB-encoded, 0..1, and made from published colours, not from anybody's photos.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..colour import oklab_to_srgb, oklab_to_srgb_in_gamut
from ..interp import lattice

F64 = NDArray[np.float64]

GREYS = np.linspace(0, 1, 256)  # one per 8-bit code
GRADIENT_STEPS = 65
GRADIENTS = ("grey", "sky", "skin", "sunset")

# Skin in Oklab (L, chroma, hue in degrees), dark to light. Ends and middle lie on the ColorChecker's
# dark and light skin patches (L 0.45 and 0.73, hue 46-49 degrees) and on the Monk Skin Tone scale's
# steps 3-10 (hue 52-75 degrees, paler at both ends); two chromas bracket the spread between people
# that Xiao et al. (2017), "Characterising the variations in ethnic skin colours", report.
_SKIN_LIGHTNESS = np.array([0.30, 0.38, 0.46, 0.54, 0.62, 0.70, 0.77, 0.84])
_SKIN_CHROMA = np.array([0.038, 0.052, 0.064, 0.070, 0.072, 0.070, 0.062, 0.050])
_SKIN_HUE = np.array([48.0, 50.0, 51.0, 53.0, 54.0, 55.0, 57.0, 60.0])


def _oklch_to_srgb(lightness: F64, chroma: F64, hue_degrees: F64) -> F64:
    hue = np.radians(hue_degrees)
    return np.asarray(
        oklab_to_srgb(np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)), np.float64
    )


@cache
def skin_colours() -> F64:
    """(16, 3) skin colours: eight from dark to light, twice: paler, then more colourful."""
    return np.concatenate(
        [_oklch_to_srgb(_SKIN_LIGHTNESS, _SKIN_CHROMA * k, _SKIN_HUE) for k in (0.8, 1.2)]
    ).clip(0, 1)


def skin_ramp(lightness: F64) -> F64:
    """(n, 3) skin of the given Oklab lightnesses (n,), along the middle of the skin line."""
    chroma = np.interp(lightness, _SKIN_LIGHTNESS, _SKIN_CHROMA)
    return _oklch_to_srgb(lightness, chroma, np.interp(lightness, _SKIN_LIGHTNESS, _SKIN_HUE)).clip(0, 1)


@cache
def gradient(name: str, steps: int = GRADIENT_STEPS) -> F64:
    """(steps, 3) of one of :data:`GRADIENTS`, or ``hues`` (the hue circle at medium chroma)."""
    t = np.linspace(0, 1, steps)
    if name == "grey":
        return np.repeat(t[:, None], 3, axis=1)
    if name == "skin":
        return skin_ramp(0.30 + 0.54 * t)
    if name == "hues":
        ring = np.stack([np.full(steps, 0.70), *(0.12 * f(2 * np.pi * t) for f in (np.cos, np.sin))], axis=-1)
        return np.asarray(oklab_to_srgb_in_gamut(ring), np.float64)
    ends = {
        "sky": ([0.06, 0.17, 0.42], [0.33, 0.56, 0.84], [0.80, 0.89, 0.96]),  # zenith to horizon
        "sunset": ([0.16, 0.10, 0.24], [0.82, 0.36, 0.26], [0.99, 0.86, 0.60]),
    }[name]
    return np.stack([np.interp(t, (0, 0.5, 1), channel) for channel in zip(*ends, strict=True)], axis=-1)


@cache
def all_gradients() -> F64:
    """(4, GRADIENT_STEPS, 3): every one of :data:`GRADIENTS`."""
    return np.stack([gradient(name) for name in GRADIENTS])


@cache
def photo_weights(size: int) -> NDArray[np.float32]:
    """(size, size, size) weights, sum 1: how likely a lattice colour is in a photo.

    A Gaussian of 0.22 in max-min around the grey axis: photos are mostly muted. (Pixels of
    real photos fall off a little faster; the tail is kept so that vivid flowers count.)
    """
    rgb = lattice(size, np.float64)
    spread = rgb.max(axis=-1) - rgb.min(axis=-1)
    weights = np.exp(-0.5 * (spread / 0.22) ** 2).astype(np.float32)
    return weights / weights.sum()

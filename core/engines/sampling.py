"""Pixels of two overlaid pictures to colour samples for the fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .align import Overlay
from .fit_lut import Samples, rough_noise
from .planes import box, texture

NOISY = 0.0025  # residual of a rough fit above which pixels are averaged and texture distrusted
_TEXTURE = 0.01  # standard deviation in 3 x 3 pixels at which a noisy pixel has lost half its weight


def samples_of(overlay: Overlay, least: float = -1.0) -> Samples:
    """One sample a pixel that both pictures show.

    A clean pair is taken as it is: every pixel is an exact sample. Compression, resampling and
    misplacement break that, at edges most; such pairs are averaged over 3 x 3 pixels and
    weighted by flatness.

    Parameters
    ----------
    least : leave pixels out whose structure correlates less than this
    """
    use = overlay.inside & ~(overlay.agreement < least)
    plain = _taken(overlay.first, overlay.second, np.ones(use.shape, np.float32), use)
    if not len(plain.weight) or (noise := rough_noise(plain)) < NOISY:
        return plain
    spread = texture(overlay.first) ** 2 + texture(overlay.second) ** 2
    weight = 1 / (1 + spread / _TEXTURE**2)
    return replace(_taken(box(overlay.first, 1), box(overlay.second, 1), weight, use), noise=noise)


def _taken(first: np.ndarray, second: np.ndarray, weight: np.ndarray, use: np.ndarray) -> Samples:
    return Samples(
        first[use].astype(np.float64), second[use].astype(np.float64), weight[use].astype(np.float64)
    )

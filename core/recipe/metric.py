"""CIEDE2000 as a local metric."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


def local_metric(lab: Floats) -> Floats:
    """Matrices (n, 3, 3) that turn small differences in L*a*b* at (n, 3) into vectors of CIEDE2000 length.

    The terms of Sharma, Wu, Dalal (2005) taken at one colour, without the blue rotation.
    """
    light, a, b = lab.T
    chroma7 = np.hypot(a, b) ** 7
    stretch = 1 + 0.5 * (1 - np.sqrt(chroma7 / (chroma7 + 25.0**7)))
    chroma, hue = np.hypot(a * stretch, b), np.arctan2(b, a * stretch)
    t = (
        1
        - 0.17 * np.cos(hue - np.radians(30))
        + 0.24 * np.cos(2 * hue)
        + 0.32 * np.cos(3 * hue + np.radians(6))
        - 0.20 * np.cos(4 * hue - np.radians(63))
    )
    s_chroma, s_hue = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    metric = np.zeros((len(lab), 3, 3))
    metric[:, 0, 0] = 1 / (1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2))
    metric[:, 1, 1], metric[:, 1, 2] = np.cos(hue) * stretch / s_chroma, np.sin(hue) / s_chroma
    metric[:, 2, 1], metric[:, 2, 2] = -np.sin(hue) * stretch / s_hue, np.cos(hue) / s_hue
    return metric

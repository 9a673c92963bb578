"""Where the tones of a photo end, and how: what undoing a degradation can hold on to.

A finished photo mostly has some pixels at white and at black, often whole areas of them. After a degradation
these lie elsewhere, still side by side, and tell what became of white and black: exposure, cast, lifted
blacks. In a thumbnail they are averaged away, so they are looked for among the pixels themselves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...request import Pixels

F32 = NDArray[np.float32]
# Shares of the pixels below the levels that are figures.
RANKS = (
    0.0005, 0.002, 0.006, 0.015, 0.03, 0.06, 0.12, 0.25, 0.5,
    0.75, 0.88, 0.94, 0.97, 0.985, 0.994, 0.998, 0.9995,
)  # fmt: skip
_EXTREME = 0.001  # share of pixels that may lie beyond an end
_BESIDE = (1, 4, 10, 24)  # levels of 255 within which pixels crowd at an end
_TOGETHER = (2, 8)  # likewise, for all three channels at once
_BRIGHT, _DARK = (0.998, 0.98, 0.9), (0.002, 0.02, 0.1)
_PLANES = 5  # red, green, blue, and the largest and the smallest of them
SIZE = _PLANES * (len(RANKS) + 2 * len(_BESIDE)) + 2 * len(_TOGETHER) + 3 * (len(_BRIGHT) + len(_DARK))


def ends(photo: Pixels) -> F32:
    """Figures (SIZE,), about -2..1, of a photo (H, W, 3), sRGB 0..1; 256 pixels a side are enough.

    For each plane the levels at RANKS and how much crowds at either end; how much does so in all channels
    together; the colours of the brightest and of the darkest pixels.
    """
    levels = np.rint(np.clip(photo, 0, 1) * np.float32(255)).astype(np.uint8).reshape(-1, 3)
    red, green, blue = (np.ascontiguousarray(levels[:, i]) for i in range(3))
    high, low = (pick(pick(red, green), blue) for pick in (np.maximum, np.minimum))
    planes = [red, green, blue, high, low]
    found: list[NDArray[np.floating]] = []
    tops, bottoms = [], []
    for plane in planes:
        below = np.bincount(plane, minlength=256).cumsum() / len(levels)
        found.append(np.interp(RANKS, np.concatenate([[0], below]), np.arange(257) - 0.5) / 127.5 - 1)
        top, bottom = (int(np.searchsorted(below, share)) for share in (1 - _EXTREME, _EXTREME))
        tops.append(top)
        bottoms.append(bottom)
        at_top = [1 - (below[top - 1 - k] if top > k else 0) for k in _BESIDE]
        at_bottom = [below[min(bottom + k, 255)] for k in _BESIDE]
        found.append(_logarithm(at_top + at_bottom))
    found.append(_logarithm(_crowds(planes[:3], tops, bottoms)))
    return np.concatenate([*found, *_extremes(red, green, blue)]).astype(np.float32)


def _logarithm(shares: list[float]) -> NDArray[np.floating]:
    return np.log(np.array(shares) + 1e-4) / 3 + 1


def _crowds(planes: list[NDArray[np.uint8]], tops: list[int], bottoms: list[int]) -> list[float]:
    """Shares of pixels that are near the end in every channel: white areas, then black ones."""
    white = [
        np.logical_and.reduce([p >= max(end - k, 0) for p, end in zip(planes, tops, strict=False)])
        for k in _TOGETHER
    ]
    black = [
        np.logical_and.reduce([p <= min(end + k, 255) for p, end in zip(planes, bottoms, strict=False)])
        for k in _TOGETHER
    ]
    return [float(mask.mean()) for mask in white + black]


def _extremes(*channels: NDArray[np.uint8]) -> list[NDArray[np.floating]]:
    """Green, red - green and blue - green of the brightest and of the darkest pixels, by luma."""
    red, green, blue = (channel.astype(np.int32) for channel in channels)
    luma = (54 * red + 183 * green + 19 * blue) >> 4
    below = np.bincount(luma).cumsum() / len(luma)
    found = []
    for shares, gain, bright in ((_BRIGHT, 2, True), (_DARK, 4, False)):
        for share in shares:
            level = np.searchsorted(below, share)
            where = np.flatnonzero(luma >= level if bright else luma <= level)
            r, g, b = (float(channel[where].mean()) / 255 for channel in channels)
            found.append(np.array([gain * g - 1, 6 * (r - g), 6 * (b - g)]))
    return found

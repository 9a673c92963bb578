"""Tone curves as darktable draws them."""

from __future__ import annotations

import numpy as np
from gradewright.core.colour import srgb_decode
from numpy.typing import NDArray

Floats = NDArray[np.floating]

EVEN = np.array([0, 0.04, 0.09, 0.15, 0.22, 0.31, 0.41, 0.52, 0.64, 0.76, 0.88, 1.0])  # to the eye
LINEAR = srgb_decode(EVEN)
COUNT = len(EVEN)


def heights(offsets: Floats) -> Floats:
    """Heights (..., COUNT) over EVEN, ordered and within 0..1, for offsets of the nodes."""
    return np.maximum.accumulate(np.clip(EVEN + offsets, 0, 1), axis=-1)


def hermite(nodes: Floats, heights: Floats, x: Floats) -> Floats:
    """Monotone cubic Hermite curves (P, COUNT) over nodes (COUNT,) at (P, n); a power law beyond 1."""
    steps = np.diff(nodes)
    slopes = np.diff(heights, axis=-1) / steps
    tangents = _tangents(steps, slopes)
    inside = np.clip(x, 0, 1)
    part = np.clip(np.searchsorted(nodes, inside, side="right") - 1, 0, len(steps) - 1)
    rows = np.arange(len(heights))[:, None]
    width = steps[part]
    t = (inside - nodes[part]) / width
    y0, y1 = heights[rows, part], heights[rows, part + 1]
    m0, m1 = tangents[rows, part] * width, tangents[rows, part + 1] * width
    y = y0 + t * (m0 + t * (3 * (y1 - y0) - 2 * m0 - m1 + t * (2 * (y0 - y1) + m0 + m1)))
    return y * np.maximum(x, 1) ** _beyond(nodes, heights)


def _tangents(steps: Floats, slopes: Floats) -> Floats:
    """Weighted harmonic means of neighbouring slopes (Fritsch and Butland, 1984); the ends take theirs."""
    before, after = slopes[:, :-1], slopes[:, 1:]
    w1, w2 = 2 * steps[1:] + steps[:-1], steps[1:] + 2 * steps[:-1]
    product = before * after
    safe = np.where(product > 0, w1 * after + w2 * before, 1)
    middle = np.where(product > 0, (w1 + w2) * product / safe, 0)
    return np.concatenate([slopes[:, :1], middle, slopes[:, -1:]], axis=-1)


def _beyond(nodes: Floats, heights: Floats) -> Floats:
    """The exponent (P, 1) with which a curve goes on above 1, from its last step."""
    last, before = np.maximum(heights[:, -1:], 1e-4), np.maximum(heights[:, -2:-1], 1e-4)
    return np.log(before / last) / np.log(nodes[-2])

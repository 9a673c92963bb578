"""Keeps the grey axis of a fitted cube in order: brighter greys stay brighter."""

from __future__ import annotations

import numpy as np

from ..colour import LUMA, Floats
from ..interp import lattice

_LARGEST = 0.1
_REACH = 0.12  # how far from the grey axis (largest channel spread) the correction fades


def monotone_neutrals(table: Floats) -> Floats:
    """The cube (N, N, N, 3) with non-falling luma along its diagonal.

    Small falls are levelled by the least-squares non-decreasing curve (pool adjacent violators, Barlow et
    al. 1972); the shift goes to all three channels and fades out away from the axis. A table in order
    comes back unchanged, and so does one that needs a shift over 0.1: a negative or a solarisation means it.
    """
    size = table.shape[0]
    steps = np.arange(size)
    grey = table[steps, steps, steps] @ LUMA
    if (np.diff(grey) >= 0).all():
        return table
    shift = non_decreasing(grey) - grey
    if np.abs(shift).max() > _LARGEST:
        return table
    points = lattice(size, np.float64)
    near = np.exp(-(np.ptp(points, axis=-1) ** 2) / (2 * _REACH**2))
    spread = np.interp(points.mean(axis=-1), np.linspace(0, 1, size), shift)
    return np.asarray(table + (near * spread)[..., None])


def non_decreasing(values: Floats) -> Floats:
    """The non-decreasing sequence closest to ``values`` (n,) in least squares."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, count = float(value), 1
        while blocks and blocks[-1][0] > mean:
            before, length = blocks.pop()
            mean, count = (before * length + mean * count) / (length + count), length + count
        blocks.append((mean, count))
    return np.concatenate([np.full(count, mean) for mean, count in blocks])

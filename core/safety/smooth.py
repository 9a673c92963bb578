"""Smoothing a lattice: its displacement from the identity, everywhere or where it breaks."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..interp import lattice
from .geometry import FOLDED_BELOW, axis_steps, planes, spikes, tetrahedron_volumes

F32 = NDArray[np.float32]


@cache
def identity(size: int) -> F32:
    """The identity table (size, size, size, 3), shared and read-only."""
    table = lattice(size).astype(np.float32)
    table.flags.writeable = False
    return table


@cache
def _kernel(size: int, sigma: float) -> F32:
    """(size, size) Gaussian rows; what would fall outside is held at the edge."""
    width = max(sigma * (size - 1) / 32, 1e-3)
    reach = int(np.ceil(3 * width))
    offsets = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (offsets / width) ** 2)
    weights /= weights.sum()
    kernel = np.zeros((size, size))
    for row in range(size):
        np.add.at(kernel[row], np.clip(row + offsets, 0, size - 1), weights)
    return kernel.astype(np.float32)


def blur(field: F32, sigma: float) -> F32:
    """Gaussian blur of (N, N, N, C) along r, g, b; ``sigma`` in cells of a 33^3 lattice."""
    size, kernel = field.shape[0], _kernel(field.shape[0], sigma)
    out = field
    for _ in range(3):  # each turn blurs the first axis and moves it behind the other two
        blurred = (kernel @ out.reshape(size, -1)).reshape(size, size, size, -1)
        out = np.ascontiguousarray(blurred.transpose(1, 2, 0, 3))
    return out


def smoothed(table: F32, sigma: float, where: F32 | None = None) -> F32:
    """The table with its displacement from the identity blurred; ``where`` (N, N, N) 0..1 weights it."""
    start = identity(table.shape[0])
    displacement = table - start
    soft = blur(displacement, sigma)
    if where is not None:
        soft = displacement + where[..., None] * (soft - displacement)
    return np.clip(start + soft, 0, 1)


def despiked(table: F32, limit_codes: float) -> tuple[F32, int]:
    """The table with stray entries replaced by the mean of their six neighbours, and their number."""
    steps = axis_steps(planes(table))
    stray = spikes([np.diff(step, axis=1 + axis) for axis, step in enumerate(steps)]).max(axis=0)
    where = np.argwhere(stray > limit_codes / 255) + 1
    out = table.copy()
    ring = [table[tuple((where + side * np.eye(3, dtype=int)[k]).T)] for k in range(3) for side in (-1, 1)]
    out[tuple(where.T)] = np.mean(ring, axis=0)
    return out, len(where)


def broken_places(table: F32, gain: float, bend: float) -> F32:
    """(N, N, N) weights 0..1 around folded cells, steep edges and sharp bends.

    ``gain`` is in 8-bit codes per input code, ``bend`` in codes per lattice step of 33^3: where
    one is exceeded, the place counts as broken.
    """
    size = table.shape[0]
    steps = axis_steps(planes(table))
    mark = np.zeros((size, size, size), np.float32)
    folded = (tetrahedron_volumes(steps, size) < FOLDED_BELOW).any(axis=0)
    for corner in np.ndindex(2, 2, 2):
        mark[tuple(slice(c, size - 1 + c) for c in corner)][folded] = 1
    for axis, step in enumerate(steps):
        along = np.moveaxis(mark, axis, 0)
        steep = np.moveaxis(np.abs(step).max(axis=0) * (size - 1) > gain, axis, 0)
        along[:-1][steep] = 1
        along[1:][steep] = 1
        sharp = np.abs(np.diff(step, axis=1 + axis)).max(axis=0) > bend / 255 * (32 / (size - 1)) ** 2
        along[1:-1][np.moveaxis(sharp, axis, 0)] = 1
    for axis in range(3):  # one cell more on every side, so that the blur hardly weakens the place itself
        along = np.moveaxis(mark, axis, 0)
        wide = along.copy()
        np.maximum(wide[:-1], along[1:], out=wide[:-1])
        np.maximum(wide[1:], along[:-1], out=wide[1:])
        along[...] = wide
    return np.clip(1.5 * blur(mark[..., None], 1.0)[..., 0], 0, 1)

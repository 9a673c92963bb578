"""Tetrahedral interpolation in numpy, at the input's own precision.

Pixels of real images go through OpenColorIO (:mod:`gradewright.core.ocio`). This one serves
lattices of a few ten thousand points, where float64 matters and building a processor does
not pay, and it is the reference that the tests hold OpenColorIO against.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def tetrahedral(table: NDArray[np.floating], points: NDArray[np.floating]) -> NDArray[np.floating]:
    """Sample a cube at points.

    The cell's unit cube is split in six tetrahedra along its grey diagonal: the walk from the
    cell's dark to its bright corner steps along the axes in the order of falling fraction
    (Kasson et al., "Performing color space conversions with three-dimensional linear
    interpolation", 1995).

    Parameters
    ----------
    table : (N, N, N, C), indexed [r, g, b]
    points : (..., 3) in 0..1; values outside are clamped

    Returns
    -------
    (..., C) of the points' float type.
    """
    size = table.shape[0]
    flat = np.asarray(points).reshape(-1, 3)
    scaled = np.clip(flat, 0, 1) * (size - 1)
    cell = np.minimum(scaled.astype(np.int64), size - 2)
    fraction = scaled - cell

    order = np.argsort(-fraction, axis=1, kind="stable")
    sorted_fraction = np.take_along_axis(fraction, order, axis=1)
    strides = np.array([size * size, size, 1])
    values = table.reshape(-1, table.shape[-1])

    index = cell @ strides
    out = values[index] * (1 - sorted_fraction[:, :1])
    for step in range(3):
        index = index + strides[order[:, step]]
        following = sorted_fraction[:, step + 1 : step + 2] if step < 2 else 0
        out += values[index] * (sorted_fraction[:, step : step + 1] - following)
    return out.reshape(*np.shape(points)[:-1], table.shape[-1])


def lattice(size: int, dtype: type = np.float32) -> NDArray[np.floating]:
    """The identity cube (size, size, size, 3), indexed [r, g, b], values 0..1."""
    axis = np.linspace(0, 1, size, dtype=np.float64)
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).astype(dtype)

"""A global model of a grade: ridge regression on Chebyshev polynomials of the colour.

Smooth over the whole cube, so it says what a grade does where the samples say nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..colour import Floats


def exponents(degree: int) -> NDArray[np.int64]:
    """(k, 3) powers of r, g, b with a sum up to ``degree``."""
    steps = np.arange(degree + 1)
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    return grid[grid.sum(axis=1) <= degree]


def curves(values: Floats, degree: int) -> Floats:
    """Chebyshev polynomials T_0..T_degree of values 0..1 (mapped to -1..1), a new last axis."""
    return np.cos(np.arange(degree + 1) * np.arccos(np.clip(2 * values[..., None] - 1, -1, 1)))


def design(points: Floats, degree: int) -> Floats:
    """(n, k) products of the three channels' polynomials, columns as :func:`exponents`."""
    by_channel = curves(points, degree)
    power = exponents(degree)
    return np.asarray(
        by_channel[:, 0, power[:, 0]] * by_channel[:, 1, power[:, 1]] * by_channel[:, 2, power[:, 2]]
    )


def solve(features: Floats, change: Floats, weights: Floats, degree: int, ridge: float) -> Floats:
    """Coefficients (k, 3); weights sum to 1. The ridge grows with the fourth power of the total degree.

    That growth is a prior on grades: bends get rarer with their frequency, and the affine part
    (exposure, balance, saturation) is nearly free.
    """
    total = exponents(degree).sum(axis=1).astype(np.float64)
    normal = features.T @ (weights[:, None] * features) + np.diag(ridge * total**4 + 1e-9)
    return np.linalg.solve(normal, features.T @ (weights[:, None] * change))


def on_lattice(coefficients: Floats, degree: int, size: int) -> Floats:
    """The polynomial on a cube, (size, size, size, 3), indexed [r, g, b]."""
    tensor = np.zeros((degree + 1,) * 3 + (3,))
    tensor[tuple(exponents(degree).T)] = coefficients
    axis = curves(np.linspace(0, 1, size), degree)
    for _ in range(3):  # each pass contracts the leading degree axis and appends its lattice axis
        tensor = np.moveaxis(np.tensordot(axis, tensor, axes=(1, 0)), 0, 2)
    return tensor

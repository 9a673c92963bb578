"""Least squares on a cube: scattered colour changes to a smooth lattice of them.

Minimises ``sum w |A d - y|^2 + stiffness * bending(d)`` over the lattice ``d``, where A interpolates
trilinearly and bending sums squared second differences, mixed ones included: the discrete thin-plate
energy, which affine maps do not pay. Conjugate gradients from coarse to fine lattices, a fixed number of
steps: far from the data the answer stays near zero, so a global model goes first (:mod:`.chebyshev`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..colour import Floats
from ..interp import lattice, tetrahedral

LEVELS = ((5, 40), (9, 40), (17, 30), (33, 12))  # lattice size, conjugate-gradient steps
ROUGH_LEVELS = ((5, 20), (9, 20), (17, 15))
_CORNERS = np.array([[(k >> 2) & 1, (k >> 1) & 1, k & 1] for k in range(8)])


def smooth_lattice(
    points: Floats,
    change: Floats,
    weights: Floats,
    stiffness: float,
    levels: tuple[tuple[int, int], ...] = LEVELS,
) -> Floats:
    """The lattice (33, 33, 33, 3) of changes, indexed [r, g, b].

    Parameters
    ----------
    points : (n, 3) colours 0..1; change : (n, 3) wanted there; weights : (n,), summing to 1
    stiffness : weight of the bending energy; 1e-4 suits clean samples
    levels : lattice sizes and conjugate-gradient steps, coarse to fine; the last size is the answer's
    """
    solution = np.zeros((levels[0][0],) * 3 + (3,))
    for size, steps in levels:
        solution = _solve(points, change, weights, stiffness, _refined(solution, size), steps)
    return solution


def _refined(solution: Floats, size: int) -> Floats:
    return np.asarray(tetrahedral(solution, lattice(size, np.float64)))


def _solve(
    points: Floats, change: Floats, weights: Floats, stiffness: float, start: Floats, steps: int
) -> Floats:
    size = start.shape[0]
    index, share = _trilinear(points, size)
    # A wavelength keeps its bending energy over lattices when it grows with the number of cells
    # (h^3 for the volume, h^-4 for the squared differences).
    bend = stiffness * (size - 1) * 1e-3

    def gather(values: Floats) -> Floats:
        return np.einsum("kn,knc->nc", share, values.reshape(-1, 3)[index])

    def scatter(values: Floats) -> Floats:
        out = np.empty((size**3, 3))
        for c in range(3):
            out[:, c] = np.bincount(index.ravel(), (share * values[:, c]).ravel(), minlength=size**3)
        return out.reshape(start.shape)

    def normal(values: Floats) -> Floats:
        return scatter(weights[:, None] * gather(values)) + bend * _bending(values) + 1e-9 * values

    return _conjugate_gradients(normal, scatter(weights[:, None] * change), start, steps)


def _trilinear(points: Floats, size: int) -> tuple[NDArray[np.int64], Floats]:
    """Flat lattice indices (8, n) and weights (8, n) of the corners around each point."""
    scaled = np.clip(points, 0, 1) * (size - 1)
    cell = np.minimum(scaled.astype(np.int64), size - 2)
    fraction = scaled - cell
    index = (cell[None] + _CORNERS[:, None]) @ np.array([size * size, size, 1])
    share: Floats = np.where(_CORNERS[:, None] == 1, fraction[None], 1 - fraction[None])
    return index, share[..., 0] * share[..., 1] * share[..., 2]


def _bending(values: Floats) -> Floats:
    """Gradient of half the bending energy: the second-difference operators' normal matrix."""
    out = np.zeros_like(values)
    for first in range(3):
        v, o = np.moveaxis(values, first, 0), np.moveaxis(out, first, 0)
        curve = v[2:] - 2 * v[1:-1] + v[:-2]
        o[2:] += curve
        o[1:-1] -= 2 * curve
        o[:-2] += curve
        for second in range(first + 1, 3):
            v, o = np.moveaxis(values, (first, second), (0, 1)), np.moveaxis(out, (first, second), (0, 1))
            twist = 2 * (v[1:, 1:] - v[:-1, 1:] - v[1:, :-1] + v[:-1, :-1])
            o[1:, 1:] += twist
            o[:-1, 1:] -= twist
            o[1:, :-1] -= twist
            o[:-1, :-1] += twist
    return out


def _conjugate_gradients(
    normal: Callable[[Floats], Floats], right: Floats, start: Floats, steps: int
) -> Floats:
    """Solve for the three channels at once, each with its own step length."""
    axes = (0, 1, 2)
    solution = start.copy()
    residual = right - normal(solution)
    direction = residual.copy()
    power = (residual**2).sum(axis=axes)
    enough = 1e-8 * (right**2).sum(axis=axes) + 1e-30
    for _ in range(steps):
        if (power <= enough).all():
            break
        image = normal(direction)
        step = power / ((direction * image).sum(axis=axes) + 1e-30)
        solution += step * direction
        residual -= step * image
        following = (residual**2).sum(axis=axes)
        direction = residual + following / (power + 1e-30) * direction
        power = following
    return solution

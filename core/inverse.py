"""Numerical inverse of a LUT."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .colour import Floats, delta_e_srgb
from .interp import lattice, tetrahedral
from .lut import Lut

_REACHED = 1 / 1024  # closer than this, a colour counts as reached
_ITERATIONS = 40


@dataclass(frozen=True)
class Inversion:
    """An inverse and what it is worth.

    ``error_mean``, ``error_max`` : CIEDE2000 of ``lut(inverse(c))`` against ``c`` over the
    lattice colours the LUT can produce at all. ``unreachable`` : share of the lattice that it
    cannot produce; there the inverse holds the input whose output comes nearest.
    """

    lut: Lut
    error_mean: float
    error_max: float
    unreachable: float


def invert(lut: Lut, size: int | None = None) -> Inversion:
    """Find, for every lattice colour, the input that the LUT turns into it.

    Levenberg-Marquardt on the interpolated cube, all lattice points at once, started from
    the best of 17^3 forward samples and kept inside 0..1.

    Parameters
    ----------
    lut : display-referred, 0..1 (shaper and domain are baked in first)
    size : lattice of the inverse, by default the larger of 33 and the LUT's own
    """
    plain = lut.flatten()
    size = size or max(33, plain.size)
    table = plain.table.astype(np.float64)
    target = lattice(size, np.float64).reshape(-1, 3)
    found = _solve(table, target, _nearest_samples(table, target))
    inverse = Lut(found.reshape(size, size, size, 3), title=f"inverse of {lut.title}" if lut.title else "")

    reached = np.abs(tetrahedral(table, found) - target).max(axis=1) < _REACHED
    # The honest error is that of the stored float32 table between its lattice points too.
    midpoints = tetrahedral(table, lattice(17, np.float64).reshape(-1, 3) * 0.98 + 0.01)
    back = tetrahedral(table, inverse.sample(midpoints))
    error = delta_e_srgb(back, midpoints)
    return Inversion(inverse, float(error.mean()), float(error.max()), float(1 - reached.mean()))


def _nearest_samples(table: Floats, target: Floats) -> Floats:
    inputs = lattice(17, np.float64).reshape(-1, 3)
    outputs = tetrahedral(table, inputs).astype(np.float32)
    squares = (outputs**2).sum(axis=1)
    best = np.empty(len(target), np.int64)
    for start in range(0, len(target), 4096):
        block = target[start : start + 4096].astype(np.float32)
        best[start : start + 4096] = (squares - 2 * block @ outputs.T).argmin(axis=1)
    return inputs[best]


def _solve(table: Floats, target: Floats, start: Floats) -> Floats:
    """Projected Levenberg-Marquardt; a step is kept only where it lowers the distance."""
    x = start.copy()
    residual = tetrahedral(table, x) - target
    cost = (residual**2).sum(axis=1)
    damping = np.full(len(x), 1e-3)
    step = 0.25 / (len(table) - 1)
    active = np.arange(len(x))
    for _ in range(_ITERATIONS):
        active = active[(cost[active] > 1e-14) & (damping[active] < 1e3)]
        if not len(active):
            break
        here, r = x[active], residual[active]
        jacobian = np.empty((len(active), 3, 3))
        for axis in range(3):
            nudge = np.where(here[:, axis] > 0.5, -step, step)
            moved = here.copy()
            moved[:, axis] += nudge
            jacobian[:, :, axis] = (tetrahedral(table, moved) - (r + target[active])) / nudge[:, None]
        normal = jacobian.transpose(0, 2, 1) @ jacobian
        normal[:, range(3), range(3)] += damping[active, None] * 0.1 + 1e-9
        gradient = (jacobian.transpose(0, 2, 1) @ r[:, :, None])[:, :, 0]
        trial = np.clip(here - np.linalg.solve(normal, gradient[:, :, None])[:, :, 0], 0, 1)
        new_residual = tetrahedral(table, trial) - target[active]
        new_cost = (new_residual**2).sum(axis=1)
        better = new_cost < cost[active]
        kept = active[better]
        x[kept], residual[kept], cost[kept] = trial[better], new_residual[better], new_cost[better]
        damping[active] = np.where(better, damping[active] * 0.3, damping[active] * 6)
    return x

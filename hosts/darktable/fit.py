"""Native modules for a look: the settings of darktable's own modules whose rendering comes nearest.

Damped Gauss-Newton over the measured models of a :class:`.chain.Chain`, in CIEDE2000's local metric, like
the recipe's own fit; a penalty keeps what the look does not need at neutral.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from gradewright.core.colour import delta_e_2000, srgb_to_lab
from gradewright.core.lut import Lut
from gradewright.core.recipe.metric import local_metric
from gradewright.core.recipe.points import fit_colours, photo_colours
from numpy.typing import ArrayLike, NDArray

from . import scene
from .chain import Chain
from .style import Step

Floats = NDArray[np.floating]

_PENALTY, _READY = 4e-4, 1.0
_TOLERANCE = 0.3  # dE below which an error counts as a square
_STEPS, _ENOUGH = 24, 3e-4
_MEASURED, _LOOKED_AT, _JUDGED = 1024, 400, 4096  # colours
_SLIGHT = 0.08  # dE: what a module must bring to be used


@dataclass(frozen=True)
class Fit:
    """``settings`` (count,) of a chain; mean and 95th percentile of the predicted dE."""

    chain: Chain
    settings: Floats
    mean: float
    p95: float

    @property
    def steps(self) -> list[Step]:
        """The modules, in the order of the pipeline."""
        return self.chain.steps(self.settings)


def fit(lut: Lut, photo: ArrayLike | None = None, chain: Chain = scene.CHAIN) -> Fit:
    """The native settings that come nearest to a display-referred look.

    Parameters
    ----------
    lut : sRGB in and out
    photo : sRGB-encoded pixels (..., 3): they weigh as much as photo-like colours do, and the residual is
        predicted for them; None takes photo-like colours alone
    chain : :data:`.scene.CHAIN`, or :data:`.display.CHAIN` for raw files
    """
    plain = lut.flatten()
    seen = None if photo is None else np.asarray(photo, np.float64).reshape(-1, 3)
    problem = _Problem(plain, chain, None)
    found = _search(problem, np.zeros(chain.count))
    if seen is not None:  # on from there: photos alone lead into corners
        problem = _Problem(plain, chain, _thinned(seen, _LOOKED_AT))
        found = _search(problem, found)
    settings = _pruned(problem, found * chain.unit)
    colours = photo_colours(_MEASURED) if seen is None else _thinned(seen, _JUDGED)
    wanted = srgb_to_lab(np.clip(plain.sample(colours), 0, 1))
    error = delta_e_2000(wanted, srgb_to_lab(chain.render(settings[None], colours)[0]))
    return Fit(chain, settings, float(error.mean()), float(np.quantile(error, 0.95)))


def _thinned(pixels: Floats, most: int) -> Floats:
    """At most about ``most`` of some pixels (n, 3), evenly."""
    return pixels[:: max(len(pixels) // most, 1)]


class _Problem:
    """Target colours with their metric; the forward model with a Jacobian that reuses early stages."""

    def __init__(self, lut: Lut, chain: Chain, seen: Floats | None) -> None:
        self.chain = chain
        colours, self.weights = fit_colours()
        if seen is not None:
            share = np.full(len(seen), self.weights.sum() / len(seen))
            colours, self.weights = np.concatenate([colours, seen]), np.concatenate([self.weights, share]) / 2
        self.work = chain.start(colours)
        self.target = srgb_to_lab(np.clip(lut.sample(colours), 0, 1))
        self.metric = local_metric(self.target)

    def error(self, x: Floats) -> Floats:
        """Signed errors (n, 3) in dE."""
        return self._measured(self.chain.through(x[None] * self.chain.unit, self.work[None], 0))[0]

    def jacobian(self, x: Floats) -> Floats:
        """d error / d x, (count, n * 3)."""
        chain, work = self.chain, self.work[None]
        made = np.empty((chain.count, 3 * len(self.target)))
        for number, stage in enumerate(chain.stages):
            own = np.flatnonzero(number == chain.stage_of)
            nudge = np.where(x[own] > chain.bound[own] - 1, -0.5, 0.5)
            batch = np.repeat(x[None], len(own) + 1, axis=0)
            batch[np.arange(len(own)) + 1, own] += nudge
            start = np.broadcast_to(work, (len(batch), *work.shape[1:]))
            errors = self._measured(chain.through(batch * chain.unit, start, number))
            made[own] = ((errors[1:] - errors[0]) / nudge[:, None, None]).reshape(len(own), -1)
            work = stage(x[None] * chain.unit, work)
        return made

    def objective(self, x: Floats, error: Floats) -> float:
        """What is minimised."""
        size = np.sqrt((error**2).sum(axis=-1))
        fidelity = (self.weights * _robust(size, _TOLERANCE)).sum()
        return float(
            fidelity + _PENALTY * _robust(np.abs(x), _READY).sum() + 0.5 * x @ self.chain.roughness @ x
        )

    def step(self, x: Floats, error: Floats, damping: float, jacobian: Floats) -> Floats:
        """The damped step, held inside the bounds."""
        size = np.sqrt((error**2).sum(axis=-1))
        weighted = jacobian * np.repeat(self.weights / (size + _TOLERANCE), 3)
        slope = _PENALTY / (np.abs(x) + _READY)
        normal = weighted @ jacobian.T + np.diag(slope) + self.chain.roughness
        gradient = weighted @ error.reshape(-1) + slope * x + self.chain.roughness @ x
        normal = normal + damping * np.diag(np.diag(normal) + 1e-6)
        return np.clip(x - np.linalg.solve(normal, gradient), -self.chain.bound, self.chain.bound)

    def _measured(self, rendered: Floats) -> Floats:
        difference = srgb_to_lab(rendered) - self.target
        return (self.metric @ difference[..., None])[..., 0]


def _robust(size: Floats, scale: float) -> Floats:
    return size - scale * np.log1p(size / scale)


def _search(problem: _Problem, x: Floats) -> Floats:
    """The best settings, in steps, on from ``x``."""
    error = problem.error(x)
    best, damping = problem.objective(x, error), 1e-2
    jacobian = problem.jacobian(x)
    for _ in range(_STEPS):
        trial = problem.step(x, error, damping, jacobian)
        trial_error = problem.error(trial)
        gain = best - problem.objective(trial, trial_error)
        if gain <= 0:
            damping *= 8
            if damping > 1e3:
                break
            continue
        x, error, best, damping = trial, trial_error, best - gain, damping * 0.3
        if gain < _ENOUGH * best:
            break
        jacobian = problem.jacobian(x)
    return x


def _pruned(problem: _Problem, settings: Floats) -> Floats:
    """Without the modules that bring next to nothing."""

    def distance(trial: Floats) -> float:
        size = np.sqrt((problem.error(trial / problem.chain.unit) ** 2).sum(axis=-1))
        return float((problem.weights * size).sum() / problem.weights.sum())

    reached = distance(settings)
    for stage in problem.chain.spare:
        trial = np.where(stage == problem.chain.stage_of, 0.0, settings)
        if (without := distance(trial)) < reached + _SLIGHT:
            settings, reached = trial, min(reached, without)
    return settings

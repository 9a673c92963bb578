"""Un-baking: the recipe that comes nearest to a LUT.

Damped Gauss-Newton with a numeric Jacobian: all parameters are nudged in one batched rendering.
The distance is CIEDE2000's local metric around each target colour, re-weighted towards the mean
instead of the mean square. A penalty that grows like a logarithm keeps what the LUT does not
need at neutral, so that a recipe stays readable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..colour import delta_e_2000, srgb_to_lab
from ..lut import Lut
from .knobs import TONING, to_coefficients, to_values
from .metric import local_metric
from .parameters import INDEX, PARAMETERS
from .points import fit_colours, photo_colours
from .render import render

Floats = NDArray[np.floating]

_START = ("exposure", "contrast", "black_fade", "white_fade", "temperature", "tint", "saturation")
_START_STEPS, _STEPS = 3, 16
_NUDGE = 0.5  # per cent of a parameter's range
_PENALTY, _READY = 5e-4, 1.0  # weight; per cent below which the penalty becomes quadratic
_TOLERANCE = 0.3  # dE below which a point's error counts as a square
_ENOUGH = 3e-4  # relative gain of a step below which the search ends
_MEASURED = 1024  # photo-like colours over which the residual is taken


def _bounds() -> tuple[Floats, Floats, Floats]:
    low = np.array([p.low for p in PARAMETERS])
    high = np.array([p.high for p in PARAMETERS])
    for pair in TONING:
        low[list(pair)], high[list(pair)] = -100, 100
    unit = high / 100
    return low / unit, high / unit, unit


_TONES = sum(p.group == "light" for p in PARAMETERS)  # they come first
_LOW, _HIGH, _UNIT = _bounds()  # coefficients are searched in per cent of their range


@dataclass
class _State:
    """A point of the search with everything the next step needs."""

    x: Floats
    objective: float
    normal: Floats
    gradient: Floats


def fit_values(lut: Lut) -> tuple[Floats, float, float]:
    """Parameter values (K,) whose rendering comes nearest to a display-referred LUT.

    Returns
    -------
    The values in the order of PARAMETERS, and the mean and the 95th percentile of CIEDE2000 between
    rendering and LUT over photo-like colours.
    """
    plain = lut.flatten()
    problem = _Problem(plain)
    start = np.flatnonzero(np.isin(list(INDEX), _START))
    x = _search(problem, np.zeros(len(PARAMETERS)), start, _START_STEPS)
    x = _search(problem, x, np.arange(len(PARAMETERS)), _STEPS)
    values = _tidied(x)
    error = residuals(plain, values)
    return values, float(error.mean()), float(np.quantile(error, 0.95))


def residuals(lut: Lut, values: Floats) -> Floats:
    """CIEDE2000 (1024,) between a LUT and the rendering of parameter values over photo-like colours."""
    colours = photo_colours(_MEASURED)
    rendered = render(to_coefficients(values), colours)
    return delta_e_2000(srgb_to_lab(np.clip(lut.sample(colours), 0, 1)), srgb_to_lab(rendered))


def _tidied(x: Floats) -> Floats:
    """Values as people write them: 0.01 EV, 0.1 of anything else; what is next to nothing is nothing."""
    values = to_values(np.clip(x, _LOW, _HIGH) * _UNIT)
    for p, i in zip(PARAMETERS, range(len(values)), strict=True):
        values[i] = np.clip(np.round(values[i], 2 if p.unit == "EV" else 1), p.low, p.high)
        if p.unit != "°" or p.group == "bands":
            values[i] *= abs(values[i]) >= 0.003 * p.high
    for hue, amount in TONING:
        values[hue] *= values[amount] > 0
    return values


class _Problem:
    """Target colours, their metric and weights."""

    def __init__(self, lut: Lut) -> None:
        colours, weights = fit_colours()
        target = srgb_to_lab(np.clip(lut.sample(colours), 0, 1))
        self.colours, self.weights = colours.astype(np.float32), weights.astype(np.float32)
        self.target, self.metric = target.astype(np.float32), local_metric(target).astype(np.float32)

    def errors(self, batch: Floats) -> Floats:
        """Signed errors (P, n, 3) in dE of coefficients (P, K), in per cent."""
        lab = srgb_to_lab(render((batch * _UNIT).astype(np.float32), self.colours)) - self.target
        return (self.metric @ lab[..., None])[..., 0]

    def state(self, x: Floats, free: NDArray[np.intp]) -> _State:
        """Objective, gradient and normal matrix over the free coefficients at ``x``."""
        nudge = np.where(x[free] > _HIGH[free] - 2 * _NUDGE, -_NUDGE, _NUDGE)
        batch = np.repeat(x[None], len(free) + 1, axis=0)
        batch[np.arange(len(free)) + 1, free] += nudge
        tones = 1 + int((free < _TONES).sum())  # below them all rows have one tone curve, computed once
        errors = np.concatenate([self.errors(batch[:tones]), self.errors(batch[tones:])])
        jacobian = ((errors[1:] - errors[0]) / nudge.astype(np.float32)[:, None, None]).reshape(len(free), -1)
        size = np.sqrt((errors[0] ** 2).sum(axis=-1))
        weights = self.weights / (size + _TOLERANCE)
        weighted = jacobian * np.repeat(weights, 3)
        slope = _PENALTY / (np.abs(x) + _READY)
        normal = (weighted @ jacobian.T).astype(np.float64) + np.diag(slope[free])
        gradient = weighted @ errors[0].reshape(-1) + slope[free] * x[free]
        objective = (self.weights * _robust(size, _TOLERANCE)).sum() + _PENALTY * _robust(
            np.abs(x), _READY
        ).sum()
        return _State(x, float(objective), normal, gradient)


def _robust(size: NDArray[np.floating], scale: float) -> NDArray[np.floating]:
    """The loss whose re-weighted least squares have the weight ``1 / (size + scale)``."""
    return size - scale * np.log1p(size / scale)


def _search(problem: _Problem, x: Floats, free: NDArray[np.intp], steps: int) -> Floats:
    """Levenberg-Marquardt inside the bounds; a step that does not lower the objective is taken back."""
    best = problem.state(x, free)
    damping = 1e-3
    for _ in range(steps):
        trial = problem.state(_moved(best, free, damping), free)
        gain = best.objective - trial.objective
        damping = damping * 0.3 if gain > 0 else damping * 10
        if gain > 0:
            best = trial
        if 0 <= gain < _ENOUGH * best.objective or damping > 1e2:
            break
    return best.x


def _moved(state: _State, free: NDArray[np.intp], damping: float) -> Floats:
    """The damped step from a state; coefficients that would leave their range stay on its edge."""
    here = state.x[free]
    normal = state.normal + damping * np.diag(np.diag(state.normal) + 1e-6)
    step, loose = np.zeros(len(free)), np.ones(len(free), bool)
    for _ in range(4):
        pull = -state.gradient - normal[:, ~loose] @ step[~loose]
        step[loose] = np.linalg.solve(normal[np.ix_(loose, loose)], pull[loose])
        held = np.clip(here + step, _LOW[free], _HIGH[free]) - here
        outside = loose & (held != step) & (np.abs(held - step) > 1e-9)
        step = held
        if not outside.any():
            break
        loose &= ~outside
    moved = state.x.copy()
    moved[free] = here + step
    return moved

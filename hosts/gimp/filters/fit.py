"""From a LUT to the chain of GIMP's filters that comes nearest to it.

The stages' parameters are found by damped Gauss-Newton steps in CIEDE2000's local metric, re-weighted
towards the mean; then colour warps take what is left, pair by pair where it is largest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from gradewright.core.colour import delta_e_2000, srgb_decode, srgb_to_lab
from gradewright.core.lut import Lut
from gradewright.core.recipe.metric import local_metric
from gradewright.core.recipe.points import photo_colours
from numpy.typing import NDArray

from . import models
from .space import Space
from .stages import CHAINS, PREFIX, WARPS, Operation, Stage

Floats = NDArray[np.floating]

_STEPS = 14
_NUDGE = 2e-3
_TOLERANCE = 0.3  # dE below which a point's error counts as a square
_PENALTY = 2e-3
_ENOUGH = 1e-3
_WIDTHS = (150.0, 500.0, 1500.0)  # of a warp's pairs, squared L*a*b* distance
_RIDGE = 0.02  # of the warps' least squares
_WORTH = 0.02  # dE that a warp must gain


@dataclass(frozen=True)
class Chain:
    """The filters, and how far they are from the LUT: mean and 95th percentile of CIEDE2000."""

    operations: list[Operation]
    residual_de: float
    residual_p95: float


@dataclass
class _Problem:
    colours: Floats  # as the filters get them
    weights: Floats
    target: Floats  # L*a*b* (D65, as CIEDE2000 takes it)
    metric: Floats
    space: Space

    def errors(self, rgb: Floats) -> Floats:
        """Signed errors (n, 3) in dE of colours as the filters leave them."""
        lab = srgb_to_lab(np.clip(self.space.left(rgb), 0, 1)) - self.target
        return (self.metric @ lab[..., None])[..., 0]


def fit(lut: Lut, host: str, photo: Floats | None = None, primaries: Sequence[float] | None = None) -> Chain:
    """The chain for ``host`` ("gimp-3.2" or "gimp-3.0").

    Parameters
    ----------
    lut : display-referred sRGB
    photo : colours (n, 3) of the picture that is graded, sRGB-encoded; the fit is best there. None
        takes colours as photographs have them
    primaries : of the image's profile, see :meth:`Space.of`; None where it is sRGB's
    """
    space = Space.of(primaries)
    colours, weights, measured = _points(photo)
    problem = _problem(lut, colours, weights, space)
    stages = CHAINS[host]
    thetas = _search(problem, stages)
    operations = [
        _told(made, space)
        for stage, theta in zip(stages, thetas, strict=True)
        for made in stage.operations(theta)
    ]
    entered = space.entered(np.concatenate([colours, measured]))
    shown = np.clip(space.left(_run(stages, thetas, entered)), 0, 1)
    goal = np.clip(lut.sample(np.concatenate([colours, measured])), 0, 1)
    for _ in range(WARPS[host]):
        shown, made = _warped(shown, goal, weights)
        operations += made
    error = delta_e_2000(srgb_to_lab(goal[len(colours) :]), srgb_to_lab(shown[len(colours) :]))
    return Chain(operations, float(error.mean()), float(np.quantile(error, 0.95)))


def _told(operation: Operation, space: Space) -> Operation:
    """The operation with its colours as GIMP takes them."""
    updates = [
        {
            name: space.linear_srgb(value) if isinstance(value, list) and name == "value" else value
            for name, value in update.items()
        }
        for update in operation["updates"]
    ]
    return {**operation, "updates": updates}


def _points(photo: Floats | None) -> tuple[Floats, Floats, Floats]:
    """Colours to fit on, their weights, and colours to measure on."""
    general = photo_colours(384, skip=5000)
    grey = np.linspace(0, 1, 24)[:, None].repeat(3, axis=1)
    axis = np.linspace(0, 1, 4)
    cube = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    parts = [(general, 0.75 if photo is None else 0.25), (grey, 0.12), (cube, 0.08)]
    measured = photo_colours(1024)
    if photo is not None:
        parts.append((photo[:: max(1, len(photo) // 512)][:512], 0.55))
        measured = photo[min(1, len(photo) - 1) :: max(1, len(photo) // 4096)]
    weights = [np.full(len(part), share / len(part)) for part, share in parts]
    return np.concatenate([part for part, _ in parts]), np.concatenate(weights), measured


def _problem(lut: Lut, colours: Floats, weights: Floats, space: Space) -> _Problem:
    target = srgb_to_lab(np.clip(lut.sample(colours), 0, 1))
    return _Problem(space.entered(colours), weights, target, local_metric(target), space)


def _run(stages: Sequence[Stage], thetas: Sequence[Floats], rgb: Floats) -> Floats:
    for stage, theta in zip(stages, thetas, strict=True):
        rgb = stage.apply(theta, rgb)
    return rgb


def _search(problem: _Problem, stages: Sequence[Stage]) -> list[Floats]:
    """Parameters of each stage; a step that does not lower the objective is taken back."""
    reach = np.concatenate([np.full(stage.count, stage.reach) for stage in stages])
    limit = np.concatenate([np.full(stage.count, stage.limit) for stage in stages])
    x = np.zeros(len(reach))
    best, damping = _objective(problem, stages, x, reach), 1e-2
    for _ in range(_STEPS):
        normal, gradient = _linearised(problem, stages, x, reach)
        step = np.linalg.solve(normal + damping * np.diag(np.diag(normal)), -gradient)
        trial = np.clip(x + step, -limit, limit)
        value = _objective(problem, stages, trial, reach)
        gain = best - value
        damping *= 0.3 if gain > 0 else 8
        if gain > 0:
            x, best = trial, value
        if 0 <= gain < _ENOUGH * value or damping > 1e3:
            break
    return _split(stages, x)


def _split(stages: Sequence[Stage], x: Floats) -> list[Floats]:
    return list(np.split(x, np.cumsum([stage.count for stage in stages])[:-1]))


def _objective(problem: _Problem, stages: Sequence[Stage], x: Floats, reach: Floats) -> float:
    errors = problem.errors(_run(stages, _split(stages, x), problem.colours))
    size = np.sqrt((errors**2).sum(axis=-1))
    return float((problem.weights * (size - _TOLERANCE * np.log1p(size / _TOLERANCE))).sum()) + float(
        0.5 * _PENALTY * ((x / reach) ** 2).sum()
    )


def _linearised(
    problem: _Problem, stages: Sequence[Stage], x: Floats, reach: Floats
) -> tuple[Floats, Floats]:
    """Normal matrix and gradient at ``x``; only the stages from a parameter's own on are run for it."""
    thetas = _split(stages, x)
    inputs = [problem.colours]
    for stage, theta in zip(stages, thetas, strict=True):
        inputs.append(stage.apply(theta, inputs[-1]))
    errors = problem.errors(inputs[-1])
    rows = []
    for i, stage in enumerate(stages):
        for j in range(stage.count):
            nudged = thetas[i].copy()
            nudge = _NUDGE if nudged[j] < stage.limit - _NUDGE else -_NUDGE
            nudged[j] += nudge
            ahead = _run(stages[i + 1 :], thetas[i + 1 :], stage.apply(nudged, inputs[i]))
            rows.append(((problem.errors(ahead) - errors) / nudge).reshape(-1))
    jacobian = np.stack(rows)
    weights = problem.weights / (np.sqrt((errors**2).sum(axis=-1)) + _TOLERANCE)
    weighted = jacobian * np.repeat(weights, 3)
    slope = _PENALTY / reach**2
    return weighted @ jacobian.T + np.diag(slope), weighted @ errors.reshape(-1) + slope * x


# -- what is left


def _warped(shown: Floats, goal: Floats, weights: Floats) -> tuple[Floats, list[Operation]]:
    """Colours after the best warp, and the warp; unchanged and none where it gains nothing."""
    count = len(weights)
    lab, aim = models.srgb_to_lab50(shown), models.srgb_to_lab50(goal)
    best, kept = _distance(shown[:count], goal[:count], weights) - _WORTH, None
    for width in _WIDTHS:
        start = _centres(lab[:count], aim[:count], weights, width)
        widths = np.full(len(start), width)
        shares = models.warp_weights((start, start, widths), lab[:count])
        normal = shares.T @ (shares * weights[:, None]) + _RIDGE / len(start) * np.diag(
            (shares * weights[:, None]).sum(axis=0)
        )
        shift = np.linalg.solve(
            normal + 1e-9 * np.eye(len(start)), shares.T @ (weights[:, None] * (aim - lab)[:count])
        )
        pairs = _in_gamut(start, start + shift, widths)
        moved = np.clip(models.warp(pairs, shown[:count]), 0, 1)
        distance = _distance(moved, goal[:count], weights)
        if distance < best:
            best, kept = distance, pairs
    if kept is None:
        return shown, []
    return np.clip(models.warp(kept, shown), 0, 1), [_warp_operation(kept)]


def _centres(lab: Floats, aim: Floats, weights: Floats, width: float) -> Floats:
    """Colours where most is left, each with what is left around it taken away before the next."""
    left, centres = aim - lab, []
    near = np.exp(-((lab[:, None] - lab[None]) ** 2).sum(axis=-1) / width) * weights
    for _ in range(models.WARP_PAIRS):
        pull = near @ left
        top = int((pull**2).sum(axis=-1).argmax())
        centres.append(lab[top])
        mean = pull[top] / near[top].sum()
        left = left - np.exp(-((lab - lab[top]) ** 2).sum(axis=-1) / width)[:, None] * mean
    return np.array(centres)


def _in_gamut(start: Floats, end: Floats, widths: Floats) -> tuple[Floats, Floats, Floats]:
    """The pairs with colours that GIMP can hold and show: sRGB, three decimals."""
    ends = [models.srgb_to_lab50(np.clip(models.lab50_to_srgb(side), 0.004, 1)) for side in (start, end)]
    return ends[0], ends[1], widths


def _warp_operation(pairs: tuple[Floats, Floats, Floats]) -> Operation:
    update: dict[str, object] = {}
    for i, (start, end, width) in enumerate(zip(*pairs, strict=True)):
        for name, lab in (("from", start), ("to", end)):
            linear = srgb_decode(np.clip(models.lab50_to_srgb(lab[None])[0], 0, 1))
            update[f"{name}-{i}"] = [round(float(part), 7) for part in linear]
        update[f"weight-{i}"] = float(width)
    return {"operation": "gegl:color-warp", "name": PREFIX + "Corrections", "mode": None, "updates": [update]}


def _distance(rgb: Floats, goal: Floats, weights: Floats) -> float:
    return float((weights * delta_e_2000(srgb_to_lab(goal), srgb_to_lab(rgb))).sum())

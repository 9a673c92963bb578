"""Suggestions: the recipe that closes the gaps that are faults, each step scored by the critic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ..attributes import Colours, measure
from ..recipe import Recipe
from ..recipe.knobs import to_coefficients
from ..recipe.parameters import BY_NAME, NAMES
from ..recipe.render import render
from .model import GAPS, SIDE, STEPS, look_at
from .review import Suggestion

F32 = NDArray[np.float32]
Floats = NDArray[np.floating]

# attribute -> the parameters that move it, the first one first in line
_MENDS = {
    "exposure": ("exposure",),
    "contrast": ("contrast",),
    "shadows": ("shadows",),
    "highlights": ("highlights",),
    "black_point": ("blacks", "curve_shadows"),
    "white_point": ("whites",),
    "temperature": ("temperature",),
    "tint": ("tint",),
    "saturation": ("saturation",),
}
_ASPECTS = {
    "exposure": "exposure", "contrast": "contrast", "shadows": "exposure", "highlights": "exposure",
    "blacks": "contrast", "curve_shadows": "contrast", "whites": "contrast", "temperature": "white balance",
    "tint": "tint", "saturation": "saturation",
}  # fmt: skip
_ROUNDS, _NUDGE, _RIDGE = 2, 0.04, 0.15  # nudge and ridge in shares of a parameter's range
_LEAST = {"exposure": 0.1}  # what is not worth a step; else 4 units
_KELVIN = 1e6 / 6504
_VERBS = {
    "exposure": ("raise exposure", "lower exposure"),
    "contrast": ("add contrast", "soften the contrast"),
    "shadows": ("open the shadows", "deepen the shadows"),
    "highlights": ("brighten the highlights", "protect the highlights"),
    "blacks": ("lift the blacks", "deepen the blacks"),
    "curve_shadows": ("lift the dark tones", "lower the dark tones"),
    "whites": ("brighten the whites", "hold the whites back"),
    "temperature": ("warm", "cool"),
    "tint": ("take green out", "take magenta out"),
    "saturation": ("strengthen the colours", "calm the colours"),
}


def suggest(small: F32, gaps: Mapping[str, float], score: float) -> tuple[tuple[Suggestion, ...], float]:
    """Steps that close the gaps (attribute -> difference wanted) of a thumbnail (3, 64, 64).

    Returns
    -------
    The steps, each with the score the critic gives it alone, and the score of all together.
    """
    values = _steps(small, [name for gap in gaps for name in _MENDS[gap]], gaps)
    if not values:
        return (), score
    alone = look_at(np.stack([_rendered(small, {name: value}) for name, value in values.items()])).score
    kept = {n: (values[n], float(after)) for n, after in zip(values, alone, strict=True) if after >= score}
    if not kept:
        return (), score
    together = float(look_at(_rendered(small, {n: v for n, (v, _) in kept.items()})[None]).score[0])
    if together < score:
        return (), score
    return tuple(_step(name, value, after) for name, (value, after) in kept.items()), together


def _steps(small: F32, names: Sequence[str], gaps: Mapping[str, float]) -> dict[str, float]:
    """Parameters that close the gaps together, each of which alone goes the way of its own gap.

    Solved for together, some are there to undo what others do: "soften the contrast" of a flat picture that
    becomes brighter. They are left out, and the others solved for again.
    """
    while names:
        values = _tidy(names, _solve(small, names, gaps))
        astray = [name for name, value in values.items() if not _mends(small, {name: value}, gaps)]
        if not astray:
            return values
        names = [name for name in values if name not in astray]
    return {}


def _mends(small: F32, step: Mapping[str, float], gaps: Mapping[str, float]) -> bool:
    """Whether one parameter moves the attribute, whose gap it is there for, the right way."""
    (name,) = step
    gap = next(gap for gap in gaps if name in _MENDS[gap])
    start = Colours(_points(small))
    after = Colours(_points(_rendered(small, step)), like=start)
    return bool((measure(after, gap)[gap] - measure(start, gap)[gap]) * gaps[gap] > 0)


def _points(small: F32) -> F32:
    """(N, 3) colours of a thumbnail (3, 64, 64), thinned."""
    return small[:, ::3, ::3].reshape(3, -1).T.astype(np.float32)


def _solve(small: F32, names: Sequence[str], gaps: Mapping[str, float]) -> Floats:
    """Gauss-Newton in shares of the ranges: gaps in visible steps against a ridge that prefers little."""
    points = _points(small)
    start = Colours(points)
    wanted = np.array([gaps.get(name, 0.0) for name in GAPS]) / STEPS
    weight = np.array([1.0 if name in gaps else 0.3 for name in GAPS])
    before = _attributes(start)
    ranges = np.array([BY_NAME[name].high for name in names])
    x = np.zeros(len(names))
    for _ in range(_ROUNDS):
        trials = np.vstack([x, x + _NUDGE * np.eye(len(names))])
        moved = np.array([
            _attributes(Colours(rendered, like=start)) - before
            for rendered in render(_coefficients(names, trials * ranges), points)
        ])  # fmt: skip
        slope = (moved[1:] - moved[0]).T / _NUDGE * weight[:, None]
        left = (wanted - moved[0]) * weight
        step = np.linalg.solve(slope.T @ slope + _RIDGE**-2 * 0.01 * np.eye(len(x)), slope.T @ left)
        x = np.clip(x + step, -1, 1)
    return x * ranges


def _attributes(colours: Colours) -> Floats:
    found = measure(colours, *GAPS)
    return np.array([found[name] for name in GAPS]) / STEPS


def _coefficients(names: Sequence[str], values: Floats) -> NDArray[np.float32]:
    rows = np.zeros((len(values), len(NAMES)))
    rows[:, [NAMES.index(name) for name in names]] = values
    return np.stack([to_coefficients(row) for row in rows]).astype(np.float32)


def _tidy(names: Sequence[str], values: Floats) -> dict[str, float]:
    """As people set them: 0.05 EV, whole per cents and mireds; what is next to nothing is left out."""
    found = {}
    for name, value in zip(names, values, strict=True):
        rounded = round(float(value) * 20) / 20 if name == "exposure" else float(round(float(value)))
        if abs(rounded) >= _LEAST.get(name, 4.0):
            found[name] = rounded
    return found


def _rendered(small: F32, values: Mapping[str, float]) -> F32:
    out = render(Recipe(**values).coefficients.astype(np.float32), small.reshape(3, -1).T)
    return np.ascontiguousarray(out.T.reshape(3, SIDE, SIDE), np.float32)


def _step(name: str, value: float, score: float) -> Suggestion:
    parameter = BY_NAME[name]
    share = abs(value) / parameter.high
    degree = "slightly " if share < 0.15 else "strongly " if share > 0.5 else ""
    text = f"{degree}{_VERBS[name][value < 0]} by {_amount(name, value)} (score with this alone {score:.0f})"
    return Suggestion(_ASPECTS[name], name, value, parameter.unit, text, score)


def _amount(name: str, value: float) -> str:
    if name == "exposure":
        return f"{abs(value):.2f} EV"
    if name == "temperature":
        kelvin = abs(1e6 / (_KELVIN - value) - 6504)
        return f"{abs(value):.0f} mired (about {round(kelvin, -2):.0f} K on a camera set to 6500 K)"
    return f"{abs(value):.0f} %"

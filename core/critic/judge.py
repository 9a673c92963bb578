"""The judge of edits: names the metrics that matter for a request, scores each, returns a reward.

After RetouchIQ's generalist reward model (section 4), small: the compact engine's prompt network reads the
request; a head on what it has read, and on the photo's own attributes, says for each metric how far it should
move, how exactly, and how much that matters. What the edit has moved is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..attributes import BAND_NAMES, BY_NAME, Colours, measure
from ..attributes.table import LEAST_SHARE
from ..engines.compact.networks import read_prompt
from ..errors import BadInput
from .model import session

F32 = NDArray[np.float32]

WHOLE = (
    "exposure", "contrast", "shadows", "highlights", "black_point", "white_point", "saturation",
    "temperature", "tint", "shadow_a", "shadow_b", "mid_a", "mid_b", "highlight_a", "highlight_b",
)  # fmt: skip
PARTS = (*BAND_NAMES, "skin")
OF_PART = ("light", "chroma", "a", "b")
METRICS = (*WHOLE, *(f"{part}_{what}" for part in PARTS for what in OF_PART))
_PART_STEPS = {"light": 3.0, "chroma": 3.0, "a": 2.5, "b": 2.5}
STEPS = np.array(
    [
        *(BY_NAME[name].step for name in WHOLE),
        *(_PART_STEPS[what] for _ in PARTS for what in OF_PART),
    ],
    np.float32,
)
STATE = 0.1  # the photo's own attributes go to the head in units of ten visible steps
_PIXELS = 4000
_TOLD, _SHARE = 6, 0.8  # metrics that are named: the weightiest, until they have this share of the weight


@dataclass(frozen=True)
class Metric:
    """One metric of a judgement.

    ``wanted`` and ``measured`` change in ``unit``; ``score`` and ``weight`` 0..1.
    """

    name: str
    weight: float
    wanted: float
    measured: float
    score: float
    unit: str

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return {
            "name": self.name,
            "weight": round(self.weight, 3),
            "wanted": round(self.wanted, 3),
            "measured": round(self.measured, 3),
            "score": round(self.score, 3),
            "unit": self.unit,
        }


@dataclass(frozen=True)
class Judgement:
    """``metrics`` that matter for the request, weightiest first, then the ``reward`` 0..1."""

    metrics: tuple[Metric, ...]
    reward: float

    @property
    def text(self) -> str:
        """The judgement as people read it."""
        lines = [
            f"{m.name.replace('_', ' ')}: wanted {m.wanted:+.2g} {m.unit}, "
            f"measured {m.measured:+.2g} {m.unit} -> {m.score:.2f} (weight {m.weight:.2f})"
            for m in self.metrics
        ]
        return "\n".join([*lines, f"Reward: {self.reward:.2f}"])

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return {"metrics": [m.to_dict() for m in self.metrics], "reward": round(self.reward, 4)}


@dataclass(frozen=True)
class Expectation:
    """What a request wants of a photo.

    Per metric, (K,): the change and its tolerance, both in visible steps, and the weight.
    """

    wanted: F32
    tolerance: F32
    weight: F32

    def scores(self, moved: F32) -> F32:
        """(..., K) 0..1 of changes in steps: 1 as wanted, 0.5 when off by the tolerance."""
        off = (moved - self.wanted) / self.tolerance
        return np.asarray(1 / (1 + off * off), np.float32)

    def reward(self, moved: F32, there: NDArray[np.bool_]) -> float:
        """Weighted mean of the scores over the metrics that the photo has."""
        weight = self.weight * there
        return float((self.scores(moved) * weight).sum() / max(float(weight.sum()), 1e-9))


def judge(before: NDArray[Any], after: NDArray[Any], prompt: str, picture: NDArray[Any] | None) -> Judgement:
    """Judge an edit of colours.

    Parameters
    ----------
    before, after : sRGB 0..1, (n, 3) or (H, W, 3), of one shape
    picture : (H, W, 3) that the prompt was said of, None for none: the same words ask less of a picture
        that already has it

    Raises
    ------
    BadInput : shapes differ, or there is no prompt
    FileError : the shipped weights are missing or damaged
    """
    if np.shape(before) != np.shape(after):
        shapes = f"before is {np.shape(before)} and after {np.shape(after)}"
        raise BadInput(f"{shapes}: an edit has the picture's own shape")
    start = Colours(_some(before))
    wish = expect(prompt, start, picture)
    moved, there = changes(start, Colours(_some(after), like=start))
    scores, weight = wish.scores(moved), wish.weight * there
    weight = weight / max(float(weight.sum()), 1e-9)
    chosen = np.argsort(-weight)[:_TOLD]
    told = chosen[np.concatenate([[0.0], np.cumsum(weight[chosen])[:-1]]) < _SHARE]
    metrics = tuple(
        Metric(
            METRICS[i],
            float(weight[i]),
            float(wish.wanted[i] * STEPS[i]),
            float(moved[i] * STEPS[i]),
            float(scores[i]),
            unit_of(METRICS[i]),
        )
        for i in told
    )
    return Judgement(metrics, wish.reward(moved, there))


def expect(prompt: str, photo: Colours, picture: NDArray[Any] | None) -> Expectation:
    """What a prompt wants of a photo; arguments as for :func:`judge`."""
    if not prompt.strip():
        raise BadInput("nothing to judge by: give the prompt that was asked for")
    hidden = read_prompt(prompt, picture).hidden
    wanted, tolerance, weight = session("judge.onnx").run(
        None, {"hidden": hidden[None], "photo": state(photo)[None]}
    )
    return Expectation(wanted[0], tolerance[0], weight[0])


def state(photo: Colours) -> F32:
    """The photo's own attributes, as the head reads them; (15,)."""
    values = measure(photo, *WHOLE)
    return np.array([values[name] for name in WHOLE], np.float32) / STEPS[: len(WHOLE)] * STATE


def changes(before: Colours, after: Colours) -> tuple[F32, NDArray[np.bool_]]:
    """(K,) changes in visible steps, and (K,) whether the photo has what they are measured on."""
    first, then = measure(before, *WHOLE), measure(after, *WHOLE)
    moved = [then[name] - first[name] for name in WHOLE]
    there = [True] * len(WHOLE)
    masks: list[NDArray[np.bool_]] = [before.bands == number for number in range(len(BAND_NAMES))]
    masks.append(before.skin)
    for mask in masks:
        seen = bool(100 * mask.mean() >= LEAST_SHARE)
        there += [seen] * len(OF_PART)
        moved += (_part(after, mask) - _part(before, mask)).tolist() if seen else [0.0] * len(OF_PART)
    return np.array(moved, np.float32) / STEPS, np.array(there)


def _part(colours: Colours, mask: NDArray[np.bool_]) -> NDArray[np.floating]:
    light, a, b = colours.lab[mask].mean(axis=0)
    return np.array([light, float(colours.chroma[mask].mean()), a, b])


def unit_of(metric: str) -> str:
    """The unit of a metric."""
    if metric in BY_NAME:
        return BY_NAME[metric].unit
    return {"a": "a*", "b": "b*"}[metric.rpartition("_")[2]]


def _some(picture: NDArray[Any]) -> NDArray[np.floating]:
    flat = np.asarray(picture, np.float32).reshape(-1, 3)
    return flat[:: max(1, len(flat) // _PIXELS)]

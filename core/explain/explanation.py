"""The explanation of a grade: what was seen, asked, done, left over, and what it did, all of it measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..attributes import ATTRIBUTES, Colours, change, measure
from ..recipe import Recipe
from ..recipe.points import photo_colours
from ..recipe.words import effects
from .residual import Residual, residual
from .sentences import effect_lines, text_of

if TYPE_CHECKING:
    from ..critic import Judgement, Review
    from ..request import Grade

_PIXELS = 8000


@dataclass(frozen=True)
class Explanation:
    """What can be said about a grade.

    ``review`` : of the photo before, None without a photo; ``score`` : before and after. ``asked`` : what the
    request was, and what the engine took it for; ``judgement`` : what a prompt wants of the picture, metric
    by metric, against what was measured. ``before``, ``after``, ``changes`` : attributes, and their
    differences measured on the same pixels; without a photo on photo-like colours.
    """

    review: Review | None
    score: tuple[float, float] | None
    asked: tuple[str, ...]
    judgement: Judgement | None
    operations: tuple[Mapping[str, Any], ...]
    left_over: Residual
    safety: tuple[str, ...]
    before: Mapping[str, float]
    after: Mapping[str, float]
    changes: Mapping[str, float]

    @property
    def effect(self) -> tuple[str, ...]:
        """The visible changes in sentences, the largest first."""
        return effect_lines(self.changes, self.before)

    @property
    def text(self) -> str:
        """All of it, readable: Markdown that reads as plain text too."""
        return text_of(self)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values, in the order of reasoning."""
        return {
            "seen": None if self.review is None else self.review.to_dict(),
            "asked": list(self.asked),
            "judgement": None if self.judgement is None else self.judgement.to_dict(),
            "operations": [dict(step) for step in self.operations],
            "left_over": self.left_over.to_dict(),
            "safety": list(self.safety),
            "effect": list(self.effect),
            "attributes": {
                "before": _rounded(self.before),
                "after": _rounded(self.after),
                "change": _rounded(self.changes),
            },
            "score": None
            if self.score is None
            else {"before": round(self.score[0], 1), "after": round(self.score[1], 1)},
        }


def explain(grade: Grade) -> Explanation:
    """Measure a grade: 0.1 s beside the fit of its recipe.

    Everything is measured on ``grade.lut`` itself, whatever the engine says it has done.
    """
    from ..safety import measure as figures
    from ..safety import verdict

    colours = photo_colours(2048) if grade.photo is None else _some(grade.photo)
    before = Colours(colours)
    after = np.clip(grade.lut.sample(colours), 0, 1)
    review, score = _scored(grade)
    found = verdict(figures(grade.lut))
    return Explanation(
        review,
        score,
        asked(grade.settings, grade.candidate.plan),
        judged(grade.settings.get("prompt"), colours, after, grade.photo),
        _operations(grade.recipe),
        residual(grade.recipe, grade.lut, colours),
        (found.headline, *found.lines),
        measure(before),
        measure(Colours(after)),
        change(before, after),
    )


def asked(settings: Mapping[str, Any], plan: Sequence[str]) -> tuple[str, ...]:
    """What was requested, and the engine's own plan."""
    lines = []
    if settings.get("prompt"):
        lines.append(f"in words: {settings['prompt']!r}")
    if settings.get("params"):
        given = ", ".join(f"{name} {value}" for name, value in settings["params"].items())
        lines.append(f"as parameters: {given}")
    for weight in ("strength", "luma", "chroma"):
        if settings.get(weight, 1.0) != 1.0:
            lines.append(f"at {weight} {settings[weight]:g}")
    return (*lines, *(f"the engine's plan: {step}" for step in plan))


def _operations(recipe: Recipe) -> tuple[Mapping[str, Any], ...]:
    """The recipe's steps in order, each with the mean CIEDE2000 that it makes."""
    steps = recipe.operations()
    made = effects(recipe, [step["parameter"] for step in steps]) if steps else ()
    return tuple(step | {"effect_de": round(float(de), 3)} for step, de in zip(steps, made, strict=True))


def judged(prompt: str | None, before: Any, after: Any, photo: Any) -> Judgement | None:
    """What the words want, against what was done to colours (n, 3)."""
    if not prompt or not prompt.strip():
        return None
    from ..critic.judge import judge

    return judge(before, after, prompt, photo)


def _scored(grade: Grade) -> tuple[Review | None, tuple[float, float] | None]:
    if grade.photo is None or min(grade.photo.shape[:2]) < 8:
        return None, None
    from ..critic import Critic

    critic = Critic()
    review = critic.review(grade.photo)
    return review, (review.score, critic.score(np.clip(grade.lut.apply(grade.photo), 0, 1)))


def _some(photo: Any) -> Any:
    flat = photo.reshape(-1, 3).astype(np.float64)
    return flat[:: max(1, len(flat) // _PIXELS)]


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    order = [attribute.name for attribute in ATTRIBUTES]
    return {name: round(values[name], 3) for name in order if name in values}

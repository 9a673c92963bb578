"""The critic: reviews photos, judges edits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..attributes import Colours, measure
from ..errors import BadInput, FileError
from .findings import Measured, findings
from .model import GAPS, WEIGHTS, look_at, thumbnail
from .review import Review
from .suggest import suggest

if TYPE_CHECKING:
    from ..lut import Lut
    from .judge import Judgement

F32 = NDArray[np.float32]
_PROXY = 512  # pixels along the longer side that are looked at
_PIXELS = 8000  # of them are enough for attributes
_LEAST = 8  # pixels along an edge that a photo must have


class _HasLut(Protocol):
    @property
    def lut(self) -> Lut: ...


Ordered = TypeVar("Ordered", bound=_HasLut)


class Critic:
    """Looks at photos with the shipped networks.

    Pictures are given as :meth:`Grader.grade` takes them: a path, a PIL image, or an array (H, W, 3).
    """

    name = "gradewright"

    def review(self, photo: Any) -> Review:
        """Findings, suggestions and a score, in this order.

        Raises
        ------
        ImageFileError, BadInput : an unusable picture, or one smaller than 8 pixels
        FileError : the shipped weights are missing or damaged
        """
        pixels = _load(photo)
        colours = Colours(_some(pixels))
        small = thumbnail(pixels)
        seen = look_at(small[None])
        measured = Measured(
            pixels,
            measure(colours),
            dict(zip(GAPS, seen.gap[0].tolist(), strict=True)),
            dict(zip(GAPS, seen.sigma[0].tolist(), strict=True)),
            typical(),
        )
        score = float(seen.score[0])
        wrong = {name: measured.gap[name] for name in GAPS if measured.off(name)}
        steps, together = suggest(small, wrong, score)
        return Review(findings(measured), steps, score, together, measured.values)

    def score(self, photo: Any) -> float:
        """The score 0..100 alone: some 10 ms on an array of 512 pixels.

        Raises
        ------
        As :meth:`review`.
        """
        return float(look_at(thumbnail(_load(photo))[None]).score[0])

    def scores(self, photos: list[Any]) -> list[float]:
        """The scores of several photos, as :meth:`score`."""
        found: list[float] = look_at(np.stack([thumbnail(_load(one)) for one in photos])).score.tolist()
        return found

    def judge(self, before: Any, after: Any, prompt: str) -> Judgement:
        """Whether an edit is what was asked for: the metrics that matter, each with a score, and a reward.

        Parameters
        ----------
        before, after : the same picture without and with the edit, of one shape
        prompt : what was asked for

        Raises
        ------
        ImageFileError, BadInput : unusable pictures, of different shapes; no prompt
        FileError : the shipped weights are missing or damaged
        """
        from .judge import judge

        picture = _load(before)
        return judge(picture, _load(after), prompt, picture)

    def order(self, grades: Sequence[Ordered], photo: Any, prompt: str) -> list[Ordered]:
        """Grades of one prompt, the one that the judge rewards most first.

        Parameters
        ----------
        grades : anything with a ``lut``
        photo : what they are for, or None: photo-like colours then
        """
        from ..recipe.points import photo_colours
        from .judge import changes, expect

        picture = None if photo is None else _open(photo)
        pixels = photo_colours(2048) if picture is None else _some(picture)
        start = Colours(pixels)
        wish = expect(prompt, start, picture)
        rewards = [
            wish.reward(*changes(start, Colours(np.clip(grade.lut.sample(pixels), 0, 1), like=start)))
            for grade in grades
        ]
        ranked = sorted(range(len(grades)), key=lambda i: -rewards[i])
        return [grades[i] for i in ranked]


def _load(photo: Any) -> F32:
    pixels = _open(photo)
    if min(pixels.shape[:2]) < _LEAST:
        height, width = pixels.shape[:2]
        raise BadInput(f"the photo is {width}x{height}: a review needs at least {_LEAST}x{_LEAST} pixels")
    return pixels


def _open(photo: Any) -> F32:
    from ..photo import load

    pixels = load(photo, max_side=_PROXY)
    if not np.isfinite(pixels).all():
        raise BadInput("the photo holds values that are not finite: needs 0..1")
    return pixels


def _some(pixels: F32) -> F32:
    flat = pixels.reshape(-1, 3)
    return flat[:: max(1, len(flat) // _PIXELS)]


@cache
def typical() -> dict[str, tuple[float, float]]:
    """5th and 95th percentile of figures over the training photos."""
    path = WEIGHTS / "critic.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["typical"]
        return {name: (float(low), float(high)) for name, (low, high) in found.items()}
    except (OSError, ValueError, KeyError) as error:
        raise FileError(path, f"no ranges of the critic ({error})", "reinstall gradewright") from None

"""From a photo to grades: what was decided, alternatives to it, and a prompt on top."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...colour import delta_e_srgb
from ...errors import BadInput
from ...lut import Lut
from ...request import Candidate, Pixels, Request
from ..planes import shrink
from .alternatives import spread
from .networks import GROUPS, Decision, bake, decide, render, some

_LEAST = 0.05  # share below which nothing is done at all
_SHARES = (1.0, 0.5)  # of what was decided, tried one after the other until the critic has nothing against it
_FALL = 1.0  # points by which the critic's score may fall: its noise is about two
_SCORED = 128  # pixels along the longer side that the critic is shown


def answers(request: Request) -> list[Candidate]:
    """What :meth:`~gradewright.core.engines.auto.AutoEngine.candidates` gives."""
    if not request.auto:
        raise BadInput("engine 'auto' decides from the photo: ask for auto as well, or use engine 'compact'")
    if request.photo is None:
        raise BadInput("automatic grading looks at the photo: give one, as in 'grade photo.jpg --auto'")
    photo = request.photo
    if not np.isfinite(photo).all():
        raise BadInput("the photo holds values that are not finite: needs 0..1")
    first = _decided(decide(photo), photo)
    if "prompt" in request.wants:
        return _with_prompt(first, request)
    return spread(first, some(photo), request.count) if request.count > 1 else [first]


def _decided(decision: Decision, photo: Pixels) -> Candidate:
    seen: tuple[str, ...] = (
        f"estimated distance from a finished photo: {decision.off:.1f} dE2000; "
        f"after the whole retouch: {decision.left:.1f}",
    )
    if decision.share < _LEAST:
        plan = ("the photo is finished as far as can be seen: nothing is changed",)
        return Candidate(Lut.identity().titled("auto"), seen=seen, plan=plan)
    lut, share, scores = _passed(bake(decision.z, decision.share), photo)
    if not share:
        plan = (f"the critic's score would fall from {scores[0]:.0f} to {scores[1]:.0f}: nothing is changed",)
        return Candidate(lut, seen=seen, plan=plan)
    seen += (f"the critic's score: {scores[0]:.0f} before, {scores[1]:.0f} after",)
    carried = replace(decision, share=share * decision.share)
    return Candidate(lut, seen=seen, plan=(_shares(carried, some(photo)),))


def _passed(lut: Lut, photo: Pixels) -> tuple[Lut, float, tuple[float, float]]:
    """The largest share of a grade that the critic has nothing against, and its scores before and after."""
    from ...critic.model import look_at, thumbnail

    small = shrink(np.clip(np.asarray(photo, np.float32), 0, 1), _SCORED)
    before = float(look_at(thumbnail(small)[None]).score[0])
    after = before
    for share in _SHARES:
        tried = lut if share == 1 else lut.blend(share)
        after = float(look_at(thumbnail(np.asarray(tried.apply(small), np.float32))[None]).score[0])
        if after >= before - _FALL:
            return tried, share, (before, after)
    return Lut.identity().titled("auto"), 0.0, (before, after)


def _shares(decision: Decision, colours: Pixels) -> str:
    """What each group does on this photo, measured with the others masked."""
    moved = {
        group: float(delta_e_srgb(render(decision.only(group), colours), colours).mean()) for group in GROUPS
    }
    parts = ", ".join(f"{group} {distance:.1f}" for group, distance in moved.items())
    return (
        f"{100 * decision.share:.0f} % of the retouch is carried out; the whole moves colours by dE: {parts}"
    )


def _with_prompt(first: Candidate, request: Request) -> list[Candidate]:
    """The words are understood on the photo as the automatic grade leaves it."""
    from ..compact import CompactEngine

    assert request.photo is not None
    graded = np.clip(first.lut.apply(np.ascontiguousarray(request.photo, np.float32)), 0, 1)
    asked = replace(request, photo=graded.astype(np.float32), auto=False)
    return [
        replace(
            then,
            lut=first.lut.compose(then.lut).titled(then.lut.title),
            seen=(*first.seen, *then.seen),
            plan=(*first.plan, *then.plan),
            warnings=(*first.warnings, *then.warnings),
            recipe=None,
        )
        for then in CompactEngine().candidates(asked)
    ]

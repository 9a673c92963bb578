"""What the image critic says about a photo."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradewright.core.errors import BadInput

from . import fields
from .step import Step, silent

_SIDE = 1024  # pixels along the longer side that are looked at


@dataclass(frozen=True)
class ReviewTask:
    """Review ``photo``: a picture or a ``.gwpx`` buffer."""

    photo: Path

    @classmethod
    def parse(cls, request: Any) -> ReviewTask:
        """From a request of plain values. Raises BadInput."""
        values = fields.checked(request, {"photo": fields.path}, "review")
        if "photo" not in values:
            raise BadInput("a review request needs 'photo': an absolute path")
        return cls(**values)


def run(task: ReviewTask, step: Step = silent) -> dict[str, Any]:
    """The review as plain values. Raises BadInput, Cancelled."""
    from gradewright.core.plugins import collect

    from .pictures import loaded

    critics = collect("gradewright_critics")
    if not critics:
        raise BadInput("no image critic is installed in this version; 'gradewright doctor' shows what is")
    step(0.0, "reading")
    pixels, notes = loaded(task.photo, _SIDE)
    step(0.5, "looking")
    review = critics[0].review(pixels)
    return {**review.to_dict(), "notes": list(notes)}

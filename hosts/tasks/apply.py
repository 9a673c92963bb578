"""A LUT over a picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradewright.core.errors import BadInput

from . import fields
from .step import Step, silent

FIELDS = {
    "lut": fields.path,
    "photo": fields.path,
    "output": fields.path,
    "strength": fields.weight,
    "luma": fields.weight,
    "chroma": fields.weight,
    "overwrite": fields.flag,
}


@dataclass(frozen=True)
class ApplyTask:
    """Run ``lut`` over ``photo`` into ``output``; two pictures, or two ``.gwpx`` buffers."""

    lut: Path
    photo: Path
    output: Path
    strength: float = 1.0
    luma: float = 1.0
    chroma: float = 1.0
    overwrite: bool = False

    @classmethod
    def parse(cls, request: Any) -> ApplyTask:
        """From a request of plain values. Raises BadInput."""
        values = fields.checked(request, FIELDS, "apply")
        for name in ("lut", "photo", "output"):
            if name not in values:
                raise BadInput(f"an apply request needs '{name}': an absolute path")
        return cls(**values)


def run(task: ApplyTask, step: Step = silent) -> dict[str, Any]:
    """Do it. Returns {"path", "notes"}; raises BadInput, Cancelled."""
    from gradewright import lutio
    from gradewright.core import photo as photos
    from gradewright.core.files import refuse_existing

    from . import pixels

    if pixels.is_buffer(task.photo) != pixels.is_buffer(task.output):
        raise BadInput(f"{task.output}: a .gwpx picture gives a .gwpx picture, and a file a file")
    lut = lutio.read(task.lut).blend(task.strength, task.luma, task.chroma)
    notes: tuple[str, ...] = ()
    if pixels.is_buffer(task.photo):
        pixels.graded(task.photo, lut, task.output, task.overwrite, step)
    else:
        refuse_existing(task.output, task.overwrite)
        step(0.0, "reading")
        photo = photos.open_pixels(task.photo)
        step(0.3, "applying")
        graded = photos.grade_pixels(photo, lut)
        step(0.6, "writing")
        notes = photos.save(graded, task.output, overwrite=task.overwrite)
    return {"path": str(task.output), "notes": list(notes)}

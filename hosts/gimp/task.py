"""The job kind "filters": a LUT as GIMP's own filters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gradewright.core.errors import BadInput

from ..tasks import fields
from ..tasks.step import Step, silent

HOSTS = ("gimp-3.0", "gimp-3.2")
_SIDE = 256  # the picture's colours are taken from a proxy of this size


@dataclass(frozen=True)
class FilterTask:
    """``lut`` as filters for ``host``, best on the colours of ``photo``.

    ``primaries`` : nine numbers where the image's profile is not sRGB: linear sRGB's red, green and blue
    in the image's linear values
    """

    lut: Path
    host: str
    photo: Path | None = None
    primaries: tuple[float, ...] | None = None
    strength: float = 1.0
    luma: float = 1.0
    chroma: float = 1.0

    @classmethod
    def parse(cls, request: Any) -> FilterTask:
        """From a request of plain values. Raises BadInput."""
        checks = {
            "lut": fields.path,
            "host": fields.one_of(*HOSTS),
            "photo": fields.path,
            "primaries": _primaries,
            **dict.fromkeys(("strength", "luma", "chroma"), fields.weight),
        }
        values = fields.checked(request, checks, "filters")
        for name in ("lut", "host"):
            if name not in values:
                raise BadInput(f"a filters request needs '{name}'")
        return cls(**values)


def _primaries(name: str, value: Any) -> tuple[float, ...]:
    plain = isinstance(value, list) and all(type(part) in (int, float) and abs(part) < 10 for part in value)
    if not plain or len(value) != 9 or abs(np.linalg.det(np.array(value, float).reshape(3, 3))) < 1e-3:
        raise BadInput(f"{name}: nine numbers are needed: linear sRGB red, green, blue in the image's space")
    return tuple(float(part) for part in value)


def run(task: FilterTask, step: Step = silent) -> dict[str, Any]:
    """{"operations": [...], "residual_de", "residual_p95"}; raises BadInput, Cancelled."""
    from gradewright import lutio
    from gradewright.core.looks.intake import plain_look

    from ..tasks.pictures import loaded
    from .filters.fit import fit

    step(0.0, "reading the look")
    lut, notes = plain_look(lutio.read(task.lut))
    photo = loaded(task.photo, _SIDE)[0].reshape(-1, 3) if task.photo else None
    step(0.2, "fitting GIMP's filters to the grade")
    chain = fit(lut.blend(task.strength, task.luma, task.chroma), task.host, photo, task.primaries)
    return {
        "operations": chain.operations,
        "residual_de": round(chain.residual_de, 4),
        "residual_p95": round(chain.residual_p95, 4),
        "notes": list(notes),
    }

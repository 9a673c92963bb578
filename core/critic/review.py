"""What a review holds: findings, suggestions, a score, in this order; and how it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Region = tuple[
    float, float, float, float
]  # x, y, width, height as shares of the picture, from the upper left

FAULT, NOTE = "fault", "note"


@dataclass(frozen=True)
class Finding:
    """One thing that was measured.

    ``aspect`` : exposure, dynamic range, clipping, contrast, white balance, tint, saturation, skin, colours,
    noise, sharpness or haze. ``kind`` : "fault", what the picture plausibly should not have, or "note".
    ``text`` : one sentence, made from ``evidence``. ``region`` : where, if it is local.
    """

    aspect: str
    kind: str
    text: str
    evidence: Mapping[str, float]
    region: Region | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return {
            "aspect": self.aspect,
            "kind": self.kind,
            "text": self.text,
            "evidence": {name: round(value, 3) for name, value in self.evidence.items()},
            "region": None if self.region is None else [round(value, 3) for value in self.region],
        }


@dataclass(frozen=True)
class Suggestion:
    """One step that would mend a fault.

    ``parameter`` and ``value`` : of a recipe, in its ``unit``. ``score`` : what the critic gives the picture
    with this step alone.
    """

    aspect: str
    parameter: str
    value: float
    unit: str
    text: str
    score: float

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return {
            "aspect": self.aspect,
            "parameter": self.parameter,
            "value": round(self.value, 3),
            "unit": self.unit,
            "text": self.text,
            "score": round(self.score, 1),
        }


@dataclass(frozen=True)
class Review:
    """Findings, then suggestions, then the score 0..100.

    ``suggested_score`` : with all suggestions together; the score itself where there are none.
    ``attributes`` : every a_k of :mod:`gradewright.core.attributes` that the picture has.
    """

    findings: tuple[Finding, ...]
    suggestions: tuple[Suggestion, ...]
    score: float
    suggested_score: float
    attributes: Mapping[str, float] = field(default_factory=dict)

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that are faults."""
        return tuple(finding for finding in self.findings if finding.kind == FAULT)

    @property
    def recipe(self) -> dict[str, float]:
        """All suggestions as parameters of a recipe."""
        return {suggestion.parameter: suggestion.value for suggestion in self.suggestions}

    @property
    def text(self) -> str:
        """The review as people read it: reasoning, suggestions, score."""
        lines = ["What is seen:"]
        lines += [f"  {'!' if f.kind == FAULT else '-'} {f.aspect}: {f.text}" for f in self.findings]
        lines += ["What to do:"]
        lines += [f"  {number}. {s.text}" for number, s in enumerate(self.suggestions, 1)]
        if not self.suggestions:
            lines.append("  nothing: no step was found that the critic would score higher")
        lines.append(f"Score: {self.score:.0f} of 100")
        if self.suggestions:
            lines[-1] += f" (with the suggestions {self.suggested_score:.0f})"
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values, in the order of reasoning."""
        return {
            "findings": [finding.to_dict() for finding in self.findings],
            "suggestions": [suggestion.to_dict() for suggestion in self.suggestions],
            "score": round(self.score, 1),
            "suggested_score": round(self.suggested_score, 1),
            "attributes": {name: round(value, 3) for name, value in self.attributes.items()},
        }

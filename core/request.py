"""What goes in (:class:`Request`) and what comes out (:class:`Grade`, with its :class:`Report`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .errors import BadInput
from .lut import Lut

if TYPE_CHECKING:
    from .explain import Explanation
    from .recipe import Recipe

Pixels = NDArray[np.float32]
_CLAIMED = 0.3  # mean dE2000 up to which a recipe that an engine claims is believed


@dataclass(frozen=True)
class Request:
    """Everything a caller may ask of an engine.

    Images are float32 (H, W, 3), sRGB-encoded, 0..1, already oriented and colour-managed
    (:mod:`gradewright.core.photo` makes them); engines never see files.

    Parameters
    ----------
    photo : the picture to grade, or None (a look without a picture)
    prompt : what the user wrote
    reference : a picture whose grade is wanted
    pair : (before, after), the same picture without and with the grade
    params : recipe parameters by name, see :mod:`gradewright.core.recipe`
    auto : decide from the photo alone
    base : a look that is there already: what is asked for comes on top of it. Engines see ``photo``
        through it
    strength, luma, chroma : 0..1, of what is asked for; applied after the engine, by the
        :class:`~gradewright.core.grader.Grader`
    seed : for engines that draw candidates
    count : how many different candidates are wanted
    plain : the photo without ``base``, for reports; None where there is no base
    """

    photo: Pixels | None = None
    prompt: str | None = None
    reference: Pixels | None = None
    pair: tuple[Pixels, Pixels] | None = None
    params: Mapping[str, float | str] | None = None
    auto: bool = False
    base: Lut | None = None
    strength: float = 1.0
    luma: float = 1.0
    chroma: float = 1.0
    seed: int = 0
    count: int = 1
    plain: Pixels | None = None

    def __post_init__(self) -> None:
        for name in ("strength", "luma", "chroma"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise BadInput(f"{name} {value} is out of range: 0..1")
        if not 1 <= self.count <= 16:
            raise BadInput(f"{self.count} variations are out of range: 1..16")

    @property
    def wants(self) -> frozenset[str]:
        """The kinds of instruction given: prompt, reference, pair, params, auto."""
        given = {
            "prompt": bool(self.prompt and self.prompt.strip()),
            "reference": self.reference is not None,
            "pair": self.pair is not None,
            "params": bool(self.params),
            "auto": self.auto,
        }
        return frozenset(kind for kind, present in given.items() if present)


@dataclass(frozen=True)
class Candidate:
    """One answer of an engine: a LUT (display-referred sRGB) and what it can say about it.

    ``score`` orders candidates of one request, larger is better. ``seen`` states what the engine
    measured in the inputs, ``plan`` what it decided, ``warnings`` what the user must know,
    ``asked`` which safety limits the request itself wants exceeded (see
    :data:`gradewright.core.safety.LIMITS`).
    """

    lut: Lut
    score: float = 0.0
    seen: tuple[str, ...] = ()
    plan: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    asked: frozenset[str] = frozenset()
    recipe: Recipe | None = None


@dataclass(frozen=True)
class Report:
    """Why a grade is what it is, in statements that were measured.

    ``critique`` : what was seen. ``plan`` : what was decided. ``operations`` : the recipe's
    steps, ordered, with parameters. ``residual_de`` : mean CIEDE2000 between the recipe's
    rendering and the grade's LUT. ``safety`` : figures before and after repair. ``explanation`` : all of
    it once more, measured on the photo, with attributes and scores before and after.
    """

    engine: str
    critique: tuple[str, ...] = ()
    plan: tuple[str, ...] = ()
    operations: tuple[Mapping[str, Any], ...] = ()
    residual_de: float = 0.0
    safety: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    explanation: Explanation | None = None

    @property
    def text(self) -> str:
        """The report as people read it, in Markdown that reads as plain text too."""
        body = "" if self.explanation is None else "\n" + self.explanation.text
        remarks = "".join(f"\nNote: {text}\n" for text in self.warnings)
        return f"# A grade by the {self.engine} engine\n{remarks}{body}"

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-ready values."""
        explained = {} if self.explanation is None else {"explanation": self.explanation.to_dict()}
        return {
            "engine": self.engine,
            "critique": list(self.critique),
            "plan": list(self.plan),
            "operations": [dict(step) for step in self.operations],
            "residual_de": round(self.residual_de, 4),
            "safety": dict(self.safety),
            "warnings": list(self.warnings),
            "settings": dict(self.settings),
            **explained,
        }


@dataclass(frozen=True, eq=False)
class Grade:
    """A grade: non-destructive, weakenable, explained.

    ``lut`` : 33^3, display-referred sRGB in and out, through ``safety``. ``tokens``, ``recipe`` and
    ``report`` are worked out when first asked for, since describing a LUT takes longer than
    predicting one. ``photo`` : what it was made for, at the size engines look at, or None.
    """

    lut: Lut
    engine: str
    candidate: Candidate
    safety: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    photo: Pixels | None = None

    @cached_property
    def tokens(self) -> bytes:
        """The codec's 64 bytes for this look, strength and repairs included."""
        from .codec import LutCodec

        return LutCodec.load().encode(self.lut).tobytes()

    @property
    def score(self) -> float:
        """The engine's own ranking of this candidate, larger is better."""
        return self.candidate.score

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user must know, one sentence each."""
        return self.candidate.warnings

    @cached_property
    def recipe(self) -> Recipe:
        """The editable approximation: the engine's own where it describes the LUT as it is, else fitted."""
        from .recipe import Recipe

        claimed = self.candidate.recipe
        if claimed is not None and self._apart(claimed) < _CLAIMED:
            return claimed
        return Recipe.fit(self.lut)

    @cached_property
    def report(self) -> Report:
        """Why this grade is what it is."""
        return Report(
            engine=self.engine,
            critique=self.candidate.seen,
            plan=self.candidate.plan,
            operations=tuple(self.recipe.operations()),
            residual_de=self._residual(),
            safety=self.safety,
            warnings=self.warnings,
            settings=self.settings,
            explanation=self._explained(),
        )

    def _explained(self) -> Explanation:
        from .explain import explain

        return explain(self)

    def _residual(self) -> float:
        if self.recipe.residual_de is not None:
            return self.recipe.residual_de
        return self._apart(self.recipe)

    def _apart(self, recipe: Recipe) -> float:
        """Mean CIEDE2000 between a recipe's rendering and the LUT."""
        from .colour import delta_e_srgb

        return float(delta_e_srgb(recipe.to_lut(17).table, self.lut.resample(17).table).mean())

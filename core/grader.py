"""The facade that hosts and the CLI use: pictures and wishes in, grades out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import BadInput, nearest
from .lut import Lut
from .plugins import collect
from .request import Candidate, Grade, Request

if TYPE_CHECKING:
    from .hookspecs import Engine

GRADE_SIZE = 33
_PROXY = 512  # engines look at this many pixels along the longer side
_PAIR = 2048  # but a pair is compared pixel by pixel, and averaging first costs it accuracy


class Grader:
    """Grades pictures with the best engine for each request.

    Parameters
    ----------
    engine : the name of the engine to use, or an engine; None takes the highest-ranked one that can serve

    Raises
    ------
    BadInput : no engine has that name
    """

    def __init__(self, engine: str | Engine | None = None) -> None:
        self._own = None if engine is None or isinstance(engine, str) else engine
        name = engine if isinstance(engine, str) else None
        self._engine = name if self._own is None else self._own.name
        if name is not None and name not in (names := [e.name for e in engines()]):
            raise BadInput(
                f"engine '{name}' is not installed{nearest(name, names)}: use one of {', '.join(names)}"
            )

    def grade(
        self,
        photo: Any = None,
        prompt: str | None = None,
        *,
        reference: Any = None,
        pair: tuple[Any, Any] | None = None,
        params: Mapping[str, float | str] | None = None,
        auto: bool = False,
        base: Lut | None = None,
        strength: float = 1.0,
        luma: float = 1.0,
        chroma: float = 1.0,
        seed: int = 0,
    ) -> Grade:
        """One grade.

        Parameters
        ----------
        photo, reference, pair : pictures: a path, a PIL image, or an array (H, W, 3), float 0..1
            sRGB-encoded or uint8/uint16
        prompt : what is wanted, in words
        params : recipe parameters by name; with another instruction they are applied after it
        auto : decide from the photo, which must be given; a prompt comes on top of what is decided
        base : a display-referred look that what is asked for is put on top of ("a bit less teal")
        strength, luma, chroma : 0..1, see :meth:`Lut.blend`
        seed : same seed, same grade

        Raises
        ------
        BadInput : nothing asked, contradictory wishes, unusable pictures, or no engine for the request
        """
        asked = locals()
        asked.pop("self")
        return self.variations(n=1, **asked)[0]

    def variations(
        self, photo: Any = None, prompt: str | None = None, *, n: int = 4, **wishes: Any
    ) -> list[Grade]:
        """Up to ``n`` different grades, best first; arguments as for :meth:`grade`.

        An engine without choices (explicit parameters, a pair) returns one.
        """
        notes: list[str] = []
        request = _request(notes, photo, prompt, n, **wishes)
        return self.run(request, tuple(dict.fromkeys(notes)))

    def run(self, request: Request, notes: tuple[str, ...] = ()) -> list[Grade]:
        """Grades for a prepared request, best first; ``notes`` go in front of their warnings."""
        engine = self._choose(request)
        found = [_finish(engine.name, one, request, notes) for one in engine.candidates(request)]
        return _ordered(found, request)

    def _choose(self, request: Request) -> Engine:
        wants = request.wants
        if not wants:
            raise BadInput(
                "nothing was asked for: give parameters, a before/after pair, a reference, or a prompt"
            )
        # Parameters come on top of whatever else is asked, so only an engine for the rest is needed.
        primary = wants - {"params"} or wants
        if {"pair", "reference"} <= primary:
            raise BadInput("a reference and a before/after pair were given: use one of them")
        known = engines() if self._own is None else [self._own]
        able = [e for e in known if primary <= e.serves and self._may(e)]
        if able:
            return max(able, key=lambda e: e.rank)
        if self._engine is not None:
            raise BadInput(f"engine '{self._engine}' cannot work from {' and '.join(sorted(primary))}")
        raise BadInput(f"no installed engine works from {' and '.join(sorted(primary))} together")

    def _may(self, engine: Engine) -> bool:
        """Engines of a rank below 0 are asked by name alone."""
        return engine.name == self._engine if self._engine is not None else engine.rank >= 0


def engines() -> list[Engine]:
    """Every installed engine."""
    return collect("gradewright_engines")


def _request(
    notes: list[str],
    photo: Any,
    prompt: str | None,
    count: int,
    reference: Any = None,
    pair: tuple[Any, Any] | None = None,
    base: Lut | None = None,
    **rest: Any,
) -> Request:
    """Load every picture at the size engines look at; what was odd about them is added to ``notes``."""

    def proxy(picture: Any, side: int = _PROXY) -> Any:
        if picture is None:
            return None
        from . import photo as photos

        pixels, odd = photos.load_with_notes(picture, max_side=side)
        notes.extend(odd)
        return pixels

    seen, plain = proxy(photo), None
    if base is not None and seen is not None:
        seen, plain = np.clip(base.apply(seen), 0, 1), seen
    return Request(
        photo=seen,
        base=base,
        prompt=prompt,
        reference=proxy(reference),
        pair=None if pair is None else (proxy(pair[0], _PAIR), proxy(pair[1], _PAIR)),
        count=count,
        plain=plain,
        **rest,
    )


def _ordered(grades: list[Grade], request: Request) -> list[Grade]:
    """The engine's own first; what follows it as the judge of edits would have it (docs/critic.md)."""
    if len(grades) < 3 or request.wants - {"params"} != {"prompt"} or request.base is not None:
        return grades
    from .critic import Critic

    return [grades[0], *Critic().order(grades[1:], request.photo, request.prompt or "")]


def _finish(engine: str, found: Candidate, request: Request, notes: tuple[str, ...]) -> Grade:
    """What every candidate goes through: extra parameters, strength, safety."""
    from . import safety

    lut, recipe = found.lut.flatten(GRADE_SIZE), found.recipe
    if request.params and request.wants != {"params"}:
        from .recipe import Recipe

        lut, recipe = lut.compose(Recipe.parse(request.params).to_lut(GRADE_SIZE)), None
    weakened = lut.blend(request.strength, request.luma, request.chroma)
    asked = found.asked
    if request.base is not None:
        weakened, recipe = request.base.flatten(GRADE_SIZE).compose(weakened), None
        asked |= {limit.name for limit in safety.failures(safety.measure(request.base))}
    repaired = safety.repair(weakened, asked=asked)
    if repaired.lut != lut:
        recipe = None  # it no longer describes the LUT
    found = replace(found, recipe=recipe, warnings=(*notes, *found.warnings, *repaired.changes))
    return Grade(
        lut=Lut(repaired.lut.table, title=found.lut.title or engine),
        engine=engine,
        candidate=found,
        safety={"before": repaired.before.to_dict(), "after": repaired.after.to_dict()},
        settings={
            "prompt": request.prompt,
            "params": dict(request.params or {}),
            "strength": request.strength,
            "luma": request.luma,
            "chroma": request.chroma,
            "seed": request.seed,
        },
        photo=request.photo if request.plain is None else request.plain,
    )

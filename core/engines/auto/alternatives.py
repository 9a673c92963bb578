"""Alternatives to an automatic grade: other tastes, each visibly different from all before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ...colour import delta_e_srgb
from ...lut import Lut
from ...recipe import Recipe
from ...request import Candidate, Pixels

APART = 2.0  # mean dE2000 on the photo that two alternatives differ by, at least
_TASTES: tuple[tuple[str, dict[str, float]], ...] = (
    ("bolder", {"contrast": 24, "vibrance": 24, "blacks": -15}),
    ("warmer", {"temperature": 26, "tint": 3}),
    ("softer", {"contrast": -24, "shadows": 22, "highlights": -18, "black_fade": 5}),
    ("cooler", {"temperature": -24, "saturation": -5}),
    ("brighter", {"exposure": 0.4, "highlights": -15}),
    ("darker", {"exposure": -0.45, "whites": 10}),
    ("muted", {"saturation": -32, "black_fade": 9, "highlights": -10}),
    ("more colourful", {"saturation": 24, "vibrance": 18}),
)
_STRENGTHS = (1.0, 0.6)  # for pairs of tastes the second is weaker, so that they stay plausible


def spread(first: Candidate, colours: Pixels, count: int) -> list[Candidate]:
    """``first`` and up to ``count - 1`` alternatives, the nearest to it in taste first.

    ``colours`` (n, 3) : some of the photo's pixels, on which they must differ.
    """
    found, seen = [first], [_on(first.lut, colours)]
    for name, lut in _offers(first.lut):
        if len(found) == count:
            break
        made = _on(lut, colours)
        if min(float(delta_e_srgb(made, other).mean()) for other in seen) >= APART:
            plan = (*first.plan, f"an alternative: {name}")
            title = f"auto, {name}"
            found.append(
                replace(first, lut=lut.titled(title), score=-0.1 * len(found), plan=plan, recipe=None)
            )
            seen.append(made)
    return found


def _offers(decided: Lut) -> Iterator[tuple[str, Lut]]:
    yield "milder", decided.blend(0.5)
    for name, values in _TASTES:
        yield name, decided.compose(Recipe(**values).to_lut(decided.size))
    for i, (one, values) in enumerate(_TASTES):
        for other, more in _TASTES[i + 1 :]:
            if not set(values) & set(more):
                both = (Recipe(**v).scaled(s) for v, s in zip((values, more), _STRENGTHS, strict=True))
                lut = decided
                for recipe in both:
                    lut = lut.compose(recipe.to_lut(decided.size))
                yield f"{one} and {other}", lut


def _on(lut: Lut, colours: Pixels) -> np.ndarray:
    return np.clip(lut.sample(colours), 0, 1)

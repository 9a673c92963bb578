"""What a caption asks for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...recipe import ZONES
from ...recipe.parameters import BY_NAME

Params = dict[str, float]
_TINTS = tuple((f"{zone}_hue", f"{zone}_amount") for zone in ZONES)
_HUES = frozenset(hue for hue, _ in _TINTS)
_ONE_SIDED = frozenset(name for name, p in BY_NAME.items() if p.low == 0)


@dataclass(frozen=True)
class Wish:
    """The grade a caption asks for, exactly: what is absent stays as it is.

    Parameters
    ----------
    params : recipe parameters in the units and ranges of :mod:`gradewright.core.recipe.parameters`
    film : the label of a real LUT in the data pack, applied under the params, or None
    film_strength : blend of that LUT, 0..1.5 (1 is the LUT itself)
    """

    params: Mapping[str, float] = field(default_factory=dict)
    film: str | None = None
    film_strength: float = 1.0

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return self.film is None and not self.params

    def __add__(self, other: Wish) -> Wish:
        """Both wishes in one; the first film that is named stays."""
        base = self if self.film else other
        return Wish(combined(self.params, other.params), base.film, base.film_strength)


def scaled(params: Mapping[str, float], factor: float) -> Params:
    """Every parameter times ``factor`` (>= 0), within its range; the hues of tints stay."""
    return _tidied({n: v if n in _HUES else v * factor for n, v in params.items()})


def reversed_params(params: Mapping[str, float]) -> Params:
    """The opposite direction: signs turned, tints by 180 degrees; a fade has no opposite and drops out."""
    out = {n: -v for n, v in params.items() if n not in _ONE_SIDED}
    for hue, amount in _TINTS:
        if params.get(amount):
            out[hue], out[amount] = (params[hue] + 180) % 360, params[amount]
    return out


def combined(first: Mapping[str, float], second: Mapping[str, float]) -> Params:
    """The sum, within the ranges; tints of one zone add as vectors."""
    out = {n: first.get(n, 0.0) + second.get(n, 0.0) for n in (*first, *second)}
    for hue, amount in _TINTS:
        if first.get(amount) and second.get(amount):
            parts = [(p[amount], math.radians(p[hue])) for p in (first, second)]
            a = sum(size * math.cos(angle) for size, angle in parts)
            b = sum(size * math.sin(angle) for size, angle in parts)
            out[hue], out[amount] = math.degrees(math.atan2(b, a)) % 360, math.hypot(a, b)
    return _tidied(out)


def _tidied(params: Mapping[str, float]) -> Params:
    """Within the ranges, four decimals; zeros are dropped, and a tint's hue goes with its amount."""
    out = {}
    for name, value in params.items():
        p = BY_NAME[name]
        if name not in _HUES and (kept := round(min(max(value, p.low), p.high), 4) + 0.0):
            out[name] = kept
    for hue, amount in _TINTS:
        if amount in out:
            out[hue] = round(params[hue], 4)
    return out

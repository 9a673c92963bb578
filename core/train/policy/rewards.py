"""Rewards of a drawn look against what its caption asks for.

Three parts, each 0..1: colour similarity (AceTone, section 3.3: maximal below a mean dE of 2, falling
beyond), attributes reached (SmartPhotoCrafter's photometric rewards: what should move moves that way
and about that far, what was not asked for stays), and safety (neutrals that run monotonically, a
smooth lattice, nothing outside the gamut).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..attributes import Twin
from . import colour
from .photos import through

_GREYS = 17
_FULL, _NONE = 2.0, 14.0  # mean dE with full and without any reward
# What a step that is plainly seen amounts to: dL, contrast, chroma, a, b, black, white; six zone tints.
_SEEN = (3.0, 1.5, 2.5, 2.0, 2.5, 2.0, 2.0, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5)


@dataclass(frozen=True)
class Shares:
    """Weights of the three parts."""

    similarity: float = 0.45
    attributes: float = 0.45
    safety: float = 0.10


_TOLD = ("brightness", "contrast", "saturation", "mean_a", "mean_b", "black_point", "white_point")


def attributes(before: Twin, after: Twin, greys: Tensor) -> Tensor:
    """(B, 13) measured changes of a picture, and the Lab (B, 3, 17) that greys have afterwards.

    Mean L*, its spread, mean chroma, mean a* and b*, black and white point; then a*, b* of dark, middle and
    bright greys.
    """
    moved = after.globals(_TOLD) - before.globals(_TOLD)
    zones = [greys[:, 1:, part].mean(2) for part in (slice(2, 6), slice(6, 11), slice(11, 15))]
    return torch.cat([moved, *zones], 1)


class Judge:
    """Scores looks, given as lattice differences, on the colours of a photo."""

    def __init__(self, shares: Shares | None = None) -> None:
        self.shares = shares or Shares()
        self.scale = torch.tensor(_SEEN)
        self.greys = torch.linspace(0, 1, _GREYS)[None, None, :, None].expand(1, 3, -1, 1)

    def __call__(self, made: Tensor, truth: Tensor, points: Tensor) -> Tensor:
        """(B,) rewards 0..1 of differences (B, 3, n, n, n) against wanted ones, on points (B, 3, h, w)."""
        before = Twin(points.flatten(2))
        seen, wanted = (Twin(_graded(look, points).flatten(2), before) for look in (made, truth))
        distance = colour.difference(seen.lab, wanted.lab).mean(1)
        similarity = ((_NONE - distance) / (_NONE - _FULL)).clamp(0, 1)
        greys = self.greys.expand(len(points), -1, -1, -1)
        grey_seen, grey_wanted = (colour.lab(_graded(look, greys)).flatten(2) for look in (made, truth))
        reached = self._reached(attributes(before, seen, grey_seen), attributes(before, wanted, grey_wanted))
        s = self.shares
        return s.similarity * similarity + s.attributes * reached + s.safety * _safety(made, grey_seen)

    def _reached(self, seen: Tensor, wanted: Tensor) -> Tensor:
        """Mean over attributes: 1 for the wanted change, 0 when it is off by a plain step or more.

        Attributes that should move count four times as much: most of them should not.
        """
        off = (seen - wanted).abs() / (self.scale + 0.5 * wanted.abs())
        weight = 1 + 3 * (wanted.abs() / self.scale).clamp(0, 1)
        return ((1 - off).clamp(0, 1) * weight).sum(1) / weight.sum(1)


def _graded(look: Tensor, points: Tensor) -> Tensor:
    return (points + through(look, points)).clamp(0, 1)


def _safety(made: Tensor, greys: Tensor) -> Tensor:
    """(B,) 0..1: neutral reversals, second differences of the lattice."""
    reversals = (-(greys[:, 0, 1:] - greys[:, 0, :-1])).clamp_min(0).sum(1)
    bends = [made.diff(n=2, dim=axis).abs().mean((1, 2, 3, 4)) for axis in (2, 3, 4)]
    rough = torch.stack(bends).mean(0) * 255
    return (1 - reversals / 3).clamp(0, 1) * (1 - (rough - 2).clamp_min(0) / 4).clamp(0, 1)

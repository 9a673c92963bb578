"""Ladders of degradation: one flaw in rising severity, so that the order is known.

A flaw's lattices are made once and laid on any photo in training. Two flaws of different families come
together as often as one comes alone; none of the kinds that are kept unseen takes part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ...interp import lattice
from ..degrade import FAMILIES, UNSEEN, Flaw, draw
from ..policy.photos import through

SIZE = 17
STEPS = 3  # severities of a ladder, beside the photo itself
RUNGS = ((0.2, 0.4), (0.5, 0.7), (0.8, 1.0))
FAMILY = {kind: number for number, family in enumerate(FAMILIES) for kind in family}
SEEN = tuple(kind for kind in FAMILY if kind not in UNSEEN)


@dataclass(frozen=True)
class Ladders:
    """``tables`` (n, 3 rungs, 3, N, N, N) float16, good -> spoilt; ``kinds`` : what each is."""

    tables: Tensor
    kinds: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.kinds)

    def climb(self, photos: Tensor, which: Tensor) -> Tensor:
        """Photos (B, 3, h, w) on ladders (B,) -> (B, 1 + 3, 3, h, w): as they are, then worse and worse."""
        tables = self.tables[which].float()
        worse = [through(tables[:, rung], photos).clamp(0, 1) for rung in range(STEPS)]
        return torch.stack([photos, *worse], 1)


def seen_flaws(rng: np.random.Generator) -> tuple[Flaw, ...]:
    """One flaw, or two of different families."""
    first = draw(rng, str(rng.choice(SEEN)), 1.0)
    if rng.random() < 0.5:
        return (first,)
    others = [kind for kind in SEEN if FAMILY[kind] != FAMILY[first.kind]]
    return first, draw(rng, str(rng.choice(others)), 1.0)


def make_ladders(
    count: int,
    seed: int,
    flaws: Callable[[np.random.Generator], tuple[Flaw, ...]] = seen_flaws,
    tick: Callable[[], None] = lambda: None,
) -> Ladders:
    """``count`` ladders; of two flaws together each is weaker than alone."""
    rng = np.random.default_rng(seed)
    tables, kinds = np.empty((count, STEPS, 3, SIZE, SIZE, SIZE), np.float16), []
    for number in range(count):
        drawn = flaws(rng)
        shares = [1.0] if len(drawn) == 1 else rng.uniform(0.5, 0.9, len(drawn)).tolist()
        for rung, (low, high) in enumerate(RUNGS):
            tables[number, rung] = _lattice(drawn, [share * rng.uniform(low, high) for share in shares])
        kinds.append(" + ".join(flaw.kind for flaw in drawn))
        tick()
    return Ladders(torch.from_numpy(tables), tuple(kinds))


def of_kind(kind: str) -> Callable[[np.random.Generator], tuple[Flaw, ...]]:
    """For :func:`make_ladders`: flaws of one kind only."""
    return lambda rng: (draw(rng, kind, 1.0),)


def _lattice(flaws: tuple[Flaw, ...], severities: list[float]) -> np.ndarray:
    points = lattice(SIZE, np.float64).reshape(-1, 3)
    for flaw, severity in zip(flaws, severities, strict=True):
        points = flaw.at(severity).apply(points)
    return points.reshape(SIZE, SIZE, SIZE, 3).transpose(3, 0, 1, 2)


def parts(count: int, size: int) -> Iterator[range]:
    """0..count in pieces."""
    return (range(start, min(start + size, count)) for start in range(0, count, size))

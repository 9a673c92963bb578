"""The discrete half of the codec: residual vector quantisation with a gain chosen by the first token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Codebooks:
    """Stage 0 holds ``levels`` x prototypes (gain-major); stages from ``gain_from`` on are scaled by a gain.

    ``words`` (stages, 256, K), ``gains`` (levels,), ascending, around 1.
    """

    words: torch.Tensor
    gains: torch.Tensor
    gain_from: int


def fit_codebooks(
    vectors: torch.Tensor,
    weights: torch.Tensor,
    stages: int,
    levels: int,
    gain_from: int,
    generator: torch.Generator,
    tick: Callable[[], None] = lambda: None,
) -> Codebooks:
    """Stage by stage k-means on what the stages before have left (greedy RVQ).

    A LUT that is hard to describe leaves large residuals at every stage. From ``gain_from`` on
    the residuals are divided by one of ``levels`` gains per LUT, so that one set of codebooks
    serves subtle and extreme looks.
    """
    tail = vectors[:, 16:].norm(dim=1)
    coarse = weights / (tail + 0.3 * tail.median())  # before the gains, easy LUTs would be drowned
    prototypes, code = k_means(vectors, coarse, 256 // levels, generator)
    words = torch.zeros(stages, 256, vectors.shape[1])
    words[0] = prototypes.repeat(levels, 1)
    left = vectors - prototypes[code]
    gains = torch.ones(levels)
    for stage in range(1, stages):
        if stage == gain_from:
            gains, level = _gains(left, levels)
            left /= gains[level][:, None]
        words[stage], code = k_means(left, coarse if stage < gain_from else weights, 256, generator)
        left -= words[stage][code]
        tick()
    return Codebooks(words, gains, gain_from)


def _gains(left: torch.Tensor, levels: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Geometric levels over what is left, and the nearest one of each vector.

    Half of the measure is the norm of the fine coefficients alone: they make up the error that
    remains at the end, while the coarse ones are used up by the next stages.
    """
    size = (left.norm(dim=1).clamp_min(1e-6).log() + left[:, 32:].norm(dim=1).clamp_min(1e-6).log()) / 2
    low, high = torch.quantile(size - size.mean(), torch.tensor([0.01, 0.98]))
    marks = torch.linspace(float(low), float(high), levels)
    return marks.exp(), (size[:, None] - size.mean() - marks).abs().argmin(1)


def k_means(
    points: torch.Tensor,
    weights: torch.Tensor,
    count: int,
    generator: torch.Generator,
    rounds: tuple[int, int] = (4, 2),
) -> tuple[torch.Tensor, torch.Tensor]:
    """Weighted k-means, ``rounds`` on a subset and on everything. Centres (count, d), assignment (n,)."""
    subset = torch.randperm(len(points), generator=generator)[:16000]
    some, some_weights = points[subset], weights[subset]
    centres = some[torch.multinomial(some_weights, count, generator=generator)].clone()
    for _ in range(rounds[0]):
        centres = _moved(some, some_weights, centres, generator)
    for _ in range(rounds[1]):
        centres = _moved(points, weights, centres, generator)
    return centres, nearest(points, centres)


def _moved(
    points: torch.Tensor, weights: torch.Tensor, centres: torch.Tensor, generator: torch.Generator
) -> torch.Tensor:
    code = nearest(points, centres)
    mass = torch.zeros(len(centres)).index_add_(0, code, weights)
    sums = torch.zeros_like(centres).index_add_(0, code, points * weights[:, None])
    moved = torch.where((mass > 0)[:, None], sums / mass.clamp_min(1e-9)[:, None], centres)
    dead = (mass <= 0).nonzero()[:, 0]
    moved[dead] = points[torch.randint(len(points), (len(dead),), generator=generator)]
    return moved


def nearest(points: torch.Tensor, centres: torch.Tensor) -> torch.Tensor:
    """Index of the nearest centre of each point."""
    return (points @ (2 * centres).T - (centres * centres).sum(1)).argmax(1)

"""Training of the judge: strong edits above weak ones, and the likelihood of what strong ones move."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .pairs import KINDS, POLICY, VISIBLE, WEAK, Pairs
from .reward import reward_of

_SHARPNESS = 12.0  # of the pairwise loss: a difference of 0.1 in reward is a clear one
_MOVES = 0.3  # weight of the likelihood
_AGAINST = 4  # weak edits that a strong one is compared with at a time
_GUIDED = 0.2  # share of them that are the engine's own, in policy-guided training: with more, less is kept


@dataclass
class JudgeTask:
    """Draws pairs; with ``guided`` a fifth of the weak edits are the compact engine's own."""

    pairs: Pairs
    batch: int
    guided: bool = False

    def loss(self, model: nn.Module, rng: np.random.Generator, generator: torch.Generator) -> Tensor:
        """Ranking loss of visible pairs, and the likelihood of the strong edits' changes."""
        rows = torch.randint(len(self.pairs), (self.batch,), generator=generator)
        wish, moved, there, apart = judged(model, self.pairs, rows)
        weak = self._drawn(generator)
        rewards = rewards_of(wish, moved, there)
        worse, counts = rewards[:, 1:].gather(1, weak), (apart.gather(1, weak) > VISIBLE).float()
        missed = functional.softplus(_SHARPNESS * (worse - rewards[:, :1])) * counts
        return missed.sum() / counts.sum().clamp_min(1) + _MOVES * unlikelihood(wish, moved[:, 0], there)

    def _drawn(self, generator: torch.Generator) -> Tensor:
        """(B, 4) index into KINDS."""
        shape = (self.batch, _AGAINST)
        weak = torch.randint(len(WEAK), shape, generator=generator)
        if not self.guided:
            return weak
        own = len(WEAK) + torch.randint(len(POLICY), shape, generator=generator)
        return torch.where(torch.rand(shape, generator=generator) < _GUIDED, own, weak)


Wish = tuple[Tensor, Tensor, Tensor]


def judged(model: nn.Module, pairs: Pairs, rows: Tensor) -> tuple[Wish, Tensor, Tensor, Tensor]:
    """What a judge makes of some captions, and what their edits move, where, and how far they are apart."""
    wanted, tolerance, weight = model(pairs.hidden[rows].float(), pairs.state[rows])
    wish = (wanted, tolerance, weight)
    return wish, pairs.moved[rows].float(), pairs.there[rows], pairs.apart[rows].float()


def rewards_of(wish: Wish, moved: Tensor, there: Tensor) -> Tensor:
    """(B, J) rewards of edits that move (B, J, K)."""
    one = (part[:, None] for part in wish)
    return reward_of((next(one), next(one), next(one)), moved, there[:, None])


def unlikelihood(wish: Wish, moved: Tensor, there: Tensor) -> Tensor:
    """Mean negative log density of changes (B, K), under Cauchy distributions of the tolerances."""
    wanted, tolerance, _ = wish
    off = (moved - wanted) / tolerance
    return ((off.square().log1p() + tolerance.log()) * there).sum() / there.sum()


def accuracy(model: nn.Module, pairs: Pairs) -> dict[str, float]:
    """Share of visible pairs in the right order: by kind, over the perturbed, and over the engine's own."""
    model.eval()
    with torch.no_grad():
        wish, moved, there, apart = judged(model, pairs, torch.arange(len(pairs)))
        rewards = rewards_of(wish, moved, there)
    right = (rewards[:, :1] > rewards[:, 1:]).float()
    seen = [right[apart[:, i] > VISIBLE, i] for i in range(len(KINDS))]
    shares = {name: float(found.mean()) for name, found in zip(KINDS, seen, strict=True)}
    groups = {"perturbed": WEAK, "policy": POLICY}
    means = {name: float(np.mean([shares[kind] for kind in kinds])) for name, kinds in groups.items()}
    return {name: round(share, 4) for name, share in (means | shares).items()}

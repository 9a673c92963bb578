"""Reward fine-tuning of the prompt network: GRPO with a KL term to the supervised network.

The policy is the normal distribution over codec coefficients that the network predicts. For each
caption a group of looks is drawn; the advantage of a draw is its reward over its group's (Shao et al.
2024, without the critic); drawing and updating alternate one to one, so no ratio needs clipping.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from .prompt_data import batch_of
from .prompt_fit import Task
from .prompt_net import PromptNet
from .rewards import Judge

_FLOOR, _CEILING = -5.0, 3.0
Learnt = Callable[[Tensor, Tensor, Tensor], Tensor]  # looks, points, hidden -> rewards


@dataclass
class RewardTask:
    """Draws groups of looks for captions and scores them.

    ``task`` the supervised one; ``group`` draws a caption; ``divergence`` weight of the KL term.
    ``learnt`` : a trained judge, which reads with the supervised network and knows nothing of the caption's
    look; without, looks are compared with that.
    """

    task: Task
    supervised: PromptNet
    group: int
    divergence: float
    anchor: float
    learnt: Learnt | None = None

    def __post_init__(self) -> None:
        self.supervised = copy.deepcopy(self.supervised).eval().requires_grad_(False)
        self.judge = Judge()

    def loss(self, model: nn.Module, rng: np.random.Generator, generator: torch.Generator) -> Tensor:
        """Policy gradient, KL to the supervised network, and a little of the supervised loss."""
        task = self.task
        rows = rng.integers(len(task.captions), size=task.batch).tolist()
        batch = batch_of(task.captions, task.scenes, rows)
        model.eval()  # the drawn policy must be the one that is updated: no dropout
        mean, spread, *_ = model(*batch)
        mean, log_sigma = mean.float(), spread.float().clamp(_FLOOR, _CEILING)
        points = task.points(task.captions.scene[rows], rng)
        with torch.no_grad():
            noise = torch.randn((self.group, *mean.shape), generator=generator)
            drawn = mean + noise * log_sigma.exp()
            hidden = self.supervised.read(*batch)
            scores = torch.stack([self._score(draw, rows, points, hidden) for draw in drawn])
            advantage = (scores - scores.mean(0)) / (scores.std(0) + 0.01)
            old_mean, old_spread, *_ = self.supervised.heads(hidden)
            old = old_spread.float().clamp(_FLOOR, _CEILING)
        density = (-0.5 * ((drawn - mean) / log_sigma.exp()).square() - log_sigma).mean(-1)
        gap = (mean - old_mean.float()).square() + (2 * log_sigma).exp()
        divergence = (old - log_sigma + 0.5 * gap * (-2 * old).exp() - 0.5).mean()
        found = -(advantage * density).mean() + self.divergence * divergence
        return found + self.anchor * task.loss(model, rng, generator)

    def _score(self, draw: Tensor, rows: list[int], points: Tensor, hidden: Tensor | None = None) -> Tensor:
        basis = self.task.basis
        if self.learnt is not None and hidden is not None:
            return self.learnt(basis(draw), points, hidden)
        return self.judge(basis(draw), basis(self.task.captions.target[rows]), points)

    def reward(self, model: nn.Module, rows: int = 600) -> float:
        """Mean reward of the means on held-out captions."""
        task, found = self.task, []
        rng = np.random.default_rng(0)
        with torch.no_grad():
            for start in range(0, min(rows, len(task.captions)), 100):
                part = list(range(start, min(start + 100, len(task.captions))))
                mean, *_ = model(*batch_of(task.captions, task.scenes, part))
                found.append(self._score(mean.float(), part, task.points(task.captions.scene[part], rng)))
        return float(torch.cat(found).mean())

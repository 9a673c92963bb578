"""The judge as a batched, differentiable reward, for fine-tuning an engine.

>>> reward = JudgeReward.load(Path("run/judge.pt"))
>>> reward(looks, points, hidden)          # (B,) 0..1

``looks`` (B, 3, n, n, n) are lattice differences indexed [r, g, b] (``Basis(coefficients)``); ``points``
(B, 3, h, w) the photo's colours, sRGB 0..1 (``Scenes.pixels`` of 16 x 16 are enough); ``hidden`` (B, 512)
``PromptNet.read`` of the prompt network that the judge was trained with, whatever network is fine-tuned.
Only the look carries a gradient: the judge itself is frozen.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from ...critic.judge import OF_PART, STATE, STEPS, WHOLE
from ..attributes import Twin
from ..policy.photos import through
from .judge_net import JudgeNet

_STEPS = torch.from_numpy(STEPS)


class JudgeReward:
    """The reward of a trained :class:`JudgeNet`."""

    def __init__(self, net: JudgeNet) -> None:
        self.net = net.eval().requires_grad_(False)

    @classmethod
    def load(cls, path: Path) -> JudgeReward:
        """From ``judge.pt`` of a run folder of ``gradewright train critic --config judge``."""
        saved = torch.load(path, weights_only=True)
        net = JudgeNet(saved["width"])
        net.load_state_dict(saved["net"])
        return cls(net)

    def __call__(self, looks: Tensor, points: Tensor, hidden: Tensor) -> Tensor:
        """(B,) rewards 0..1."""
        before = Twin(points.flatten(2))
        wish = self.net(hidden, state_of(before))
        return reward_of(wish, *moved_by(looks, points, before))


def state_of(photo: Twin) -> Tensor:
    """(B, 15) the photo's own attributes, as the head reads them."""
    return photo.globals(WHOLE) / _STEPS[: len(WHOLE)] * STATE


def moved_by(looks: Tensor, points: Tensor, before: Twin) -> tuple[Tensor, Tensor]:
    """(B, K) changes in visible steps, and (B, K) whether the photo has what they are measured on."""
    after = Twin((points + through(looks, points)).clamp(0, 1).flatten(2), before)
    whole = after.globals(WHOLE) - before.globals(WHOLE)
    (made, there), (was, _) = after.parts(), before.parts()
    seen = torch.cat([torch.ones_like(whole, dtype=torch.bool), there.repeat_interleave(len(OF_PART), 1)], 1)
    moved = torch.cat([whole, (made - was).flatten(1)], 1) / _STEPS
    return torch.where(seen, moved, 0.0), seen


def reward_of(wish: tuple[Tensor, Tensor, Tensor], moved: Tensor, there: Tensor) -> Tensor:
    """(...) weighted mean of the metrics' scores, the last axis of all; as ``Expectation.reward``."""
    wanted, tolerance, weight = wish
    scores = 1 / (1 + ((moved - wanted) / tolerance).square())
    weight = weight * there
    return (scores * weight).sum(-1) / weight.sum(-1).clamp_min(1e-9)

"""Policy objectives over tokens: GRPO (Shao et al. 2024, AceTone's eq. 7) and DAPO (Yu et al. 2025).

Both compare an answer with its group's. They differ in the clip (DAPO's reaches farther up than down, so that
unlikely tokens can become likely), in the mean (over answers of means over tokens; over all tokens alike) and
in the KL term (DAPO has none).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

_LEAST = 1e-4  # added to the spread of a group


@dataclass(frozen=True)
class Objective:
    """``low``, ``high`` : the ratio is clipped to 1 - low .. 1 + high. ``divergence`` : weight of the KL
    term.

    ``by_token`` : every token weighs the same, else every answer does. ``drop_even`` : groups whose rewards
    are all one are not learnt from, others are drawn in their place (dynamic sampling).
    """

    low: float = 0.2
    high: float = 0.2
    divergence: float = 0.04
    by_token: bool = False
    drop_even: bool = False


GRPO = Objective()
DAPO = Objective(low=0.2, high=0.28, divergence=0.0, by_token=True, drop_even=True)


def advantages(rewards: Tensor) -> Tensor:
    """(P, G) rewards of P groups -> what each answer is above its group's mean, in its group's spreads."""
    mean = rewards.mean(1, keepdim=True)
    spread = rewards.std(1, keepdim=True, correction=0)
    return (rewards - mean) / (spread + _LEAST)


def uneven(rewards: Tensor) -> Tensor:
    """(P,) whether a group's rewards differ at all: a group without differences teaches nothing."""
    return rewards.amax(1) - rewards.amin(1) > 1e-6


def weights(lengths: Tensor, by_token: bool) -> Tensor:
    """(N,) weight of each token, answers of these ``lengths`` (R,) end to end; they add up to one."""
    if by_token:
        return torch.full((int(lengths.sum()),), 1.0 / max(1, int(lengths.sum())))
    return torch.repeat_interleave(1.0 / (len(lengths) * lengths.clamp_min(1).float()), lengths)


def token_losses(
    now: Tensor, old: Tensor, advantage: Tensor, objective: Objective, start: Tensor | None = None
) -> Tensor:
    """(N,) what each token costs.

    Parameters
    ----------
    now, old : (N,) log probabilities under the policy, and under the one that drew
    advantage : (N,) of the answer that a token belongs to
    start : (N,) log probabilities under the policy that training began with, for the KL term
    """
    ratio = (now - old).exp()
    clipped = ratio.clamp(1 - objective.low, 1 + objective.high)
    loss = -torch.minimum(ratio * advantage, clipped * advantage)
    if objective.divergence and start is not None:
        away = start - now
        loss = loss + objective.divergence * (
            away.exp() - away - 1
        )  # Schulman's k3: unbiased, never negative
    return loss

"""SemiNFT's update for reference transfer, small: a rectified flow over codec coefficients, and GRPO beside
it.

The photo and the reference are seen through the shipped reference network, whose answer (a mean and a spread
for each coefficient) is the condition c. Two policies of the same size answer: a flow, trained by
DiffusionNFT (SemiNFT eq. 1 to 6), and a normal distribution, trained by GRPO.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

_LEAST = 1e-4
_FLOOR, _CEILING = -4.0, 2.0


def _net(inside: int, outside: int, width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.LayerNorm(inside),
        nn.Linear(inside, width),
        nn.SiLU(),
        nn.Linear(width, width),
        nn.SiLU(),
        nn.Linear(width, outside),
    )


class Flow(nn.Module):
    """Velocity v(x_t, c, t) with x_t = (1 - t) x_0 + t x_1: x_0 a look, x_1 noise (section 3.1).

    Looks are (B, size) coefficients in units of their spread, relative to the mean that c holds.
    """

    def __init__(self, size: int, width: int = 256) -> None:
        super().__init__()
        self.size = size
        self.condition, self.state = nn.Linear(2 * size, width), nn.Linear(size + 8, width)
        self.body = _net(width, size, width)

    def forward(self, x: Tensor, c: Tensor, t: Tensor) -> Tensor:
        """(B, size), of x (B, size), c (B, 2 size), t (B,)."""
        angles = t[:, None] * torch.pi * torch.tensor([0.5, 1.0, 2.0, 4.0])
        clock = torch.cat([angles.sin(), angles.cos()], 1)
        return self.body(self.condition(c) + self.state(torch.cat([x, clock], 1)))  # type: ignore[no-any-return]

    def draw(self, c: Tensor, noise: Tensor, steps: int = 6) -> Tensor:
        """Looks from noise (B, size): Euler steps from t = 1 to 0 (the paper trains with six)."""
        x, length = noise, 1 / steps
        for number in range(steps, 0, -1):
            x = x - length * self(x, c, torch.full((len(x),), number * length))
        return x + c[:, : self.size]


class Normal(nn.Module):
    """A normal distribution over the same looks, of about the same size."""

    def __init__(self, size: int, width: int = 256) -> None:
        super().__init__()
        self.size, self.body = size, _net(2 * size, 2 * size, width)
        nn.init.zeros_(self.body[-1].weight)  # type: ignore[arg-type]
        nn.init.zeros_(self.body[-1].bias)  # type: ignore[arg-type]

    def forward(self, c: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log sigma (B, size)."""
        mean, spread = self.body(c).chunk(2, -1)
        return mean + c[:, : self.size], (spread + c[:, self.size :]).clamp(_FLOOR, _CEILING)

    def density(self, c: Tensor, looks: Tensor) -> Tensor:
        """(B,) mean log density a coefficient, without its constant."""
        mean, spread = self(c)
        return (-0.5 * ((looks - mean) / spread.exp()).square() - spread).mean(-1)


def matching_loss(flow: Flow, c: Tensor, looks: Tensor, generator: torch.Generator) -> Tensor:
    """Cold start: the flow's own supervised loss, |v(x_t, c, t) - (x_1 - x_0)|^2."""
    x, noise, t = _noised(flow, c, looks, generator)
    return (flow(x, c, t) - (noise - (looks - c[:, : flow.size]))).square().mean()


def optimality(scores: Tensor) -> Tensor:
    """(P, G) raw scores of a group, online and offline samples together -> r in 0..1 (eq. 5 and 6)."""
    mean = scores.mean(1, keepdim=True)
    spread = scores.std(1, keepdim=True, correction=0)
    return 0.5 * ((scores - mean) / (spread + _LEAST)).clamp(-1, 1) + 0.5


def nft_loss(
    flow: Flow,
    old: Flow,
    c: Tensor,
    looks: Tensor,
    r: Tensor,
    beta: float,
    generator: torch.Generator,
    bounded: bool = False,
) -> Tensor:
    """DiffusionNFT: the positive policy is drawn to good samples, the negative to bad (eq. 1-3).

    c (B, 2 size), looks (B, size), r (B,) 0..1; ``old`` is the policy that the samples were drawn from.
    ``bounded`` : each squared error, in x_0, over its own mean size. Without it a bad sample repels the more,
    the farther it is off the policy.
    """
    x, noise, t = _noised(flow, c, looks, generator)
    target = noise - (looks - c[:, : flow.size])
    now = flow(x, c, t)
    with torch.no_grad():
        before = old(x, c, t)
    positive = (1 - beta) * before + beta * now
    negative = (1 + beta) * before - beta * now
    good, bad = (_errors(v - target, t, bounded) for v in (positive, negative))
    return (r * good + (1 - r) * bad).mean()


def _errors(off: Tensor, t: Tensor, bounded: bool) -> Tensor:
    """(B,) squared velocity errors; or t times that over their mean size: those of x_0 = x_t - t v."""
    squared = off.square().mean(1)
    return t * squared / off.detach().abs().mean(1).clamp_min(1e-4) if bounded else squared


def _noised(
    flow: Flow, c: Tensor, looks: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    t = torch.rand(len(looks), generator=generator)
    noise = torch.randn(looks.shape, generator=generator)
    start = looks - c[:, : flow.size]
    return (1 - t[:, None]) * start + t[:, None] * noise, noise, t


@dataclass(frozen=True)
class Offline:
    """Anchors with fixed labels (section 3.4.2), in place of people's: the true look, and it overdone."""

    truth: float = 1.0
    overdone: float = 0.3
    factor: float = 1.7

    def samples(self, truth: Tensor) -> tuple[Tensor, Tensor]:
        """(P, 2, size) looks and (P, 2) labels, of true looks (P, size)."""
        looks = torch.stack([truth, self.factor * truth], 1)
        return looks, torch.tensor([self.truth, self.overdone]).expand(len(truth), 2)

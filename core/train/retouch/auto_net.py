"""The network of the auto engine: a photo alone -> the latents of the retouch it needs."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ...engines.auto.ends import SIZE as ENDS
from ..critic.net import Figures, Sight
from ..policy.colour import oklab
from .latents import LATENT

_RANKS = (2, 5, 10, 20, 51, 102, 256, 512, 768, 921, 972, 1003, 1013, 1018, 1021)  # of 1024 pixels
_HISTOGRAMS = 64  # what the distribution of colours is condensed to
_FURTHEST = 6.0  # standard deviations at which a figure is cut off


class Quantiles(nn.Module):
    """(B, 3, 64, 64) sRGB -> where black, white and the tones between lie: finer than a histogram says.

    Of 32 x 32 pixels: quantiles of R, G, B, Oklab lightness and chroma; means of a and b, all and near grey.
    """

    size = 5 * len(_RANKS) + 4

    def forward(self, picture: Tensor, lab: Tensor) -> Tensor:
        """(B, size)."""
        rgb, thin = picture[:, :, ::2, ::2].flatten(2), lab[:, :, ::2, ::2].flatten(2)
        plane = thin[:, 1:] * 5
        chroma = (plane.square().sum(1, keepdim=True) + 1e-6).sqrt()
        ordered = torch.cat([rgb, thin[:, :1], chroma], 1).sort(-1).values
        near = torch.exp(-((chroma / 0.25) ** 2))
        grey = (plane * near).sum(-1) / (near.sum(-1) + 1e-3)
        ranks = ordered[:, :, torch.tensor(_RANKS)].flatten(1)
        return torch.cat([ranks * 2 - 1, plane.mean(-1) * 4, grey * 4], 1)


class Look(nn.Module):
    """Thumbnails (B, 3, 64, 64) and the ends of their photos' tones (B, ENDS) -> figures (B, size).

    What the critic sees, quantiles, and :func:`gradewright.core.engines.auto.ends.ends`. Nothing is learnt in
    it, so that it need be computed only once.
    """

    parts = (Figures.size, Sight.size - Figures.size, Quantiles.size, ENDS)
    size = sum(parts)

    def __init__(self) -> None:
        super().__init__()
        self.sight, self.quantiles = Sight(), Quantiles()

    def forward(self, photo: Tensor, ends: Tensor) -> Tensor:
        """Figures of each."""
        return torch.cat([self.sight(photo), self.quantiles(photo, oklab(photo)), ends], 1)


class AutoNet(nn.Module):
    """Figures (B, Look.size) -> ``outputs`` numbers, and how far off the photo is before and after.

    A CNN on the thumbnail, started from the reference network, reached less from ten times as much computing.
    """

    middle: Tensor
    spread: Tensor

    def __init__(self, width: int = 256, dropout: float = 0.15, outputs: int = LATENT) -> None:
        super().__init__()
        self.register_buffer("middle", torch.zeros(Look.size))
        self.register_buffer("spread", torch.ones(Look.size))
        shown, histograms, *rest = Look.parts
        self.histograms = nn.Sequential(nn.Dropout(dropout), nn.Linear(histograms, _HISTOGRAMS), nn.SiLU())
        self.body = nn.Sequential(
            nn.Linear(shown + _HISTOGRAMS + sum(rest), width), nn.LayerNorm(width), nn.SiLU(),
            nn.Dropout(dropout),
            nn.Linear(width, width), nn.LayerNorm(width), nn.SiLU(), nn.Dropout(dropout),
            nn.Linear(width, width), nn.SiLU(),
        )  # fmt: skip
        self.out, self.doubt = nn.Linear(width, outputs), nn.Linear(width, 2)
        self.out.weight.data *= 0.1
        nn.init.zeros_(self.out.bias)

    def fit_scale(self, figures: Tensor) -> None:
        """Take the figures' means and spreads from some of them (n, Look.size)."""
        self.middle.copy_(figures.float().mean(0))
        self.spread.copy_(figures.float().std(0) + 1e-2)

    def forward(self, figures: Tensor) -> tuple[Tensor, Tensor]:
        """Latents (B, outputs), and log dE (B, 2): of the photo as it is, and as it will be."""
        scaled = ((figures.float() - self.middle) / self.spread).clamp(-_FURTHEST, _FURTHEST)
        shown, histograms, *rest = torch.split(scaled, list(Look.parts), 1)
        hidden = self.body(torch.cat([shown, self.histograms(histograms), *rest], 1))
        return self.out(hidden), self.doubt(hidden)


class Several(nn.Module):
    """The mean over networks that differ by their seed: they err alike, but not quite."""

    def __init__(self, members: Sequence[AutoNet]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, figures: Tensor) -> tuple[Tensor, Tensor]:
        """As of each."""
        latents, doubts = zip(*(member(figures) for member in self.members), strict=True)
        return torch.stack(latents).mean(0), torch.stack(doubts).mean(0)


class AutoGraph(nn.Module):
    """As it is exported: from the thumbnail and the ends."""

    def __init__(self, net: AutoNet | Several) -> None:
        super().__init__()
        self.look, self.net = Look(), net

    def forward(self, photo: Tensor, ends: Tensor) -> tuple[Tensor, Tensor]:
        """Outputs as of the network."""
        latents, doubt = self.net(self.look(photo, ends))
        return latents, doubt

"""The network that scores a photo: figures of its tones, colours and layout, and a small perceptron on them.

A CNN in their place learns the same from a hundred times as much computing (docs/critic.md).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...critic.model import GAPS
from ..policy.colour import oklab
from ..policy.reference_net import Distribution

_TONES, _FEW = 17, 9  # quantiles of lightness, and of everything else
_CELLS = 4  # of the layout, along both edges
_NEUTRAL = 0.04  # Oklab chroma at which a colour counts as neutral by 1/e
_ZONES = ((0.0, 0.4), (0.4, 0.7), (0.7, 1.0))  # Oklab lightness of shadows, mids, highlights
_CUMULATIVE = 4 * 32  # of the distribution's figures, the cumulative ones come first
_RARE = 0.004  # share of a cell below which it hardly counts
_HISTOGRAM = 64  # what the joint histogram is condensed to


class Figures(nn.Module):
    """(B, 3, 64, 64) sRGB 0..1 -> (B, size) smooth figures, about -1..1."""

    size = _TONES + 6 * _FEW + 4 * _CELLS**2 + 2 + 3 * 3 + 2

    def forward(self, picture: Tensor, lab: Tensor) -> Tensor:
        """``lab`` : the picture in Oklab."""
        thin_rgb, thin = (x[:, :, ::2, ::2].flatten(2) for x in (picture, lab))
        chroma = (thin[:, 1:].square().sum(1, keepdim=True) + 1e-8).sqrt()
        tones = _quantiles(thin[:, :1], _TONES) * 2 - 1
        rest = _quantiles(torch.cat([thin_rgb * 2 - 1, 6 * thin[:, 1:], 6 * chroma], 1), _FEW)
        fine = torch.cat([2 * lab[:, :1] - 1, 6 * lab[:, 1:]], 1)
        means = functional.avg_pool2d(fine, 64 // _CELLS).flatten(1)
        spread = functional.avg_pool2d(fine[:, :1].square(), 64 // _CELLS).flatten(1)
        steps = [(lab[:, 0, 1:] - lab[:, 0, :-1]).abs(), (lab[:, 0, :, 1:] - lab[:, 0, :, :-1]).abs()]
        texture = torch.stack([step.mean((1, 2)) * 20 for step in steps], 1)
        ends = torch.stack(
            [(-60 * thin_rgb.amax(1)).exp().mean(1), (60 * (thin_rgb.amin(1) - 1)).exp().mean(1)], 1
        )
        return torch.cat([tones, rest, means, spread, texture, ends, *_casts(thin, chroma[:, 0])], 1)


def _quantiles(values: Tensor, count: int) -> Tensor:
    """(B, c, n) -> (B, c * count): evenly spaced, the first and the last near the ends."""
    places = torch.linspace(0.005, 0.995, count) * (values.shape[2] - 1)
    return values.sort(2).values[:, :, places.round().long()].flatten(1)


def _casts(lab: Tensor, chroma: Tensor) -> list[Tensor]:
    """a, b and amount of nearly neutral colours in three zones of lightness; (B, 3) each."""
    neutral = (-(chroma / _NEUTRAL).square()).exp()
    found = []
    for low, high in _ZONES:
        weight = neutral * torch.sigmoid(30 * (lab[:, 0] - low)) * torch.sigmoid(30 * (high - lab[:, 0]))
        amount = weight.mean(1, keepdim=True)
        cast = (lab[:, 1:] * weight[:, None]).mean(2) / (amount + 0.01)
        found += [torch.cat([30 * cast, 3 * amount], 1)]
    return found


class Sight(nn.Module):
    """(B, 3, 64, 64) -> (B, size): the figures, and a joint histogram of Oklab with cumulative ones."""

    size = Figures.size + Distribution.size

    def __init__(self) -> None:
        super().__init__()
        self.figures, self.distribution = Figures(), Distribution()

    def forward(self, picture: Tensor) -> Tensor:
        """Nothing in it is learnt, so that it need be computed only once."""
        lab = oklab(picture)
        found = self.distribution(picture, lab)
        cumulative, joint = found[:, :_CUMULATIVE], found[:, _CUMULATIVE:]
        return torch.cat([self.figures(picture, lab), cumulative, softened(joint)], 1)


def softened(joint: Tensor) -> Tensor:
    """The joint histogram's roots as they come -> flatter near zero: a JPEG empties and fills rare cells."""
    return ((joint / 3).square() + _RARE).sqrt() * 3


class CriticNet(nn.Module):
    """(B, Sight.size) -> how good it looks, and what it lacks.

    Returns of :meth:`forward`: (B,) rank, larger is better; (B, K) mean and (B, K) log sigma of the gap to
    the plausible value of each attribute in :data:`~gradewright.core.critic.model.GAPS`, in visible steps.
    """

    def __init__(self, width: int = 192, dropout: float = 0.1) -> None:
        super().__init__()
        self.histogram = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(Distribution.size, _HISTOGRAM), nn.SiLU()
        )
        self.body = nn.Sequential(
            nn.Linear(Figures.size + _HISTOGRAM, width), nn.LayerNorm(width), nn.SiLU(), nn.Dropout(dropout),
            nn.Linear(width, width), nn.LayerNorm(width), nn.SiLU(), nn.Dropout(dropout),
            nn.Linear(width, width), nn.SiLU(),
        )  # fmt: skip
        self.rank = nn.Linear(width, 1)
        self.gap, self.spread = nn.Linear(width, len(GAPS)), nn.Linear(width, len(GAPS))

    def forward(self, sight: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """One row per picture."""
        figures, histograms = sight[:, : Figures.size], sight[:, Figures.size :]
        hidden = self.body(torch.cat([figures, self.histogram(histograms)], 1))
        return self.rank(hidden)[:, 0], self.gap(hidden), self.spread(hidden)


class CriticGraph(nn.Module):
    """As it is exported, from the picture: the mean over it and its mirror image, so both score alike."""

    def __init__(self, net: CriticNet) -> None:
        super().__init__()
        self.sight, self.net = Sight(), net

    def forward(self, photo: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Outputs as of the network."""
        one, other = self.net(self.sight(photo)), self.net(self.sight(photo.flip(3)))
        return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2, (one[2] + other[2]) / 2

"""The network that sees a reference's grade through its content.

Two views of a picture: what lies where (a small residual CNN, for the reference only) and how its
colours are distributed (soft histograms, for both pictures). Everything is in the exported graph.
"""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from .colour import oklab

_LEVELS, _LIGHT, _CHROMA = 32, 8, 12
_RANGE = 0.16  # Oklab a and b at which the histogram ends


class Distribution(nn.Module):
    """(B, 3, 64, 64) sRGB 0..1 -> cumulative histograms of R, G, B, L and a 3D histogram in Oklab.

    32 x 32 pixels count; each is shared linearly between its neighbour cells,
    which keeps the figures smooth. Chroma cells are narrower near neutral.
    """

    size = 4 * _LEVELS + _LIGHT * _CHROMA**2

    def forward(self, picture: Tensor, lab: Tensor) -> Tensor:
        """(B, size)."""
        step = max(1, picture.shape[-1] // 32)
        planes = torch.cat([picture, lab[:, :1]], 1)[:, :, ::step, ::step].flatten(2)  # B, 4, n
        levels = _shares(planes.flatten(0, 1)[:, None] * (_LEVELS - 1), (_LEVELS,))
        cumulative = levels.cumsum(1).view(len(picture), -1)
        thin = lab[:, :, ::step, ::step].flatten(2)
        chroma = thin[:, 1:] / _RANGE
        warped = chroma.sign() * (chroma.abs() + 1e-9) ** (2 / 3)
        where = torch.cat([thin[:, :1] * (_LIGHT - 1), (warped + 1) * ((_CHROMA - 1) / 2)], 1)
        joint = _shares(where, (_LIGHT, _CHROMA, _CHROMA))
        return torch.cat([cumulative * 2 - 1, (joint + 1e-5).sqrt() * 3], 1)


def _shares(where: Tensor, cells: tuple[int, ...]) -> Tensor:
    """Positions (B, d, n) in cell units -> (B, prod(cells)) shares of the n points, which add up to one."""
    most = torch.tensor([c - 1.001 for c in cells])[:, None]
    inside = torch.minimum(where.clamp_min(0), most)
    low = inside.floor()
    part = inside - low
    strides = [math.prod(cells[i + 1 :]) for i in range(len(cells))]
    found = torch.zeros(len(where), math.prod(cells))
    for corner in itertools.product((0, 1), repeat=len(cells)):
        index = torch.zeros_like(low[:, 0])
        share = torch.ones_like(low[:, 0])
        for axis, up in enumerate(corner):
            index = index + (low[:, axis] + up) * strides[axis]
            share = share * (part[:, axis] if up else 1 - part[:, axis])
        found = found.scatter_add(1, index.long(), share)
    return found / where.shape[-1]


class Block(nn.Module):
    """Residual block of two 3x3 convolutions, halving the resolution."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inside, outside, 3, 2, 1)
        self.second = nn.Conv2d(outside, outside, 3, 1, 1)
        self.skip = nn.Conv2d(inside, outside, 1)
        self.norm = nn.GroupNorm(8, outside)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inside, h, w) -> (B, outside, h/2, w/2)."""
        inner = functional.silu(self.norm(self.first(x)))
        return functional.silu(self.skip(functional.avg_pool2d(x, 2)) + self.second(inner))


class ReferenceNet(nn.Module):
    """Photo and reference, both (B, 3, 64, 64) sRGB 0..1 -> coefficients (B, size) and their log sigma."""

    def __init__(self, size: int = 96, width: int = 32, dropout: float = 0.15) -> None:
        super().__init__()
        self.distribution = Distribution()
        self.stem = nn.Conv2d(6, width, 4, 2, 1)
        self.body = nn.Sequential(
            Block(width, 2 * width), Block(2 * width, 4 * width), Block(4 * width, 6 * width)
        )
        self.colours = nn.Sequential(nn.Linear(Distribution.size, 256), nn.SiLU(), nn.Dropout(dropout))
        self.photo_colours = nn.Sequential(nn.Linear(Distribution.size, 128), nn.SiLU(), nn.Dropout(dropout))
        self.no_photo = nn.Parameter(torch.zeros(128))
        self.head = nn.Sequential(
            nn.LayerNorm(12 * width + 256 + 128),
            nn.Linear(12 * width + 256 + 128, 512),
            nn.SiLU(),
            nn.Dropout(dropout),
            nn.Linear(512, 512),
            nn.SiLU(),
        )
        self.mean, self.spread = nn.Linear(512, size), nn.Linear(512, size)
        nn.init.zeros_(self.mean.bias)
        self.mean.weight.data *= 0.1

    def forward(self, photo: Tensor, reference: Tensor, given: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log sigma of the coefficients, in units of their spread over looks.

        ``given`` (B,) bool: where False the photo is not looked at.
        """
        lab, photo_lab = oklab(reference), oklab(photo)
        seen = self.stem(torch.cat([reference * 2 - 1, lab * self._gain(lab)], 1))
        seen = self.body(functional.silu(seen))
        pooled = torch.cat([seen.mean((2, 3)), seen.amax((2, 3))], 1)
        own = self.photo_colours(self.distribution(photo, photo_lab))
        joined = torch.cat(
            [
                pooled.float(),
                self.colours(self.distribution(reference, lab)),
                torch.where(given[:, None], own, self.no_photo),
            ],
            1,
        )
        hidden = self.head(joined)
        return self.mean(hidden), self.spread(hidden)

    @staticmethod
    def _gain(lab: Tensor) -> Tensor:
        return torch.tensor([1.0, 5.0, 5.0], device=lab.device)[:, None, None]

"""VeraRetouch's retouch encoder and renderer (section 3.1), small: a retouch as three latents.

Encoder: (before, after) -> z of light, colour and bands. Renderer: a pointwise colour mapping per group, one
after the other in the recipe's order, each conditioned on its own latent. What is masked is the identity,
exactly: a stage's last layer is linear in its latent without a bias.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .colour import decode, encode, linear_to_oklab, oklab_to_linear

GROUPS = ("light", "colour", "bands")
SIZES = {"light": 16, "colour": 16, "bands": 24}
LATENT = sum(SIZES.values())
POINTS = 192  # colours of a pair that the encoder looks at
_CHROMA = 4.0  # Oklab's a and b are small beside L


def features(rgb: Tensor) -> Tensor:
    """(..., 3) sRGB-encoded -> (..., 9): the colour, its Oklab, its hue's direction, its chroma."""
    lab = linear_to_oklab(decode(rgb))
    plane = lab[..., 1:]
    chroma = (plane.square().sum(-1, keepdim=True) + 1e-6).sqrt()
    return torch.cat(
        [rgb - 0.5, lab[..., :1] - 0.5, plane * _CHROMA, plane / (chroma + 0.02), chroma * _CHROMA], -1
    )


class Stage(nn.Module):
    """One group's colour mapping: (B, n, 3) -> the change of it, (B, n, 3)."""

    def __init__(self, latent: int, width: int) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(9, width), nn.Linear(width, width)
        self.into_first, self.into_second = nn.Linear(latent, width), nn.Linear(latent, width)
        self.bend = nn.Linear(latent, 2 * latent, bias=False)
        self.out = nn.Linear(3 * latent, (width + 10) * 3, bias=False)
        self.out.weight.data *= 0.1

    def forward(self, rgb: Tensor, z: Tensor) -> Tensor:
        """``z`` (B, latent); zeros give zeros."""
        seen = features(rgb)
        hidden = functional.silu(self.first(seen) + self.into_first(z)[:, None])
        hidden = functional.silu(self.second(hidden) + self.into_second(z)[:, None])
        basis = torch.cat([hidden, seen, torch.ones_like(seen[..., :1])], -1)
        weights = self.out(torch.cat([z, torch.tanh(self.bend(z))], -1))
        return basis @ weights.view(len(z), -1, 3)


class Renderer(nn.Module):
    """(B, n, 3) sRGB-encoded 0..1 and z (B, LATENT) -> the retouched colours, not clamped."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.light = Stage(SIZES["light"], width)
        self.bands = Stage(SIZES["bands"], width)
        self.colour = Stage(SIZES["colour"], width)

    def forward(self, rgb: Tensor, z: Tensor) -> Tensor:
        """Light on the encoded channels; bands and colour in Oklab."""
        light, colour, bands = split(z)
        toned = rgb + self.light(rgb, light)
        lab = linear_to_oklab(decode(toned))
        lab = lab + self.bands(toned.clamp(-0.1, 1.1), bands) / _scale(lab)
        between = encode(oklab_to_linear(lab))
        lab = lab + self.colour(between.clamp(-0.1, 1.1), colour) / _scale(lab)
        return encode(oklab_to_linear(lab))


def _scale(lab: Tensor) -> Tensor:
    return torch.tensor([1.0, _CHROMA, _CHROMA], dtype=lab.dtype)


def split(z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """z (B, LATENT) -> its groups."""
    light, colour, bands = torch.split(z, list(SIZES.values()), -1)
    return light, colour, bands


def masked(z: Tensor, mask: Tensor) -> Tensor:
    """z (B, LATENT) with the groups that ``mask`` (B, 3) does not keep at zero."""
    return torch.cat([part * mask[:, i : i + 1] for i, part in enumerate(split(z))], -1)


class Encoder(nn.Module):
    """(before, after) as sets of corresponding colours, (B, n, 3) each -> z (B, LATENT).

    A retouch is pointwise, so where a pixel lies says nothing about it: in place of a ResNet over pictures,
    a network over points, twice pooled (the second time each point knows what the whole set was like).
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.point = nn.Sequential(nn.Linear(27, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU())
        self.context = nn.Linear(2 * width, width)
        self.again = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 2 * width), nn.SiLU())
        self.head = nn.Sequential(
            nn.Linear(4 * width, 4 * width), nn.SiLU(), nn.Linear(4 * width, 2 * width), nn.SiLU()
        )
        self.out = nn.Linear(2 * width, LATENT)

    def forward(self, before: Tensor, after: Tensor) -> Tensor:
        """The three latents, side by side in the order of GROUPS."""
        one, other = features(before), features(after)
        points = self.point(torch.cat([one, other, (other - one) * 4], -1))
        points = self.again(points + self.context(_pooled(points))[:, None])
        return self.out(self.head(_pooled(points)))


def _pooled(points: Tensor) -> Tensor:
    return torch.cat([points.mean(1), points.amax(1)], -1)

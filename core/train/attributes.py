"""The torch twin of :mod:`gradewright.core.attributes`: batched, differentiable, tested equal.

Parts of a picture (thirds, neutrals, bands, skin) are masks without gradient, always those of the picture
before an edit; so differences of two twins that share them have clean gradients.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import torch
from torch import Tensor

from ..attributes import BAND_NAMES
from ..attributes.colours import COLOURED, FEW, NEUTRAL, SHARE, SKIN
from ..attributes.table import _GAINS_TO_BALANCE, LEAST_SHARE, ZONES
from ..colour import _OKLAB_LAB_TO_LMS
from ..recipe.parameters import BAND_CENTRES
from .policy import colour

_MIDDLE_GREY = 0.18
_FLOOR = 1e-4  # under roots: keeps gradients finite

GLOBAL = (
    "exposure", "brightness", "contrast", "shadows", "mids", "highlights", "black_point", "white_point",
    "saturation", "mean_a", "mean_b", "cast_a", "cast_b", "temperature", "tint",
    *(f"{zone}_{channel}" for zone in ZONES for channel in "ab"),
)  # fmt: skip
PARTS = (*BAND_NAMES, "skin")


class Twin:
    """Pictures as colours (B, 3, n), sRGB-encoded 0..1.

    ``like`` : the same pixels before an edit, whose parts are used.
    """

    def __init__(self, rgb: Tensor, like: Twin | None = None) -> None:
        self.rgb, self.like = rgb, like or self

    @cached_property
    def lab(self) -> Tensor:
        """CIE L*a*b*, (B, 3, n)."""
        return colour.lab(self.rgb)

    @cached_property
    def oklab(self) -> Tensor:
        """Oklab, (B, 3, n)."""
        return colour.oklab(self.rgb)

    @cached_property
    def chroma(self) -> Tensor:
        """C*, (B, n)."""
        return (self.lab[:, 1:].square().sum(1) + _FLOOR).sqrt()

    def globals(self, names: tuple[str, ...] = GLOBAL) -> Tensor:
        """(B, len(names)) attributes; only what they need is computed."""
        return torch.stack([self._one(name) for name in names], 1)

    def _one(self, name: str) -> Tensor:
        stem, _, channel = name.rpartition("_")
        if stem in ("mean", "cast", *ZONES):
            plane = self.lab[:, 1 + "ab".index(channel)]
            if stem == "mean":
                return plane.mean(1)
            return _mean(plane, self.like.neutrals if stem == "cast" else self.like.thirds[ZONES.index(stem)])
        light = self.lab[:, 0]
        if name in ("temperature", "tint"):
            return self._balance[name == "tint"]
        if name in ("shadows", "mids", "highlights"):
            return _mean(light, self.like.thirds[("shadows", "mids", "highlights").index(name)])
        if name in ("black_point", "white_point"):
            return _quantile(self._ordered, SHARE if name == "black_point" else 1 - SHARE)
        found: dict[str, Callable[[], Tensor]] = {
            "exposure": lambda: _exposure(light.mean(1)),
            "brightness": lambda: light.mean(1),
            "contrast": lambda: light.std(1, unbiased=False),
            "saturation": lambda: self.chroma.mean(1),
        }
        return found[name]()

    @cached_property
    def _ordered(self) -> Tensor:
        return self.lab[:, 0].sort(1).values

    def parts(self) -> tuple[Tensor, Tensor]:
        """(B, 9, 4) mean L*, C*, a*, b* of the bands and of skin, and (B, 9) whether there is any."""
        masks = self.like.part_masks
        there = 100 * masks.float().mean(2) >= LEAST_SHARE
        planes = torch.stack([self.lab[:, 0], self.chroma, self.lab[:, 1], self.lab[:, 2]], 1)
        weight = masks.float()
        means = torch.einsum("bpn,bcn->bpc", weight, planes) / weight.sum(2, keepdim=True).clamp_min(1)
        return means, there

    @cached_property
    def thirds(self) -> tuple[Tensor, Tensor, Tensor]:
        """(B, n) masks of the dark, the middle and the bright third."""
        light = self.lab[:, 0].detach()
        low, high = (_quantile(self._ordered.detach(), share)[:, None] for share in (1 / 3, 2 / 3))
        return light <= low, (light >= low) & (light <= high), light >= high

    @cached_property
    def neutrals(self) -> Tensor:
        """(B, n) mask of nearly neutral colours."""
        chroma = self.lab[:, 1:].detach().square().sum(1).sqrt()
        found = chroma < NEUTRAL
        least = chroma <= _quantile(chroma.sort(1).values, 0.1)[:, None]
        return torch.where(found.sum(1, keepdim=True) < FEW, least, found)

    @cached_property
    def part_masks(self) -> Tensor:
        """(B, 9, n) masks of the bands and of skin."""
        light, a, b = self.oklab.detach().unbind(1)
        hue, chroma = torch.rad2deg(torch.atan2(b, a)) % 360, torch.hypot(a, b)
        centres = torch.tensor(BAND_CENTRES)[None, :, None]
        gap = ((hue[:, None] - centres + 180) % 360 - 180).abs()
        bands = torch.nn.functional.one_hot(gap.argmin(1), len(BAND_CENTRES)).transpose(1, 2).bool()
        bands = bands & (chroma >= COLOURED)[:, None]
        skin = torch.ones_like(hue, dtype=torch.bool)
        for value, (low, high) in zip((light, chroma, hue), SKIN, strict=True):
            skin = skin & (value >= low) & (value <= high)
        return torch.cat([bands, skin[:, None]], 1)

    @cached_property
    def _balance(self) -> tuple[Tensor, Tensor]:
        mean = torch.stack([_mean(self.oklab[:, c], self.like.neutrals) for c in range(3)], 1)
        roots = (mean @ _constant(_OKLAB_LAB_TO_LMS).T).clamp_min(1e-4)
        found = (3 * roots.log()) @ _constant(_GAINS_TO_BALANCE).T
        return found[:, 0], found[:, 1]


def _constant(matrix: object) -> Tensor:
    return torch.as_tensor(matrix, dtype=torch.float32)


def _exposure(light: Tensor) -> Tensor:
    light = light.clamp_min(1)
    luminance = torch.where(light > 8, ((light + 16) / 116) ** 3, light / 903.3)
    return torch.log2(luminance / _MIDDLE_GREY)


def _mean(values: Tensor, part: Tensor) -> Tensor:
    """(B, n) values over a (B, n) mask."""
    weight = part.to(values.dtype)
    return (values * weight).sum(1) / weight.sum(1).clamp_min(1)


def _quantile(ordered: Tensor, share: float) -> Tensor:
    """(B, n) in order -> (B,), linear between neighbours as numpy does it."""
    place = share * (ordered.shape[1] - 1)
    low = int(place)
    high = min(low + 1, ordered.shape[1] - 1)
    return ordered[:, low] + (place - low) * (ordered[:, high] - ordered[:, low])

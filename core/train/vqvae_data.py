"""Endless augmented LUTs for the VQ-VAE, made a batch at a time on the 32^3 lattice.

The augmentations are those that the paper names (gamma, contrast, exposure, smoothed noise) and
the ones that made the shipped codec generalise: strength, composition of two looks, permuted
channels. All randomness comes from one CPU generator, whatever the device, so that a run can be
resumed exactly and a GPU sees the same looks as a CPU.
"""

from __future__ import annotations

import itertools

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ..interp import lattice

SIZE = 32
_ORDERS = tuple(itertools.permutations(range(3)))


def identity_32() -> Tensor:
    """(3, 32, 32, 32): the colour at each lattice point, channels first, axes r, g, b."""
    return torch.from_numpy(lattice(SIZE)).permute(3, 0, 1, 2).contiguous()


def to_32(tables: Tensor) -> Tensor:
    """(n, 33, 33, 33, 3) cubes -> (n, 3, 32, 32, 32), minus the identity (trilinear), float32."""
    identity = identity_32()
    parts = [
        functional.interpolate(
            part.float().permute(0, 4, 1, 2, 3), (SIZE,) * 3, mode="trilinear", align_corners=True
        )
        - identity
        for part in torch.split(tables, 64)
    ]
    return torch.cat(parts)


class Augmenter:
    """Batches of looks minus the identity (n, 3, 32, 32, 32), made from real and recipe-made ones.

    Parameters
    ----------
    real, recipes : (n, 33, 33, 33, 3) cubes in 0..1
    generator : on the CPU
    device : where the looks are kept (float16) and the batches are made
    """

    RECIPES, SWAPPED, COMPOSED, TONED, REMAPPED, NOISY = 0.25, 0.3, 0.3, 0.2, 0.2, 0.3

    def __init__(
        self, real: NDArray, recipes: NDArray, generator: torch.Generator, device: str = "cpu"
    ) -> None:
        self.real = to_32(torch.from_numpy(real)).half().to(device)
        self.recipes = to_32(torch.from_numpy(recipes)).half().to(device)
        self.generator, self.device = generator, device
        self.identity = identity_32().to(device)

    def batch(self, count: int) -> Tensor:
        """``count`` looks; what an augmentation drives out of 0..1 is clipped, as in a LUT file."""
        looks = self._picked(count) * self._uniform(count, 0.2, 1.25)
        for share, change in (
            (self.COMPOSED, self._composed),
            (self.REMAPPED, self._remapped),
            (self.TONED, self._toned),
            (self.NOISY, self._noisy),
        ):
            chosen = (torch.rand(count, generator=self.generator) < share).nonzero()[:, 0].to(self.device)
            if len(chosen):
                looks[chosen] = change(looks[chosen])
        return (looks + self.identity).clamp(0, 1) - self.identity

    def _picked(self, count: int) -> Tensor:
        shares = torch.rand(count, generator=self.generator).tolist()
        where = torch.rand(count, generator=self.generator).tolist()
        swaps = torch.rand(count, generator=self.generator).tolist()
        looks = []
        for share, place, swap in zip(shares, where, swaps, strict=True):
            pool = self.recipes if share < self.RECIPES else self.real
            look = pool[int(place * len(pool))]
            order = _ORDERS[int(swap / self.SWAPPED * len(_ORDERS))] if swap < self.SWAPPED else _ORDERS[0]
            looks.append(look.permute(0, *(axis + 1 for axis in order))[list(order)])
        return torch.stack(looks).float()

    def _composed(self, first: Tensor) -> Tensor:
        """Another look, weakened, on the output of these: trilinear."""
        then = self._picked(len(first)) * self._uniform(len(first), 0.2, 1)
        colours = (first + self.identity).clamp(0, 1)
        grid = (colours * 2 - 1).flip(1).permute(0, 2, 3, 4, 1)
        return colours - self.identity + functional.grid_sample(then, grid, align_corners=True)

    def _remapped(self, looks: Tensor) -> Tensor:
        """Tone curves before the look: each input axis resampled with its own curve."""
        axis = torch.linspace(0, 1, SIZE, device=self.device).expand(len(looks), 3, SIZE)
        curves = self._curves(axis[:, :, None])[:, :, 0]
        points = torch.arange(SIZE, device=self.device)
        hats = (1 - (curves[..., None] * (SIZE - 1) - points).abs()).clamp_min(0)
        made = torch.einsum("ncxyz,nix->nciyz", looks + self.identity, hats[:, 0])
        made = torch.einsum("ncxyz,niy->ncxiz", made, hats[:, 1])
        return torch.einsum("ncxyz,niz->ncxyi", made, hats[:, 2]) - self.identity

    def _toned(self, looks: Tensor) -> Tensor:
        """Tone curves after the look."""
        colours = (looks + self.identity).clamp(0, 1).flatten(3)
        return self._curves(colours).view_as(looks) - self.identity

    def _curves(self, x: Tensor) -> Tensor:
        """Exposure, gamma and contrast of 0..1 values (n, 3, ...), common and with a cast per channel."""
        spread = self._normal(len(x), 1) * torch.tensor([0.1, 0.25, 0.12])
        spread = (spread + self._normal(len(x), 3) * torch.tensor([0.03, 0.08, 0.02])).to(self.device)
        exposure, gamma, contrast = spread[..., None, None].unbind(2)
        y = (x * 2**exposure).clamp(1e-4, 1) ** (2**gamma)
        return (y - contrast * torch.sin(2 * torch.pi * y) / torch.pi).clamp(0, 1)

    def _noisy(self, looks: Tensor) -> Tensor:
        """Noise of a 4^3 grid, sigma up to 0.03."""
        coarse = torch.randn((len(looks), 3, 4, 4, 4), generator=self.generator).to(self.device)
        fine = functional.interpolate(coarse, (SIZE,) * 3, mode="trilinear", align_corners=True)
        return looks + fine * self._uniform(len(looks), 0, 0.03)

    def _uniform(self, count: int, low: float, high: float) -> Tensor:
        drawn = torch.rand((count, 1, 1, 1, 1), generator=self.generator) * (high - low) + low
        return drawn.to(self.device)

    def _normal(self, count: int, channels: int) -> Tensor:
        return torch.randn((count, channels, 3), generator=self.generator)

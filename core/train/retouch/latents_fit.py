"""Train the encoder and the renderer together, through pixels, with masks (VeraRetouch section 3.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ...colour import delta_e_srgb
from ..policy import colour as planes
from . import recipes
from .latents import POINTS, Encoder, Renderer, masked
from .render import render

_SHOWN = 128  # colours of the other photo that the loss is taken on
_ANY = 24  # and colours from the whole cube


class Retouch(nn.Module):
    """Encoder and renderer as one module."""

    def __init__(self, renderer_width: int = 48, encoder_width: int = 64) -> None:
        super().__init__()
        self.encoder, self.renderer = Encoder(encoder_width), Renderer(renderer_width)

    def forward(self, before: Tensor, after: Tensor, mask: Tensor, colours: Tensor) -> Tensor:
        """The retouch of a pair, what ``mask`` (B, 3) keeps of it, on other colours (B, n, 3)."""
        return self.renderer(colours, masked(self.encoder(before, after), mask))


def points(photos: Tensor, index: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """(B, count, 3) float: random pixels of photos (n, 3, h, w) uint8."""
    flat = photos.flatten(2)
    where = torch.randint(flat.shape[-1], (len(index), count), generator=generator)
    chosen = flat[index[:, None], :, where]  # advanced indices around a slice come first: (B, count, 3)
    return chosen.float() / 255


def difference(one: Tensor, other: Tensor) -> Tensor:
    """Mean perceptual difference a row, (B,), of colours (B, n, 3); leaving 0..1 costs."""
    with torch.autocast("cpu", enabled=False):
        inside = one.float().clamp(0, 1)
        lab_one, lab_other = planes.lab(inside.transpose(1, 2)), planes.lab(other.transpose(1, 2))
        outside = (one - inside).abs().mean((1, 2))
        return planes.difference(lab_one, lab_other).mean(1) + 20 * outside


@dataclass
class Task:
    """Draws pairs: the same recipe on two photos; the encoder sees one, the loss is on the other.

    A share of ``undo`` of them shows the way back, from the recipe's result to the photo, unmasked.
    """

    photos: Tensor
    batch: int
    undo: float

    def draw(self, rng: np.random.Generator, generator: torch.Generator) -> tuple[Tensor, ...]:
        """before, after, mask, colours, truth."""
        first, second = torch.from_numpy(rng.integers(len(self.photos), size=(2, self.batch)))
        shown = points(self.photos, first, POINTS, generator)
        other = points(self.photos, second, _SHOWN, generator)
        anything = torch.rand((self.batch, _ANY, 3), generator=generator)
        other = torch.cat([other, anything], 1)
        knobs = recipes.draw(self.batch, generator)
        mask = recipes.draw_masks(self.batch, generator)
        back = torch.rand(self.batch, generator=generator) < self.undo
        mask[back] = 1.0
        with torch.no_grad():
            graded = render(knobs, shown)
            truth = render(recipes.only(knobs, mask), other)
        swap = back[:, None, None]
        before, after = torch.where(swap, graded, shown), torch.where(swap, shown, graded)
        colours, truth = torch.where(swap, truth, other), torch.where(swap, other, truth)
        return before, after, mask, colours, truth

    def loss(self, model: nn.Module, rng: np.random.Generator, generator: torch.Generator) -> Tensor:
        """Mean difference on the other photo's colours."""
        before, after, mask, colours, truth = self.draw(rng, generator)
        return difference(model(before, after, mask, colours), truth).mean()


def evaluate(model: nn.Module, photos: Tensor, rounds: int = 4) -> dict[str, float]:
    """On photos that were not trained on: PSNR by which groups are masked, dE with all of them."""
    task = Task(photos, 50, 0.0)
    rng, generator = np.random.default_rng(0), torch.Generator().manual_seed(0)
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        before, after, mask, colours, truth = task.draw(rng, generator)
        with torch.no_grad():
            made = model(before, after, mask, colours).clamp(0, 1)
        made, truth = made[:, :_SHOWN], truth[:, :_SHOWN]
        decibels = -10 * torch.log10((made - truth).square().mean((1, 2)) + 1e-8)
        error = delta_e_srgb(made.double().numpy(), truth.double().numpy()).mean(1)
        for row in range(len(mask)):
            name = "".join("lcb"[i] if mask[row, i] else "-" for i in range(3))
            found.setdefault(f"psnr_{name}", []).append(float(decibels[row]))
            found.setdefault("dE", []).append(float(error[row]))
    return {name: round(float(np.mean(values)), 3) for name, values in sorted(found.items())}

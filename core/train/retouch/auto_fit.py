"""Train the auto engine's network: degraded photos to be mended, good ones to be left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from ...colour import delta_e_srgb
from ...engines.auto.ends import ends
from ...engines.compact.networks import thumbnail
from ...lut import Lut
from .. import degrade
from .auto_net import Look
from .latents_fit import difference
from .samples import STORED, Samples

Rendering = Callable[[Tensor, Tensor], Tensor]  # colours (B, n, 3), a network's numbers (B, k) -> colours
_SOME = 32  # pixels of a sample that a step looks at
_LEAST = 0.3  # dE below which it does not matter how small an error is
_HELD = 1024  # pixels of a held picture that errors are measured on


@dataclass
class Task:
    """Draws batches and scores them.

    ``render`` makes colours of what the network predicts; ``worse`` : what a dE by which a picture moves
    away from the good one costs besides.
    """

    samples: Samples
    render: Rendering
    batch: int
    worse: float

    def draw(self, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Figures (B, k), colours shown and good (B, n, 3)."""
        index = torch.from_numpy(rng.integers(len(self.samples.figures), size=self.batch))
        where = torch.from_numpy(rng.permutation(self.samples.pixels.shape[-1])[:_SOME])
        pixels = self.samples.pixels[index][..., where].float() / 255
        return self.samples.figures[index], pixels[:, 0].transpose(1, 2), pixels[:, 1].transpose(1, 2)

    def loss(self, model: nn.Module, rng: np.random.Generator, _: torch.Generator) -> Tensor:
        """Mean difference after mending; the two estimates of it weigh little."""
        figures, shown, good = self.draw(rng)
        found, doubt = model(figures)
        left = difference(self.render(shown, found), good)
        with torch.no_grad():
            was = difference(shown, good)
            real = torch.stack([was, left.detach()], 1).clamp_min(0).add(_LEAST).log()
        spoilt = (left - was).clamp_min(0).mean()
        return left.mean() + self.worse * spoilt + 0.2 * (doubt - real).abs().mean()


@dataclass(frozen=True, eq=False)
class Pictures:
    """Figures of pictures as they are shown, some of their pixels, and these as they should be (n, k, 3)."""

    figures: Tensor
    shown: Tensor
    good: Tensor

    @property
    def distance(self) -> np.ndarray:
        """dE2000 (n,) between shown and good."""
        return errors(self.shown, self.good)


class Held:
    """Photos of a split, degraded once and for all: what the network is judged on while it trains."""

    def __init__(self, paths: list[Path], looks: list[Lut], seed: int, rounds: int) -> None:
        rng = np.random.default_rng(seed)
        photos = [_square(path) for path in paths]
        samples = [
            degrade.degrade(photo, degrade.unretouched(rng, looks)) for _ in range(rounds) for photo in photos
        ]
        self.degraded = _pictures([sample.degraded for sample in samples], [s.good for s in samples])
        self.untouched = _pictures(photos, photos)
        self.before = self.degraded.distance

    def score(self, model: nn.Module, render: Rendering) -> dict[str, float]:
        """Share of dE recovered, share made worse, mean change of the good photos."""
        after, changed = (mended(model, render, one) for one in (self.degraded, self.untouched))
        return {
            "before": round(float(self.before.mean()), 3),
            "after": round(float(after.mean()), 3),
            "recovered": round(float(1 - after.mean() / self.before.mean()), 4),
            "worse": round(float((after > self.before).mean()), 4),
            "good_changed": round(float(changed.mean()), 3),
        }


def mended(model: nn.Module, render: Rendering, pictures: Pictures) -> np.ndarray:
    """dE2000 (n,) after mending."""
    with torch.no_grad():
        made = render(pictures.shown, model(pictures.figures)[0]).clamp(0, 1)
    return errors(made, pictures.good)


def errors(one: Tensor, other: Tensor) -> np.ndarray:
    """Mean dE2000 (n,) of pixels (n, k, 3)."""
    return np.asarray(delta_e_srgb(one.double().numpy(), other.double().numpy())).mean(1)


def _pictures(shown: list[np.ndarray], good: list[np.ndarray]) -> Pictures:
    look, rng = Look(), np.random.default_rng(0)
    with torch.no_grad():
        figures = [
            look(torch.from_numpy(thumbnail(photo)), torch.from_numpy(ends(photo))[None]) for photo in shown
        ]
    where = rng.permutation(STORED**2)[:_HELD]
    pixels = (torch.from_numpy(np.stack([x.reshape(-1, 3)[where] for x in side])) for side in (shown, good))
    return Pictures(torch.cat(figures), *pixels)


def _square(path: Path) -> np.ndarray:
    """(STORED, STORED, 3) float32 0..1, squeezed to a square."""
    with Image.open(path) as file:
        small = file.convert("RGB").resize((STORED, STORED), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / 255

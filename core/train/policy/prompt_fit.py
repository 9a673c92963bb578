"""Supervised training of the prompt network on drawn captions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from . import colour
from .basis import Basis
from .photos import through
from .prompt_data import Captions, Scenes, batch_of

_WINDOW = 8  # a batch is drawn from this many batches of neighbours in length
LIGHT = 0.6  # share of the batches that are drawn from light captions, when there are any


@dataclass
class Task:
    """Draws batches of captions and scores looks on photo colours.

    With ``light`` captions, which lack the language model's stream, some batches are drawn from them.
    """

    captions: Captions
    scenes: Scenes
    basis: Basis
    batch: int
    light: Captions | None = None

    def __post_init__(self) -> None:
        scale = self.basis.scale  # the leading coefficients are what is seen
        self.weights = scale / scale.mean()

    def loss(self, model: nn.Module, rng: np.random.Generator, generator: torch.Generator) -> Tensor:
        """What would be seen, the spread's likelihood, and the recipe's controls."""
        captions = self.captions
        if self.light is not None and rng.random() < LIGHT:
            captions = self.light
        rows = self._alike(captions, rng)
        mean, spread, controls, intent = model(*batch_of(captions, self.scenes, rows))
        truth = captions.target[rows]
        points = self.points(captions.scene[rows], rng)
        mean = mean.float()
        # Squares first: under an absolute error a caption that is not understood yet pulls towards
        # doing nothing, and every coefficient stays there.
        close = ((mean - truth).square() * self.weights).mean()
        recipe = (controls.float() - captions.controls[rows]).square().mean()
        log_sigma = spread.float().clamp(-5, 3)
        likelihood = (0.5 * (truth - mean.detach()).square() * (-2 * log_sigma).exp() + log_sigma).mean()
        about = nn.functional.cross_entropy(intent.float(), captions.intent[rows])
        found = 4 * close + 6 * recipe + 0.05 * likelihood + 0.1 * about
        return found + 0.05 * self.visible(mean, truth, points).mean()

    def _alike(self, captions: Captions, rng: np.random.Generator) -> list[int]:
        """Captions of about the same length, so that little is padded."""
        order = captions.by_length
        start = int(rng.integers(max(1, len(order) - _WINDOW * self.batch + 1)))
        window = order[start : start + _WINDOW * self.batch]
        return rng.choice(window, min(self.batch, len(window)), replace=False).tolist()

    def visible(self, mean: Tensor, truth: Tensor, points: Tensor) -> Tensor:
        """(B,) mean difference, about CIEDE2000, between two looks on colours (B, 3, h, w)."""
        both = [(points + through(self.basis(c), points)).clamp(0, 1) for c in (mean, truth)]
        one, other = (colour.lab(x).flatten(2) for x in both)
        return colour.difference(one, other).mean(1)

    def points(self, scene: np.ndarray, rng: np.random.Generator) -> Tensor:
        """The colours of the caption's photo, or of any photo where it has none."""
        anything = rng.integers(len(self.scenes), size=len(scene))
        return self.scenes.pixels[torch.from_numpy(np.where(scene >= 0, scene, anything))].float()


def evaluate(model: nn.Module, task: Task, rows: int = 1500) -> dict[str, float]:
    """Mean difference from what held-out captions ask for, over all and by kind."""
    found: dict[str, list[float]] = {}
    rng = np.random.default_rng(0)
    with torch.no_grad():
        for start in range(0, min(rows, len(task.captions)), 100):
            part = list(range(start, min(start + 100, len(task.captions))))
            mean, *_ = model(*batch_of(task.captions, task.scenes, part))
            points = task.points(task.captions.scene[part], rng)
            for i, error in zip(part, task.visible(mean, task.captions.target[part], points), strict=True):
                found.setdefault(task.captions.kinds[i], []).append(float(error))
    means = {kind: round(float(np.mean(errors)), 3) for kind, errors in sorted(found.items())}
    return {"dE": float(np.mean([e for errors in found.values() for e in errors])), **means}

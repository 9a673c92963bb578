"""Supervised training of the prompt network on drawn captions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ...text.ngrams import BUCKETS
from . import colour
from .basis import Basis
from .photos import through
from .prompt_data import Captions, Scenes, batch_of

_WINDOW = 8  # a batch is drawn from this many batches of neighbours in length


@dataclass
class Task:
    """Draws batches of captions and scores looks on photo colours.

    With ``light`` captions, which lack the language model's stream, a ``light_share`` of the batches is
    drawn from them. In the others a ``noise`` share of our own words becomes random n-grams, as words
    are that no caption had, and an ``away`` share of the English captions is without our own words:
    what they mean must then come from the language model. Left to itself the network reads our own words
    only, which are learnt sooner, and is lost when it meets a new one.
    """

    captions: Captions
    scenes: Scenes
    basis: Basis
    batch: int
    light: Captions | None = None
    light_share: float = 0.0
    noise: float = 0.0
    away: float = 0.0

    def __post_init__(self) -> None:
        scale = self.basis.scale  # the leading coefficients are what is seen
        self.weights = scale / scale.mean()

    def loss(self, model: nn.Module, rng: np.random.Generator, generator: torch.Generator) -> Tensor:
        """What would be seen, the spread's likelihood, and the recipe's controls."""
        lightly = self.light is not None and rng.random() < self.light_share
        captions = self.light if self.light is not None and lightly else self.captions
        rows = self._alike(captions, rng)
        states, mask, grams, *rest = batch_of(captions, self.scenes, rows)
        if not lightly:
            grams = unknown_words(grams, self.noise, generator)
            grams[torch.from_numpy(self._without_words(captions, rows, rng))] = 0
        mean, spread, controls, intent = model(states, mask, grams, *rest)
        truth = captions.target[rows]
        points = self.points(captions.scene[rows], rng)
        mean = mean.float()
        # Squares first: under an absolute error a caption that is not understood yet pulls towards
        # doing nothing, and every coefficient stays there.
        close = ((mean - truth).square() * self.weights).mean()
        wanted = captions.controls[rows]
        # a described LUT has no recipe: its row is not a number
        recipe = (controls.float() - wanted).nan_to_num(0.0).square().mean()
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

    def _without_words(
        self, captions: Captions, rows: list[int], rng: np.random.Generator
    ) -> NDArray[np.bool_]:
        """(B,) captions whose own words are taken away; figures are read by our own words alone."""
        exact = np.array([captions.kinds[row] == "numeric" for row in rows])
        return captions.english[rows] & ~exact & (rng.random(len(rows)) < self.away)

    def visible(self, mean: Tensor, truth: Tensor, points: Tensor) -> Tensor:
        """(B,) mean difference, about CIEDE2000, between two looks on colours (B, 3, h, w)."""
        both = [(points + through(self.basis(c), points)).clamp(0, 1) for c in (mean, truth)]
        one, other = (colour.lab(x).flatten(2) for x in both)
        return colour.difference(one, other).mean(1)

    def points(self, scene: np.ndarray, rng: np.random.Generator) -> Tensor:
        """The colours of the caption's photo, or of any photo where it has none."""
        anything = rng.integers(len(self.scenes), size=len(scene))
        return self.scenes.pixels[torch.from_numpy(np.where(scene >= 0, scene, anything))].float()


def unknown_words(grams: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """(B, W, 24) n-grams with a share of the words replaced by random ones of as many n-grams."""
    if not share:
        return grams
    other = torch.randint(1, BUCKETS, grams.shape, generator=generator)
    chosen = torch.rand(grams.shape[:2], generator=generator)[..., None] < share
    return torch.where(chosen & (grams > 0), other, grams)


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

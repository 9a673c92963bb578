"""Training of the critic's network: pairwise ranking on ladders of degradation, gaps to the good photo."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from ...attributes import BY_NAME
from ...critic.model import GAPS, SIDE, thumbnail
from ..attributes import Twin
from ..policy.photos import crops
from .ladders import Ladders, parts
from .net import Sight

Tick = Callable[[], None]

_SMALLEST = 0.65  # least share of an edge that a crop keeps
_ACROSS, _GAPS, _CENTRE = 0.5, 0.4, 0.002  # weights beside the ranking within a ladder
_STEADY = 15.0  # weight of what changes in the rank of a recompressed or resized copy
_COPIES = 64  # copies in a batch
_HUGE = 4.0  # visible steps from which a gap's error counts in proportion, not squared
_THIN = 2  # every other pixel both ways is enough for attributes


@dataclass(frozen=True)
class Climbs:
    """Photos that have been put on ladders, the photo itself first, and what the network sees of them.

    ``sight`` (n, 4, Sight.size) float16; ``gaps`` (n, 4, K) in visible steps.
    """

    sight: Tensor
    gaps: Tensor

    def __len__(self) -> int:
        return len(self.gaps)


def climb(
    photos: Tensor, ladders: Ladders, generator: torch.Generator, crop: bool = True, tick: Tick = lambda: None
) -> Climbs:
    """Every photo (n, 3, h, w) uint8 on a ladder drawn for it; in training as a random crop."""
    sight, found = Sight(), list[tuple[Tensor, Tensor]]()
    with torch.no_grad():
        for part in parts(len(photos), 32):
            chosen = photos[list(part)]
            whole = functional.interpolate(chosen.float() / 255, (SIDE, SIDE), mode="area")
            small = crops(chosen, SIDE, _SMALLEST, generator) if crop else whole
            which = torch.randint(len(ladders), (len(chosen),), generator=generator)
            steps = ladders.climb(small, which)
            seen = sight(steps.flatten(0, 1)).half()
            found.append((seen.view(*steps.shape[:2], -1), gaps(steps).view(*steps.shape[:2], -1)))
            tick()
    return Climbs(*(torch.cat(one) for one in zip(*found, strict=True)))


@dataclass(frozen=True)
class Copies:
    """What is seen of photos, and of recompressed and resized copies of them; both (m, Sight.size)."""

    photo: Tensor
    copy: Tensor

    @property
    def change(self) -> Tensor:
        """(m, Sight.size) what copying changes."""
        return self.copy - self.photo


@dataclass
class RankTask:
    """Draws from climbed photos.

    ``copies`` : what they change in what is seen is added at random, and a copy is to rank as the photo does.
    """

    climbs: Climbs
    batch: int
    copies: Copies | None = None

    def loss(self, model: nn.Module, rng: np.random.Generator, generator: torch.Generator) -> Tensor:
        """Ranking within ladders, ranking across photos, likelihood of the gaps."""
        rows = torch.randint(len(self.climbs), (self.batch,), generator=generator)
        sight = self.climbs.sight[rows].float().flatten(0, 1)
        if self.copies is not None:
            change = self.copies.change
            which = torch.randint(len(change), (len(sight),), generator=generator)
            sight = sight + change[which] * (2 * torch.rand((len(sight), 1), generator=generator))
        rank, gap, log_sigma = model(sight)
        rank = rank.float().view(self.batch, -1)
        better, worse = [0, 1, 2, 0, 0], [1, 2, 3, 2, 3]
        within = functional.softplus(rank[:, worse] - rank[:, better]).mean()
        # a good photo against other photos that were spoilt: gives the scale one meaning for all photos
        other = rank.roll(int(rng.integers(1, self.batch)), 0)
        across = functional.softplus(other[:, 2:] - rank[:, :1]).mean()
        found = within + _ACROSS * across + _CENTRE * rank.square().mean()
        found = found + _STEADY * self._unsteady(model, generator)
        return found + _GAPS * _likelihood(gap, log_sigma, self.climbs.gaps[rows].flatten(0, 1))

    def _unsteady(self, model: nn.Module, generator: torch.Generator) -> Tensor:
        """Mean square of the change in rank between photos and their copies."""
        if self.copies is None:
            return torch.zeros(())
        rows = torch.randint(len(self.copies.copy), (_COPIES,), generator=generator)
        rank, *_ = model(torch.cat([self.copies.photo[rows], self.copies.copy[rows]]))
        changed: Tensor = rank[:_COPIES] - rank[_COPIES:]
        return changed.square().mean()


def seen_copies(paths: Sequence[Path]) -> Copies:
    """Four copies of every photo: five eighths of the size, and three JPEG qualities."""
    sight, found = Sight(), []
    for path in paths:
        with Image.open(path) as file:
            photo = file.convert("RGB")
        small = photo.resize((photo.width * 5 // 8, photo.height * 5 // 8), Image.Resampling.LANCZOS)
        thumbs = [thumbnail(np.asarray(one, np.float32) / 255) for one in (photo, small)]
        for quality in (35, 55, 75):
            buffer = io.BytesIO()
            photo.save(buffer, "JPEG", quality=quality)
            thumbs.append(thumbnail(np.asarray(Image.open(buffer), np.float32) / 255))
        with torch.no_grad():
            seen = sight(torch.from_numpy(np.stack(thumbs)))
        found.append((seen[:1].expand(len(seen) - 1, -1), seen[1:]))
    originals, copies = (torch.cat(part) for part in zip(*found, strict=True))
    return Copies(originals, copies)


def gaps(steps: Tensor) -> Tensor:
    """(B, 4, 3, h, w) ladders -> (B * 4, K): the good photo's attributes less each step's, in steps."""
    points = steps[..., ::_THIN, ::_THIN].flatten(3)
    now = Twin(points.flatten(0, 1))
    good = Twin(points[:, :1].expand_as(points).flatten(0, 1), now)
    scale = torch.tensor([BY_NAME[name].step for name in GAPS])
    return (good.globals(GAPS) - now.globals(GAPS)) / scale


def _likelihood(gap: Tensor, log_sigma: Tensor, truth: Tensor) -> Tensor:
    """Squares for the mean, flat for what is huge; a Laplace likelihood for its spread alone.

    Under one likelihood for both, a gap that is not understood yet gets a large spread, which takes the
    weight from its mean: the network then knows that something is off and never learns what.
    """
    off = gap.float() - truth
    close = (((off / _HUGE).square() + 1).sqrt() - 1) * _HUGE**2
    log_scale = log_sigma.float().clamp(-3, 3)
    spread = off.detach().abs() * (-log_scale).exp() + log_scale
    return 0.5 * close.mean() + 0.3 * spread.mean()


@dataclass
class Climbed:
    """Ranks (n, 4) and gaps of photos on ladders, the photo itself first."""

    rank: Tensor
    gap: Tensor
    sigma: Tensor
    truth: Tensor

    def accuracy(self) -> float:
        """Share of neighbouring steps, and of first against last, that are in the right order."""
        better, worse = [0, 1, 2, 0], [1, 2, 3, 3]
        return float((self.rank[:, better] > self.rank[:, worse]).float().mean())

    def discrimination(self) -> float:
        """How often a good photo ranks above a spoilt other one (area under the ROC curve)."""
        return float((self.rank[:, 0][:, None] > self.rank[:, 1:].flatten()[None]).float().mean())


def climbed(model: nn.Module, climbs: Climbs) -> Climbed:
    """What a model makes of climbed photos."""
    model.eval()
    with torch.no_grad():
        rank, gap, spread = model(climbs.sight.float().flatten(0, 1))
    truth = climbs.gaps.flatten(0, 1)
    return Climbed(rank.view(len(climbs), -1), gap, spread.clamp(-3, 3).exp(), truth)


def calibrate(found: Climbed) -> dict[str, float]:
    """``middle`` and ``scale`` of the score, by logistic regression of good against spoilt, evenly weighted.

    ``sigma`` : the factor with which 68 % of the gaps lie within one sigma of their estimate.
    """
    rank = torch.cat([found.rank[:, 0], found.rank[:, 1:].flatten()]).double()
    good = torch.zeros(len(rank), dtype=torch.double)
    good[: len(found.rank)] = 1
    weight = torch.where(good > 0, 0.5 / good.sum(), 0.5 / (1 - good).sum())
    values = torch.zeros(2, dtype=torch.double, requires_grad=True)
    search = torch.optim.LBFGS([values], max_iter=200, line_search_fn="strong_wolfe")

    def step() -> Tensor:
        search.zero_grad()
        logits = values[0] + values[1] * rank
        loss = functional.binary_cross_entropy_with_logits(logits, good, weight, reduction="sum")
        torch.autograd.backward(loss)
        return loss

    search.step(step)  # type: ignore[no-untyped-call]
    offset, slope = values.tolist()
    off = ((found.gap - found.truth).abs() / found.sigma).flatten()
    return {"middle": -offset / slope, "scale": 1 / slope, "sigma": float(torch.quantile(off, 0.68))}

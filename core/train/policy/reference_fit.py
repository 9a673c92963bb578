"""Train the network that reads a grade off a reference.

Pairs as in AceTone section 3.2 and SemiNFT: the reference is L(I2), the photo another picture I1, and the
truth L(I1); the loss is the difference on I1's own colours, where a user would see it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ...colour import delta_e_srgb
from ...engines.compact.networks import SIDE
from ...interp import lattice
from .. import codec_data
from . import colour
from .basis import Basis
from .looks import as_volumes, load_looks
from .loop import Budget, Run
from .photos import crops, load_photos, through
from .reference_net import ReferenceNet


@dataclass
class Task:
    """Draws batches and scores them.

    ``photos`` (n, 3, h, w) uint8; ``real`` and ``made`` looks (n, 3, 17, 17, 17) float16;
    ``basis`` from coefficients to lattice differences.
    """

    photos: Tensor
    real: Tensor
    made: Tensor
    basis: Basis
    batch: int
    jitter: float
    no_photo: float
    real_share: float
    mixed_share: float
    stir: float
    weaker: float
    mosaic: float

    def __post_init__(self) -> None:
        side = self.real.shape[-1]
        self.identity = torch.from_numpy(lattice(side)).permute(3, 0, 1, 2)[None]

    def loss(self, model: nn.Module, rng: np.random.Generator, generator: torch.Generator) -> Tensor:
        """Mean difference on the photos' colours, plus the likelihood of the coefficients' spread."""
        first, second = torch.from_numpy(rng.integers(len(self.photos), size=(2, self.batch)))
        photo = crops(self.photos[first], SIDE // 2, 0.55, generator)
        shown = self._mosaic(crops(self.photos[second], SIDE, 0.55, generator), generator)
        tables = self._looks(rng)
        with torch.no_grad():
            photo = self._perturbed(photo, generator)
            reference = through(tables, self._perturbed(shown, generator))
            reference = (reference + torch.randn(reference.shape, generator=generator) * 0.004).clamp(0, 1)
        given = torch.rand(self.batch, generator=generator) >= self.no_photo
        mean, spread = model(photo, reference, given)
        made = self.basis(mean.float())
        points = self._points(photo, generator)
        return self._visible(made, tables, points) + 0.02 * self._likelihood(mean, spread, tables)

    def _looks(self, rng: np.random.Generator) -> Tensor:
        """Real LUTs, some at a little less than full strength, mixtures of them, and made ones."""
        half, mixed = round(self.batch * self.real_share), round(self.batch * self.mixed_share)
        strength = np.where(rng.random(half) < self.weaker, rng.uniform(0.4, 1, half), 1)
        real = self._weakened(self._some(self.real, half, rng), strength)
        made = self._some(self.made, self.batch - half - mixed, rng)
        return self._stirred(torch.cat([real, self._mixtures(mixed, rng), made]), rng)

    def _mixtures(self, count: int, rng: np.random.Generator) -> Tensor:
        """Two real LUTs added up (more or less of each than there is), or one after the other."""
        first, second = (
            self._weakened(self._some(self.real, count, rng), rng.uniform(low, 0.9, count))
            for low in (0.2, -0.2)
        )
        after = torch.from_numpy(rng.random(count) < 0.5).view(-1, 1, 1, 1, 1)
        lattice_points = first.flatten(3)  # (count, 3, n, n * n): every lattice point as a picture
        composed = through(second, lattice_points.clamp(0, 1)).view_as(first)
        return torch.where(after, composed, first + second - self.identity).clamp(0, 1)

    def _stirred(self, looks: Tensor, rng: np.random.Generator) -> Tensor:
        """Half of the looks get a random look in the codec's leading coefficients on top.

        The network knows 1,057 LUTs by heart after half an hour and then does worse on others: on looks of
        the val split it erred by 8.4 dE, on train ones by 6.4, with photos of either split.
        """
        amount = torch.from_numpy(rng.uniform(0, self.stir, len(looks)) * (rng.random(len(looks)) < 0.5))
        drawn = torch.from_numpy(rng.standard_normal((len(looks), len(self.basis.scale))))
        added = self.basis((drawn * amount[:, None]).float())
        return (looks + added).clamp(0, 1)

    def _some(self, looks: Tensor, count: int, rng: np.random.Generator) -> Tensor:
        return looks[torch.from_numpy(rng.integers(len(looks), size=count))].float()

    def _weakened(self, looks: Tensor, strength: np.ndarray) -> Tensor:
        share = torch.from_numpy(np.asarray(strength)).float().view(-1, 1, 1, 1, 1)
        return self.identity + (looks - self.identity) * share

    def _mosaic(self, pictures: Tensor, generator: torch.Generator) -> Tensor:
        """Some pictures with a rectangle of another one: contents that no photo of the pack has.

        Photos are what this network runs out of first (CutMix, Yun et al. 2019, without its labels: the
        grade is one and the same over the whole).
        """
        count, side = len(pictures), pictures.shape[-1]
        at = torch.linspace(0, 1, side)[None] - torch.rand((2, count, 1), generator=generator)
        reach = 0.25 + 0.35 * torch.rand((2, count, 1), generator=generator)
        rows, columns = at.abs() < reach
        inside = rows[:, :, None] & columns[:, None]
        inside &= (torch.rand(count, generator=generator) < self.mosaic)[:, None, None]
        return torch.where(inside[:, None], pictures.roll(1, 0), pictures)

    def _perturbed(self, pictures: Tensor, generator: torch.Generator) -> Tensor:
        """Exposure, contrast and white balance vary a little: what cameras do, not what a grade is."""
        amounts = torch.randn((len(pictures), 5, 1, 1), generator=generator) * self.jitter
        gains = 1 + 0.06 * torch.cat([amounts[:, 0:1], 0 * amounts[:, :1], -amounts[:, 0:1]], 1)
        gains = gains * (1 + 0.02 * torch.cat([amounts[:, 1:2], -amounts[:, 1:2], amounts[:, 1:2]], 1))
        power = 2 ** (0.25 * amounts[:, 2:3])
        return ((pictures * gains).clamp(0, 1).clamp_min(1e-4) ** power).clamp(0, 1)

    def _points(self, photo: Tensor, generator: torch.Generator) -> Tensor:
        """(B, 3, 20, 20): a third of the photo's pixels, and some colours from the whole cube."""
        flat = photo.flatten(2)
        chosen = flat[:, :, torch.randperm(flat.shape[-1], generator=generator)[:360]]
        anything = torch.rand((len(photo), 3, 40), generator=generator)
        return torch.unflatten(torch.cat([chosen, anything], 2), 2, (20, 20))

    def _visible(self, made: Tensor, tables: Tensor, points: Tensor) -> Tensor:
        graded = (points + through(made, points)).clamp(-0.05, 1.05)
        truth = through(tables, points)
        one, other = (colour.lab(x.clamp(0, 1)).flatten(2) for x in (graded, truth))
        outside = (graded - graded.clamp(0, 1)).abs().mean()
        return colour.difference(one, other).mean() + 20 * outside

    def _likelihood(self, mean: Tensor, spread: Tensor, tables: Tensor) -> Tensor:
        """Gaussian: how far the truth is from the mean, coefficient by coefficient."""
        with torch.no_grad():
            truth = self.basis.project((tables - self.identity).flatten(1))
        error = (truth - mean.detach().float()).square()
        log_sigma = spread.float().clamp(-5, 3)
        return (0.5 * error * (-2 * log_sigma).exp() + log_sigma).mean()


class Triplets:
    """The pack's reference triplets of a split: photo, reference, look (``bench/ref_triplets_*.json``).

    ``strength`` : of the looks; below 1 they are subtler than the pack's.
    """

    def __init__(self, root: Path, split: str, points: int = 1024, strength: float = 1.0) -> None:
        rows = json.loads((root / "bench" / f"ref_triplets_{split}.json").read_text(encoding="utf-8"))
        with open(root / "luts" / f"luts_{split}.jsonl", encoding="utf-8") as lines:
            names = [json.loads(line) for line in lines]
        names = [row["id"] for row in names if row["group"] == "core"]
        rows = [row for row in rows if row["lut"] in names]
        tables = load_looks(root, split)
        looks = as_volumes(tables[[names.index(row["lut"]) for row in rows]]).float()
        identity = torch.from_numpy(lattice(looks.shape[-1])).permute(3, 0, 1, 2)
        self.tables = identity + (looks - identity) * strength
        pictures = [
            load_photos([root / "photos" / row[kind] for row in rows], SIDE)
            for kind in ("content", "reference")
        ]
        self.photo = pictures[0].float() / 255
        self.reference = through(self.tables, pictures[1].float() / 255)
        order = torch.randperm(SIDE * SIDE, generator=torch.Generator().manual_seed(0))[:points]
        self.points = torch.unflatten(self.photo.flatten(2)[:, :, order], 2, (32, -1))
        self.truth = pixels(through(self.tables, self.points))
        self.identity = delta_e_srgb(pixels(self.points), self.truth).mean(1)

    def score(self, model: nn.Module, basis: Basis) -> dict[str, float]:
        """Mean dE2000 on the photos' colours, the share of triplets better than doing nothing."""
        with torch.no_grad():
            mean, _ = model(self.photo, self.reference, torch.ones(len(self.photo), dtype=torch.bool))
            graded = (self.points + through(basis(mean), self.points)).clamp(0, 1)
        errors = delta_e_srgb(pixels(graded), self.truth).mean(1)
        return {
            "dE": float(errors.mean()),
            "identity": float(self.identity.mean()),
            "better": float((errors < self.identity).mean()),
        }


def pixels(planes: Tensor) -> np.ndarray:
    """(B, 3, ...) -> (B, n, 3) float64."""
    return planes.flatten(2).permute(0, 2, 1).double().numpy()


def make_run(
    config: dict[str, Any], root: Path, folder: Path, made: np.ndarray, basis: Basis, start: Path | None
) -> Run[ReferenceNet]:
    """A run of a config, ready to train or to go on; ``start`` as in :class:`.loop.Run`."""
    real = as_volumes(load_looks(root, "train"))
    photos = load_photos(codec_data.photo_paths(root, "train"))
    task = Task(
        photos,
        real,
        as_volumes(made),
        basis,
        config["batch"],
        config["jitter"],
        config["no_photo"],
        config["real_share"],
        config["mixed_share"],
        config["stir"],
        config["weaker"],
        config["mosaic"],
    )
    val = Triplets(root, "val")
    return Run(
        folder,
        ReferenceNet(config["size"], config["width"], config["dropout"]),
        task.loss,
        lambda model: val.score(model, basis),
        Budget(config["minutes"]),
        config["seed"],
        config["rate"],
        config["decay"],
        every=config["every"],
        start=start,
    )

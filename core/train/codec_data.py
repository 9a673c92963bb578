"""What the codec is fitted on: real LUTs, photo pixels, recipe-made LUTs, and augmentations of them.

The data pack (``$GRADEWRIGHT_DATA``) is read in place. All randomness comes from the
generators that the caller seeds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from ..interp import lattice
from ..recipe import BANDS, PARAMETERS, ZONES, Recipe
from ..recipe.render import render_lattice

F32 = NDArray[np.float32]
SIZE = 33
LICENSED = (
    "rt-film-simulation",
    "rt-creative-pack",
    "spectral-film",
    "openshot-freshluts",
    "digikam",
    "obs-studio",
)


def load_luts(root: Path, split: str, licensed_only: bool = False) -> tuple[F32, list[dict[str, Any]]]:
    """The split's "core" tables (n, 33, 33, 33, 3) float32 [r, g, b] in 0..1, and their descriptions."""
    with np.load(root / "luts" / f"luts_{split}.npz") as pack:
        packed = pack["d"]
    with open(root / "luts" / f"luts_{split}.jsonl", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    keep = [i for i, row in enumerate(rows) if row["group"] == "core"]
    if licensed_only:
        keep = [i for i in keep if rows[i]["family"] in LICENSED]
    tables = np.empty((len(keep), *packed.shape[1:]), np.float32)
    for table, i in zip(tables, keep, strict=True):
        steps = packed[i]
        for axis in range(3):
            steps = np.cumsum(steps, axis, dtype=np.int16)
        np.divide(steps.transpose(2, 1, 0, 3), np.float32(1023), out=table)  # stored b, g, r
    return tables, [rows[i] for i in keep]


def photo_paths(root: Path, split: str) -> list[Path]:
    """The JPEG photos of a split; train has a second folder."""
    folders = [root / "photos" / split] + ([root / "photos" / "train2"] if split == "train" else [])
    return [path for folder in folders for path in sorted(folder.glob("*.jpg"))]


def photo_pixels(paths: list[Path], count: int, rng: np.random.Generator) -> F32:
    """(count, 3) sRGB 0..1, the same number from every photo, shuffled."""
    share = -(-count // len(paths))
    pixels = []
    for path in paths:
        flat = np.asarray(Image.open(path).convert("RGB")).reshape(-1, 3)
        pixels.append(flat[rng.integers(0, len(flat), share)])
    stacked = np.concatenate(pixels)
    return (stacked[rng.permutation(len(stacked))[:count]] / 255).astype(np.float32)


def manifest(paths: list[Path], root: Path) -> dict[str, str]:
    """SHA256 of each file, and for folders of photos one digest over all of them."""
    out: dict[str, str] = {}
    folders: dict[str, Any] = {}
    for path in paths:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        name = path.relative_to(root).as_posix()
        if path.suffix == ".jpg":
            folders.setdefault(str(Path(name).parent), hashlib.sha256()).update(
                f"{digest}  {name}\n".encode()
            )
        else:
            out[name] = digest
    return out | {f"{folder}/*.jpg": combined.hexdigest() for folder, combined in folders.items()}


def random_recipe(rng: np.random.Generator) -> Recipe:
    """Controls drawn from normals: strength and number of used controls vary from recipe to recipe."""
    strength = rng.choice([0.25, 0.5, 1.0, 1.6])
    density = rng.uniform(0.15, 0.6)
    values: dict[str, float] = {}
    for p in PARAMETERS:
        if any(p.name == f"{zone}_hue" for zone in ZONES):
            continue
        is_band = any(p.name.startswith(f"{band}_") for band in BANDS)
        if rng.random() >= density * (0.45 if is_band else 1):
            continue
        value = rng.normal(0, 0.08 * (p.high - p.low) * strength)
        if p.name.endswith("_amount"):
            values[p.name.replace("amount", "hue")] = float(rng.uniform(0, 360))
        values[p.name] = float(np.clip(value, p.low, p.high))
    return Recipe(**values)


def recipe_tables(
    count: int,
    rng: np.random.Generator,
    tick: Callable[[], None] = lambda: None,
    enough: Callable[[], bool] = lambda: False,
) -> NDArray:
    """``count`` recipe-made cubes (n, 33, 33, 33, 3), float16 to save memory; fewer (>= 64) if ``enough``."""
    out = np.empty((count, SIZE, SIZE, SIZE, 3), np.float16)
    for i in range(count):
        if i >= 64 and enough():
            return out[:i]
        out[i] = render_lattice(random_recipe(rng).coefficients, SIZE)
        tick()
    return out


class Augmenter:
    """Endless LUTs: strength blends, compositions, channel swaps, tonal jitters, recipes.

    Parameters
    ----------
    real : (n, 33, 33, 33, 3) float32 cubes;  recipes : the same, recipe-made
    mix : shares of blends, compositions, recipes, jitter after, jitter before
    swap : chance that a real LUT has its channels permuted (inputs and outputs alike)
    """

    def __init__(
        self, real: F32, recipes: NDArray, mix: list[float], swap: float, rng: np.random.Generator
    ) -> None:
        self.real, self.recipes, self.swap, self.rng = torch.from_numpy(real), recipes, swap, rng
        self.mix = np.asarray(mix) / np.sum(mix)
        self.identity = torch.from_numpy(lattice(SIZE))

    def __iter__(self) -> Iterator[torch.Tensor]:
        while True:
            yield self.draw()

    def draw(self) -> torch.Tensor:
        """One cube (33, 33, 33, 3) in 0..1."""
        rng, identity = self.rng, self.identity
        kind = rng.choice(5, p=self.mix)
        if kind == 2:
            return self._recipe()
        look = self._pick()
        if kind == 0:
            made = identity + (look - identity) * rng.uniform(0.2, 1.25)
        elif kind == 1:
            first = identity + (look - identity) * rng.uniform(0.3, 1)
            then = identity + (self._pick() - identity) * rng.uniform(0.2, 1)
            made = sample_cube(then, first)
        elif kind == 3:
            made = self._jitter(identity + (look - identity) * rng.uniform(0.3, 1))
        else:
            made = identity + (sample_cube(look, self._jitter(identity)) - identity) * rng.uniform(0.5, 1)
        return made.clamp(0, 1)

    def _recipe(self) -> torch.Tensor:
        return torch.from_numpy(self.recipes[self.rng.integers(len(self.recipes))].astype(np.float32))

    def _pick(self) -> torch.Tensor:
        if self.rng.random() < 0.2:
            return self._recipe()
        look = self.real[self.rng.integers(len(self.real))]
        if self.rng.random() < self.swap:
            order = self.rng.permutation(3).tolist()
            look = look.permute(*order, 3)[..., order]
        return look

    def _curves(self) -> torch.Tensor:
        """(33, 3) random tone curves: gamma, contrast, exposure, faded ends, per-channel casts."""
        rng, axis = self.rng, np.linspace(0, 1, SIZE)
        common, contrast = axis ** (2 ** rng.normal(0, 0.25)), rng.normal(0, 0.12)
        curves = []
        for _ in range(3):
            y = common ** (2 ** rng.normal(0, 0.08))
            y = y + contrast * np.sin(2 * np.pi * y) / np.pi + rng.normal(0, 0.015) * np.sin(np.pi * y)
            low, high = max(0, rng.normal(0, 0.02)), 1 - max(0, rng.normal(0, 0.02))
            curves.append(low + (high - low) * y)
        return torch.from_numpy(np.stack(curves, -1).clip(0, 1).astype(np.float32))

    def _jitter(self, colours: torch.Tensor) -> torch.Tensor:
        curves, where = self._curves(), colours.clamp(0, 1) * (SIZE - 1)
        cell = where.floor().clamp(0, SIZE - 2).long()
        low, high = torch.gather(curves, 0, cell.view(-1, 3)), torch.gather(curves, 0, cell.view(-1, 3) + 1)
        return torch.lerp(low, high, (where - cell).view(-1, 3)).view_as(colours)


def sample_cube(cube: torch.Tensor, colours: torch.Tensor) -> torch.Tensor:
    """Trilinear lookup of ``colours`` (33, 33, 33, 3) in a cube of the same shape."""
    grid = (colours * 2 - 1).flip(-1)[None]
    volume = cube.permute(3, 0, 1, 2)[None]
    found = torch.nn.functional.grid_sample(volume, grid, align_corners=True, padding_mode="border")
    return found[0].permute(1, 2, 3, 0)

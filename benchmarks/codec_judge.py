"""How far decoded LUTs are from what they were: CIEDE2000 on photo pixels, PSNR on the lattice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from common import data_root, table
from gradewright.core import Lut
from gradewright.core.colour import delta_e_2000, srgb_to_lab
from gradewright.core.interp import tetrahedral
from PIL import Image


def section(title: str, headers: list[str], rows: list[list[Any]]) -> None:
    """Print a table under a heading, Markdown."""
    print(f"\n## {title}\n\n{table(headers, rows)}", flush=True)


HEADERS = ["", "n", "mean dE", "median", "p95", "max", "PSNR dB"]


def photo_pixels(split: str, count: int) -> np.ndarray:
    """(count, 3): the same number of random pixels from every photo of the split."""
    rng, files = np.random.default_rng(0), sorted((data_root() / "photos" / split).glob("*.jpg"))
    share, pixels = -(-count // len(files)), []
    for file in files:
        flat = np.asarray(Image.open(file).convert("RGB")).reshape(-1, 3)
        pixels.append(flat[rng.integers(0, len(flat), share)])
    return np.concatenate(pixels) / 255.0


class Judge:
    """Errors of reconstructions of known LUTs."""

    def __init__(self, tables: np.ndarray, pixels: np.ndarray) -> None:
        self.tables, self.pixels = tables, pixels
        self.labs = [srgb_to_lab(tetrahedral(t.astype(np.float64), pixels)) for t in tables]

    def __call__(self, index: int, made: Lut) -> tuple[float, float]:
        """Mean dE2000 on the pixels, PSNR in dB on the lattice."""
        seen = srgb_to_lab(tetrahedral(made.table.astype(np.float64), self.pixels))
        error = np.mean((made.table - self.tables[index]) ** 2, dtype=np.float64)
        return float(delta_e_2000(seen, self.labs[index]).mean()), float(-10 * np.log10(max(error, 1e-9)))

    def all(self, work: Callable[[Lut], Lut]) -> np.ndarray:
        """Both errors of every LUT after ``work``, (n, 2)."""
        return np.array([self(i, work(Lut(cube))) for i, cube in enumerate(self.tables)])


def summary(errors: np.ndarray) -> list[Any]:
    """Mean, median, 95th percentile, maximum of dE; mean PSNR."""
    de, psnr = errors.T
    return [de.mean(), np.median(de), np.quantile(de, 0.95), de.max(), f"{psnr.mean():.2f}"]


def families(meta: list[dict]) -> dict[str, np.ndarray]:
    """Which LUTs are of each family, (n,) bool."""
    names = np.array([row["family"] for row in meta])
    return {name: names == name for name in sorted(set(names))}

"""Recipe: time of rendering and fitting, recovery of recipe-made LUTs, residual on published LUTs.

    python benchmarks/recipe.py [--split val|test] [--recipes 100]

Published LUTs are read from the data pack named by GRADEWRIGHT_DATA (default ../shared/data).
"""

from __future__ import annotations

import argparse
import json
import os
import time
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from gradewright.core import Lut, Recipe
from gradewright.core.colour import delta_e_2000, srgb_to_lab
from gradewright.core.recipe import BANDS, PARAMETERS, ZONES
from PIL import Image

DATA = Path(os.environ.get("GRADEWRIGHT_DATA", Path(__file__).parents[2] / "shared" / "data"))
_RANGES = {p.name: (p.low, p.high) for p in PARAMETERS}
# name: (chance of being used, Laplace scale)
_HABITS = {
    "exposure": (0.6, 0.3),
    **dict.fromkeys(("contrast", "highlights", "shadows", "whites", "blacks"), (0.5, 15)),
    **dict.fromkeys((n for n in _RANGES if n.startswith("curve_")), (0.15, 12)),
    **dict.fromkeys(("black_fade", "white_fade"), (0.25, 12)),
    **dict.fromkeys(("temperature", "tint"), (0.5, 9)),
    **dict.fromkeys((n for n in _RANGES if n.endswith("saturation") or n == "vibrance"), (0.35, 12)),
    **dict.fromkeys((f"{zone}_amount" for zone in ZONES), (0.4, 10)),
    **{f"{band}_hue": (0.18, 7) for band in BANDS},
    **{f"{band}_{control}": (0.18, 15) for band in BANDS for control in ("chroma", "lightness")},
}


def random_recipe(rng: np.random.Generator, strength: float = 1.0) -> Recipe:
    """A recipe like those people make: some of the controls, mostly mild."""
    values = {}
    for name, (chance, scale) in _HABITS.items():
        if rng.random() < chance:
            values[name] = float(np.clip(rng.laplace(0, scale * strength), *_RANGES[name]))
            if name.endswith("_amount"):
                values[name.replace("amount", "hue")] = float(rng.uniform(0, 360))
    return Recipe(**values)


def load(split: str) -> list[tuple[Lut, dict]]:
    """The split's LUTs with their metadata, without the "special" ones (inverting, posterised)."""
    table = np.load(DATA / "luts" / f"luts_{split}.npz")["d"]
    for axis in (1, 2, 3):
        table = np.cumsum(table, axis, dtype=np.int16)
    lines = (DATA / "luts" / f"luts_{split}.jsonl").read_text(encoding="utf-8").splitlines()
    meta = [json.loads(line) for line in lines]
    cubes = (table.astype(np.float32) / 1023).transpose(0, 3, 2, 1, 4)
    return [(Lut(cube), m) for cube, m in zip(cubes, meta, strict=True) if m["group"] != "special"]


def photo_pixels(split: str, count: int = 2000) -> np.ndarray:
    """Random pixels of the split's photographs, (count, 3)."""
    rng, files = np.random.default_rng(0), sorted((DATA / "photos" / split).glob("*.jpg"))
    share = count // len(files) + 1
    pixels = []
    for file in files:
        flat = np.asarray(Image.open(file).convert("RGB")).reshape(-1, 3)
        pixels.append(flat[rng.integers(0, len(flat), share)])
    return np.concatenate(pixels)[:count] / 255.0


def distance(lut: Lut, recipe: Recipe, colours: np.ndarray) -> float:
    """Mean CIEDE2000 over the colours."""
    return float(
        delta_e_2000(
            srgb_to_lab(np.clip(lut.sample(colours), 0, 1)), srgb_to_lab(recipe.apply(colours))
        ).mean()
    )


def line(name: str, errors: list[float]) -> None:
    e = np.array(errors)
    print(
        f"{name:34} n {len(e):4}  mean {e.mean():6.3f}  median {np.median(e):6.3f}"
        f"  p95 {np.quantile(e, 0.95):6.3f}  max {e.max():6.3f}"
        f"  < 0.3: {np.mean(e < 0.3):4.0%}  < 2: {np.mean(e < 2):4.0%}"
    )


def milliseconds(name: str, spent: list[float]) -> None:
    print(f"{name:34} CPU ms: median {np.median(spent):.1f}  best {min(spent):.1f}  worst {max(spent):.1f}")


def timings() -> None:
    rng = np.random.default_rng(7)
    recipes = [random_recipe(rng) for _ in range(10)]
    full = Recipe(**{name: (low + 3 * high) / 4 * 0.3 for name, (low, high) in _RANGES.items()})
    for label, work in (
        ("render 33^3, typical recipe", [r.to_lut for r in recipes]),
        ("render 33^3, all parameters set", [full.to_lut] * 10),
        ("fit", [partial(Recipe.fit, r.to_lut()) for r in recipes]),
    ):
        spent = []
        for step in work:
            start = time.process_time()
            step()
            spent.append((time.process_time() - start) * 1000)
        milliseconds(label, spent)


def recovery(count: int) -> None:
    colours = photo_pixels("val")
    for label, strength in (("mild", 1.0), ("strong", 2.0)):
        rng = np.random.default_rng(2026)
        recipes = [random_recipe(rng, strength) for _ in range(count)]
        nothing = [distance(r.to_lut(), Recipe(), colours) for r in recipes]
        line(f"{label} recipes, doing nothing", nothing)
        line(
            f"{label} recipes, fitted",
            [distance(r.to_lut(), Recipe.fit(r.to_lut()), colours) for r in recipes],
        )


def published(split: str) -> None:
    colours = photo_pixels(split)
    groups: dict[str, list[float]] = {"doing nothing": [], "all": []}
    reported, p95, used, spent = [], [], [], []
    for lut, meta in load(split):
        start = time.process_time()
        recipe = Recipe.fit(lut)
        spent.append((time.process_time() - start) * 1000)
        error = distance(lut, recipe, colours)
        groups["doing nothing"].append(distance(lut, Recipe(), colours))
        for key in ("all", meta["category"]):
            groups.setdefault(key, []).append(error)
        reported.append(recipe.residual_de)
        p95.append(recipe.residual_p95)
        used.append(len(recipe.operations()))
    for name, errors in groups.items():
        line(f"{split} LUTs, {name}", errors)
    print(f"residual_de as reported: mean {np.mean(reported):.3f}; residual_p95: mean {np.mean(p95):.3f}")
    print(f"steps that matter per recipe: median {np.median(used):.0f}")
    milliseconds("fit", spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=("val", "test"), default="val")
    parser.add_argument("--recipes", type=int, default=100)
    options = parser.parse_args()
    timings()
    if not DATA.is_dir():
        raise SystemExit(f"no data pack at {DATA}: set GRADEWRIGHT_DATA to measure the rest")
    recovery(options.recipes)
    published(options.split)


if __name__ == "__main__":
    main()

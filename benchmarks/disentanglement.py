"""Are light, colour and bands apart? VeraRetouch's Table 6 for the shipped encoder and renderer.

    GRADEWRIGHT_DATA=... python benchmarks/disentanglement.py [--split test]

50 photos, Gaussian recipes. The encoder sees the whole recipe at work on another photo; a mask then switches
latents off, and the renderer's picture is compared with the recipe without those groups. Doing nothing, and
what comes without a mask, stand beside it.
"""

from __future__ import annotations

import argparse
from functools import cache
from itertools import product
from typing import Any

import numpy as np
from common import photo_files, table
from gradewright.core.colour import delta_e_srgb
from gradewright.core.engines.auto.networks import GROUPS, render
from gradewright.core.engines.compact.networks import WEIGHTS
from gradewright.core.recipe import PARAMETERS, Recipe
from pictures import eight_bit, load

POINTS, PHOTOS, SIDE, SEED = 192, 50, 192, 5
SPREAD, USED = 0.3, 0.5  # of a control's range; share of the controls that a recipe uses


def random_recipe(rng: np.random.Generator) -> Recipe:
    """Gaussian controls in every group; tints get an even hue."""
    values: dict[str, float] = {}
    for p in PARAMETERS:
        drawn, used = rng.normal(0, SPREAD * p.high * rng.uniform(0.35, 1)), rng.random() < USED
        if p.unit == "°" and p.group == "colour":
            values[p.name] = float(rng.uniform(0, 360))
        elif used:
            if p.name.endswith("_amount"):
                drawn = abs(drawn) / 2
            values[p.name] = float(np.clip(drawn, p.low, p.high))
    return Recipe(**values)


def encode(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The latents (56,) of corresponding colours (192, 3)."""
    feed = {"before": before[None].astype(np.float32), "after": after[None].astype(np.float32)}
    return _encoder().run(None, feed)[0][0]


@cache
def _encoder() -> Any:
    import onnxruntime as ort

    return ort.InferenceSession(str(WEIGHTS / "auto_encoder.onnx"), providers=["CPUExecutionProvider"])


def kept_only(z: np.ndarray, groups: tuple[str, ...]) -> np.ndarray:
    """The latents with the other groups at zero."""
    out = np.zeros_like(z)
    for group in groups:
        out[GROUPS[group]] = z[GROUPS[group]]
    return out


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Decibels."""
    return float(-10 * np.log10(np.square(one.astype(np.float64) - other).mean() + 1e-10))


def measure(split: str) -> list[list[Any]]:
    """One row for each way to mask."""
    rng = np.random.default_rng(SEED)
    paths = photo_files(split)
    chosen = rng.permutation(len(paths))
    figures: dict[tuple[str, ...], list[list[float]]] = {}
    for number in range(PHOTOS):
        photo = load(paths[chosen[number % len(paths)]], SIDE)
        other = load(paths[chosen[(number + 1) % len(paths)]], SIDE).reshape(-1, 3)
        recipe = random_recipe(rng)
        before = other[rng.integers(len(other), size=POINTS)]
        z = encode(before, eight_bit(recipe.apply(before)))
        whole = render(z, photo.reshape(-1, 3)).reshape(photo.shape)
        for keep in product((False, True), repeat=3):
            groups = tuple(group for group, kept in zip(GROUPS, keep, strict=True) if kept)
            if not groups:
                continue
            truth = recipe.only(*groups).apply(photo)
            made = render(kept_only(z, groups), photo.reshape(-1, 3)).reshape(photo.shape)
            figures.setdefault(groups, []).append(
                [
                    psnr(made, truth),
                    float(np.abs(made - truth).mean()),
                    float(delta_e_srgb(made, truth).mean()),
                    psnr(whole, truth),
                    psnr(photo, truth),
                ]
            )
    order = sorted(figures, key=lambda groups: (-len(groups), groups))
    return [
        [*("x" if g in groups else "masked" for g in GROUPS), *map(float, np.mean(figures[groups], 0))]
        for groups in order
    ]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--split", choices=["val", "test"], default="val")
    rows = measure(parser.parse_args().split)
    heads = ["light", "colour", "bands", "PSNR", "L1", "dE", "PSNR, not masked", "PSNR, doing nothing"]
    print(table(heads, rows))


if __name__ == "__main__":
    main()

"""The LUT codec against real LUTs it has not seen: rate, error by family, the worst, the language, time.

    python benchmarks/codec.py [--split val|test] [--weights FILE] [--limit N] [--picture JPG] [--json OUT]

dE is CIEDE2000 on pixels of the split's photographs, PSNR is that of the 33^3 lattice (mean over
LUTs of each LUT's PSNR). Data: GRADEWRIGHT_DATA, default ../shared/data beside the repository.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from common import ROOT, cpu_seconds, data_root, load_luts, table
from gradewright.core import Lut
from gradewright.core.codec import LutCodec
from gradewright.core.colour import delta_e_2000, delta_e_srgb, srgb_to_lab
from gradewright.core.interp import tetrahedral
from PIL import Image
from recipe import random_recipe


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


def summary(errors: np.ndarray) -> list[float]:
    """Mean, median, 95th percentile, maximum of dE; mean PSNR."""
    de, psnr = errors.T
    return [de.mean(), np.median(de), np.quantile(de, 0.95), de.max(), f"{psnr.mean():.2f}"]


HEADERS = ["", "n", "mean dE", "median", "p95", "max", "PSNR dB"]


def prefixes(codec: LutCodec, judge: Judge, codes: list[np.ndarray]) -> list[list[Any]]:
    """Error after the first tokens only."""
    rows = []
    for count in (1, 2, 4, 8, 16, 32, 48, 64, 96, 128):
        if count <= len(codes[0]):
            errors = np.array([judge(i, codec.decode(code[:count])) for i, code in enumerate(codes)])
            rows.append([f"first {count} tokens ({count * 8} bits)", len(codes), *summary(errors)])
    return rows


def by_family(meta: list[dict], errors: np.ndarray) -> list[list[Any]]:
    """One row a family."""
    names = np.array([row["family"] for row in meta])
    return [
        [name, int((names == name).sum()), *summary(errors[names == name])] for name in sorted(set(names))
    ]


def language(codec: LutCodec, tables: np.ndarray, judge: Judge, rng: np.random.Generator) -> list[list[Any]]:
    """How the tokens behave under small changes of the look, and under damage."""
    near, moved, steps, monotone, single = [], [], [], [], []
    for i, cube in enumerate(tables):
        look, other = Lut(cube), Lut(tables[(i + 7) % len(tables)])
        code = codec.encode(look)
        weaker = Lut(cube + (Lut.identity().table - cube) * 0.02)
        code_near = codec.encode(weaker)
        near.append(np.mean(code != code_near))
        moved.append(codec_distance(codec, code, code_near, judge.pixels))
        steps.append(float(delta_e_srgb(look.sample(judge.pixels), weaker.sample(judge.pixels)).mean()))
        a, b = codec.coefficients(look), codec.coefficients(other)
        path = [codec.from_coefficients(a + (b - a) * t).sample(judge.pixels) for t in np.linspace(0, 1, 6)]
        away = [delta_e_srgb(path[0], p).mean() for p in path]
        monotone.append(all(np.diff(away) > 0))
        damaged = code.copy()
        damaged[rng.integers(32, 64)] = rng.integers(256)
        single.append(codec_distance(codec, code, damaged, judge.pixels))
    random = [rng.integers(0, 256, 64) for _ in range(16)]
    corrupt = []
    for cube in tables[:16]:
        damaged = codec.encode(Lut(cube))
        damaged[rng.permutation(64)[:8]] = rng.integers(0, 256, 8)
        corrupt.append(damaged)
    return [
        ["random tokens: share that safety can repair", repairable(codec, random)],
        ["eight of 64 tokens replaced at random: share that safety can repair", repairable(codec, corrupt)],
        ["looks weakened by 2 %: mean dE between the originals", np.mean(steps)],
        ["... mean dE between their decodings", np.mean(moved)],
        ["... share of tokens that differ", np.mean(near)],
        ["interpolation between two looks moves away monotonically (share of pairs)", np.mean(monotone)],
        ["one random wrong token among the last 32: mean dE", np.mean(single)],
    ]


def repairable(codec: LutCodec, rows: list[np.ndarray]) -> float:
    """Share of token rows whose decoding is safe after :func:`gradewright.core.safety.repair`."""
    from gradewright.core import safety

    made = [safety.repair(codec.decode(row)) for row in rows]
    return float(np.mean([safety.verdict(safety.measure(found.lut)).ok for found in made]))


def codec_distance(codec: LutCodec, one: np.ndarray, other: np.ndarray, pixels: np.ndarray) -> float:
    """Mean dE2000 between two decodings."""
    return float(delta_e_srgb(codec.decode(one).sample(pixels), codec.decode(other).sample(pixels)).mean())


def picture(path: Path, codec: LutCodec, tables: np.ndarray, worst: list[int]) -> None:
    """Per LUT two photos through it, through its decoding, and their dE2000 (white: 12.75)."""
    photos = [Image.open(ROOT / "docs" / "media" / name) for name in ("astronaut.jpg", "rocket.jpg")]
    small = [np.asarray(photo.convert("RGB").resize((90, 120))) / 255.0 for photo in photos]
    pixels, columns = np.concatenate(small, 1), []
    for i in worst:
        look, made = Lut(tables[i]), codec.decode(codec.encode(Lut(tables[i])))
        one, two = look.sample(pixels), made.sample(pixels)
        error = np.repeat(delta_e_srgb(one, two)[..., None] / 12.75, 3, -1)
        columns.append(np.concatenate([one, two, error]))
    half = len(columns) // 2
    sheet = np.concatenate([np.concatenate(columns[:half], 1), np.concatenate(columns[half:], 1)])
    Image.fromarray(np.rint(np.clip(sheet, 0, 1) * 255).astype(np.uint8)).save(path, quality=88)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--split", default="val", choices=["val", "test"])
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--finalists", type=int, default=2)
    parser.add_argument("--pixels", type=int, default=2048)
    parser.add_argument("--limit", type=int, help="only every n-th LUT so that about this many are left")
    parser.add_argument("--brief", action="store_true", help="only the rate table and the recipes")
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    from gradewright.core.codec.weights import load

    codec = LutCodec(load(options.weights), options.width, options.finalists)
    tables, meta = load_luts(options.split)
    if options.limit:
        every = max(1, len(tables) // options.limit)
        tables, meta = tables[::every], meta[::every]
    pixels = photo_pixels(options.split, options.pixels)
    judge = Judge(tables, pixels)
    codes = [codec.encode(Lut(cube)) for cube in tables]
    rows = prefixes(codec, judge, codes)
    errors = np.array([judge(i, codec.decode(code)) for i, code in enumerate(codes)])
    bare = np.array(
        [judge(i, codec.from_coefficients(codec.coefficients(Lut(c)))) for i, c in enumerate(tables)]
    )
    rows.append(["not quantised", len(tables), *summary(bare)])
    rng = np.random.default_rng(99)
    recipes = np.stack([random_recipe(rng).to_lut().table for _ in range(min(120, len(tables)))])
    on_recipes = Judge(recipes, pixels)
    made = np.array([on_recipes(i, codec.decode(codec.encode(Lut(c)))) for i, c in enumerate(recipes)])
    rows.append(["recipe-made", len(recipes), *summary(made)])
    bare = [on_recipes(i, codec.from_coefficients(codec.coefficients(Lut(c)))) for i, c in enumerate(recipes)]
    rows.append(["recipe-made, not quantised", len(recipes), *summary(np.array(bare))])
    print(table(HEADERS, rows), "\n", flush=True)
    look = Lut(tables[0])
    times = [cpu_seconds(lambda: codec.encode(look)) * 1e3, cpu_seconds(lambda: codec.decode(codes[0])) * 1e3]
    print(f"encode {times[0]:.1f} ms, decode {times[1]:.1f} ms CPU\n")
    if options.json:
        options.json.write_text(
            json.dumps({"split": options.split, "rows": rows, "ms": times}, default=float)
        )
    if options.brief:
        return
    print(table(HEADERS, by_family(meta, errors)), "\n")
    worst = np.argsort(-errors[:, 0])[:10].tolist()
    print(
        table(
            ["worst", "family", "mean dE", "PSNR", "not quantised dE"],
            [
                [
                    meta[i]["label"],
                    meta[i]["family"],
                    *errors[i],
                    judge(i, codec.from_coefficients(codec.coefficients(Lut(tables[i]))))[0],
                ]
                for i in worst
            ],
        ),
        "\n",
    )
    print(table(["language", ""], language(codec, tables[::4], Judge(tables[::4], pixels[:512]), rng)))
    if options.picture:
        picture(options.picture, codec, tables, worst)


if __name__ == "__main__":
    main()

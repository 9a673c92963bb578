"""The LUT codec against real LUTs it has not seen: rate, error by family, the worst, the language, time.

    python benchmarks/codec.py [--split val|test] [--weights FILE] [--limit N] [--picture JPG] [--json OUT]
                               [--cache FOLDER [--vqvae RUN/last.pt]]

The output is Markdown; docs/codec_figures.md is one. With --cache also the table of methods against
bits (codec_methods.py), with --vqvae the VQ-VAE in it. dE is CIEDE2000 on pixels of the split's
photographs, PSNR is that of the 33^3 lattice (mean over LUTs of each LUT's PSNR).
Data: GRADEWRIGHT_DATA, default ../shared/data beside the repository.
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
from codec_judge import HEADERS, Judge, families, photo_pixels, section, summary
from codec_language import language
from common import ROOT, cpu_seconds, load_luts
from gradewright.core import Lut
from gradewright.core.codec import LutCodec
from gradewright.core.codec.weights import load
from gradewright.core.colour import delta_e_srgb
from PIL import Image
from recipe import random_recipe


def prefixes(codec: LutCodec, judge: Judge, codes: list[np.ndarray]) -> list[list[Any]]:
    """Error after the first tokens only."""
    rows = []
    for count in (1, 2, 4, 8, 16, 32, 48, 64, 96, 128):
        if count <= len(codes[0]):
            errors = np.array([judge(i, codec.decode(code[:count])) for i, code in enumerate(codes)])
            rows.append([f"first {count} tokens ({count * 8} bits)", len(codes), *summary(errors)])
    return rows


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


def rate_table(codec: LutCodec, judge: Judge, codes: list[np.ndarray]) -> list[list[Any]]:
    """Prefixes, what the coefficients alone leave, recipe-made looks of a generator that the fit lacks."""

    def bare(lut: Lut) -> Lut:
        return codec.from_coefficients(codec.coefficients(lut))

    recipes = recipes_judge(judge.pixels)
    return [
        *prefixes(codec, judge, codes),
        ["not quantised", len(judge.tables), *summary(judge.all(bare))],
        ["recipe-made", len(recipes.tables), *summary(recipes.all(lambda x: codec.decode(codec.encode(x))))],
        ["recipe-made, not quantised", len(recipes.tables), *summary(recipes.all(bare))],
    ]


def recipes_judge(pixels: np.ndarray, count: int = 120) -> Judge:
    """Recipe-made looks."""
    rng = np.random.default_rng(99)
    return Judge(np.stack([random_recipe(rng).to_lut().table for _ in range(count)]), pixels)


WORST = ["look", "family", "mean dE", "PSNR dB", "not quantised", "dE from doing nothing"]
WORST += ["steepest grey", "folded", "roughness", "clipped"]


def worst_table(codec: LutCodec, judge: Judge, meta: list[dict], errors: np.ndarray) -> list[list[Any]]:
    """The ten looks that come back worst, and what the data pack says of them.

    Steepest slope of the grey axis, share of lattice steps where a channel falls along its own axis,
    mean second difference in 8-bit steps, share of values at 0 or 1.
    """
    rows = []
    for i in worst(errors):
        bare = judge(i, codec.from_coefficients(codec.coefficients(Lut(judge.tables[i]))))[0]
        known = meta[i]["stats"]
        why = [known[name] for name in ("de00_photo", "gray_slope_max", "inv_frac", "rough")]
        clipped = known["clip_lo"] + known["clip_hi"]
        rows.append([meta[i]["label"], meta[i]["family"], *errors[i], bare, *why, clipped])
    return rows


def worst(errors: np.ndarray) -> list[int]:
    """Indices of the ten largest dE."""
    return np.argsort(-errors[:, 0])[:10].tolist()


def arguments() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--split", default="val", choices=["val", "test"])
    parser.add_argument("--weights", type=Path, default=ROOT / "core" / "weights" / "codec_gw1.npz")
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--finalists", type=int, default=2)
    parser.add_argument("--pixels", type=int, default=2048)
    parser.add_argument("--limit", type=int, help="only every n-th LUT so that about this many are left")
    parser.add_argument("--brief", action="store_true", help="only the rate table and the recipes")
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument(
        "--cache", type=Path, help="compare methods; fits and samples are kept in this folder"
    )
    parser.add_argument("--vqvae", type=Path, help="with --cache: last.pt of a VQ-VAE run")
    return parser.parse_args()


def command(options: argparse.Namespace) -> str:
    """What prints this again, without this machine's paths."""
    parts = ["python benchmarks/codec.py --split", options.split]
    parts += ["--cache FOLDER"] if options.cache else []
    return " ".join(parts + (["--vqvae RUN/last.pt"] if options.vqvae else []))


def main() -> None:
    """Everything, in the order of docs/codec.md."""
    options = arguments()
    codec = LutCodec(load(options.weights), options.width, options.finalists)
    tables, meta = load_luts(options.split)
    every = max(1, len(tables) // options.limit) if options.limit else 1
    tables, meta = tables[::every], meta[::every]
    judge = Judge(tables, photo_pixels(options.split, options.pixels))
    codes = [codec.encode(Lut(cube)) for cube in tables]
    print(f"# Figures of the LUT codec: {options.split}\n\n`{command(options)}`", flush=True)
    rows = rate_table(codec, judge, codes)
    section("Bits", HEADERS, rows)
    works = (lambda: codec.encode(Lut(tables[0])), lambda: codec.decode(codes[0]))
    ms = [cpu_seconds(work) * 1e3 for work in works]
    print(f"\nEncode {ms[0]:.1f} ms, decode {ms[1]:.1f} ms of CPU.", flush=True)
    if options.json:
        found = {"split": options.split, "rows": rows, "ms": ms}
        options.json.write_text(json.dumps(found, default=float))
    errors = np.array([judge(i, codec.decode(code)) for i, code in enumerate(codes)])
    if not options.brief:
        groups = families(meta)
        parts = [[name, int(group.sum()), *summary(errors[group])] for name, group in groups.items()]
        section("By family, all bits", HEADERS, parts)
        section("The ten worst", WORST, worst_table(codec, judge, meta, errors))
        language(codec, tables[::4], judge.pixels[:512])
    if options.picture:
        picture(options.picture, codec, tables, worst(errors))
    if options.cache:
        import codec_methods  # needs torch

        fits = codec_methods.Fits(options.weights, options.cache)
        codec_methods.report(fits, options.vqvae, tables, meta, judge)


if __name__ == "__main__":
    main()

"""How the codec's tokens behave as a language: small changes of a look, damage (part of codec.py)."""

from __future__ import annotations

from typing import Any

import numpy as np
from codec_judge import section
from gradewright.core import Lut, safety
from gradewright.core.codec import LutCodec
from gradewright.core.colour import delta_e_srgb

WEAKER = (0.0005, 0.002, 0.005, 0.02, 0.05, 0.1, 0.2)  # shares of the look that are taken away


def language(codec: LutCodec, tables: np.ndarray, pixels: np.ndarray) -> None:
    """Print two tables: neighbours, damage."""
    codes = [codec.encode(Lut(cube)) for cube in tables]
    titles = ["weakened by", "dE between originals"]
    titles += ["... decodings", "same of first 8", "of 16", "of 64", "error"]
    titles += ["with like: decodings", "same of first 8", "of 64", "error"]
    rows = [neighbours(codec, tables, codes, pixels, share) for share in WEAKER]
    section("The language: neighbours", titles, rows)
    section("The language: damage", ["", ""], damage(codec, tables, codes, pixels))


def neighbours(
    codec: LutCodec, tables: np.ndarray, codes: list[np.ndarray], pixels: np.ndarray, share: float
) -> list[Any]:
    """One row: every look against itself, weakened, and against its row with ``like``."""
    rows = []
    for cube, code in zip(tables, codes, strict=True):
        look, weaker = Lut(cube), Lut(cube + (Lut.identity().table - cube) * share)
        anew, kept = codec.encode(weaker), codec.encode(weaker, like=code)
        made, made_anew, made_kept = (codec.decode(row) for row in (code, anew, kept))
        rows.append(
            [
                distance(look, weaker, pixels),
                distance(made, made_anew, pixels),
                *((code[:n] == anew[:n]).mean() for n in (8, 16, 64)),
                distance(weaker, made_anew, pixels),
                distance(made, made_kept, pixels),
                *((code[:n] == kept[:n]).mean() for n in (8, 64)),
                distance(weaker, made_kept, pixels),
            ]
        )
    return [f"{share * 100:.3g} %", *np.mean(rows, 0)]


def distance(one: Lut, other: Lut, pixels: np.ndarray) -> float:
    """Mean dE2000 between two looks."""
    return float(delta_e_srgb(one.sample(pixels), other.sample(pixels)).mean())


def damage(codec: LutCodec, tables: np.ndarray, codes: list[np.ndarray], pixels: np.ndarray) -> list[list]:
    """Random rows, wrong tokens, interpolation."""
    rng, monotone, single = np.random.default_rng(99), [], []
    for i, cube in enumerate(tables):
        a, b = codec.coefficients(Lut(cube)), codec.coefficients(Lut(tables[(i + 7) % len(tables)]))
        path = [codec.from_coefficients(a + (b - a) * t) for t in np.linspace(0, 1, 6)]
        monotone.append(all(np.diff([distance(path[0], step, pixels) for step in path]) > 0))
        wrong = codes[i].copy()
        wrong[rng.integers(32, 64)] = rng.integers(256)
        single.append(distance(codec.decode(codes[i]), codec.decode(wrong), pixels))
    random, corrupt = [rng.integers(0, 256, 64) for _ in range(16)], [code.copy() for code in codes[:16]]
    for row in corrupt:
        row[rng.permutation(64)[:8]] = rng.integers(0, 256, 8)
    return [
        ["random tokens: share that safety can repair", repairable(codec, random)],
        ["eight of 64 tokens replaced at random: share that safety can repair", repairable(codec, corrupt)],
        ["one random wrong token among the last 32: mean dE", np.mean(single)],
        ["interpolation between two looks moves away monotonically (share of pairs)", np.mean(monotone)],
    ]


def repairable(codec: LutCodec, rows: list[np.ndarray]) -> float:
    """Share of token rows whose decoding is safe after :func:`gradewright.core.safety.repair`."""
    made = [safety.repair(codec.decode(row)) for row in rows]
    return float(np.mean([safety.verdict(safety.measure(found.lut)).ok for found in made]))

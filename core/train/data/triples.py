"""Triples as a stream, and as a folder that other trainings can read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...colour import delta_e_srgb
from ...files import write_bytes
from ...lut import Lut
from ...photo import load, save_pixels
from ...recipe import Recipe
from .. import degrade

F32 = NDArray[np.float32]
SIDE = 384  # pixels along the longer side


@dataclass(frozen=True, eq=False)
class Triple:
    """(degraded photo, recipe that undoes it, reasoning), and what they come from.

    ``degraded``, ``good`` : (H, W, 3) sRGB 0..1. ``name`` : of the good photo. ``record`` : kind, severity,
    distance (mean dE2000 of the degraded photo from the good one), left (that after the recipe), lost (share
    of pixels that were clipped).
    """

    name: str
    degraded: F32
    good: F32
    recipe: Recipe
    reasoning: str
    record: dict[str, Any]


def triples(paths: Iterable[Path], seed: int, looks: list[Lut] | None = None) -> Iterator[Triple]:
    """One triple of each photo, with a flaw drawn as in training; a second or two each.

    ``looks`` : inverses of real looks, which some of the flaws are then.
    """
    rng = np.random.default_rng(seed)
    for path in paths:
        photo = load(path, max_side=SIDE)
        yield triple(path.name, degrade.degrade(photo, degrade.unretouched(rng, looks or [])))


def triple(name: str, sample: degrade.Sample) -> Triple:
    """What a degraded photo teaches."""
    recipe = sample.flaw.undoing
    left = float(delta_e_srgb(np.clip(recipe.apply(sample.degraded), 0, 1), sample.good).mean())
    record = {
        "kind": sample.flaw.kind,
        "severity": round(sample.flaw.severity, 3),
        "distance": round(sample.distance, 3),
        "left": round(left, 3),
        "lost": round(sample.lost, 4),
    }
    return Triple(name, sample.degraded, sample.good, recipe, sample.reasoning, record)


def write(folder: Path, found: Iterable[Triple], overwrite: bool = False) -> int:
    """``00000.png``, ``00000_good.png``, ... and ``triples.jsonl``, a line for each; their number.

    Raises
    ------
    FileError : a file exists and ``overwrite`` is false
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for number, one in enumerate(found):
        files = {"degraded": f"{number:05d}.png", "good": f"{number:05d}_good.png"}
        save_pixels(one.degraded, folder / files["degraded"], overwrite)
        save_pixels(one.good, folder / files["good"], overwrite)
        lines.append(
            files
            | {"from": one.name, "recipe": one.recipe.to_dict(), "reasoning": one.reasoning}
            | one.record
        )
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    write_bytes(folder / "triples.jsonl", text.encode(), overwrite)
    return len(lines)

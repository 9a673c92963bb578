"""How near a look made from a film stock's name comes to that film stock's real LUT."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from common import load_luts, photo_files
from gradewright.core import Lut
from gradewright.core.colour import delta_e_2000, srgb_to_lab
from gradewright.core.interp import tetrahedral
from pictures import load

PIXELS = 2048


def photo_pixels(split: str, count: int = PIXELS) -> np.ndarray:
    """(about count, 3) random pixels, the same number from every photo of the split."""
    rng, files = np.random.default_rng(0), photo_files(split)
    flats = [load(file, 192).reshape(-1, 3) for file in files]
    share = -(-count // len(flats))
    return np.concatenate([flat[rng.integers(0, len(flat), share)] for flat in flats]).astype(np.float64)


def film_stocks(split: str) -> tuple[np.ndarray, list[str]]:
    """Tables and labels of the split's film-stock LUTs."""
    tables, described = load_luts(split)
    keep = [i for i, row in enumerate(described) if row["label_kind"] == "film-stock"]
    return tables[keep], [described[i]["label"] for i in keep]


def ranks(errors: np.ndarray) -> np.ndarray:
    """Rank (1 is best) of the diagonal in each row of (prompt, true LUT) errors; ties count against."""
    own = np.diagonal(errors)[:, None]
    return (errors <= own).sum(axis=1)


def retrieve(split: str, produce: Callable[[str], Lut], limit: int | None = None) -> dict[str, Any]:
    """Top-1, top-5 and mean reciprocal rank of the true LUT by mean dE2000 on photo pixels.

    Every film stock of the split is a candidate, the first ``limit`` of them are asked for. ``chance``
    is the mean reciprocal rank of guessing; ``error`` and ``identity_error`` are mean dE2000 to the true
    LUT, of the answer and of doing nothing.
    """
    tables, labels = film_stocks(split)
    pixels = photo_pixels(split)
    true = [srgb_to_lab(tetrahedral(table.astype(np.float64), pixels)) for table in tables]
    labs = [srgb_to_lab(np.clip(produce(label).sample(pixels), 0, 1)) for label in labels[:limit]]
    errors = np.array([[delta_e_2000(made, real).mean() for real in true] for made in labs])
    places = ranks(errors)
    start = srgb_to_lab(pixels)
    return {
        "stocks": len(labels),
        "asked": len(places),
        "top1": float((places == 1).mean()),
        "top5": float((places <= 5).mean()),
        "mrr": float((1 / places).mean()),
        "chance": float((1 / np.arange(1, len(labels) + 1)).mean()),
        "error": float(np.diagonal(errors).mean()),
        "identity_error": float(np.mean([delta_e_2000(start, real).mean() for real in true[: len(places)]])),
    }

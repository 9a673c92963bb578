"""Degradations for training, as tables: drawn once, put into photos by the batch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...interp import lattice
from ...lut import Lut
from .. import codec_data, degrade
from ..policy.photos import through

SIDE = 17
_CHANGES = (4.0, 14.0)  # mean dE on photos of the looks whose inverses are drawn


def inverse_looks(root: Path, split: str, count: int, seed: int) -> list[Lut]:
    """Inverses of ``count`` real looks of a split, visible ones but no extreme ones; 17^3."""
    tables, rows = codec_data.load_luts(root, split)
    able = [i for i, row in enumerate(rows) if _CHANGES[0] <= row["stats"]["de00_photo"] <= _CHANGES[1]]
    chosen = np.random.default_rng(seed).permutation(able)[:count]
    return [Lut(tables[i], title=rows[i]["label"]).invert(SIDE).lut for i in chosen]


def flaw_tables(
    count: int, looks: list[Lut], seed: int, tick: Callable[[], None] = lambda: None
) -> NDArray[np.float16]:
    """(count, 17, 17, 17, 3), good -> flawed, of drawn flaws."""
    rng, points = np.random.default_rng(seed), lattice(SIDE, np.float64)
    out = np.empty((count, SIDE, SIDE, SIDE, 3), np.float16)
    for table in out:
        table[:] = degrade.unretouched(rng, looks).apply(points)
        tick()
    return out


def spoil(tables: Tensor, pictures: Tensor) -> Tensor:
    """Flaws (B, 3, n, n, n) put into pictures (B, 3, h, w) and rounded to 8 bits.

    Where too much would be clipped there is half of the flaw.
    """
    spoilt = through(tables, pictures)
    ended = ((spoilt <= 1 / 512) | (spoilt >= 511 / 512)) & (pictures > 1 / 512) & (pictures < 511 / 512)
    much = ended.any(1).float().mean((1, 2)) > degrade.MOST_LOST
    spoilt = torch.where(much[:, None, None, None], (spoilt + pictures) / 2, spoilt)
    return (spoilt * 255).round() / 255

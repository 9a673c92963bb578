"""The looks that the reference model learns to see: real LUTs and what can be made of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .. import codec_data

SIZE = 17


def thin(tables: NDArray) -> NDArray[np.float16]:
    """(n, 33, 33, 33, 3) cubes -> every other lattice point, (n, 17, 17, 17, 3)."""
    return np.ascontiguousarray(tables[:, ::2, ::2, ::2], np.float16)


def load_looks(root: Path, split: str) -> NDArray[np.float16]:
    """The split's real LUTs, thinned."""
    return thin(codec_data.load_luts(root, split)[0])


def made_looks(
    root: Path, count: int, seed: int, tick: Callable[[], None] = lambda: None
) -> NDArray[np.float16]:
    """``count`` looks made from the train LUTs: blends, compositions, jitters, recipes; thinned."""
    rng = np.random.default_rng(seed)
    recipes = codec_data.recipe_tables(max(8, count // 4), rng)
    real, _ = codec_data.load_luts(root, "train")
    augmenter = codec_data.Augmenter(real, recipes, [0.40, 0.20, 0.15, 0.10, 0.15], 0.04, rng)
    out = np.empty((count, SIZE, SIZE, SIZE, 3), np.float16)
    for i in range(count):
        out[i] = thin(augmenter.draw().numpy()[None])[0]
        tick()
    return out


def as_volumes(tables: NDArray) -> Tensor:
    """(n, N, N, N, 3) -> (n, 3, N, N, N), kept in float16."""
    return torch.from_numpy(np.ascontiguousarray(tables.transpose(0, 4, 1, 2, 3)))

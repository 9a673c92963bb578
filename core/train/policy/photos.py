"""Photographs as one tensor, and the crops that training draws from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

STORED = 144  # pixels along both edges, whatever the shape: shapes are jittered anyway


def load_photos(paths: list[Path], side: int = STORED) -> Tensor:
    """(n, 3, side, side) uint8, sRGB, squeezed to squares by area averaging."""
    found = []
    for path in paths:
        with Image.open(path) as file:
            file.draft("RGB", (2 * side, 2 * side))
            small = file.convert("RGB").resize((side, side), Image.Resampling.BOX, reducing_gap=None)
        found.append(np.asarray(small))
    return torch.from_numpy(np.stack(found)).permute(0, 3, 1, 2).contiguous()


def crops(photos: Tensor, side: int, smallest: float, generator: torch.Generator) -> Tensor:
    """(B, 3, H, W) uint8 -> (B, 3, side, side) float 0..1: random windows, half of them mirrored.

    ``smallest`` : the least share of an edge that a window keeps.
    """
    count = len(photos)
    size = smallest + (1 - smallest) * torch.rand((count, 2), generator=generator).sqrt()
    centre = (torch.rand((count, 2), generator=generator) * 2 - 1) * (1 - size)
    mirror = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1] = size[:, 0] * mirror, size[:, 1]
    theta[:, :, 2] = centre
    grid = functional.affine_grid(theta, [count, 3, side, side], align_corners=False)
    return functional.grid_sample(
        photos.float() / 255, grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )


def through(tables: Tensor, pictures: Tensor) -> Tensor:
    """Pictures (B, 3, h, w) through LUTs (B, 3, n, n, n), indexed [r, g, b]; trilinear, 0..1."""
    grid = pictures.permute(0, 2, 3, 1)[:, None] * 2 - 1  # x, y, z are the last, middle, first axis
    return functional.grid_sample(
        tables, grid.flip(-1), mode="bilinear", padding_mode="border", align_corners=True
    )[:, :, 0]

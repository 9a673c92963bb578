"""The codec's leading coefficients as a linear map to lattice differences, for training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ...codec import LutCodec
from ...lut import Lut
from .. import codec_data

STEP = 2  # every other point of the 33^3 lattice


class Basis(nn.Module):
    """Coefficients (B, size) in units of ``scale`` -> LUT minus identity (B, 3, n, n, n).

    On every ``step``-th point of the lattice.
    """

    cube: Tensor
    back: Tensor

    def __init__(self, codec: LutCodec, size: int, scale: Tensor, step: int = STEP) -> None:
        super().__init__()
        w = codec._weights
        core = np.zeros((w.terms**3 * 3, size))
        core[w.kept] = (w.synthesis * w.steps)[:, :size] * 2.0**-34
        axes = w.axes_float[:, ::step].astype(np.float64)
        core = core.reshape(w.terms, w.terms, w.terms, 3, size)
        cube = np.einsum("xyzck,ix,jy,lz->kcijl", core, *axes, optimize=True)
        flat = torch.from_numpy(cube.reshape(size, -1).astype(np.float32))
        self.register_buffer("cube", flat * scale[:, None], persistent=False)
        inverse = np.linalg.pinv(self.cube.double().numpy())
        self.register_buffer("back", torch.from_numpy(inverse.astype(np.float32)), persistent=False)
        self.side, self.step, self.scale = axes.shape[1], step, scale

    def forward(self, coefficients: Tensor) -> Tensor:
        """(B, 3, n, n, n)."""
        side = self.side
        return (coefficients @ self.cube).view(-1, 3, side, side, side)

    def project(self, differences: Tensor) -> Tensor:
        """(B, 3 * n^3) flat lattice differences -> coefficients by least squares."""
        return differences @ self.back


def coefficients_of(codec: LutCodec, tables: np.ndarray) -> np.ndarray:
    """(n, 33, 33, 33, 3) -> (n, K)."""
    return np.stack([codec.coefficients(Lut(table)) for table in tables])


def coefficient_scale(codec: LutCodec, root: Path, size: int) -> Tensor:
    """(size,) root mean square of each leading coefficient over every fourth train LUT."""
    found = coefficients_of(codec, codec_data.load_luts(root, "train")[0][::4])[:, :size]
    return torch.from_numpy(np.sqrt((found**2).mean(0)).astype(np.float32))

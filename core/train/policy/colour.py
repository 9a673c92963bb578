"""Differentiable colour arithmetic: the torch twins of :mod:`gradewright.core.colour` (tested equal)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ... import colour as reference


def _constant(matrix: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(matrix, np.float32))


_TO_LMS = _constant(reference._OKLAB_RGB_TO_LMS)
_TO_OKLAB = _constant(reference._OKLAB_LMS_TO_LAB)
_TO_XYZ = _constant(reference.RGB_TO_XYZ / reference.WHITE_D65[:, None])


def decode(encoded: Tensor) -> Tensor:
    """sRGB-encoded 0..1 to linear light; the gradient stays finite at 0."""
    return torch.where(
        encoded <= 0.04045, encoded / 12.92, ((encoded.clamp_min(0.04) + 0.055) / 1.055) ** 2.4
    )


def oklab(rgb: Tensor) -> Tensor:
    """(B, 3, ...) sRGB-encoded 0..1 -> Oklab, channels first."""
    lms = torch.einsum("ck,bk...->bc...", _TO_LMS, decode(rgb))
    return torch.einsum("ck,bk...->bc...", _TO_OKLAB, lms.clamp_min(1e-6) ** (1 / 3))


def lab(rgb: Tensor) -> Tensor:
    """(B, 3, ...) sRGB-encoded 0..1 -> CIE Lab (D65), channels first."""
    xyz = torch.einsum("ck,bk...->bc...", _TO_XYZ, decode(rgb))
    f = torch.where(xyz > 0.008856, xyz.clamp_min(0.008) ** (1 / 3), 7.787 * xyz + 16 / 116)
    return torch.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1)


def difference(one: Tensor, other: Tensor) -> Tensor:
    """Per colour, about CIEDE2000, between Lab (B, 3, n): CIE94 with a lightness weight.

    CIEDE2000 itself has gradients that break at its hue terms; this stays within some 10 % of it.
    """
    light = (one[:, 0] - other[:, 0]) / (1 + 0.012 * (other[:, 0] - 50).abs())
    chroma_one = (one[:, 1:].square().sum(1) + 0.01).sqrt()
    chroma_other = (other[:, 1:].square().sum(1) + 0.01).sqrt()
    chroma = (chroma_one - chroma_other) / (1 + 0.045 * chroma_other)
    flat = (one[:, 1:] - other[:, 1:]).square().sum(1)
    hue = (flat - (chroma_one - chroma_other).square()).clamp_min(0) / (1 + 0.015 * chroma_other).square()
    return (light.square() + chroma.square() + hue + 0.01).sqrt() - 0.1

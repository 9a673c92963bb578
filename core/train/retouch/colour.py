"""Torch twins of :mod:`gradewright.core.colour`, channels last, in the float type that is given.

Values are those of the numpy functions; gradients are finite everywhere, at black too.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ... import colour as reference

_TINY = 1e-9  # below it, a cube root is replaced by the chord: its slope would be infinite


def mix(values: Tensor, matrix: np.ndarray) -> Tensor:
    """(..., 3) times the transpose of a (3, 3) matrix; never in bfloat16, which is coarser than 8 bits."""
    with torch.autocast("cpu", enabled=False):
        return values @ torch.as_tensor(matrix.T.copy(), dtype=values.dtype)


def decode(encoded: Tensor) -> Tensor:
    """sRGB-encoded to linear light; odd-symmetric below zero."""
    size = encoded.abs()
    curved = ((size.clamp_min(0.04045) + 0.055) / 1.055) ** 2.4
    return torch.where(size <= 0.04045, encoded / 12.92, encoded.sign() * curved)


def encode(linear: Tensor) -> Tensor:
    """Linear light to sRGB-encoded; odd-symmetric below zero."""
    size = linear.abs()
    curved = 1.055 * size.clamp_min(0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(size <= 0.0031308, linear * 12.92, linear.sign() * curved)


def cube_root(values: Tensor) -> Tensor:
    """Of either sign."""
    size = values.abs()
    return torch.where(
        size <= _TINY, values * _TINY ** (-2 / 3), values.sign() * size.clamp_min(_TINY) ** (1 / 3)
    )


def linear_to_oklab(linear: Tensor) -> Tensor:
    """Linear sRGB (..., 3) to Oklab."""
    return mix(cube_root(mix(linear, reference._OKLAB_RGB_TO_LMS)), reference._OKLAB_LMS_TO_LAB)


def oklab_to_linear(lab: Tensor) -> Tensor:
    """Oklab (..., 3) to linear sRGB, not clipped."""
    return mix(mix(lab, reference._OKLAB_LAB_TO_LMS) ** 3, reference._OKLAB_LMS_TO_RGB)


def oklab_balance(lab: Tensor, log_gains: Tensor) -> Tensor:
    """Von Kries gains on Oklab's cone responses; neutrals keep their lightness."""
    roots = torch.exp(log_gains / 3)
    row = torch.as_tensor(reference._OKLAB_LMS_TO_LAB[0].copy(), dtype=lab.dtype)
    neutral = (roots * row).sum(-1, keepdim=True)
    return mix(mix(lab, reference._OKLAB_LAB_TO_LMS) * (roots / neutral), reference._OKLAB_LMS_TO_LAB)


def luma(linear: Tensor) -> Tensor:
    """Relative luminance (...) of (..., 3)."""
    return (linear * torch.as_tensor(reference.LUMA.copy(), dtype=linear.dtype)).sum(-1)

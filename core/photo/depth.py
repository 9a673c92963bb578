"""Pixels between bit depths: always rounded, never truncated."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def full_scale(pixels: NDArray[Any]) -> float:
    """The number that stands for white: 255, 65535 or 1.0."""
    return {np.dtype(np.uint8): 255.0, np.dtype(np.uint16): 65535.0}.get(pixels.dtype, 1.0)


def to_uint8(pixels: NDArray[np.generic]) -> NDArray[np.uint8]:
    """uint8, uint16 or float32 (0..1, clipped; NaN is 0) to uint8, a new array."""
    if pixels.dtype == np.uint16:
        # v * 255 / 65535 rounded, without a division; exact for every v (tested).
        return ((pixels.astype(np.uint32) * 255 + 32895) >> 16).astype(np.uint8)
    return _from_float(pixels, 255, np.uint8) if pixels.dtype == np.float32 else pixels.astype(np.uint8)


def to_uint16(pixels: NDArray[np.generic]) -> NDArray[np.uint16]:
    """uint8, uint16 or float32 (0..1, clipped; NaN is 0) to uint16, a new array."""
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint16) * np.uint16(257)
    return _from_float(pixels, 65535, np.uint16) if pixels.dtype == np.float32 else pixels.astype(np.uint16)


def to_float(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """uint8, uint16 or float32 to float32; integers to 0..1."""
    if pixels.dtype == np.float32:
        return pixels.astype(np.float32)
    return np.divide(pixels, np.float32(full_scale(pixels)), dtype=np.float32)


def _from_float(pixels: NDArray[np.generic], top: int, dtype: type) -> NDArray:
    scaled = np.nan_to_num(pixels.astype(np.float32), nan=0.0, posinf=1.0, neginf=0.0)
    np.clip(scaled, 0, 1, out=scaled)
    scaled *= top
    scaled += 0.5
    return scaled.astype(dtype)

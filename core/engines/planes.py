"""Small image operations on float32 arrays: box means, resizing, sampling at points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def luma(image: F32) -> F32:
    """Weighted sum (H, W) of the encoded channels (Rec.709 weights): enough for structure."""
    return image @ _LUMA


def box(image: F32, radius: int) -> F32:
    """Mean over (2 radius + 1)^2 pixels, edges repeated; (H, W) or (H, W, C)."""
    if radius == 0:
        return image
    width = 2 * radius + 1
    for axis in (0, 1):
        pad = [(0, 0)] * image.ndim
        pad[axis] = (radius + 1, radius)
        sums = np.cumsum(np.pad(image, pad, "edge"), axis=axis, dtype=np.float64)
        size = image.shape[axis]
        ahead = np.take(sums, np.arange(width, width + size), axis=axis)
        behind = np.take(sums, np.arange(size), axis=axis)
        image = ((ahead - behind) / width).astype(np.float32)
    return image


def resize(image: F32, height: int, width: int) -> F32:
    """Area average when shrinking, linear when growing; (H, W, C) -> (height, width, C)."""
    for axis, size in ((0, height), (1, width)):
        if image.shape[axis] != size:
            matrix = _resampling(image.shape[axis], size)
            image = np.moveaxis(np.tensordot(matrix, image, axes=(1, axis)), 0, axis)
    return np.ascontiguousarray(image, np.float32)


def _resampling(old: int, new: int) -> F32:
    """(new, old) weights of a triangle filter as wide as the coarser of the two grids."""
    scale = old / new
    centres = (np.arange(new) + 0.5) * scale - 0.5
    distance = np.abs(np.arange(old)[None] - np.clip(centres, 0, old - 1)[:, None])
    weights = np.maximum(1 - distance / max(scale, 1), 0)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def shrink(image: F32, side: int) -> F32:
    """The image with its longer side at most ``side``."""
    height, width = image.shape[:2]
    factor = side / max(height, width)
    if factor >= 1:
        return image
    return resize(image, max(1, round(height * factor)), max(1, round(width * factor)))


def sample(image: F32, x: NDArray[np.floating], y: NDArray[np.floating]) -> F32:
    """Bilinear values at pixel coordinates; positions outside take the edge's."""
    height, width = image.shape[:2]
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    left = np.minimum(x.astype(np.int64), max(width - 2, 0))
    top = np.minimum(y.astype(np.int64), max(height - 2, 0))
    fx, fy = (x - left).astype(np.float32), (y - top).astype(np.float32)
    if image.ndim == 3:
        fx, fy = fx[..., None], fy[..., None]
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    upper = image[top, left] * (1 - fx) + image[top, right] * fx
    lower = image[bottom, left] * (1 - fx) + image[bottom, right] * fx
    return upper * (1 - fy) + lower * fy


def texture(image: F32, radius: int = 1) -> F32:
    """Local standard deviation (H, W), all channels together."""
    variance = box(image * image, radius) - box(image, radius) ** 2
    return np.sqrt(np.maximum(variance.sum(axis=-1), 0))

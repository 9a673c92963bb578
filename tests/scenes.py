"""Synthetic pictures with enough structure and colour to learn a grade from."""

from __future__ import annotations

import numpy as np


def scene(seed: int = 0, height: int = 160, width: int = 240) -> np.ndarray:
    """Float32 (height, width, 3), 8-bit values: overlapping soft discs of many colours on a gradient."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    picture = np.stack([x / width, y / height, 1 - (x / width + y / height) / 2], axis=-1)
    for _ in range(160):
        cx, cy, radius = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(4, 22)
        inside = np.clip((radius - np.hypot(x - cx, y - cy)) / 2, 0, 1)[..., None]
        picture = picture * (1 - inside) + rng.uniform(0, 1, 3) * inside
    return eight_bit(picture + rng.normal(0, 0.01, picture.shape))


def eight_bit(picture: np.ndarray) -> np.ndarray:
    return ((np.clip(picture, 0, 1) * 255).round() / 255).astype(np.float32)


def film(colours: np.ndarray) -> np.ndarray:
    """A smooth look on (..., 3): lifted blacks, contrast, a warm balance, less saturation."""
    colours = np.asarray(colours, np.float64)
    curve = 0.04 + 0.92 * (colours + 0.35 * colours * (1 - colours) * (2 * colours - 1))
    toned = curve * [1.05, 0.97, 0.78] + [0.0, 0.02, 0.1]
    grey = toned.mean(axis=-1, keepdims=True)
    return np.clip(grey + 0.65 * (toned - grey), 0, 1)

"""The synthetic chart of the self-test: ramps, colour patches, saturated edges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SIZE = (1080, 1920)


def chart(size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
    """(H, W, 3) uint8: grey and primary ramps, patches, a hue sweep, near-black and near-white."""
    height, width = size
    x = np.linspace(0, 1, width)
    rows = [np.repeat(x[:, None], 3, axis=1)]
    rows += [np.where(np.arange(3) == channel, x[:, None], 0.15) for channel in range(3)]
    patches = np.random.default_rng(8).uniform(0.08, 0.92, (2, 12, 3))
    rows += [row[np.minimum((x * 12).astype(int), 11)] for row in patches]
    hue = 2 * np.pi * x[:, None] + np.array([0.0, -2.0, 2.0]) * np.pi / 3
    rows.append(0.5 + 0.45 * np.cos(hue))
    rows.append(np.where(x[:, None] < 0.5, 0.16 * x[:, None], 1 - 0.16 * (1 - x[:, None])) * np.ones(3))
    picture = np.repeat(np.stack(rows), -(-height // len(rows)), axis=0)[:height]
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def write(path: Path, size: tuple[int, int] = SIZE) -> Path:
    """Write the chart as PNG, unless it is there."""
    if not path.is_file():
        from gradewright.core import photo as photos

        path.parent.mkdir(parents=True, exist_ok=True)
        photos.save_pixels(chart(size) / np.float32(255), path, overwrite=True)
    return path

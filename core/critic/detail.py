"""What is noticed beside colour and tone: noise, blur, haze, and where something is clipped."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..attributes.colours import CODE
from ..engines.planes import box
from .review import Region

F32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

_GRID = 8  # cells along both edges in which regions are found
_FULL = 0.25  # share of a cell from which it belongs to a region
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def noise(photo: F32) -> float:
    """Standard deviation of the grain in flat parts, in 8-bit steps.

    Immerkær, "Fast noise variance estimation" (1996), over the calmest third of the middle of the picture,
    without what is clipped.
    """
    light = _middle(photo) @ _LUMA
    centre, cross = light[1:-1, 1:-1], light[:-2, 1:-1] + light[2:, 1:-1] + light[1:-1, :-2] + light[1:-1, 2:]
    corners = light[:-2, :-2] + light[:-2, 2:] + light[2:, :-2] + light[2:, 2:]
    grain = np.abs(corners - 2 * cross + 4 * centre)
    slope = np.abs(light[2:, 1:-1] - light[:-2, 1:-1]) + np.abs(light[1:-1, 2:] - light[1:-1, :-2])
    inside = (centre > 0.02) & (centre < 0.98)
    if inside.sum() < 100:
        return 0.0
    calm = inside & (slope <= np.quantile(slope[inside], 1 / 3))
    return float(grain[calm].mean() * np.sqrt(np.pi / 2) / 6 * 255)


def sharpness(photo: F32) -> float:
    """How steep the steepest edges are: what blurring once more takes away of them, 0 (nothing left) .. 1.

    After Crété et al., "The blur effect" (2007): sharp edges lose much by a further blur, soft ones little.
    """
    light = _middle(photo) @ _LUMA
    soft = box(light, 2)
    found = []
    for axis in (0, 1):
        steep, left = np.abs(np.diff(light, axis=axis)), np.abs(np.diff(soft, axis=axis))
        edges = steep >= np.quantile(steep, 0.98)
        found.append(1 - float(left[edges].sum() / max(float(steep[edges].sum()), 1e-6)))
    return max(found)


def haze(photo: F32) -> float:
    """The veil over the picture, 0..1: the dark channel (He, Sun, Tang 2009) at its 10th percentile."""
    lowest = photo[::2, ::2].min(axis=2)
    rows, columns = (np.arange(0, size, 8) for size in lowest.shape)
    cells = np.minimum.reduceat(np.minimum.reduceat(lowest, rows, axis=0), columns, axis=1)
    return float(np.quantile(cells, 0.1))


def _middle(photo: F32) -> F32:
    """The inner part, two thirds of each edge: enough of it, at less than half the time."""
    height, width = photo.shape[:2]
    if min(height, width) < 48:
        return photo
    return photo[height // 6 : height - height // 6, width // 6 : width - width // 6]


def blown(photo: F32) -> Mask:
    """(H, W): pixels that are white."""
    return np.asarray((photo > 1 - CODE).all(axis=2))


def crushed(photo: F32) -> Mask:
    """(H, W): pixels that are black."""
    return np.asarray((photo < CODE).all(axis=2))


def region(mask: Mask) -> Region | None:
    """The box around the largest patch of a mask (H, W); None where it is nowhere dense."""
    height, width = mask.shape
    rows, columns = min(_GRID, height), min(_GRID, width)
    ys, xs = np.arange(rows) * height // rows, np.arange(columns) * width // columns
    counts = np.add.reduceat(np.add.reduceat(mask.astype(np.int64), ys, axis=0), xs, axis=1)
    areas = np.outer(np.diff([*ys, height]), np.diff([*xs, width]))
    patch = _largest(counts >= _FULL * areas)
    if not patch:
        return None
    top, left = (min(cell[axis] for cell in patch) for axis in (0, 1))
    bottom, right = (max(cell[axis] for cell in patch) + 1 for axis in (0, 1))
    return left / columns, top / rows, (right - left) / columns, (bottom - top) / rows


def _largest(cells: Mask) -> list[tuple[int, int]]:
    """The largest group of neighbouring cells that are set."""
    left = {(int(y), int(x)) for y, x in np.argwhere(cells)}
    best: list[tuple[int, int]] = []
    while left:
        patch, edge = [], [left.pop()]
        while edge:
            y, x = cell = edge.pop()
            patch.append(cell)
            near = {(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)} & left
            left -= near
            edge += near
        best = max(best, patch, key=len)
    return best


def place(where: Region) -> str:
    """A region in words: "upper left", "centre", "whole picture"."""
    x, y, width, height = where
    if width * height > 0.6:
        return "most of the picture"
    middle_x, middle_y = x + width / 2, y + height / 2
    column = "left" if middle_x < 0.37 else "right" if middle_x > 0.63 else ""
    row = "upper" if middle_y < 0.37 else "lower" if middle_y > 0.63 else ""
    if row and column:
        return f"{row} {column}"
    return {"upper": "top", "lower": "bottom"}.get(row) or column or "centre"

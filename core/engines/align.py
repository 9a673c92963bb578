"""Lays one picture over another and says how well they agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .features import Placement, locate, normalised
from .planes import F32, box, resize, sample, shrink, texture

SIDE = 384  # structure is compared on pictures this wide
_WINDOW = 6  # radius of the local correlation
_SHIFTS = ((0, 0), *((dx, dy) for dx in (-2, 0, 2) for dy in (-2, 0, 2) if (dx, dy) != (0, 0)))
_FLAT = 0.02  # texture below this has no structure to compare


@dataclass(frozen=True)
class Overlay:
    """The second picture seen from the first one's pixels.

    ``first``, ``second`` : float32 (H, W, 3), same shape. ``agreement`` : (H, W) local correlation of the
    structure, -1..1, NaN where the second has no pixel or where neither has structure.
    ``inside`` : (H, W) bool, both have a pixel. ``placement`` : how it was found, None for corner on corner.
    """

    first: F32
    second: F32
    inside: NDArray[np.bool_]
    agreement: F32
    placement: Placement | None = None

    @property
    def score(self) -> float:
        """Median size of the correlation where there is structure; 1 when there is none to compare."""
        known = np.abs(self.agreement[np.isfinite(self.agreement)])
        return float(np.median(known)) if known.size >= 0.01 * self.agreement.size else 1.0

    @property
    def share(self) -> float:
        """Share 0..1 of the first picture that the second covers."""
        return float(self.inside.mean())


def corner_on_corner(first: F32, second: F32) -> Overlay:
    """The second picture stretched to the first one's size."""
    second = resize(second, *first.shape[:2])
    inside = np.ones(first.shape[:2], bool)
    return Overlay(first, second, inside, _agreement(first, second, inside))


def by_content(first: F32, second: F32, seed: int = 0, follow: bool = False) -> Overlay | None:
    """The second picture moved, scaled and turned (up to 30 degrees) onto the first by what they show.

    ``follow`` also lets each neighbourhood shift by two pixels of a ``SIDE`` wide picture, for
    cameras that moved. None when the pictures share nothing that can be found.
    """
    small_a, small_b = shrink(first, SIDE), shrink(second, SIDE)
    placement = locate(small_a, small_b, seed)
    if placement is None:
        return None
    if follow:
        first, second = small_a, small_b
    best: Overlay | None = None
    smoothed: F32 | None = None
    for dx, dy in _SHIFTS if follow else _SHIFTS[:1]:
        trial = _placed(first, second, placement, (small_a.shape, small_b.shape), dx, dy)
        if best is None or smoothed is None:
            best, smoothed = trial, box(np.nan_to_num(trial.agreement, nan=-1), _WINDOW)
            continue
        rival = box(np.nan_to_num(trial.agreement, nan=-1), _WINDOW)
        # Only a clearly better fit moves a neighbourhood: flat ones stay where the whole picture puts them.
        take = rival > smoothed + 0.1
        best = Overlay(
            first,
            np.where(take[..., None], trial.second, best.second),
            np.where(take, trial.inside, best.inside),
            np.where(take, trial.agreement, best.agreement),
            placement,
        )
        smoothed = np.where(take, rival, smoothed)
    return best


def _placed(
    first: F32, second: F32, placement: Placement, small: tuple[tuple[int, ...], ...], dx: float, dy: float
) -> Overlay:
    """The overlay by a placement found on shrunken pictures of the given shapes, shifted there."""
    height, width = first.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    zoom_a, zoom_b = width / small[0][1], second.shape[1] / small[1][1]
    x, y = (columns + 0.5) / zoom_a - 0.5, (rows + 0.5) / zoom_a - 0.5
    m = placement.matrix
    to_x = (m[0, 0] * x + m[0, 1] * y + m[0, 2] + dx + 0.5) * zoom_b - 0.5
    to_y = (m[1, 0] * x + m[1, 1] * y + m[1, 2] + dy + 0.5) * zoom_b - 0.5
    inside = (to_x > 0.5) & (to_y > 0.5) & (to_x < second.shape[1] - 1.5) & (to_y < second.shape[0] - 1.5)
    moved = sample(second, to_x, to_y).astype(np.float32)
    return Overlay(first, moved, inside, _agreement(first, moved, inside), placement)


def _agreement(first: F32, second: F32, inside: NDArray[np.bool_]) -> F32:
    """Local correlation of the two structures; NaN outside, and where either is flat."""
    a, b = normalised(first), normalised(second)
    covariance = box(a * b, _WINDOW)
    correlation = covariance / np.sqrt(box(a * a, _WINDOW) * box(b * b, _WINDOW) + 1e-6)
    structure = (texture(first, _WINDOW) > _FLAT) & (texture(second, _WINDOW) > _FLAT)
    return np.where(inside & structure, correlation, np.nan).astype(np.float32)

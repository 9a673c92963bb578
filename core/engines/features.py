"""Finds the same points in two pictures of one scene, whatever their grades.

Corners on a short scale pyramid, described by histograms of gradient directions (after Lowe,
"Distinctive Image Features from Scale-Invariant Keypoints", 2004; upright, since cameras are), matched
mutually with the ratio test, and agreed upon by random samples of upright-ish similarities
(Fischler and Bolles, 1981). The picture is first normalised locally, which takes most of a grade out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..colour import Floats
from .planes import F32, box, luma, resize

SCALES = (1.0, 0.707, 0.5)
_CORNERS = 500  # per scale
_BINS, _GRID, _STEP = 8, 4, 4  # directions, cells along an edge, pixels a cell
_MARGIN = _GRID * _STEP // 2 + 1
_RATIO = 0.85  # a match must beat the second best by this
_DRAWS = 600
_TOLERANCE = 0.02  # of the picture's diagonal, for the first consensus


@dataclass(frozen=True)
class Placement:
    """Where one picture lies in another.

    ``matrix`` : (2, 3), pixel (x, y, 1) of the first to (x, y) of the second. ``inliers`` : matches
    that agree. ``matches`` : all of them.
    """

    matrix: Floats
    inliers: int
    matches: int


def normalised(image: F32, radius: int = 8) -> F32:
    """Luma (H, W) less its local mean, over its local contrast: what a grade leaves alone."""
    plane = luma(image)
    centred = plane - box(plane, radius)
    contrast = np.sqrt(np.maximum(box(centred**2, radius), 0)) + 0.01
    return np.asarray(centred / contrast, np.float32)


def locate(first: F32, second: F32, seed: int = 0) -> Placement | None:
    """Place ``first`` in ``second`` (float32 (H, W, 3), a few hundred pixels wide).

    None when fewer than 8 matches agree.
    """
    (points_a, words_a), (points_b, words_b) = describe(first), describe(second)
    pairs = _mutual(words_a, words_b)
    if len(pairs) < 8:
        return None
    a, b = points_a[pairs[:, 0]], points_b[pairs[:, 1]]
    return _consensus(a, b, float(np.hypot(*first.shape[:2])), np.random.default_rng(seed))


def describe(image: F32) -> tuple[Floats, F32]:
    """Corner positions (n, 2) as x, y, and unit descriptors (n, 128)."""
    places, words = [], []
    for scale in SCALES:
        height, width = (round(side * scale) for side in image.shape[:2])
        if min(height, width) < 4 * _MARGIN:
            continue
        plane = normalised(resize(image, height, width))
        gradients = np.gradient(box(plane, 1))
        gy, gx = (np.asarray(g, np.float32) for g in gradients)
        corners = _strongest(_cornerness(gx, gy))
        words.append(_histograms(gx, gy, corners))
        places.append((corners[:, ::-1] + 0.5) / scale - 0.5)
    if not places:
        return np.zeros((0, 2)), np.zeros((0, _BINS * _GRID**2), np.float32)
    return np.concatenate(places), np.concatenate(words)


def _cornerness(gx: F32, gy: F32) -> F32:
    """The smaller eigenvalue of the structure tensor (Shi and Tomasi, 1994)."""
    xx, yy, xy = (box(plane, 2) for plane in (gx * gx, gy * gy, gx * gy))
    return np.asarray((xx + yy) / 2 - np.sqrt(((xx - yy) / 2) ** 2 + xy**2), np.float32)


def _strongest(strength: F32) -> NDArray[np.int64]:
    """(n, 2) rows and columns of the strongest local maxima, clear of the edges."""
    peak = strength.copy()
    for axis in (0, 1):
        best = peak.copy()
        for shift in (-2, -1, 1, 2):
            np.maximum(best, np.roll(peak, shift, axis), out=best)
        peak = best
    inner = np.zeros(strength.shape, bool)
    inner[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN] = True
    rows, columns = np.nonzero((strength == peak) & inner & (strength > 1e-4))
    order = np.argsort(-strength[rows, columns], kind="stable")[:_CORNERS]
    return np.stack([rows[order], columns[order]], axis=1)


def _histograms(gx: F32, gy: F32, corners: NDArray[np.int64]) -> F32:
    """(n, 128): 8 directions in 4 x 4 cells around each corner, clipped at 0.2 as Lowe does."""
    size, angle = np.hypot(gx, gy), np.arctan2(gy, gx) % (2 * np.pi) * (_BINS / (2 * np.pi))
    offsets = (np.arange(_GRID) - (_GRID - 1) / 2) * _STEP
    rows = (corners[:, :1] + offsets[None]).round().astype(np.int64)
    columns = (corners[:, 1:] + offsets[None]).round().astype(np.int64)
    words = []
    for direction in range(_BINS):
        gap = np.abs((angle - direction + _BINS / 2) % _BINS - _BINS / 2)
        pooled = box((size * np.maximum(1 - gap, 0)).astype(np.float32), _STEP // 2)
        words.append(pooled[rows[:, :, None], columns[:, None, :]].reshape(len(corners), _GRID**2))
    word = np.concatenate(words, axis=1)
    word = np.minimum(word / (np.linalg.norm(word, axis=1, keepdims=True) + 1e-6), 0.2)
    return (word / (np.linalg.norm(word, axis=1, keepdims=True) + 1e-6)).astype(np.float32)


def _mutual(words_a: F32, words_b: F32) -> NDArray[np.int64]:
    """(m, 2) indices of matches that are each other's best, and clearly so."""
    if len(words_a) < 2 or len(words_b) < 2:
        return np.zeros((0, 2), np.int64)
    likeness = words_a @ words_b.T
    best = likeness.argmax(axis=1)
    rows = np.arange(len(words_a))
    mutual = likeness.argmax(axis=0)[best] == rows
    top = likeness[rows, best].copy()
    likeness[rows, best] = -1
    second = likeness.max(axis=1)
    clear = np.sqrt(np.maximum(1 - top, 0)) < _RATIO * np.sqrt(np.maximum(1 - second, 1e-9))
    keep = mutual & clear
    return np.stack([rows[keep], best[keep]], axis=1)


def _consensus(a: Floats, b: Floats, diagonal: float, rng: np.random.Generator) -> Placement | None:
    """The affine map that most matches agree on: draws of two, then least squares on the agreeing."""
    za, zb = a @ [1, 1j], b @ [1, 1j]
    i, j = rng.integers(len(a), size=(2, _DRAWS))
    apart = np.abs(za[i] - za[j]) > 0.05 * diagonal
    i, j = i[apart], j[apart]
    turn = (zb[i] - zb[j]) / (za[i] - za[j])
    upright = (np.abs(turn) > 0.3) & (np.abs(turn) < 3.3) & (np.abs(np.angle(turn)) < np.radians(30))
    turn, origin = turn[upright], (zb[i] - turn * za[i])[upright]
    if not len(turn):
        return None
    tolerance = _TOLERANCE * diagonal
    agree = np.abs(turn[:, None] * za + origin[:, None] - zb) < tolerance
    inside = agree[agree.sum(axis=1).argmax()]
    homogeneous = np.column_stack([a, np.ones(len(a))])
    for shrinking in (1.0, 0.5, 0.5):
        if inside.sum() < 8:
            return None
        matrix = np.linalg.lstsq(homogeneous[inside], b[inside], rcond=None)[0].T
        inside = np.hypot(*(homogeneous @ matrix.T - b).T) < tolerance * shrinking
    return Placement(matrix, int(inside.sum()), len(a)) if inside.sum() >= 8 else None

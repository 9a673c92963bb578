"""Figures of the lattice itself: orientation, gain, roughness, clipping, plateaus.

Everything works on channel-first float32, (3, N, N, N), because that is what keeps a
measurement in a few milliseconds. Steps are scaled to a 33^3 lattice, so figures of
different sizes compare.
"""

from __future__ import annotations

from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from .probes import photo_weights

F32 = NDArray[np.float32]
CODE = 1 / 255
FOLDED_BELOW = -0.05  # relative volume; 10-bit sources make noise of up to 0.03 around zero
_TETRAHEDRA = tuple(permutations(range(3)))


def planes(table: F32) -> F32:
    """(N, N, N, 3) to contiguous (3, N, N, N)."""
    return np.ascontiguousarray(np.moveaxis(table, -1, 0))


def axis_steps(channels: F32) -> list[F32]:
    """Forward differences along r, g, b; item k is (3, N, N, N) less one along lattice axis k."""
    return [np.diff(channels, axis=1 + k) for k in range(3)]


def tetrahedron_volumes(steps: list[F32], size: int) -> F32:
    """(6, N-1, N-1, N-1) signed volumes of the tetrahedra that interpolation uses; identity 1.

    Interpolation is linear inside each of a cell's six tetrahedra, so the sign of the
    determinant of its three successive edges is exact: negative means the LUT turned that
    piece of colour space inside out (Kasson et al. 1995 for the subdivision).
    """
    volumes = np.empty((6, size - 1, size - 1, size - 1), np.float32)
    scale = np.float32((size - 1) ** 3)
    for index, order in enumerate(_TETRAHEDRA):
        walked: list[int] = []
        edges = []
        for axis in order:
            cut = tuple(slice(1, None) if k in walked else slice(0, size - 1) for k in range(3))
            edges.append(steps[axis][(slice(None), *cut)])
            walked.append(axis)
        (a, b, c), (d, e, f), (g, h, i) = edges
        volume = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
        even = order in ((0, 1, 2), (1, 2, 0), (2, 0, 1))
        np.multiply(volume, scale if even else -scale, out=volumes[index])
    return volumes


def lattice_figures(table: F32) -> dict[str, float]:
    """The figures of one plain table (N, N, N, 3); names as in :class:`SafetyReport`."""
    size = table.shape[0]
    channels = planes(table)
    steps = axis_steps(channels)
    gains = [np.abs(step) for step in steps]
    folded = (tetrahedron_volumes(steps, size) < FOLDED_BELOW).mean(axis=0, dtype=np.float32)
    cell_weights = photo_weights(size)[(slice(0, -1),) * 3]
    per_step = np.float32(size - 1)
    return {
        "fold_share": float(folded.mean()),
        "fold_photo_share": float((folded * cell_weights).sum() / cell_weights.sum()),
        "axis_reversal_share": sum(int(np.count_nonzero(steps[k][k] < -CODE)) for k in range(3))
        / (3 * steps[0][0].size),
        "gain_max_codes": max(float(g.max()) for g in gains) * float(per_step),
        **_roughness(steps, size),
        **_clipping(table, gains),
    }


def _roughness(steps: list[F32], size: int) -> dict[str, float]:
    if size < 3:
        return {"roughness_codes": 0.0, "roughness_p99_codes": 0.0, "spike_codes": 0.0}
    scale = 255 * ((size - 1) / 32) ** 2
    bends = [np.diff(step, axis=1 + k) for k, step in enumerate(steps)]
    flat = np.abs(np.concatenate([bend.ravel() for bend in bends]))
    # Binned to an eighth of a code: np.partition takes 16 ms on values that are nearly all alike.
    eighths = np.bincount(np.minimum(flat * np.float32(8 * scale), 2**15).astype(np.int32))
    p99 = int(np.searchsorted(np.cumsum(eighths), 0.99 * len(flat)))
    return {
        "roughness_codes": float(flat.mean()) * scale,
        "roughness_p99_codes": p99 / 8,
        "spike_codes": float(spikes(bends).max()) * 255,
    }


def spikes(bends: list[F32]) -> F32:
    """(3, N-2, N-2, N-2) how far inner points stick out of all three of their axes at once.

    A real look bends along one axis or two; a wrong number in a file along all three, the same way.
    """
    inner = slice(1, -1)
    cuts = [tuple(slice(None) if a == k else inner for a in range(3)) for k in range(3)]
    r, g, b = (bend[(slice(None), *cut)] for bend, cut in zip(bends, cuts, strict=True))
    pit = np.minimum(np.minimum(r, g), b)
    peak = np.maximum(np.maximum(r, g), b)
    return np.asarray(np.maximum(np.maximum(pit, -peak), 0) / 2, np.float32)


def _clipping(table: F32, gains: list[F32]) -> dict[str, float]:
    size = table.shape[0]
    inside = (slice(1, -1),) * 3
    weights = photo_weights(size)[inside]
    total = max(float(weights.sum()), 1e-9)
    body = table[inside]
    low, high = body <= CODE / 2, body >= 1 - CODE / 2
    crushed, blown = low.all(axis=-1), high.all(axis=-1)
    any_clipped = (low | high).any(axis=-1)
    cells = (slice(None), *(slice(0, size - 1),) * 3)
    flat = np.maximum.reduce([g[cells].max(axis=0) for g in gains]) < CODE / 2
    return {
        "clip_lattice_share": float(any_clipped.mean()) if any_clipped.size else 0.0,
        "clip_photo_share": float(weights[any_clipped].sum()) / total,
        "crushed_photo_share": float(weights[crushed | blown].sum()) / total,
        "plateau_share": float(flat.mean()),
    }

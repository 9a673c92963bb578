"""Corrections that stay near one line of colours: the grey axis, the skin line."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..colour import oklab_to_srgb, srgb_to_lab, srgb_to_oklab
from ..interp import tetrahedral
from .probes import skin_colours
from .smooth import identity

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
_GREY_REACH = 0.25  # max-min at which the neutral correction has fallen to 1/e
_SKIN_REACH = 0.05  # standard deviation, Oklab a/b, around the skin line


def isotonic(values: NDArray[np.floating]) -> F64:
    """The rising sequence nearest to ``values`` (n,) in least squares.

    Pool adjacent violators (Barlow, Bartholomew, Bremner, Brunk, 1972).
    """
    means: list[float] = []
    counts: list[int] = []
    for value in values:
        mean, count = float(value), 1
        while means and means[-1] > mean:
            before, n = means.pop(), counts.pop()
            mean, count = (mean * count + before * n) / (count + n), count + n
        means.append(mean)
        counts.append(count)
    return np.repeat(means, counts)


def monotone_neutrals(table: F32) -> F32:
    """The table with a grey axis whose L* never falls, spread softly around the axis.

    Equal amounts are added to R, G and B (encoded), so the tint hardly changes.
    """
    size = table.shape[0]
    where = np.arange(size)
    diagonal = table[where, where, where].astype(np.float64)
    shift = _shift_to_lightness(diagonal, isotonic(srgb_to_lab(diagonal)[:, 0]))
    rgb = identity(size)
    spread = rgb.max(axis=-1) - rgb.min(axis=-1)
    along = np.interp(rgb.mean(axis=-1, dtype=np.float64), where / (size - 1), shift)
    correction = (along * np.exp(-((spread / _GREY_REACH) ** 2)))[..., None]
    return np.clip(table + correction, 0, 1).astype(np.float32)


def _shift_to_lightness(rgb: F64, target: F64) -> F64:
    """(n,) amount to add to all channels of rgb (n, 3) for L* ``target``, by bisection."""
    low, high = -np.ones(len(rgb)), np.ones(len(rgb))
    for _ in range(24):
        middle = (low + high) / 2
        dark = srgb_to_lab(np.clip(rgb + middle[:, None], 0, 1))[:, 0] < target
        low, high = np.where(dark, middle, low), np.where(dark, high, middle)
    found = (low + high) / 2
    return np.where(np.abs(srgb_to_lab(rgb)[:, 0] - target) < 1e-6, 0.0, found)


class SkinCorrection:
    """Turns skin hues back by a chosen amount, near the skin line only.

    The correction is a shift in Oklab a/b, not a rotation: a rotation that fades out with
    distance would swirl the colours around it. Built once, evaluated for several amounts.
    """

    def __init__(self, table: F32) -> None:
        self._table = table
        start = srgb_to_oklab(identity(table.shape[0])).reshape(-1, 3)
        skin = srgb_to_oklab(skin_colours()).reshape(2, -1, 3).mean(axis=0)
        offset = start[:, 1:] - _along(start[:, 0], skin[:, 0], skin[:, 1:])
        beyond = np.maximum(start[:, 0] - skin[-1, 0], 0) + np.maximum(skin[0, 0] - start[:, 0], 0)
        distance2 = (offset**2).sum(axis=-1) + (beyond / 2) ** 2
        weight = np.exp(-0.5 * distance2 / _SKIN_REACH**2)
        self._near = np.flatnonzero(weight > 0.01)
        self._weight = weight[self._near, None]
        self._light = start[self._near, 0]
        self._out = srgb_to_oklab(table.reshape(-1, 3)[self._near])
        self._skin = skin
        self._skin_out = srgb_to_oklab(tetrahedral(table, oklab_to_srgb(skin).clip(0, 1)))

    def table(self, amount: float) -> F32:
        """The table with the mean hue turn of skin taken back by ``amount``, 0..1."""
        before, after = (complex_ab(lab) for lab in (self._skin, self._skin_out))
        turn = np.angle(after / np.where(before == 0, 1, before))
        moved = after * (np.exp(-1j * amount * turn) - 1)
        shift = _along(self._light, self._skin[:, 0], np.stack([moved.real, moved.imag], axis=-1))
        lab = self._out.copy()
        lab[:, 1:] += self._weight * shift
        flat = self._table.reshape(-1, 3).copy()
        flat[self._near] = np.clip(oklab_to_srgb(lab), 0, 1)
        return flat.reshape(self._table.shape)


def complex_ab(lab: NDArray[np.floating]) -> NDArray[np.complex128]:
    """(n,) a + ib of (n, 3)."""
    return np.asarray(lab[:, 1] + 1j * lab[:, 2], np.complex128)


def _along(where: NDArray[np.floating], nodes: NDArray[np.floating], values: NDArray[np.floating]) -> F64:
    return np.stack([np.interp(where, nodes, values[:, c]) for c in range(values.shape[1])], axis=-1)

"""Samples of a grade, colour by colour, to a smooth 33^3 LUT: robust, and sensible where nothing was seen.

Two layers. A polynomial of the whole cube (:mod:`.chebyshev`) catches exposure, balance, tone and
saturation and carries them beyond the samples; a smooth lattice (:mod:`.lattice_fit`) adds what is
left. Samples that contradict their neighbours lose weight by Tukey's biweight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..colour import Floats
from ..interp import lattice, tetrahedral
from ..lut import Lut
from . import chebyshev
from .lattice_fit import ROUGH_LEVELS, smooth_lattice
from .neutrals import monotone_neutrals

SIZE = 33
CLEAN = 0.003  # residual (root mean square of a channel) that an undisturbed 8-bit pair stays below
_DEGREE = 10
_ROUNDS = ((4, 0.25), (4, 0.15), (_DEGREE, 0.1))  # degree, then the distance always believed; low degrees
# cannot follow outliers, but miss by themselves
_MOST = 40_000  # samples used; more change nothing but the time
_LEVELLING = 0.5
_CELLS = 40  # per edge: samples in one cell are averaged before the fit


@dataclass(frozen=True)
class Samples:
    """Colours before and after, sRGB-encoded.

    ``source``, ``target`` : (n, 3), 0..1; ``weight`` : (n,), >= 0. ``noise`` : disturbance known of the
    pictures they come from, a channel's, 0..1; the fit is held back accordingly.
    """

    source: Floats
    target: Floats
    weight: Floats
    noise: float = 0.0

    def thinned(self, seed: int = 0, most: int = _MOST) -> Samples:
        """At most ``most`` of the samples, drawn without replacement."""
        if len(self.weight) <= most:
            return self
        keep = np.sort(np.random.default_rng(seed).choice(len(self.weight), most, replace=False))
        return Samples(self.source[keep], self.target[keep], self.weight[keep], self.noise)


@dataclass(frozen=True)
class Fit:
    """A fitted LUT and how its samples took it.

    ``noise`` : robust spread of a channel's residual, 0..1. ``trust`` : (n,) 0..1 of each sample
    used (``samples``), 0 for outliers.
    """

    lut: Lut
    noise: float
    samples: Samples
    trust: Floats

    @property
    def outliers(self) -> float:
        """Share 0..1 of the samples' weight that the fit disbelieves."""
        total = self.samples.weight.sum()
        return float(self.samples.weight[self.trust < 0.1].sum() / total) if total else 0.0


def fit(samples: Samples, seed: int = 0) -> Fit:
    """Fit a LUT to samples.

    Parameters
    ----------
    samples : at least one with a positive weight
    seed : draws the samples used when there are very many
    """
    samples = samples.thinned(seed)
    trust: Floats = np.ones(len(samples.weight))
    noise = CLEAN
    for degree, floor in _ROUNDS:
        noise, trust = _judge(samples, _global_model(_binned(samples, trust), degree, CLEAN), floor)
    binned = _binned(samples, trust)
    noise = max(noise, samples.noise)
    base = _global_model(binned, _DEGREE, noise)
    rest = binned.target - np.asarray(tetrahedral(base, binned.source))
    table = base + smooth_lattice(binned.source, rest, binned.weight, 1e-4 * _stiffer(noise))
    noise, trust = _judge(samples, table, _ROUNDS[-1][1])
    return Fit(Lut(monotone_neutrals(np.clip(table, 0, 1))), noise, samples, trust)


def rough_noise(samples: Samples, seed: int = 0) -> float:
    """Median residual of a channel, 0..1, against a loose quick fit: what no LUT would explain."""
    samples = samples.thinned(seed, _MOST // 4)
    binned = _binned(samples, np.ones(len(samples.weight)))
    change = binned.target - binned.source
    table = smooth_lattice(binned.source, change, binned.weight, 1e-4, ROUGH_LEVELS)
    return _judge(samples, lattice(len(table), np.float64) + table, 1.0)[0]


def _stiffer(noise: float) -> float:
    """How much more a noisy fit is held back than a clean one, 1..30."""
    return float(np.clip((noise / CLEAN) ** 4, 1, 30))


def _global_model(binned: Samples, degree: int, noise: float) -> Floats:
    features = chebyshev.design(binned.source, degree)
    ridge = 3e-6 * _stiffer(noise) ** 0.5
    solved = chebyshev.solve(features, binned.target - binned.source, binned.weight, degree, ridge)
    return lattice(SIZE, np.float64) + chebyshev.on_lattice(solved, degree, SIZE)


def _judge(samples: Samples, table: Floats, floor: float) -> tuple[float, Floats]:
    """Median residual of a channel, and Tukey's biweights: zero beyond ``floor`` or 10 medians."""
    miss = samples.target - np.asarray(tetrahedral(table, samples.source))
    distance = np.sqrt((miss**2).mean(axis=1))
    noise = _weighted_median(distance, samples.weight)
    ratio = distance / max(10 * noise, floor)
    return noise, np.where(ratio < 1, (1 - ratio**2) ** 2, 0)


def _weighted_median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    sums = np.cumsum(weights[order])
    return float(values[order[min(np.searchsorted(sums, sums[-1] / 2), len(values) - 1)]])


def _binned(samples: Samples, trust: Floats) -> Samples:
    """Means over small cells; a cell weighs the square root of its samples, all together 1.

    The root keeps a wall or a sky from outweighing every other colour.
    """
    cell = np.minimum((np.clip(samples.source, 0, 1) * _CELLS).astype(np.int64), _CELLS - 1)
    key = cell @ np.array([_CELLS * _CELLS, _CELLS, 1])
    _, group = np.unique(key, return_inverse=True)
    weight = samples.weight * trust + 1e-12
    mass = np.bincount(group, weight)

    def mean(values: Floats) -> Floats:
        return np.stack([np.bincount(group, weight * values[:, c]) / mass for c in range(3)], axis=1)

    root = mass**_LEVELLING
    return Samples(mean(samples.source), mean(samples.target), root / root.sum())

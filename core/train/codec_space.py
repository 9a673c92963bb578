"""The continuous half of the codec: a separable basis, the joint metric, and the KLT under it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..colour import srgb_to_lab
from ..interp import lattice
from ..recipe.metric import local_metric

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
SIZE = 33
# what counts as equally good: a mean squared dE2000 of 1.5 on photo pixels, 38.2 dB on the lattice
PHOTO_UNIT, LATTICE_UNIT = 1.5, 1.5e-4


def axis_bases(sets: list[F32], terms: int) -> F32:
    """(3, 33, terms) orthonormal: per input axis the leading eigenvectors of LUT minus identity (HOSVD)."""
    out, identity = [], lattice(SIZE)
    for axis in range(3):
        covariance = np.zeros((SIZE, SIZE))
        for tables in sets:
            rows = np.moveaxis(tables - identity, axis + 1, -1).reshape(-1, SIZE)
            covariance += (rows.T @ rows).astype(np.float64) / len(tables)
        out.append(np.linalg.eigh(covariance)[1][:, ::-1][:, :terms])
    return np.stack(out).astype(np.float32)


def to_core(difference: F32, axes: F32) -> F32:
    """LUT minus identity (33, 33, 33, 3) -> core tensor, flat (terms^3 * 3,)."""
    core = np.tensordot(difference, axes[2], (2, 0))  # r g c z
    core = np.tensordot(core, axes[1], (1, 0))  # r c z y
    core = np.tensordot(core, axes[0], (0, 0))  # c z y x
    return np.ascontiguousarray(core.transpose(3, 2, 1, 0)).ravel()


def photo_features(pixels: F32, axes: F32) -> F32:
    """(n, terms^3): values of the separable basis at the pixels, trilinear between lattice points."""
    where = pixels * (SIZE - 1)
    cell = np.minimum(where.astype(int), SIZE - 2)
    part = where - cell
    x, y, z = (
        axes[c][cell[:, c]] * (1 - part[:, c, None]) + axes[c][cell[:, c] + 1] * part[:, c, None]
        for c in range(3)
    )
    return np.einsum("px,py,pz->pxyz", x, y, z, optimize=True).reshape(len(pixels), -1).astype(np.float32)


def difference_matrices(rgb: F32) -> F32:
    """(n, 3, 3): small sRGB differences at (n, 3) colours -> vectors of CIEDE2000 length."""
    colours = np.clip(rgb, 0.004, 0.996).astype(np.float64)  # dE per code value explodes at black
    lab, step = srgb_to_lab(colours), 1e-4
    jacobian = np.stack(
        [(srgb_to_lab(colours + e) - srgb_to_lab(colours - e)) / (2 * step) for e in np.eye(3) * step],
        axis=-1,
    )
    return (local_metric(lab) @ jacobian).astype(np.float32)


def photo_metric(pixels: F32, axes: F32, cores: F32) -> F32:
    """(d, d): quadratic form of mean squared dE2000 on the pixels, averaged over the looks in ``cores``."""
    features = photo_features(pixels, axes)
    local = np.zeros((len(pixels), 3, 3), np.float32)
    for core in cores:
        matrices = difference_matrices(pixels + features @ core.reshape(-1, 3))
        local += np.einsum("pki,pkj->pij", matrices, matrices) / len(cores)
    size = features.shape[1]
    metric = np.zeros((size, 3, size, 3), np.float32)
    for i in range(3):
        for j in range(i, 3):
            block = (features * local[:, i, j, None]).T @ features / len(pixels)
            metric[:, i, :, j] = metric[:, j, :, i] = block
    return metric.reshape(size * 3, size * 3)


def joint_metric(photo: F32, alpha: float) -> F32:
    """alpha * (dE^2 on photos) + (1 - alpha) * (squared error on the lattice), each in its unit."""
    joint = photo * (alpha / PHOTO_UNIT)
    joint[np.diag_indices(len(joint))] += (1 - alpha) / (3 * SIZE**3 * LATTICE_UNIT)
    return joint


@dataclass(frozen=True)
class Space:
    """Coefficients c = analysis.T @ core[kept]; core[kept] = synthesis @ c; |c|^2 is the joint error."""

    axes: F32
    kept: NDArray[np.int64]
    analysis: F32
    synthesis: F32

    def coefficients(self, cores: F32) -> F32:
        """(n, terms^3 * 3) -> (n, K)."""
        return np.ascontiguousarray(cores[:, self.kept] @ self.analysis)


def karhunen_loeve(
    cores: F32, weights: F32, metric: F32, axes: F32, kept_terms: int, size: int, emphasis: float
) -> Space:
    """Principal components of the cores under ``metric``, twice: then with easy LUTs weighted up.

    ``emphasis`` 0..1: LUTs whose error beyond 128 components is small count more, since the
    figures of merit (mean dE, mean PSNR) are means of roots and logarithms, not of squares.
    """
    importance = np.diag(metric) * np.mean(cores.astype(np.float32) ** 2, axis=0)
    kept = np.sort(np.argsort(-importance)[:kept_terms])
    cores = cores[:, kept]
    lower = np.linalg.cholesky(metric[np.ix_(kept, kept)].astype(np.float64))
    vectors = _principal(cores, weights, lower, size)
    white = cores @ lower.astype(np.float32)
    rest = np.maximum((white**2).sum(1) - ((white @ vectors[:, :128].astype(np.float32)) ** 2).sum(1), 0)
    weights = weights * (rest.mean() / (rest + 0.3 * np.median(rest))) ** emphasis
    vectors = _principal(cores, weights, lower, size)
    synthesis = np.linalg.solve(lower.T, vectors)
    return Space(axes, kept, (lower @ vectors).astype(np.float32), synthesis.astype(np.float32))


def _principal(cores: F32, weights: F32, lower: F64, size: int) -> F64:
    """Leading eigenvectors of the whitened covariance by subspace iteration (d, size)."""
    covariance = ((cores * weights[:, None]).T @ cores / weights.sum()).astype(np.float64)
    covariance = lower.T @ covariance @ lower
    return np.linalg.eigh(covariance)[1][:, ::-1][:, :size]

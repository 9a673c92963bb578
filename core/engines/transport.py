"""Moves one picture's colour statistics onto another's.

Statistics do not know a grade from a subject: between pictures of different things these maps carry
the reference's colours over, not its look. They serve as the fallback of the match engine, held back
hard, and as baselines.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..colour import Floats

ColourMap = Callable[[Floats], Floats]
_SMALLEST_VARIANCE = 1e-6  # of a colour direction, so that flat pictures do not divide by zero


def mean_and_spread(source: Floats, target: Floats) -> ColourMap:
    """Each axis shifted and scaled to the target's mean and standard deviation.

    Reinhard et al., "Color Transfer between Images" (2001); there in the l-alpha-beta space, here
    in whatever space the colours (n, 3) come.
    """
    gain = target.std(axis=0) / np.sqrt(source.var(axis=0) + _SMALLEST_VARIANCE)
    centre, aim = source.mean(axis=0), target.mean(axis=0)
    return lambda colours: (colours - centre) * gain + aim


def linear_transport(source: Floats, target: Floats) -> ColourMap:
    """The optimal linear map between the Gaussians of two colour clouds (n, 3).

    ``A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2`` with the covariances A of the source and B of the target:
    Pitié and Kokaram, "The linear Monge-Kantorovitch linear colour mapping" (2007).
    """
    a, b = _covariance(source), _covariance(target)
    root = _power(a, 0.5)
    inverse = _power(a, -0.5)
    matrix = inverse @ _power(root @ b @ root, 0.5) @ inverse
    centre, aim = source.mean(axis=0), target.mean(axis=0)
    return lambda colours: (colours - centre) @ matrix + aim


def _covariance(colours: Floats) -> Floats:
    return np.cov(colours.T, bias=True) + _SMALLEST_VARIANCE * np.eye(3)


def _power(matrix: Floats, exponent: float) -> Floats:
    """Power of a symmetric positive definite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, 1e-12) ** exponent) @ vectors.T)


def distance(one: Floats, other: Floats, directions: int = 16) -> float:
    """Sliced Wasserstein-1 distance of two colour clouds (n, 3), in their space's units.

    Quantiles from 2 to 98 % along fixed random directions (Rabin et al., "Wasserstein barycenter and
    its application to texture mixing", 2011).
    """
    axes = np.random.default_rng(0).normal(size=(3, directions))
    axes /= np.linalg.norm(axes, axis=0)
    levels = np.linspace(0.02, 0.98, 25)
    gap = np.quantile(one @ axes, levels, axis=0) - np.quantile(other @ axes, levels, axis=0)
    return float(np.abs(gap).mean())

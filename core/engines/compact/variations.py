"""Different looks from one prediction: its mean first, then draws that differ from one another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .networks import Prediction

F32 = NDArray[np.float32]
_DRAWS = 96
TEMPERATURES = (0.9, 1.3, 1.9, 2.8)
APART = 2.2  # codec units (about dE2000, root mean square) that two variations differ by, at least


@dataclass(frozen=True)
class Draw:
    """Coefficients (K,) of one look; its score, the mean log density per coefficient, 0 at the mean."""

    coefficients: F32
    score: float


def spread_out(prediction: Prediction, count: int, seed: int) -> list[Draw]:
    """``count`` looks, the likeliest first; the same seed gives the same looks.

    Draws are taken farthest-first, at the lowest temperature at which enough of them differ visibly.
    """
    found = [Draw(prediction.look(), 0.0)]
    rng = np.random.default_rng(seed)
    if seed:
        found = [_drawn(prediction, rng, 1, 0.35)[0]]
    for temperature in TEMPERATURES:
        if len(found) >= count:
            break
        pool = _drawn(prediction, rng, _DRAWS, temperature)
        while len(found) < count:
            gaps = [min(float(np.linalg.norm(d.coefficients - f.coefficients)) for f in found) for d in pool]
            best = int(np.argmax(gaps))
            if gaps[best] < APART and temperature < TEMPERATURES[-1]:
                break
            found.append(pool[best])
    return [found[0], *sorted(found[1:], key=lambda draw: -draw.score)]


def _drawn(prediction: Prediction, rng: np.random.Generator, count: int, temperature: float) -> list[Draw]:
    noise = rng.standard_normal((count, len(prediction.mean))).astype(np.float32) * np.float32(temperature)
    looks = (prediction.mean + noise * prediction.sigma) @ prediction.to_codec
    scores = -0.5 * (noise**2).mean(1)
    return [Draw(look, float(score)) for look, score in zip(looks, scores, strict=True)]

"""Operations of the chains with awkward values, and what our models say they do."""

from __future__ import annotations

from typing import Any

import numpy as np
from gradewright.hosts.gimp.filters.fit import _warp_operation
from gradewright.hosts.gimp.filters.models import srgb_to_lab50, warp
from gradewright.hosts.gimp.filters.stages import (
    CLIPPED_MIXER,
    CONTRAST,
    HUES,
    LIFT,
    LIGHT,
    MIDTONES,
    MIXER,
    TONING,
    Stage,
)

_RNG = np.random.default_rng(3)
_PAIRS = (
    srgb_to_lab50(np.array([[0.5, 0.5, 0.5], [0.2, 0.3, 0.8], [0.9, 0.3, 0.2]])),
    srgb_to_lab50(np.array([[0.6, 0.5, 0.45], [0.3, 0.4, 0.7], [0.8, 0.45, 0.2]])),
    np.array([1500.0, 900.0, 500.0]),
)
_BOTH: dict[str, tuple[Stage, np.ndarray]] = {
    "mixer": (MIXER, _RNG.normal(0, 0.1, 9)),
    "clipped": (CLIPPED_MIXER, _RNG.normal(0, 0.3, 9)),
    "midtones": (MIDTONES, np.array([0.2, -0.1, 0.05])),
    "lift": (LIFT, np.array([0.1, 0.05, 0.2])),
    "contrast": (CONTRAST, np.array([0.6])),
    "softer": (CONTRAST, np.array([-0.4])),
}
_NEWER: dict[str, tuple[Stage, np.ndarray]] = {
    "light": (LIGHT, _RNG.normal(0, 0.05, LIGHT.count)),
    "toning": (TONING, _RNG.normal(0, 0.05, TONING.count)),
    "hues": (HUES, _RNG.normal(0, 0.3, HUES.count)),
}


def lattice(count: int) -> np.ndarray:
    """``count`` colours (n, 3): a lattice of 13^3, then again from its start."""
    axis = np.linspace(0, 1, 13)
    cube = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    return np.resize(cube, (count, 3)).astype(np.float32).astype(float)


def chains(version: str) -> dict[str, list[dict[str, Any]]]:
    """Name -> operations that this GIMP has."""
    stages = {**_BOTH, **(_NEWER if version == "3.2" else {})}
    found = {name: stage.operations(theta) for name, (stage, theta) in stages.items()}
    return {**found, "warp": [_warp_operation(_PAIRS)]}


def modelled(name: str, rgb: np.ndarray) -> np.ndarray:
    """What the models make of colours (n, 3)."""
    if name == "warp":
        return warp(_PAIRS, rgb)
    stage, theta = {**_BOTH, **_NEWER}[name]
    return stage.apply(theta, rgb)

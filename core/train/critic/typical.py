"""What is usual: ranges of figures over the training photos, for the critic's notes."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np

from ...attributes import measure
from ...critic import detail
from ...photo import load

_SKIN = ("skin_hue", "skin_chroma", "skin_light")
_LEAST = 4.0  # per cent of skin in a photo that is counted
_PIXELS = 8000


def typical(paths: list[Path]) -> dict[str, list[float]]:
    """5th and 95th percentile of skin's hue, chroma and lightness, of range, noise, sharpness, haze."""
    found: dict[str, list[float]] = defaultdict(list)
    for path in paths:
        photo = load(path)
        flat = photo.reshape(-1, 3)
        values = measure(flat[:: max(1, len(flat) // _PIXELS)], "skin_share", "dynamic_range", *_SKIN)
        found["dynamic_range"].append(values["dynamic_range"])
        if values["skin_share"] >= _LEAST:
            for name in _SKIN:
                found[name].append(values[name])
        for aspect in ("noise", "sharpness", "haze"):
            found[aspect].append(getattr(detail, aspect)(photo))
    return {name: np.percentile(values, [5, 95]).round(4).tolist() for name, values in found.items()}

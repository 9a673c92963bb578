"""How far a wish goes on a given photo.

A colourist opens a dark picture further than a bright one for the same word, and adds less
saturation where there is plenty. Numbers that were asked for are never touched.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...recipe.parameters import BY_NAME

_SLOPE = {"light": 1.2, "chroma": 4.0}
_MIDDLE = {"light": 0.52, "chroma": 0.065}  # Oklab means over the training photos
_LEAST, _MOST = 0.65, 1.35


def adapted(params: Mapping[str, float], light: float, chroma: float) -> dict[str, float]:
    """The params for a photo of that mean Oklab lightness (0..1) and chroma."""
    room = {
        "exposure": _SLOPE["light"] * (_MIDDLE["light"] - light),
        "saturation": _SLOPE["chroma"] * (_MIDDLE["chroma"] - chroma),
    }
    out = dict(params)
    for name, more in room.items():
        value = params.get(name, 0.0)
        if value > 0 or (value < 0 and name == "exposure"):
            factor = float(np.clip(1 + np.sign(value) * more, _LEAST, _MOST))
            out[name] = min(max(value * factor, BY_NAME[name].low), BY_NAME[name].high)
    return out

"""The scene-referred chain: exposure, color calibration, color equalizer, color balance rgb, rgb curve.

For pictures that are display-referred already; on raw files these modules stand before the tone mapper.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import colour, curves, model
from .chain import Chain, Knobs
from .style import Step

Floats = NDArray[np.floating]


def _steps(settings: Floats) -> list[Step]:
    """Settings as module instances; modules that change nothing are left out."""
    makers = (_exposure, _calibration, _equalizer, _balance, _curves)
    return [step for make in makers if (step := make(settings)) is not None]


def _exposure(settings: Floats) -> Step | None:
    stops = np.log2(_gain(settings))
    return Step("exposure", {"exposure": float(stops)}, "gradewright") if abs(stops) >= 1e-4 else None


def _calibration(settings: Floats) -> Step | None:
    if not settings[model.MATRIX].any():
        return None
    matrix = (np.eye(3) + settings[model.MATRIX].reshape(3, 3)) / _gain(settings)
    rows = {name: [*map(float, row), 0.0] for name, row in zip(("red", "green", "blue"), matrix, strict=True)}
    plain = {"illuminant": "DT_ILLUMINANT_PIPE", "adaptation": "DT_ADAPTATION_RGB", "gamut": 0.0, "clip": 0}
    return Step("channelmixerrgb", {**rows, **plain}, "gradewright")


def _gain(settings: Floats) -> float:
    """What the matrix does to the luminance of white: exposure's part."""
    matrix = np.eye(3) + settings[model.MATRIX].reshape(3, 3)
    return float((colour.REC2020[1] @ matrix).sum())


def _equalizer(settings: Floats) -> Step | None:
    values: dict[str, float] = {}
    for kind, part, neutral in (
        ("hue", model.HUE, 0),
        ("sat", model.SATURATION, 1),
        ("bright", model.BRIGHTNESS, 1),
    ):
        if settings[part].any():
            heights = zip(model.HUES, settings[part], strict=True)
            values |= {f"{kind}_{hue}": neutral + float(height) for hue, height in heights}
    # The guided filter would make the effect depend on the neighbourhood, and darktable's zoom.
    return Step("colorequal", {**values, "use_filter": 0}, "gradewright") if values else None


def _balance(settings: Floats) -> Step | None:
    values = dict(zip(model.CHROMA, map(float, settings[model.BALANCE]), strict=True))
    return Step("colorbalancergb", values, "gradewright") if any(values.values()) else None


def _curves(settings: Floats) -> Step | None:
    if not settings[model.CURVES].any():
        return None
    nodes = np.zeros((3, 20, 2))
    count = curves.COUNT
    nodes[:, :count, 0], nodes[:, :count, 1] = curves.LINEAR, model.curve_heights(settings[None])[0]
    values = {
        "curve_nodes": nodes.ravel().tolist(),
        "curve_num_nodes": [count] * 3,
        "curve_type": [2] * 3,  # monotone Hermite
        "curve_autoscale": "DT_S_SCALE_MANUAL_RGB",
        "preserve_colors": "DT_RGB_NORM_NONE",
    }
    return Step("rgbcurve", values, "gradewright")


CHAIN = Chain(
    stages=(model.calibrate, model.equalize, model.balance, model.bend),
    knobs=(
        Knobs(model.MATRIX, 0, 0.01, 0.9),
        Knobs(model.HUE, 1, 1.0, 60.0),
        Knobs(model.SATURATION, 1, 0.02, 0.9),
        Knobs(model.BRIGHTNESS, 1, 0.02, 0.6),
        Knobs(model.BALANCE, 2, 0.02, 0.95),
        Knobs(model.CURVES, 3, 0.01, 0.6, curves=3),
    ),
    start=model.start,
    finish=model.finish,
    steps=_steps,
    spare=(1, 2, 0, 3),
)

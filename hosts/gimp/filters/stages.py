"""The stages of a chain: parameters, what they do to colours, and how GIMP is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from gradewright.core.colour import srgb_decode
from numpy.typing import NDArray

from . import models

Floats = NDArray[np.floating]
Operation = dict[str, Any]

PREFIX = "Gradewright: "
_NODES = 10  # of a curve, equally spaced
_AXIS = np.linspace(0, 1, models.CURVE_SAMPLES)
_SMALL = 1e-3  # below it an operation changes nothing that can be seen


@dataclass(frozen=True)
class Stage:
    """One stage: ``count`` parameters, all 0 where it changes nothing.

    ``apply(theta, rgb)`` : colours (n, 3) sRGB-encoded through the stage. ``operations(theta)`` : the
    filters, as :mod:`gradewright.hosts.gimp.plugin.chain` takes them. ``reach`` : how far a parameter
    usefully goes, ``limit`` : how far it may go
    """

    count: int
    apply: Callable[[Floats, Floats], Floats]
    operations: Callable[[Floats], list[Operation]]
    reach: float
    limit: float


def _hats() -> Floats:
    """(CURVE_SAMPLES, _NODES) smooth bumps around the nodes that sum to one."""
    place = _AXIS[:, None] * (_NODES - 1) - np.arange(_NODES)
    near = np.clip(1 - np.abs(place), 0, 1)
    return near * near * (3 - 2 * near)


_BASIS = _hats()


def samples(theta: Floats) -> Floats:
    """A curve's samples: the diagonal with offsets at the nodes, never falling, 0..1."""
    return np.maximum.accumulate(np.clip(_AXIS + _BASIS @ theta, 0, 1))


def _operation(name: str, operation: str, *updates: dict[str, Any], mode: str | None = None) -> Operation:
    return {"operation": operation, "name": PREFIX + name, "mode": mode, "updates": list(updates)}


# -- curves


def _value_curve(theta: Floats, rgb: Floats) -> Floats:
    return models.curve(samples(theta), rgb)


def _value_curve_operations(theta: Floats) -> list[Operation]:
    if np.abs(theta).max() < _SMALL:
        return []
    return [_operation("Light", "gimp:curves", _curve_update("value", theta))]


def _channel_curves(theta: Floats, rgb: Floats) -> Floats:
    each = theta.reshape(3, _NODES)
    return np.stack([models.curve(samples(each[c]), rgb[:, c]) for c in range(3)], axis=-1)


def _channel_curves_operations(theta: Floats) -> list[Operation]:
    names = ("red", "green", "blue")
    updates = [_curve_update(name, part) for name, part in zip(names, theta.reshape(3, _NODES), strict=True)]
    return [_operation("Toning", "gimp:curves", *updates)]


def _curve_update(channel: str, theta: Floats) -> dict[str, Any]:
    curve = [round(float(value), 7) for value in samples(theta)]
    return {"trc": "perceptual", "channel": channel, "curve": curve}


LIGHT = Stage(_NODES, _value_curve, _value_curve_operations, 0.1, 0.6)
TONING = Stage(3 * _NODES, _channel_curves, _channel_curves_operations, 0.05, 0.6)


# -- channel mixer


def _matrix(theta: Floats) -> Floats:
    return np.clip(np.eye(3) + theta.reshape(3, 3), -2, 2)


def _mixer_operations(theta: Floats) -> list[Operation]:
    if np.abs(theta).max() < _SMALL:
        return []
    gains = {
        f"{out}{into}-gain": round(float(_matrix(theta)[row, column]), 7)
        for row, out in enumerate("rgb")
        for column, into in enumerate("rgb")
    }
    return [_operation("Colour balance", "gegl:channel-mixer", gains)]


def _mix_and_clip(theta: Floats, rgb: Floats) -> Floats:
    return np.clip(models.mix(_matrix(theta), rgb), 0, 1)


def _mix_and_clip_operations(theta: Floats) -> list[Operation]:
    mixed = _mixer_operations(theta)
    return (
        [*mixed, _operation("Limits", "gegl:rgb-clip", {"clip-low": True, "clip-high": True})]
        if mixed
        else []
    )


MIXER = Stage(9, lambda theta, rgb: models.mix(_matrix(theta), rgb), _mixer_operations, 0.2, 1.5)
CLIPPED_MIXER = Stage(9, _mix_and_clip, _mix_and_clip_operations, 0.2, 1.5)


# -- hue-saturation


def _hues(theta: Floats, rgb: Floats) -> Floats:
    limited = np.clip(theta, -1, 1)
    return models.hue_saturation(limited[:6], limited[6:], np.clip(rgb, 0, 1))


def _hues_operations(theta: Floats) -> list[Operation]:
    if np.abs(theta).max() < _SMALL:
        return []
    limited = [round(float(value), 7) for value in np.clip(theta, -1, 1)]
    updates = [
        {"range": i + 1, "hue": limited[i], "saturation": limited[6 + i], "lightness": 0.0, "overlap": 1.0}
        for i in range(6)
    ]
    return [_operation("Hues", "gimp:hue-saturation", *updates)]


HUES = Stage(12, _hues, _hues_operations, 0.15, 1.0)


# -- overlays, for GIMP 3.0, whose curves cannot be set by a plug-in


def _overlay(name: str, mode: str, colour: Floats) -> Operation:
    linear = srgb_decode(np.clip(colour, 0, 1))
    value = [round(float(part), 6) for part in linear]
    return _operation(name, "gegl:color-overlay", {"value": value, "srgb": True}, mode=mode)


def _bend(theta: Floats, rgb: Floats) -> Floats:
    return models.soft_light(np.clip(0.5 + theta, 0, 1), rgb)


def _bend_operations(name: str) -> Callable[[Floats], list[Operation]]:
    def operations(theta: Floats) -> list[Operation]:
        return [_overlay(name, "softlight", 0.5 + theta)] if np.abs(theta).max() >= _SMALL else []

    return operations


def _lift(theta: Floats, rgb: Floats) -> Floats:
    return models.screen(np.clip(theta, 0, 1), rgb)


def _lift_operations(theta: Floats) -> list[Operation]:
    return [_overlay("Lift", "screen", theta)] if theta.max() >= _SMALL else []


def _contrast(theta: Floats, rgb: Floats) -> Floats:
    return models.self_light(float(np.clip(theta[0], -1, 1)), rgb)


def _contrast_operations(theta: Floats) -> list[Operation]:
    amount = float(np.clip(theta[0], -1, 1))
    if abs(amount) < _SMALL:
        return []
    # Soft light with the picture itself steepens the middle, with its negative flattens it.
    operation = ("gegl:exposure", {"exposure": 0.0}) if amount > 0 else ("gegl:invert-gamma", {})
    made = _operation("Contrast", *operation, mode="softlight")
    return [{**made, "opacity": round(abs(amount), 7)}]


MIDTONES = Stage(3, _bend, _bend_operations("Mid tones"), 0.1, 0.5)
TINT = Stage(3, _bend, _bend_operations("Tint"), 0.1, 0.5)
LIFT = Stage(3, _lift, _lift_operations, 0.1, 1.0)
CONTRAST = Stage(1, _contrast, _contrast_operations, 0.3, 1.0)

CHAINS = {
    "gimp-3.2": (LIGHT, HUES, MIXER, TONING),
    "gimp-3.0": (CONTRAST, MIDTONES, CLIPPED_MIXER, CONTRAST, TINT, LIFT),
}
WARPS = {"gimp-3.2": 1, "gimp-3.0": 2}  # colour warps that take what is left

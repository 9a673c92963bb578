"""The chain after the tone mapper: tone curve, color correction, color zones, as measured from renders.

For raw files: these modules work in CIELAB on what the tone mapper gives, so they leave exposure, white
balance and tone mapping as the user's defaults have them, and a look for the display can be matched.
"""

from __future__ import annotations

import numpy as np
from gradewright.core.colour import srgb_decode, srgb_encode
from numpy.typing import ArrayLike, NDArray

from . import colour, curves
from .chain import Chain, Knobs
from .style import Step

Floats = NDArray[np.floating]

TONE = slice(0, curves.COUNT)
SHIFT = slice(TONE.stop, TONE.stop + 4)  # a, b of the lights, a, b of the shadows
SATURATION = slice(SHIFT.stop, SHIFT.stop + 1)
LIGHTNESS, CHROMA, HUE = (slice(SATURATION.stop + 8 * k, SATURATION.stop + 8 * (k + 1)) for k in range(3))
_ZONES = (np.arange(8) + 0.5) / 8  # hues of the nodes, in turns

_WHITE = np.array([0.9642, 1.0, 0.8249])  # D50, as darktable writes it
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_GAINS = (_BRADFORD @ _WHITE) / (_BRADFORD @ colour.REC2020.sum(axis=1))
_TO_XYZ = np.linalg.inv(_BRADFORD) @ np.diag(_GAINS) @ _BRADFORD @ colour.REC2020
_FROM_XYZ = np.linalg.inv(_TO_XYZ)
_PROPHOTO = np.array(
    [[0.7976749, 0.1351917, 0.0313534], [0.2880402, 0.7118741, 0.0000857], [0.0, 0.0, 0.8252100]]
)
_FROM_PROPHOTO = np.linalg.inv(_PROPHOTO)
_EPSILON, _KAPPA = 216 / 24389, 24389 / 27


def start(rgb: Floats) -> Floats:
    """sRGB-encoded colours (n, 3) as CIELAB, D50."""
    return _lab(colour.from_srgb(srgb_decode(np.asarray(rgb, np.float64))) @ _TO_XYZ.T)


def finish(lab: Floats) -> Floats:
    """CIELAB (..., 3) as sRGB-encoded colours, clipped as the export clips them."""
    return srgb_encode(np.clip(colour.to_srgb(_xyz(lab) @ _FROM_XYZ.T), 0, 1))


def tone(settings: Floats, lab: Floats) -> Floats:
    """tone curve in RGB: one curve over L* for the three channels of ProPhoto."""
    if not settings[:, TONE].any():
        return lab
    heights = curves.heights(settings[:, TONE])
    lightness = (116 * _cube_root(np.maximum(_xyz(lab) @ _FROM_PROPHOTO.T, 0)) - 16) / 100
    bent = np.stack([curves.hermite(curves.EVEN, heights, lightness[..., c]) for c in range(3)], axis=-1)
    return _lab(_cube((100 * bent + 16) / 116) @ _PROPHOTO.T)


def correct(settings: Floats, lab: Floats) -> Floats:
    """color correction: a and b shifted by lightness, and their scale."""
    high, low = settings[:, None, SHIFT][..., :2], settings[:, None, SHIFT][..., 2:]
    scale = 1 + settings[:, None, SATURATION]
    ab = scale * (lab[..., 1:] + lab[..., :1] / 100 * (high - low) + low)
    return np.concatenate([np.broadcast_to(lab[..., :1], (*ab.shape[:-1], 1)), ab], axis=-1)


def zones(settings: Floats, lab: Floats) -> Floats:
    """color zones by hue: lightness and hue weigh with the chroma, so greys stay."""
    if not settings[:, LIGHTNESS.start :].any():
        return lab
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    hue = np.arctan2(lab[..., 2], lab[..., 1]) / (2 * np.pi) % 1
    weight = 1 - (1 - chroma / 128) ** 2
    light = lab[..., 0] * 2 ** (4 * weight * _by_hue(settings[:, LIGHTNESS], hue))
    turned = 2 * np.pi * (hue + weight * _by_hue(settings[:, HUE], hue))
    chroma = chroma * np.maximum(1 + 2 * _by_hue(settings[:, CHROMA], hue), 0)
    return np.stack([light, np.cos(turned) * chroma, np.sin(turned) * chroma], axis=-1)


def _by_hue(offsets: Floats, hue: Floats) -> Floats:
    """Offsets of the nodes (P, 8) at hues (P, n), by a periodic Catmull-Rom spline."""
    place = hue * 8 - 0.5
    low = np.floor(place).astype(int)
    t = place - low
    rows = np.arange(len(offsets))[:, None]
    before, left, right, after = (offsets[rows, (low + k) % 8] for k in (-1, 0, 1, 2))
    cubic = 3 * (left - right) + after - before
    return left + t / 2 * (right - before + t * (2 * before - 5 * left + 4 * right - after + t * cubic))


def _lab(xyz: Floats) -> Floats:
    x, y, z = np.moveaxis(_cube_root(xyz / _WHITE), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def _xyz(lab: Floats) -> Floats:
    y = (lab[..., 0] + 16) / 116
    return _cube(np.stack([lab[..., 1] / 500 + y, y, y - lab[..., 2] / 200], axis=-1)) * _WHITE


def _cube_root(t: Floats) -> Floats:
    return np.where(t > _EPSILON, np.cbrt(t), (_KAPPA * t + 16) / 116)


def _cube(t: Floats) -> Floats:
    return np.where(t > np.cbrt(_EPSILON), t**3, (116 * t - 16) / _KAPPA)


def _steps(settings: Floats) -> list[Step]:
    """Settings as module instances; modules that change nothing are left out."""
    made = []
    if settings[TONE].any():
        made.append(Step("tonecurve", _tone_values(settings[TONE]), "gradewright"))
    if settings[TONE.stop : SATURATION.stop].any():
        names = ("hia", "hib", "loa", "lob")
        values = dict(zip(names, map(float, settings[SHIFT]), strict=True))
        saturation = 1 + float(settings[SATURATION][0])
        made.append(Step("colorcorrection", {**values, "saturation": saturation}, "gradewright"))
    if settings[LIGHTNESS.start :].any():
        made.append(Step("colorzones", _zone_values(settings), "gradewright"))
    return made


def _tone_values(offsets: Floats) -> dict[str, object]:
    heights = curves.heights(offsets)
    return {
        "tonecurve": _nodes([(curves.EVEN, heights), ([0, 1], [0, 1]), ([0, 1], [0, 1])]),
        "tonecurve_nodes": [curves.COUNT, 2, 2],
        "tonecurve_type": [2] * 3,  # monotone Hermite
        "tonecurve_autoscale_ab": "DT_S_SCALE_AUTOMATIC_RGB",
        "preserve_colors": "DT_RGB_NORM_NONE",
    }


def _zone_values(settings: Floats) -> dict[str, object]:
    return {
        "channel": "DT_IOP_COLORZONES_h",
        "curve": _nodes([(_ZONES, 0.5 + settings[part]) for part in (LIGHTNESS, CHROMA, HUE)]),
        "curve_num_nodes": [8] * 3,
        "curve_type": [1] * 3,  # Catmull-Rom
        "mode": "DT_IOP_COLORZONES_MODE_SMOOTH",
        "splines_version": 1,  # periodic over the hues
    }


def _nodes(drawn: list[tuple[ArrayLike, ArrayLike]]) -> list[float]:
    """Three curves of at most 20 nodes, flat: x, y, x, y, ..."""
    found = np.zeros((3, 20, 2))
    for curve, (x, y) in zip(found, drawn, strict=True):
        points = np.stack([np.asarray(x, np.float64), np.asarray(y, np.float64)], axis=-1)
        curve[: len(points)] = points
    return list(map(float, found.ravel()))


CHAIN = Chain(
    stages=(tone, correct, zones),
    knobs=(
        Knobs(TONE, 0, 0.01, 0.6, curves=1),
        Knobs(SHIFT, 1, 1.0, 40.0),
        Knobs(SATURATION, 1, 0.02, 0.9),
        Knobs(LIGHTNESS, 2, 0.01, 0.4),
        Knobs(CHROMA, 2, 0.01, 0.45),
        Knobs(HUE, 2, 0.005, 0.15),
    ),
    start=start,
    finish=finish,
    steps=_steps,
    spare=(2, 1, 0),
)

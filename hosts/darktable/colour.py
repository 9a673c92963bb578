"""The colour spaces that darktable's modules work in, as published; batched numpy.

Working space: linear Rec. 2020, darktable's default. ``Yrg`` is Kirk's (Color and Imaging Conference
27, 2019) on CIE 2006 cone responses; ``UCS`` is the uniform space of Pierre (2022,
https://eng.aurelienpierre.com/2022/02/color-saturation-control-for-the-21th-century/).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

_WHITE = (0.3127, 0.3290)  # D65


def _to_xyz(*primaries: tuple[float, float]) -> Floats:
    """Linear RGB with these primaries and a D65 white to XYZ, Y of white 1."""
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in (*primaries, _WHITE)]).T
    return columns[:, :3] * np.linalg.solve(columns[:, :3], columns[:, 3])


REC2020 = _to_xyz((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
_FROM_SRGB = np.linalg.solve(REC2020, _to_xyz((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)))
_TO_SRGB = np.linalg.inv(_FROM_SRGB)

_LMS = np.array(
    [[0.257085, 0.859943, -0.031061], [-0.394427, 1.1758, 0.106423], [0.064856, -0.07625, 0.559067]]
)
_GRADING = np.array(
    [[1.0877193, -0.66666667, 0.02061856], [-0.0877193, 1.66666667, -0.05154639], [0, 0, 1.03092784]]
)
_WORK_TO_LMS = _LMS @ REC2020
_LUMINANCE = np.array([0.68990272, 0.34832189, 0.0])
_GREY_RG = np.array([0.21902143, 0.54371398])

_L_POWER, _L_HALF, _L_SCALE = 0.631651345306265, 1.12426773749357, 2.098883786377
_UV = np.array(
    [
        [-0.783941002840055, 0.277512987809202, 0.153836578598858],
        [0.745273540913283, -0.205375866083878, -0.165478376301988],
        [0.318707282433486, 2.16743692732158, 0.291320554395942],
    ]
)
_UV_SCALE, _UV_HALF = np.array([1.39656225667, 1.4513954287]), np.array([1.49217352929, 1.52488637914])
_UV_TURN = np.array([[-1.124983854323892, -0.980483721769325], [1.86323315098672, 1.971853092390862]])
_UV_BACK = np.linalg.inv(_UV_TURN)
_C_SCALE, _C_LIGHT, _C_POWER = 15.932993652962535, 0.6523997524738018, 0.6007557017508491
_B_POWER = 1.33654221029386
_TINY = 1e-12


def from_srgb(linear: Floats) -> Floats:
    """Linear sRGB (..., 3) to the working space."""
    return linear @ _FROM_SRGB.T


def to_srgb(work: Floats) -> Floats:
    """The working space (..., 3) to linear sRGB, unclipped."""
    return work @ _TO_SRGB.T


def yrg(work: Floats) -> tuple[Floats, Floats]:
    """Luminance (...) and the offset (..., 2) from grey in the rg plane."""
    lms = np.maximum(work, 0) @ _WORK_TO_LMS.T
    total = lms.sum(axis=-1, keepdims=True)
    rg = np.where(total > _TINY, (lms / np.maximum(total, _TINY)) @ _GRADING.T[:, :2], _GREY_RG)
    return lms @ _LUMINANCE, rg - _GREY_RG


def from_yrg(luminance: Floats, offset: Floats) -> Floats:
    """The inverse of :func:`yrg`."""
    rg = offset + _GREY_RG
    shares = np.concatenate([rg, 1 - rg.sum(axis=-1, keepdims=True)], axis=-1)
    lms = shares @ np.linalg.inv(_GRADING).T
    lms = lms * (luminance / np.maximum(lms @ _LUMINANCE, 1e-4))[..., None]
    return lms @ np.linalg.inv(_WORK_TO_LMS).T


def hsb(work: Floats, white: float) -> tuple[Floats, Floats, Floats]:
    """Hue (radians), saturation and brightness of UCS, ``white`` the luminance of its white."""
    xyz = np.maximum(work, 0) @ REC2020.T
    total = xyz.sum(axis=-1, keepdims=True)
    xy1 = np.where(total > _TINY, xyz / np.maximum(total, _TINY), np.array([*_WHITE, 1]))
    xy1[..., 2] = 1
    uvd = xy1 @ _UV.T
    uv = uvd[..., :2] / uvd[..., 2:]
    star = (_UV_SCALE * uv / (np.abs(uv) + _UV_HALF)) @ _UV_TURN.T
    light, top = _lightness(xyz[..., 1]), _lightness(np.float64(white))
    chroma = _C_SCALE * light**_C_LIGHT * (star * star).sum(axis=-1) ** _C_POWER / top
    brightness = light / top * (chroma**_B_POWER + 1)
    hue = np.arctan2(star[..., 1], star[..., 0])
    return hue, chroma / np.maximum(brightness, _TINY), brightness


def from_hsb(hue: Floats, saturation: Floats, brightness: Floats, white: float) -> Floats:
    """The inverse of :func:`hsb`."""
    top = _lightness(np.float64(white))
    chroma = saturation * brightness
    light = np.clip(brightness / (chroma**_B_POWER + 1) * top, 0, 0.9999 * _L_SCALE)
    radius = (chroma * top / (_C_SCALE * np.maximum(light, 1e-9) ** _C_LIGHT)) ** (0.5 / _C_POWER)
    star = np.stack([radius * np.cos(hue), radius * np.sin(hue)], axis=-1) @ _UV_BACK.T
    u, v = np.moveaxis(-_UV_HALF * star / (np.abs(star) - _UV_SCALE), -1, 0)
    # u and v are ratios of linear forms in x and y: two linear equations.
    a = np.stack([u * _UV[2, 0] - _UV[0, 0], v * _UV[2, 0] - _UV[1, 0]])
    b = np.stack([u * _UV[2, 1] - _UV[0, 1], v * _UV[2, 1] - _UV[1, 1]])
    c = np.stack([_UV[0, 2] - u * _UV[2, 2], _UV[1, 2] - v * _UV[2, 2]])
    determinant = a[0] * b[1] - a[1] * b[0]
    x, y = (c[0] * b[1] - c[1] * b[0]) / determinant, (a[0] * c[1] - a[1] * c[0]) / determinant
    luminance = (_L_HALF * light / (_L_SCALE - light)) ** (1 / _L_POWER)
    xyz = np.stack([x, y, 1 - x - y], axis=-1) * (luminance / np.maximum(y, 1e-4))[..., None]
    return xyz @ np.linalg.inv(REC2020).T


def _lightness(luminance: Floats | np.float64) -> Floats:
    raised = np.maximum(luminance, 0) ** _L_POWER
    return _L_SCALE * raised / (raised + _L_HALF)

"""Colour arithmetic in numpy: sRGB, XYZ, CIE Lab, Oklab, CIEDE2000.

colour-science is the reference in the tests; it is not imported here because it costs
more than a second of start-up. Arrays are ``(..., 3)``; the float type of the input is kept
(anything else becomes float64). RGB is sRGB/Rec.709 primaries, D65.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating]

# IEC 61966-2-1, linear sRGB -> CIE XYZ (D65), derived at full precision from the primaries.
RGB_TO_XYZ = np.array(
    [
        [0.41239079926595934, 0.357584339383878, 0.1804807884018343],
        [0.21263900587151027, 0.715168678767756, 0.07219231536073371],
        [0.01933081871559182, 0.11919477979462598, 0.9505321522496607],
    ]
)
XYZ_TO_RGB = np.linalg.inv(RGB_TO_XYZ)
WHITE_D65 = RGB_TO_XYZ.sum(axis=1)
LUMA = RGB_TO_XYZ[1]

# Ottosson, "A perceptual color space for image processing" (2020).
_OKLAB_RGB_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_OKLAB_LMS_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_OKLAB_LMS_TO_RGB = np.linalg.inv(_OKLAB_RGB_TO_LMS)
_OKLAB_LAB_TO_LMS = np.linalg.inv(_OKLAB_LMS_TO_LAB)


def floats(values: ArrayLike) -> Floats:
    """The values as a float array; float32 and float64 are kept, the rest become float64."""
    array = np.asarray(values)
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)


def _mix(values: Floats, matrix: NDArray[np.float64]) -> Floats:
    return values @ matrix.T.astype(values.dtype)


def srgb_decode(encoded: ArrayLike) -> Floats:
    """sRGB-encoded (...,) to linear light, IEC 61966-2-1; odd-symmetric below zero."""
    v = floats(encoded)
    a = np.abs(v)
    linear = np.where(a <= 0.04045, a / 12.92, ((a + 0.055) / 1.055) ** 2.4)
    return np.copysign(linear, v).astype(v.dtype)


def srgb_encode(linear: ArrayLike) -> Floats:
    """Linear light (...,) to sRGB-encoded, IEC 61966-2-1; odd-symmetric below zero."""
    v = floats(linear)
    a = np.abs(v)
    encoded = np.where(a <= 0.0031308, a * 12.92, 1.055 * a ** (1 / 2.4) - 0.055)
    return np.copysign(encoded, v).astype(v.dtype)


def luma(rgb_linear: ArrayLike) -> Floats:
    """Relative luminance Y, shape (...), of linear sRGB (..., 3)."""
    v = floats(rgb_linear)
    return v @ LUMA.astype(v.dtype)


def srgb_to_oklab(rgb: ArrayLike) -> Floats:
    """sRGB-encoded (..., 3) to Oklab: L 0..1, a and b about -0.4..0.4."""
    return linear_to_oklab(srgb_decode(rgb))


def linear_to_oklab(rgb_linear: ArrayLike) -> Floats:
    """Linear sRGB (..., 3) to Oklab: L 0..1, a and b about -0.4..0.4."""
    return _mix(np.cbrt(_mix(floats(rgb_linear), _OKLAB_RGB_TO_LMS)), _OKLAB_LMS_TO_LAB)


def oklab_to_linear(lab: ArrayLike) -> Floats:
    """Oklab (..., 3) to linear sRGB, not clipped."""
    return _mix(_mix(floats(lab), _OKLAB_LAB_TO_LMS) ** 3, _OKLAB_LMS_TO_RGB)


def oklab_balance(lab: ArrayLike, log_gains: ArrayLike) -> Floats:
    """Von Kries white balance of Oklab (..., 3): gains on Oklab's own cone responses.

    ``log_gains`` (..., 3), natural logarithms, are normalised so that neutrals keep their lightness.
    """
    lab = floats(lab)
    # Oklab holds cube roots of the responses, which take the cube root of a gain.
    roots = np.exp(np.asarray(log_gains, lab.dtype) / 3)
    neutral = (roots @ _OKLAB_LMS_TO_LAB[0].astype(lab.dtype))[..., None]
    return _mix(_mix(lab, _OKLAB_LAB_TO_LMS) * (roots / neutral), _OKLAB_LMS_TO_LAB)


def oklab_to_srgb(lab: ArrayLike) -> Floats:
    """Oklab (..., 3) to sRGB-encoded, not clipped."""
    return srgb_encode(oklab_to_linear(lab))


def oklab_to_srgb_in_gamut(lab: ArrayLike, steps: int = 14) -> Floats:
    """Oklab (..., 3) to sRGB-encoded 0..1, out-of-gamut colours brought in by lowering chroma.

    Lightness is clamped to 0..1 and kept, hue is kept; chroma falls by bisection
    (``steps`` halvings) until all three channels fit. Clipping channels instead would turn hues.
    """
    lab = floats(lab).copy()
    lab[..., 0] = np.clip(lab[..., 0], 0, 1)
    rgb = oklab_to_srgb(lab)
    slack = 1e-6  # linear light; Oklab's cube root makes 1e-4 visible in the blacks
    out = ((rgb < -slack) | (rgb > 1 + slack)).any(axis=-1)
    if out.any():
        bad = lab[out]
        low, high = np.zeros(len(bad), bad.dtype), np.ones(len(bad), bad.dtype)
        for _ in range(steps):
            mid = (low + high) / 2
            trial = oklab_to_linear(np.concatenate([bad[:, :1], bad[:, 1:] * mid[:, None]], axis=1))
            fits = ((trial >= -slack) & (trial <= 1 + slack)).all(axis=-1)
            low, high = np.where(fits, mid, low), np.where(fits, high, mid)
        rgb[out] = oklab_to_srgb(np.concatenate([bad[:, :1], bad[:, 1:] * low[:, None]], axis=1))
    return np.clip(rgb, 0, 1)


def srgb_to_lab(rgb: ArrayLike) -> Floats:
    """sRGB-encoded (..., 3) to CIE L*a*b* under D65 (CIE 15:2004): L 0..100."""
    xyz = _mix(srgb_decode(rgb), RGB_TO_XYZ / WHITE_D65[:, None])
    delta = 6 / 29
    f = np.where(xyz > delta**3, np.cbrt(xyz), xyz / (3 * delta**2) + 4 / 29)
    light = 116 * f[..., 1] - 16
    a = 500 * (f[..., 0] - f[..., 1])
    b = 200 * (f[..., 1] - f[..., 2])
    return np.stack([light, a, b], axis=-1).astype(xyz.dtype)


def delta_e_2000(lab_1: ArrayLike, lab_2: ArrayLike) -> Floats:
    """CIEDE2000 colour difference, shape (...), of two L*a*b* arrays (..., 3).

    Sharma, Wu, Dalal, "The CIEDE2000 Color-Difference Formula" (2005), k_L = k_C = k_H = 1.
    """
    l1, a1, b1 = np.moveaxis(floats(lab_1), -1, 0)
    l2, a2, b2 = np.moveaxis(floats(lab_2), -1, 0)
    c_mean7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    g = 0.5 * (1 - np.sqrt(c_mean7 / (c_mean7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.arctan2(b1, a1) % (2 * np.pi), np.arctan2(b2, a2) % (2 * np.pi)

    grey = c1 * c2 == 0
    dh = h2 - h1
    dh = np.where(np.abs(dh) > np.pi, dh - np.sign(dh) * 2 * np.pi, dh)
    dh = np.where(grey, 0, dh)
    d_light, d_chroma = l2 - l1, c2 - c1
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(dh / 2)

    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    hue = (h1 + h2) / 2
    hue = np.where(np.abs(h1 - h2) > np.pi, np.where(h1 + h2 < 2 * np.pi, hue + np.pi, hue - np.pi), hue)
    hue = np.where(grey, h1 + h2, hue)
    t = (
        1
        - 0.17 * np.cos(hue - np.radians(30))
        + 0.24 * np.cos(2 * hue)
        + 0.32 * np.cos(3 * hue + np.radians(6))
        - 0.20 * np.cos(4 * hue - np.radians(63))
    )
    s_light = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    s_chroma = 1 + 0.045 * chroma
    s_hue = 1 + 0.015 * chroma * t
    turn = np.radians(30) * np.exp(-(((np.degrees(hue) - 275) / 25) ** 2))
    chroma7 = chroma**7
    rotation = -2 * np.sqrt(chroma7 / (chroma7 + 25.0**7)) * np.sin(2 * turn)
    x, y, z = d_light / s_light, d_chroma / s_chroma, d_hue / s_hue
    return np.sqrt(np.maximum(x * x + y * y + z * z + rotation * y * z, 0))


def delta_e_srgb(rgb_1: ArrayLike, rgb_2: ArrayLike) -> Floats:
    """CIEDE2000 of two sRGB-encoded arrays (..., 3); values are clipped to 0..1 first."""
    return delta_e_2000(srgb_to_lab(np.clip(floats(rgb_1), 0, 1)), srgb_to_lab(np.clip(floats(rgb_2), 0, 1)))

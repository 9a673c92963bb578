"""What GIMP's filters do to colours, as measured in GIMP 3.0.4 and 3.2.6.

All functions take and return sRGB-encoded colours (n, 3). Measured errors against the real filters are
below 1e-6, of the colour warp 5e-5; tests/realhosts/test_gimp.py measures them again.
"""

from __future__ import annotations

import numpy as np
from gradewright.core.colour import srgb_decode, srgb_encode
from numpy.typing import NDArray

Floats = NDArray[np.floating]

CURVE_SAMPLES = 256
WARP_PAIRS = 8

# sRGB's primaries adapted to D50 (Bradford), as in ICC profiles: babl's "CIE Lab" is relative to D50.
_D50 = np.array(
    [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
)
_WHITE = _D50.sum(axis=1)
_TO_XYZ, _FROM_XYZ = _D50 / _WHITE[:, None], np.linalg.inv(_D50) * _WHITE
_KINK, _SLOPE = 216 / 24389, 24389 / 27


def encoded(linear: Floats) -> Floats:
    """sRGB encoding that goes on linearly below black."""
    return np.where(linear < 0, 12.92 * linear, srgb_encode(np.maximum(linear, 0)))


def curve(samples: Floats, values: Floats) -> Floats:
    """``gimp:curves``: linear between samples (CURVE_SAMPLES,), values outside 0..1 held."""
    return np.interp(values, np.linspace(0, 1, len(samples)), samples)


def mix(matrix: Floats, rgb: Floats) -> Floats:
    """``gegl:channel-mixer``: a matrix (3, 3), rows are outputs, in linear light."""
    return encoded(srgb_decode(rgb) @ matrix.T)


def soft_light(colour: Floats, rgb: Floats) -> Floats:
    """``gegl:color-overlay`` in the mode soft light: bends each channel, black and white stay."""
    return rgb + (2 * colour - 1) * rgb * (1 - rgb)


def screen(colour: Floats, rgb: Floats) -> Floats:
    """``gegl:color-overlay`` in the mode screen: lifts black, white stays."""
    return 1 - (1 - rgb) * (1 - colour)


def self_light(amount: float, rgb: Floats) -> Floats:
    """Soft light of the picture with itself (amount > 0: an S-curve) or with its negative (amount < 0).

    The opacity mixes before and after in linear light.
    """
    top = rgb if amount > 0 else 1 - rgb
    bent = np.clip(rgb + (2 * top - 1) * rgb * (1 - rgb), 0, 1)
    return encoded((1 - abs(amount)) * srgb_decode(rgb) + abs(amount) * srgb_decode(bent))


def hue_saturation(turns: Floats, gains: Floats, rgb: Floats) -> Floats:
    """``gimp:hue-saturation`` with overlap 1: red, yellow, green, cyan, blue, magenta.

    Parameters
    ----------
    turns : (6,) -1..1, a half turn at 1. The hue between two centres is turned by what lies between
    gains : (6,) -1..1, added to a saturation factor of 1
    rgb : (n, 3), 0..1
    """
    hue, saturation, light = _to_hsl(rgb)
    place = hue * 6
    first = np.floor(place).astype(int) % 6
    after, share = (first + 1) % 6, place - np.floor(place)
    turned = (hue + (turns[first] * (1 - share) + turns[after] * share) / 2) % 1
    low, high = (np.clip(saturation * (1 + gains[i]), 0, 1) for i in (first, after))
    return _from_hsl(turned, low * (1 - share) + high * share, light)


def warp(pairs: tuple[Floats, Floats, Floats], rgb: Floats) -> Floats:
    """``gegl:color-warp``.

    Parameters
    ----------
    pairs : colours (p, 3) from, colours (p, 3) to, both L*a*b* of D50; weights (p,). Pairs up to
        WARP_PAIRS are black to black: the filter counts them in its weights
    """
    start, end, _ = pairs
    lab = srgb_to_lab50(rgb)
    return lab50_to_srgb(lab + warp_weights(pairs, lab) @ (end - start))


def warp_weights(pairs: tuple[Floats, Floats, Floats], lab: Floats) -> Floats:
    """How much of each pair's shift a colour gets: (n, p)."""
    start, _, widths = pairs
    unused = WARP_PAIRS - len(start)
    centres = np.concatenate([start, np.zeros((unused, 3))])
    distance = ((lab[:, None] - centres) ** 2).sum(axis=-1)
    nearest = distance.min(axis=1, keepdims=True)
    shares = np.where(nearest > 0, nearest, 1) / np.where(distance > 0, distance, 1)
    weights = np.exp(-distance[:, : len(start)] / widths) / shares.sum(axis=1, keepdims=True)
    on_centre = distance[:, : len(start)] == 0
    return np.where(nearest > 0, weights, on_centre)


def srgb_to_lab50(rgb: Floats) -> Floats:
    """L*a*b* relative to D50 of sRGB-encoded colours."""
    xyz = srgb_decode(rgb) @ _TO_XYZ.T
    f = np.where(xyz > _KINK, np.cbrt(np.maximum(xyz, 0)), (_SLOPE * xyz + 16) / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=-1)


def lab50_to_srgb(lab: Floats) -> Floats:
    """The inverse of :func:`srgb_to_lab50`; colours outside sRGB come out below 0 or above 1."""
    middle = (lab[:, 0] + 16) / 116
    f = np.stack([middle + lab[:, 1] / 500, middle, middle - lab[:, 2] / 200], axis=-1)
    xyz = np.where(f > 6 / 29, f**3, (116 * f - 16) / _SLOPE)
    return encoded(xyz @ _FROM_XYZ.T)


def _to_hsl(rgb: Floats) -> tuple[Floats, Floats, Floats]:
    high, low = rgb.max(axis=1), rgb.min(axis=1)
    light, spread = (high + low) / 2, high - low
    room = np.where(light <= 0.5, high + low, 2 - high - low)
    safe = np.where(spread > 0, spread, 1)
    saturation = np.where(spread > 0, spread / np.where(room > 0, room, 1), 0)
    red, green, blue = rgb.T
    which = rgb.argmax(axis=1)
    hue = np.select(
        [which == 0, which == 1],
        [((green - blue) / safe) % 6, (blue - red) / safe + 2],
        (red - green) / safe + 4,
    )
    return np.where(spread > 0, hue / 6, 0), saturation, light


def _from_hsl(hue: Floats, saturation: Floats, light: Floats) -> Floats:
    place = (np.array([0.0, 8.0, 4.0]) + 12 * hue[:, None]) % 12
    reach = saturation * np.minimum(light, 1 - light)
    return light[:, None] - reach[:, None] * np.clip(np.minimum(place - 3, 9 - place), -1, 1)

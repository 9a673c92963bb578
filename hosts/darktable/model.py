"""What darktable's scene-referred modules do to colours, as measured from its renders.

A batch of settings is run over one set of colours, for fitting. The order is that of darktable's
pipeline for JPEG and TIFF: color calibration (a matrix), color equalizer, color balance rgb (its chroma
part), rgb curve; exposure is a factor of the matrix. ``benchmarks/darktable.py`` measures how far this
is from the real renders.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from gradewright.core.colour import srgb_decode, srgb_encode
from numpy.typing import NDArray

from . import colour, curves

Floats = NDArray[np.floating]

HUES = ("red", "orange", "yellow", "green", "cyan", "blue", "lavender", "magenta")
CHROMA = ("chroma_global", "chroma_shadows", "chroma_midtones", "chroma_highlights", "vibrance")

# Where each module's knobs lie in a row of settings.
MATRIX, HUE, SATURATION, BRIGHTNESS = slice(0, 9), slice(9, 17), slice(17, 25), slice(25, 33)
BALANCE, CURVES = slice(33, 38), slice(38, 38 + 3 * curves.COUNT)

_HUE_START, _HUE_WIDTH = np.radians(20.0), np.pi  # of the first hue node; of the interpolation
_WHITE = 2.0  # color equalizer's white level of +1 EV
_SATURATION_GAIN, _BRIGHTNESS_GAIN = 2.0, 8.0
_MASK_POWER, _MASK_GREY, _MASK_SLOPE = 0.4101205819200422, 0.1845, 4.0


def start(rgb: Floats) -> Floats:
    """sRGB-encoded colours (n, 3) in the working space: what the first stage takes."""
    return colour.from_srgb(srgb_decode(np.asarray(rgb, np.float64)))


def finish(work: Floats) -> Floats:
    """The working space (..., 3) as sRGB-encoded colours, clipped as the export clips them."""
    return srgb_encode(np.clip(colour.to_srgb(work), 0, 1))


def calibrate(settings: Floats, work: Floats) -> Floats:
    """color calibration as a matrix; the settings are its difference from the identity."""
    matrix = np.eye(3) + settings[:, MATRIX].reshape(-1, 3, 3)
    return work @ matrix.transpose(0, 2, 1)


def equalize(settings: Floats, work: Floats) -> Floats:
    """color equalizer without its guided filter: hue in degrees, saturation and brightness around 1."""
    if not settings[:, HUE.start : BRIGHTNESS.stop].any():
        return work
    hue, saturation, brightness = colour.hsb(work, _WHITE)
    turn = _by_hue(np.radians(settings[:, HUE]), hue)
    more = np.maximum(_by_hue(1 + settings[:, SATURATION], hue), 0) - 1
    lighter = saturation * (np.maximum(_by_hue(1 + settings[:, BRIGHTNESS], hue), 0) - 1)
    stronger = saturation * np.maximum(1 + _SATURATION_GAIN * more, 0)
    brighter = brightness * np.maximum(1 + _BRIGHTNESS_GAIN * lighter, 0)
    return colour.from_hsb(hue + turn, stronger, brighter, _WHITE)


def balance(settings: Floats, work: Floats) -> Floats:
    """color balance rgb: chroma over all, by zone of luminance, and vibrance."""
    if not settings[:, BALANCE].any():
        return work
    luminance, offset = colour.yrg(work)
    every, dark, middle, bright, vibrance = (settings[:, BALANCE].T)[:, :, None]
    shadows, midtones, highlights = _masks(luminance)
    chroma = np.maximum(np.sqrt((offset * offset).sum(axis=-1)), 1e-9)
    factor = 1 + every + dark * shadows + middle * midtones + bright * highlights
    factor = factor + vibrance * (1 - chroma ** np.abs(vibrance))
    return colour.from_yrg(luminance, offset * np.maximum(factor, 0)[..., None])


def bend(settings: Floats, work: Floats) -> Floats:
    """rgb curve, a curve a channel; the settings are encoded offsets of its nodes."""
    if not settings[:, CURVES].any():
        return work
    heights = curve_heights(settings)
    channels = [curves.hermite(curves.LINEAR, heights[:, c], work[..., c]) for c in range(3)]
    return np.stack(channels, axis=-1)


def curve_heights(settings: Floats) -> Floats:
    """Heights (P, 3, nodes) of the curves in linear light, ordered, within 0..1."""
    return srgb_decode(curves.heights(settings[:, CURVES].reshape(len(settings), 3, -1)))


def _masks(luminance: Floats) -> tuple[Floats, Floats, Floats]:
    """Opacities of color balance rgb's zones at its default fall-offs."""
    grey = _MASK_GREY**_MASK_POWER
    offset = np.maximum(luminance, 0) ** _MASK_POWER - grey
    shadows = 1 / (1 + np.exp(offset / grey * _MASK_SLOPE))
    highlights = 1 / (1 + np.exp(-offset / grey * _MASK_SLOPE))
    width = _MASK_SLOPE**2 / 2
    bell = np.exp(-(offset**2) * width / 4)
    return shadows, 8 * bell * ((1 - shadows) * (1 - highlights)) ** 2, highlights


@cache
def _hue_basis() -> Floats:
    """(360, 8): what each hue node brings at each degree from -180, by Pierre's periodic interpolation."""
    orders = np.arange(int(np.ceil(3 * np.sqrt(_HUE_WIDTH))))
    decay = np.exp(-(orders**2) / _HUE_WIDTH)

    def kernel(angle: Floats) -> Floats:
        return np.exp((decay * np.cos(orders * angle[..., None])).sum(axis=-1))

    nodes = _HUE_START + np.radians(45.0 * np.arange(8))
    degrees = np.radians(np.arange(360.0) - 180)
    return np.linalg.solve(kernel(nodes[:, None] - nodes).T, kernel(degrees[:, None] - nodes).T).T


def _by_hue(heights: Floats, hue: Floats) -> Floats:
    """Node heights (P, 8) interpolated at hues (P, n) or (1, n)."""
    table = heights @ _hue_basis().T
    place = (hue + np.pi) / (2 * np.pi) * 359
    low = np.clip(place.astype(int), 0, 358)
    rows = np.arange(len(table))[:, None]
    left = table[rows, low]
    return left + (place - low) * (table[rows, low + 1] - left)

"""Pixels of drawables to buffers of gradewright and back, as sRGB-encoded values.

A babl format name without a space means sRGB whatever the image's profile, so wide-gamut images are
colour-managed here: their colours outside sRGB come as values below 0 and above 1.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from typing import Any

from gi.repository import Gegl, Gimp

from . import geometry, layers
from .service import client

FORMATS = {3: "R'G'B' float", 4: "R'G'B'A float"}
_PROXY_FORMATS = {3: "R'G'B' u8", 4: "R'G'B'A u8"}
PROXY_SIDE = 640


def channels(drawable: Any) -> int:
    """3, or 4 with alpha."""
    return 4 if drawable.has_alpha() else 3


def write_proxy(drawable: Any, path: str, side: int = PROXY_SIDE) -> None:
    """Write a small version of what the drawable shows, at most ``side`` pixels wide and high."""
    with layers.as_shown(drawable) as shown:
        count = channels(shown)
        data, width, height = read_proxy(shown, side, count)
    client.write_pixels(path, width, height, count, "uint8", [data])


def read_proxy(drawable: Any, side: int, count: int) -> tuple[bytes, int, int]:
    """(pixels, width, height) of a small version, 8 bits."""
    width, height, scale = geometry.fitted(drawable.get_width(), drawable.get_height(), side)
    rectangle = Gegl.Rectangle.new(0, 0, width, height)
    buffer = drawable.get_buffer()
    return bytes(buffer.get(rectangle, scale, _PROXY_FORMATS[count], Gegl.AbyssPolicy.CLAMP)), width, height


def primaries(image: Any) -> list[float] | None:
    """Linear sRGB's red, green and blue in the linear values of the image's profile; None for sRGB."""
    profile = image.get_effective_color_profile()
    if profile is None or not profile.is_rgb():
        return None  # it will be converted to RGB, which gives it sRGB's primaries
    own = Gimp.Image.new_with_precision(3, 1, Gimp.ImageBaseType.RGB, Gimp.Precision.FLOAT_LINEAR)
    try:
        own.set_color_profile(profile)
        layer = Gimp.Layer.new(own, "", 3, 1, Gimp.ImageType.RGB_IMAGE, 100, Gimp.LayerMode.NORMAL)
        own.insert_layer(layer, None, 0)
        buffer, rectangle = layer.get_buffer(), Gegl.Rectangle.new(0, 0, 3, 1)
        identity = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
        buffer.set(rectangle, "RGB float", struct.pack("9f", *identity))
        buffer.flush()
        # None is the layer's own format: linear floats in the profile's space.
        found = struct.unpack("9f", bytes(buffer.get(rectangle, 1.0, None, Gegl.AbyssPolicy.NONE)))
    finally:
        own.delete()
    same = max(abs(one - other) for one, other in zip(found, identity, strict=True)) < 1e-3
    return None if same else list(found)


def through_lut(
    source: Any,
    target: Any,
    size: tuple[int, int],
    count: int,
    folder: str,
    strip: Callable[[str, str, float], Any],
) -> bool:
    """Run a LUT over a Gegl.Buffer into another one, strip by strip.

    Parameters
    ----------
    source, target : two Gegl.Buffer
    size, count : their width and height, and 3 or 4 channels
    folder : for the strips, in memory where possible
    strip : grades one file into another; gets the share of the rows above it

    Returns
    -------
    Whether every pixel is opaque.
    """
    width, height = size
    before, after = os.path.join(folder, "strip.gwpx"), os.path.join(folder, "graded.gwpx")
    opaque = True
    for top, rows in geometry.strips(height, width):
        rectangle = Gegl.Rectangle.new(0, top, width, rows)
        data = bytes(source.get(rectangle, 1.0, FORMATS[count], Gegl.AbyssPolicy.NONE))
        opaque = opaque and (count == 3 or geometry.opaque(data))
        client.write_pixels(before, width, rows, count, "float32", [data])
        del data
        strip(before, after, top / height)
        client.read_pixels_header(after)
        with open(after, "rb") as stream:
            stream.seek(client.PIXELS_OFFSET)
            target.set(rectangle, FORMATS[count], stream.read())
    target.flush()
    return opaque

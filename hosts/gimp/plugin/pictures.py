"""Pictures for the windows, from image files and from buffers of pixels."""

from __future__ import annotations

from typing import Any

from gi.repository import GdkPixbuf, GLib

from .service import client

_CHECKS = 8, 0x666666, 0x999999  # size and colours of the squares under what is transparent


def of_buffer(path: str) -> tuple[Any, bytes | None]:
    """The picture of an 8-bit ``.gwpx`` file on GIMP's grey checks, and its alpha when it has any."""
    width, height, count, _ = client.read_pixels_header(path)
    with open(path, "rb") as stream:
        stream.seek(client.PIXELS_OFFSET)
        data = stream.read()
    return _flat(_raw(data, width, height, count)), data[3::4] if count == 4 else None


def of_file(path: str, alpha: bytes | None = None) -> Any:
    """The picture of an image file, with an alpha from elsewhere."""
    if path.endswith(client.PIXELS_SUFFIX):
        return of_buffer(path)[0]
    picture = GdkPixbuf.Pixbuf.new_from_file(path)
    width, height = picture.get_width(), picture.get_height()
    if alpha is None or len(alpha) != width * height:
        return _flat(picture)
    pixels = bytearray(picture.add_alpha(False, 0, 0, 0).get_pixels())
    pixels[3::4] = alpha
    return _flat(_raw(bytes(pixels), width, height, 4))


def scaled(picture: Any, width: int, height: int) -> Any:
    """The picture as large as fits."""
    scale = min(width / picture.get_width(), height / picture.get_height())
    size = (max(1, round(side * scale)) for side in (picture.get_width(), picture.get_height()))
    return picture.scale_simple(*size, GdkPixbuf.InterpType.BILINEAR)


def empty(picture: Any) -> Any:
    """Grey, of the same size."""
    blank = picture.copy()
    blank.fill(0x80808040)
    return blank


def _raw(data: bytes, width: int, height: int, count: int) -> Any:
    kind = GdkPixbuf.Colorspace.RGB
    return GdkPixbuf.Pixbuf.new_from_bytes(
        GLib.Bytes.new(data), kind, count == 4, 8, width, height, width * count
    )


def _flat(picture: Any) -> Any:
    if not picture.get_has_alpha():
        return picture
    size = picture.get_width(), picture.get_height()
    return picture.composite_color_simple(*size, GdkPixbuf.InterpType.NEAREST, 255, *_CHECKS)

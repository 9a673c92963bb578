"""Pictures of 8 bits and less through Pillow, brought to RGB or RGBA."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import profile

if TYPE_CHECKING:
    from PIL import Image

_SPACES = {"1": "GRAY", "L": "GRAY", "LA": "GRAY", "CMYK": "CMYK", "LAB": "Lab"}
_NAMES = {"P": "palette", "PA": "palette", "1": "1-bit", "YCbCr": "YCbCr", "CMYK": "CMYK", "LAB": "Lab"}


@dataclass(frozen=True)
class Decoded:
    """An RGB or RGBA picture, its profile once what had to be converted is converted, and warnings."""

    image: Image.Image
    icc: bytes
    gray: bool
    notes: tuple[str, ...]


def to_rgb(image: Image.Image, icc: bytes) -> Decoded:
    """Any 8-bit Pillow mode to RGB or RGBA.

    CMYK, Lab, grey profiles and table-based RGB profiles become sRGB (and ``icc`` empty) with a
    note; matrix profiles stay as they are.
    """
    mode = image.mode
    space = _SPACES.get(mode, "RGB")
    used, note = profile.usable(icc, space)
    notes = [note] if note else []
    if mode in _NAMES:
        notes.append(f"{_NAMES[mode]} picture expanded to RGB")
    if used.kind == "broken":
        icc = b""
    if space in ("CMYK", "Lab") or used.kind in ("table", "gray"):
        image, converted = _to_srgb(image, icc, space)
        return Decoded(image, b"", False, (*notes, converted))
    gray = mode in ("L", "LA")
    alpha = mode in ("LA", "PA", "RGBA", "RGBa", "La") or "transparency" in image.info
    wanted = "RGBA" if alpha else "RGB"
    return Decoded(image if mode == wanted else image.convert(wanted), icc, gray, tuple(notes))


def _to_srgb(image: Image.Image, icc: bytes, space: str) -> tuple[Image.Image, str]:
    from PIL import Image as Pillow

    alpha = None
    if image.mode in ("LA", "PA", "RGBA") or (
        image.mode in ("P", "L", "RGB") and "transparency" in image.info
    ):
        rgba = image.convert("RGBA")
        alpha, image = rgba.getchannel("A"), image.convert("L" if space == "GRAY" else "RGB")
    elif space in ("GRAY", "RGB"):
        image = image.convert("L" if space == "GRAY" else "RGB")
    note = f"{space} converted to sRGB, 8 bit: the output is sRGB"
    try:
        result = profile.convert_8bit(image, icc) if icc else _without_profile(image)
    except ValueError:
        result = _without_profile(image)
        note = f"{space} profile unusable: converted to sRGB without it"
    if alpha is not None:
        result = Pillow.merge("RGBA", (*result.split(), alpha))
    return result, note


def _without_profile(image: Image.Image) -> Image.Image:
    if image.mode != "LAB":
        return image.convert("RGB")
    from PIL import ImageCms

    result = ImageCms.profileToProfile(
        image, ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert result is not None  # None only with inPlace
    return result


def pixels_of(image: Image.Image) -> NDArray[np.uint8]:
    """An 8-bit RGB or RGBA picture as uint8 (H, W, 3 or 4)."""
    return np.asarray(image)


def upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Turn (H, W, ...) as EXIF orientation 1..8 asks (EXIF 2.32, 4.6.4 A, tag 274)."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def as_stored(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Undo :func:`upright`."""
    return upright(pixels, {6: 8, 8: 6}.get(orientation, orientation))

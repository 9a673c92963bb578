"""Hald CLUT images: the cube laid out as the pixels of a square PNG.

A level L image is L^3 x L^3 pixels and holds a cube of size L^2, red fastest, then green, then
blue (Eskil Steenberg's layout, as in ImageMagick ``hald:L``).
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from gradewright.core.errors import LutFileError
from numpy.typing import NDArray

from . import source
from .approximated import codes, warn
from .options import checked, one_of

if TYPE_CHECKING:
    from gradewright.core.lut import Lut

LEVELS = range(2, 17)
_MAX_BYTES = 128 * 2**20  # a level 16 image of noise at 16 bits has 100 MB
_COLOUR_TYPES = (0, 2, 3, 4, 6)


class Hald:
    """Hald CLUT as PNG, 8 or 16 bit, levels 2..16."""

    name = "hald"
    summary = "Hald CLUT image for RawTherapee, darktable, G'MIC, ImageMagick"
    suffixes: tuple[str, ...] = (".png",)

    def read(self, path: Path) -> Lut:
        """The image's cube; levels 12..16 (144^3..256^3) are resampled to 129^3, with a warning.

        Raises LutFileError.
        """
        from gradewright.core.lut import Lut

        data = source.load(path, _MAX_BYTES)
        size, bits = _header(path, data)
        pixels = _pixels(path, data, bits)
        cube = pixels.reshape(size, size, size, 3).transpose(2, 1, 0, 3)  # the image is red fastest
        return Lut((_fitted(path, cube) / (2**bits - 1)).astype(np.float32))

    def write(self, lut: Lut, path: Path, **options: Any) -> None:
        """Write to ``path``; options ``level`` (2..16), ``bits`` (8 or 16). Raises BadInput."""
        path.write_bytes(encode(lut, **checked(encode, options, self.name)))


def encode(lut: Lut, *, level: int = 8, bits: int = 16) -> bytes:
    """A LUT as a Hald CLUT image.

    Parameters
    ----------
    lut : sampled over 0..1 (tetrahedral) at the image's ``level**2`` points an edge; values
        outside 0..1 are clipped, with LutApproximated
    level : 2..16; 8 holds 64^3 in 512 x 512 pixels
    bits : 8 or 16 a channel

    Raises
    ------
    BadInput : an option out of range
    """
    import imagecodecs

    one_of(level, tuple(LEVELS), "level")
    one_of(bits, (8, 16), "bits")
    edge = level**3
    cube = _at(lut, level**2).transpose(2, 1, 0, 3)
    pixels = codes(cube, 2**bits - 1, lut.title, "a Hald CLUT")
    image = pixels.astype(np.uint8 if bits == 8 else np.uint16).reshape(edge, edge, 3)
    return bytes(imagecodecs.png_encode(np.ascontiguousarray(image), level=6))


def _at(lut: Lut, size: int) -> NDArray[np.floating]:
    """The transform on a lattice over 0..1, which may be finer than a Lut can be."""
    from gradewright.core.interp import lattice

    if lut.is_identity(1e-7):
        return lattice(size, np.float64)  # so that the identity's codes are exact at any level
    if lut.is_plain and size == lut.size:
        return lut.table
    image = np.ascontiguousarray(lattice(size).reshape(size * size, size, 3))
    lut.apply(image, out=image)
    return image.reshape(size, size, size, 3)


def _header(path: Path, data: bytes) -> tuple[int, int]:
    """Cube size and bit depth from the PNG header, before a pixel is decoded."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n") or data[12:16] != b"IHDR" or len(data) < 33:
        what = source.sniff(data) or "not a PNG image"
        what = "a damaged PNG image" if what == "a PNG image" else what
        raise LutFileError(path, f"is {what}", "a Hald CLUT is a PNG")
    width, height, bits, colour = struct.unpack(">IIBB", data[16:26])
    level = next((n for n in LEVELS if n**3 == width == height), None)
    if level is None:
        near = min(LEVELS, key=lambda n: abs(n**3 - width))
        remedy = f"a Hald CLUT is square, L^3 pixels with L 2..16: {near**3} x {near**3} is the nearest"
        raise LutFileError(path, f"is {width} x {height} pixels", remedy)
    if colour not in _COLOUR_TYPES:
        raise LutFileError(path, f"has the colour type {colour}", "a Hald CLUT is an RGB image")
    if bits not in (8, 16):
        raise LutFileError(path, f"has {bits} bits a channel", "a Hald CLUT has 8 or 16")
    return level**2, bits


def _pixels(path: Path, data: bytes, bits: int) -> NDArray[np.generic]:
    """(n, 3) codes; grey is spread, alpha dropped."""
    try:
        image = _decode_8(data) if bits == 8 else _decode_16(data)
    except Exception as error:  # the decoders' own kinds: OSError, SyntaxError, PngError, struct.error, ...
        reason = "its chunks are garbled" if isinstance(error, UnicodeError) else str(error)
        reason = re.sub(r" <_io[^>]*>|\s+", " ", reason).strip()[:120] or type(error).__name__
        raise LutFileError(path, f"is a damaged PNG image ({reason})", "export it again") from error
    if image.ndim == 2:
        image = image[:, :, None]
    if image.shape[2] < 3:
        image = np.repeat(image[:, :, :1], 3, axis=2)
    return np.ascontiguousarray(image[:, :, :3]).reshape(-1, 3)


def _decode_8(data: bytes) -> NDArray[np.generic]:
    import io

    from PIL import Image

    with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
        return np.asarray(image.convert("RGBA"))  # to RGB, Pillow warns of transparent palettes


def _decode_16(data: bytes) -> NDArray[np.generic]:
    """By libpng, since Pillow would cut 16-bit colour down to 8; but Pillow checks the checksums first."""
    import io

    import imagecodecs
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
        image.verify()
    pixels = np.asarray(imagecodecs.png_decode(data))
    if pixels.dtype != np.uint16:
        raise ValueError("not the 16 bits of its header")
    return pixels


def _fitted(path: Path, cube: NDArray[np.generic]) -> NDArray[np.floating]:
    """The cube, brought down to the largest size a Lut can have."""
    from gradewright.core.interp import lattice, tetrahedral
    from gradewright.core.lut import MAX_SIZE

    size = len(cube)
    if size <= MAX_SIZE:
        return cube.astype(np.float64)
    warn(path, f"holds a {size}^3 cube: resampled to {MAX_SIZE}^3")
    planes = lattice(MAX_SIZE, np.float64)
    cube = np.ascontiguousarray(cube)
    return np.stack([tetrahedral(cube, plane) for plane in planes])  # type: ignore[arg-type]

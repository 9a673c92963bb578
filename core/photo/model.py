"""A photo held for grading: native pixels and everything needed to write it back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Chunk = tuple[bytes, bytes]  # PNG chunk type and data


@dataclass(frozen=True)
class Encoding:
    """How the file was encoded, so that it can be encoded the same way again.

    Parameters
    ----------
    qtables : JPEG quantisation tables, 64 numbers each
    subsampling : JPEG chroma subsampling as Pillow numbers it: 0 4:4:4, 1 4:2:2, 2 4:2:0
    progressive : JPEG
    comment : JPEG comment
    compression : TIFF, as tifffile names it: "none", "lzw", "deflate" or "zstd"
    lossless : WEBP
    chunks : PNG chunks other than pixels, profile, EXIF, XMP and resolution (text, gamma, time, ...)
    """

    qtables: tuple[tuple[int, ...], ...] = ()
    subsampling: int = 0
    progressive: bool = False
    comment: bytes = b""
    compression: str = "deflate"
    lossless: bool = False
    chunks: tuple[Chunk, ...] = ()


@dataclass(frozen=True, eq=False)
class Photo:
    """Pixels at their native depth, in the photo's own colour profile, as they lie in the file.

    Parameters
    ----------
    path : where it came from
    format : "JPEG", "PNG", "TIFF" or "WEBP"
    pixels : (H, W, 3) RGB or (H, W, 4) RGBA, uint8, uint16 or float32 (0..1); EXIF orientation
        is *not* applied, the tag in ``exif`` still tells it
    gray : the file was grayscale; written as grayscale again as long as the pixels stay neutral
    icc : embedded profile, empty for sRGB
    exif : TIFF-structured EXIF without the ``Exif\\0\\0`` prefix
    xmp : XMP packet
    dpi : pixels per inch, horizontal and vertical
    encoding : see :class:`Encoding`
    notes : warnings, one line each, naming the file
    """

    path: Path
    format: str
    pixels: NDArray[np.generic]
    gray: bool = False
    icc: bytes = b""
    exif: bytes = b""
    xmp: bytes = b""
    dpi: tuple[float, float] | None = None
    encoding: Encoding = field(default_factory=Encoding)
    notes: tuple[str, ...] = ()

    def with_pixels(self, pixels: NDArray[np.generic]) -> Photo:
        """The same photo showing other pixels."""
        return replace(self, pixels=pixels)

    def noting(self, *notes: str) -> Photo:
        """The same photo with further warnings; the file is named in front of each."""
        return replace(self, notes=self.notes + tuple(f"{self.path}: {note}" for note in notes))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as stored, before orientation."""
        return self.pixels.shape[1], self.pixels.shape[0]

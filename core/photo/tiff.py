"""Deep TIFF: 16-bit and floating point in, every depth out, tags kept.

Pixels go through tifffile, which writes only what the pixels need; the descriptive tags, EXIF
and GPS are then merged into the main directory, which is rebuilt at the end of the file.
"""

from __future__ import annotations

import mmap
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ImageFileError
from . import ifd
from .depth import full_scale
from .source import check_size

_COMPRESSIONS = {1: "none", 5: "lzw", 8: "deflate", 32946: "deflate", 50000: "zstd", 32773: "deflate"}
"""Read for deep pictures, and what each is written as (PackBits gains nothing on photos)."""
_WRITTEN = {"none": None, "lzw": "lzw", "deflate": "adobe_deflate", "zstd": "zstd"}
_LARGEST_FILE = 0xFFFF_0000  # offsets of classic TIFF hold 32 bits


@dataclass(frozen=True)
class Tags:
    """What the header of a TIFF says, before any pixel is read.

    ``deep`` : not a job for Pillow: 16 bits, floating point, or BigTIFF.
    """

    deep: bool
    icc: bytes = b""
    xmp: bytes = b""
    exif: bytes = b""
    dpi: tuple[float, float] | None = None
    compression: str = "deflate"
    layers: bool = False


def read_tags(path: Path) -> Tags:
    """Metadata of the first page.

    Raises
    ------
    ValueError : the first directory lies outside the file
    """
    with open(path, "rb") as stream:
        if stream.read(4) in (b"II+\0", b"MM\0+"):  # BigTIFF
            return Tags(deep=True)
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            order, directory = ifd.parse(data)
    bits = ifd.integers(order, directory, ifd.BITS) or (1,)
    sample_format = ifd.integers(order, directory, ifd.SAMPLE_FORMAT) or (1,)
    compression = ifd.integers(order, directory, 259) or (1,)
    kept = ifd.descriptive(directory)
    return Tags(
        deep=max(bits) > 8 or sample_format[0] != 1,
        icc=ifd.raw(directory, ifd.ICC),
        xmp=ifd.raw(directory, ifd.XMP),
        exif=ifd.build(order, kept) if kept else b"",
        dpi=ifd.resolution(order, directory),
        compression=_COMPRESSIONS.get(compression[0], "deflate"),
        layers=bool(ifd.raw(directory, 37724)),
    )


def read_deep(path: Path) -> tuple[NDArray[np.generic], bool, list[str]]:
    """Pixels of the first page.

    Returns
    -------
    pixels : (H, W, 3 or 4), uint8 (BigTIFF), uint16 or float32
    gray : it was grayscale
    notes : warnings

    Raises
    ------
    ImageFileError : a kind of TIFF that is not supported, saying which
    """
    import tifffile

    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        _check(path, page)
        pixels = page.asarray(maxworkers=1)
        pages = len(file.pages)
    if page.planarconfig == 2 and page.samplesperpixel > 1:
        pixels = np.moveaxis(pixels, 0, -1)
    pixels, notes = _native_depth(pixels.reshape(page.imagelength, page.imagewidth, -1))
    if page.photometric == 0:  # white is zero
        pixels = np.asarray(full_scale(pixels), pixels.dtype) - pixels
    gray = page.photometric in (0, 1)
    pixels, more = _channels(pixels, gray)
    if pages > 1:
        notes.append(f"only the first of {pages} pages is used")
    if 1 in page.extrasamples:
        more.append("premultiplied alpha is graded as it is")
    return np.ascontiguousarray(pixels), gray, notes + more


def _check(path: Path, page: Any) -> None:
    check_size(path, page.imagewidth, page.imagelength)
    kind = f"{page.bitspersample}-bit {getattr(page.dtype, 'kind', '?')}"
    whole = page.dtype is not None and page.dtype.itemsize * 8 == page.bitspersample
    if not whole or page.dtype.name not in ("uint8", "uint16", "float16", "float32", "float64"):
        raise ImageFileError(path, f"has {kind} samples", "save it as 8 or 16 bit, or 32-bit float")
    if page.compression not in _COMPRESSIONS:
        name = getattr(page.compression, "name", page.compression)
        raise ImageFileError(path, f"is {name} compressed", "save it with LZW, ZIP, ZSTD or none")
    if page.photometric not in (0, 1, 2) or page.imagedepth != 1:
        name = getattr(page.photometric, "name", page.photometric)
        raise ImageFileError(path, f"holds deep {name} pixels", "save it as RGB or grayscale")
    size = os.path.getsize(path)
    if any(a + n > size for a, n in zip(page.dataoffsets, page.databytecounts, strict=False)):
        raise ImageFileError(path, "truncated file (pixels missing)", "copy or export the picture again")


def _native_depth(pixels: NDArray[np.generic]) -> tuple[NDArray[np.generic], list[str]]:
    if pixels.dtype in (np.uint8, np.uint16):
        return pixels.astype(pixels.dtype.newbyteorder("="), copy=False), []
    notes = [] if pixels.dtype.itemsize == 4 else [f"{pixels.dtype.name} samples become float32"]
    with np.errstate(over="ignore"):
        return pixels.astype(np.float32), notes


def _channels(pixels: NDArray[np.generic], gray: bool) -> tuple[NDArray[np.generic], list[str]]:
    """(H, W, n) to RGB or RGBA: grey is repeated, channels after alpha are dropped."""
    colours = 1 if gray else 3
    notes = []
    if pixels.shape[2] > colours + 1:
        notes.append(f"{pixels.shape[2] - colours - 1} extra channels are not kept")
    base = pixels[..., :colours].repeat(3, axis=2) if gray else pixels[..., :3]
    alpha = pixels[..., colours : colours + 1]
    return (np.concatenate([base, alpha], axis=2) if alpha.shape[2] else base), notes


def write(
    path: Path,
    pixels: NDArray[np.generic],
    compression: str,
    icc: bytes = b"",
    exif: bytes = b"",
    xmp: bytes = b"",
    dpi: tuple[float, float] | None = None,
) -> str:
    """Write a picture as a classic TIFF.

    Parameters
    ----------
    pixels : (H, W, 1..4), uint8, uint16 or float32; 2 and 4 channels end in unassociated alpha
    compression : "none", "lzw", "deflate" or "zstd"
    exif : TIFF-structured; its directory becomes tags of the main directory

    Returns
    -------
    A warning, or an empty string.

    Raises
    ------
    ValueError : more than 4 GB
    """
    import tifffile

    if pixels.nbytes > _LARGEST_FILE:
        raise ValueError("a TIFF holds at most 4 GB of pixels")
    try:
        order, kept = ifd.parse(exif) if exif else ("<", ())
        note = ""
    except (ValueError, struct.error):
        order, kept, note = "<", (), "damaged EXIF is not kept"
    channels = pixels.shape[2]
    with open(path, "wb") as stream:  # tifffile would look for the path of a file that has no name yet
        tifffile.imwrite(
            stream,
            pixels[..., 0] if channels == 1 else pixels,
            byteorder=order,
            bigtiff=False,
            photometric="rgb" if channels > 2 else "minisblack",
            planarconfig=None if channels == 1 else "contig",
            extrasamples=["unassalpha"] if channels in (2, 4) else None,
            compression=_WRITTEN[compression],
            predictor=compression != "none",
            rowsperstrip=max(1, (1 << 20) // (pixels.shape[1] * channels * pixels.itemsize)),
            resolution=dpi,
            resolutionunit="inch" if dpi else None,
            metadata=None,
            software=False,
        )
    extra = [ifd.Entry(ifd.ICC, 7, len(icc), icc)] if icc else []
    extra += [ifd.Entry(ifd.XMP, 1, len(xmp), xmp)] if xmp else []
    _merge(path, (*ifd.descriptive(kept), *extra))
    return note


def _merge(path: Path, tags: ifd.Directory) -> None:
    """Replace the main directory by one that also holds ``tags``; pixels stay where they are."""
    with open(path, "rb+") as stream:
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            order, directory = ifd.parse(data)
        merged = {entry.tag: entry for entry in (*directory, *tags)}
        end = stream.seek(0, 2)
        start = end + end % 2
        stream.write(b"\0" * (end % 2) + ifd.pack(merged.values(), order, start))
        stream.seek(4)
        stream.write(struct.pack(order + "L", start))

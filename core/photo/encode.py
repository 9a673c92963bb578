"""Writing a photo back: same depth, same metadata, whole or not at all."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput, ImageFileError
from ..files import atomic_output, refuse_existing
from . import ifd, png, tiff
from .depth import to_uint8, to_uint16
from .model import Photo

SUFFIXES = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".webp": "WEBP",
}
_WIDEST = {"JPEG": 65500, "WEBP": 16383}
_QUALITY = 92  # of a JPEG or WEBP that was not one before
_SEGMENT = 65533 - 29  # what a JPEG marker holds, less the longest prefix
_BULKY = (34377, 33723, 37724)  # Photoshop resources, IPTC: TIFF only
_PNG_LEVEL = 4


def check_output(path: str | Path, overwrite: bool = False, quality: int | None = None) -> str:
    """Refuse an output name or a quality before any work is done; the format it stands for.

    Raises
    ------
    ImageFileError : an unknown suffix
    FileError : the file exists, or its folder is missing or read-only
    BadInput : a quality outside 1..100
    """
    kind = SUFFIXES.get(Path(path).suffix.lower())
    if kind is None:
        known = " ".join(SUFFIXES)
        raise ImageFileError(path, f"unknown picture suffix '{Path(path).suffix}'", f"use one of {known}")
    if quality is not None and not 1 <= quality <= 100:
        raise BadInput(f"quality {quality} is out of range: 1..100")
    refuse_existing(path, overwrite)
    return kind


def save(
    photo: Photo, path: str | Path, overwrite: bool = False, quality: int | None = None
) -> tuple[str, ...]:
    """Write a photo; the suffix decides the format.

    Depth, profile, EXIF with its orientation, XMP and resolution are kept wherever the format holds
    them. A JPEG is encoded with its own quantisation tables unless ``quality`` is given.

    Parameters
    ----------
    overwrite : replace an existing file (at once, when the new one is complete)
    quality : 1..100, JPEG and WEBP

    Returns
    -------
    Every warning, one line each: ``photo.notes``, then what this format cost.

    Raises
    ------
    ImageFileError, FileError, BadInput : see :func:`check_output`; a picture too large for the format
    """
    path = Path(path)
    kind = check_output(path, overwrite, quality)
    width, height = photo.size
    if max(width, height) > _WIDEST.get(kind, 2**31):
        remedy = "use .png or .tif"
        raise ImageFileError(path, f"{kind} holds at most {_WIDEST[kind]} pixels a side", remedy)
    pixels, notes = _prepared(photo, kind)
    with atomic_output(path, overwrite) as temporary:
        try:
            notes += _WRITERS[kind](photo, pixels, temporary, quality)
        except (ValueError, struct.error) as error:
            raise ImageFileError(path, f"cannot be encoded ({error})", "try .png") from error
    return (*photo.notes, *(f"{path}: {note}" for note in notes))


def save_pixels(
    pixels: NDArray[np.generic], path: str | Path, overwrite: bool = False, quality: int | None = None
) -> tuple[str, ...]:
    """Write sRGB floats (H, W, 3), 0..1, clipped, as a new 8-bit picture; see :func:`save`."""
    photo = Photo(Path(path), "", to_uint8(pixels.astype(np.float32)))
    return save(photo, path, overwrite, quality)


def _prepared(photo: Photo, kind: str) -> tuple[NDArray[np.generic], list[str]]:
    """Pixels in a depth and with the channels that the format holds, and what that cost."""
    pixels, notes = photo.pixels, []
    if kind in ("JPEG", "WEBP") and pixels.dtype != np.uint8:
        notes.append(f"{kind} holds 8 bits: {pixels.dtype.itemsize * 8}-bit pixels were rounded")
        pixels = to_uint8(pixels)
    elif kind == "PNG" and pixels.dtype == np.float32:
        notes.append("PNG holds 16 bits: floating point was clipped and rounded")
        pixels = to_uint16(pixels)
    if kind == "JPEG" and pixels.shape[2] == 4:
        if int(pixels[..., 3].min()) < 255:  # type: ignore[arg-type]
            notes.append("JPEG holds no transparency: alpha was dropped")
        pixels = np.ascontiguousarray(pixels[..., :3])
    if photo.gray and kind != "WEBP" and _is_neutral(pixels):
        pixels = np.ascontiguousarray(pixels[..., [0, 3] if pixels.shape[2] == 4 else [0]])
    return pixels, notes


def _is_neutral(pixels: NDArray[np.generic]) -> bool:
    first = pixels[..., 0]
    return np.array_equal(first, pixels[..., 1]) and np.array_equal(first, pixels[..., 2])


def _pillow(pixels: NDArray[np.generic]) -> Any:
    from PIL import Image

    return Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)


def _fitting(photo: Photo, notes: list[str]) -> tuple[bytes, bytes]:
    """EXIF and XMP small enough for a JPEG marker."""
    exif, xmp = _light(photo), photo.xmp
    if len(exif) > _SEGMENT:
        notes.append(f"EXIF of {len(exif)} bytes does not fit in a JPEG and was dropped")
        exif = b""
    if len(xmp) > _SEGMENT:
        notes.append(f"XMP of {len(xmp)} bytes does not fit in a JPEG and was dropped")
        xmp = b""
    return exif, xmp


def _light(photo: Photo) -> bytes:
    """EXIF without the stale thumbnail and, coming from a TIFF, without Photoshop's bulk."""
    if photo.format != "TIFF":
        return ifd.without_thumbnail(photo.exif)
    if not photo.exif:
        return b""
    order, directory = ifd.parse(photo.exif)
    return ifd.build(order, (entry for entry in directory if entry.tag not in _BULKY))


def _save_jpeg(photo: Photo, pixels: NDArray[np.generic], path: Path, quality: int | None) -> list[str]:
    notes: list[str] = []
    exif, xmp = _fitting(photo, notes)
    encoding = photo.encoding
    options: dict[str, Any] = {"progressive": encoding.progressive, "comment": encoding.comment}
    if encoding.qtables and quality is None:
        options |= {"qtables": list(encoding.qtables), "subsampling": encoding.subsampling}
    else:
        options |= {"quality": quality or _QUALITY, "subsampling": 0 if (quality or _QUALITY) >= 90 else 2}
    if photo.dpi and max(photo.dpi) < 65535:
        options["dpi"] = photo.dpi
    image = _pillow(pixels)
    exif = b"Exif\0\0" + exif if exif else b""
    with open(path, "wb") as stream:
        image.save(stream, "JPEG", exif=exif, icc_profile=photo.icc or None, xmp=xmp or None, **options)
    return notes


def _save_webp(photo: Photo, pixels: NDArray[np.generic], path: Path, quality: int | None) -> list[str]:
    lossless = photo.encoding.lossless and quality is None
    with open(path, "wb") as stream:
        _pillow(pixels).save(
            stream,
            "WEBP",
            quality=80 if lossless else quality or _QUALITY,  # of a lossless file: effort
            lossless=lossless,
            exact=lossless,  # keep the colours under transparent pixels
            exif=_light(photo),
            icc_profile=photo.icc or None,
            xmp=photo.xmp or b"",
        )
    return []


def _save_png(photo: Photo, pixels: NDArray[np.generic], path: Path, quality: int | None) -> list[str]:
    if pixels.dtype == np.uint16:
        import imagecodecs

        plane = pixels[..., 0] if pixels.shape[2] == 1 else pixels
        encoded = bytes(imagecodecs.png_encode(plane, level=_PNG_LEVEL))
    else:
        buffer = io.BytesIO()
        _pillow(pixels).save(buffer, "PNG", compress_level=_PNG_LEVEL)
        encoded = buffer.getvalue()
    chunks = png.compose(photo.encoding.chunks, photo.icc, _light(photo), photo.xmp, photo.dpi)
    with open(path, "wb") as stream:
        stream.writelines(png.splice(encoded, chunks))
    return []


def _save_tiff(photo: Photo, pixels: NDArray[np.generic], path: Path, quality: int | None) -> list[str]:
    compression = photo.encoding.compression
    note = tiff.write(path, pixels, compression, photo.icc, photo.exif, photo.xmp, photo.dpi)
    return [note] if note else []


_Writer = Callable[[Photo, NDArray[np.generic], Path, int | None], list[str]]
_WRITERS: dict[str, _Writer] = {
    "JPEG": _save_jpeg,
    "PNG": _save_png,
    "TIFF": _save_tiff,
    "WEBP": _save_webp,
}

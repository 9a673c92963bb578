"""Opening a photo for grading: native pixels, and all that must be written back."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import ifd, png, profile, tiff
from .decode import as_stored, pixels_of, to_rgb
from .model import Encoding, Photo
from .source import check_size, decoding, identify, open_pillow

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True)
class _Meta:
    """Metadata gathered before the pixels; ``deep`` pictures are not for Pillow."""

    deep: bool = False
    icc: bytes = b""
    exif: bytes = b""
    xmp: bytes = b""
    dpi: tuple[float, float] | None = None
    encoding: Encoding = field(default_factory=Encoding)
    notes: tuple[str, ...] = ()


def open_pixels(path: str | Path) -> Photo:
    """Read a photo for grading and writing back.

    JPEG, PNG, TIFF and WEBP, told by content. Pixels keep their depth, their orientation and their
    colour profile; see docs/photos.md for what is converted, and the notes of the result.

    Raises
    ------
    ImageFileError : one line naming the file and what is wrong
    """
    path = Path(path)
    kind = identify(path)
    with decoding(path):
        meta = _META[kind](path)
        return _deep(path, kind, meta) if meta.deep else _shallow(path, kind, meta)


def _shallow(path: Path, kind: str, meta: _Meta) -> Photo:
    with open(path, "rb") as stream:
        image, warned = open_pillow(path, kind, stream)
        notes = [*meta.notes, *warned]
        if kind in ("JPEG", "WEBP"):
            meta = _from_pillow(path, kind, image)
        if (frames := getattr(image, "n_frames", 1)) > 1:
            notes.append(_frames_note(kind, frames))
        image.load()
        decoded = to_rgb(image, meta.icc)
        pixels = pixels_of(decoded.image)
    if kind == "TIFF":  # the one format that Pillow turns upright unasked
        pixels = as_stored(pixels, ifd.orientation(meta.exif))
    photo = Photo(path, kind, pixels, decoded.gray, decoded.icc, meta.exif, meta.xmp, meta.dpi, meta.encoding)
    return photo.noting(*notes, *decoded.notes)


def _frames_note(kind: str, frames: int) -> str:
    if kind == "TIFF":
        return f"only the first of {frames} pages is used"
    if kind == "JPEG":
        return f"only the first of its {frames} pictures is kept (depth map, preview or gain map)"
    return f"animated: only the first of {frames} frames is used"


def _from_pillow(path: Path, kind: str, image: Image.Image) -> _Meta:
    info = image.info
    encoding = _jpeg_encoding(image) if kind == "JPEG" else Encoding(lossless=_is_lossless(path))
    exif = info.get("exif") or b""
    while exif.startswith(b"Exif\0\0"):
        exif = exif[6:]
    xmp = info.get("xmp") or b""
    return _Meta(
        icc=info.get("icc_profile") or b"",
        exif=exif,
        xmp=xmp.encode() if isinstance(xmp, str) else xmp,
        dpi=info.get("dpi") if "jfif_density" in info else None,
        encoding=encoding,
    )


def _jpeg_encoding(image: Any) -> Encoding:
    from PIL.JpegImagePlugin import get_sampling

    tables = [tuple(table) for _, table in sorted(image.quantization.items())]
    usable = all(len(t) == 64 and min(t) > 0 and max(t) <= 255 for t in tables)
    if image.mode == "L":
        tables = tables[:1] * 2
    sampling = get_sampling(image) if image.mode == "RGB" else 2
    return Encoding(
        qtables=tuple(tables[:2]) if usable else (),
        subsampling=max(sampling, 0),  # an unusual layout: better no subsampling than more of it
        progressive=bool(image.info.get("progressive")),
        comment=image.info.get("comment") or b"",
    )


def _is_lossless(path: Path) -> bool:
    """A WEBP whose first picture is a VP8L chunk."""
    with open(path, "rb") as stream:
        stream.seek(12)
        while len(head := stream.read(8)) == 8:
            name, length = struct.unpack("<4sL", head)
            if name in (b"VP8L", b"VP8 "):
                return bool(name == b"VP8L")
            stream.seek(16 if name == b"ANMF" else length + length % 2, 1)
    return False


def _png_meta(path: Path) -> _Meta:
    with open(path, "rb") as stream:
        chunks, notes = png.read_chunks(stream)
    width, height, bits, _ = png.header(chunks)
    check_size(path, width, height)
    if png.first(chunks, b"cICP")[:1] not in (b"", b"\x01"):
        notes.append("the cICP colour space is kept but not honoured: treated as sRGB")
    return _Meta(
        deep=bits == 16,
        icc=png.profile(chunks),
        exif=png.first(chunks, b"eXIf"),
        xmp=png.xmp(chunks),
        dpi=png.dpi(chunks),
        encoding=Encoding(chunks=png.carried(chunks)),
        notes=tuple(notes),
    )


def _tiff_meta(path: Path) -> _Meta:
    tags = tiff.read_tags(path)
    notes = ("Photoshop layers are not kept",) if tags.layers else ()
    encoding = Encoding(compression=tags.compression)
    return _Meta(tags.deep, tags.icc, tags.exif, tags.xmp, tags.dpi, encoding, notes)


_META: dict[str, Callable[[Path], _Meta]] = {
    "PNG": _png_meta,
    "TIFF": _tiff_meta,
    "JPEG": lambda _: _Meta(),
    "WEBP": lambda _: _Meta(),
}


def _deep(path: Path, kind: str, meta: _Meta) -> Photo:
    if kind == "PNG":
        pixels, gray, notes = _decode_png(path)
    else:
        pixels, gray, notes = tiff.read_deep(path)
    used, note = profile.usable(meta.icc, "GRAY" if gray else "RGB")
    icc = b"" if used.kind == "broken" else meta.icc
    notes += [note] if note else []
    if used.kind in ("gray", "table"):
        pixels, note = _deep_to_srgb(pixels, used, icc)
        icc, gray = b"", False
        notes.append(note)
    if pixels.dtype == np.float32 and not meta.icc:
        notes.append("floating point without a profile: treated as sRGB-encoded")
    photo = Photo(path, kind, pixels, gray, icc, meta.exif, meta.xmp, meta.dpi, meta.encoding)
    return photo.noting(*meta.notes, *notes)


def _decode_png(path: Path) -> tuple[NDArray[np.generic], bool, list[str]]:
    import imagecodecs

    pixels = imagecodecs.png_decode(path.read_bytes())
    gray = pixels.ndim == 2 or pixels.shape[2] < 3
    if gray:
        pixels = pixels.reshape(*pixels.shape[:2], -1)
        pixels = np.concatenate([pixels[..., :1].repeat(3, axis=2), pixels[..., 1:]], axis=2)
    return np.ascontiguousarray(pixels), gray, []


def _deep_to_srgb(
    pixels: NDArray[np.generic], used: profile.Profile, icc: bytes
) -> tuple[NDArray[np.generic], str]:
    """Grey tone curves exactly, at depth; table profiles through LittleCMS in 8 bit."""
    if used.gray is not None:
        return profile.gray_to_srgb(pixels, used.gray), "GRAY converted to sRGB: the output is sRGB"
    from PIL import Image

    from .depth import to_uint8

    small = to_uint8(pixels)
    try:
        small[..., :3] = np.asarray(profile.convert_8bit(Image.fromarray(small[..., :3].copy()), icc))
    except ValueError:
        return pixels, "ICC profile unusable: treated as sRGB"
    return small, f"{used.space} profile of tables converted to sRGB, 8 bit: the output is sRGB"

"""What may be opened at all: four formats, told by their first bytes, within a size cap."""

from __future__ import annotations

import contextlib
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ..errors import GradewrightError, ImageFileError, nearest

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 400_000_000
"""Largest picture that is decoded, in pixels, read from the header before anything is allocated."""

FORMATS = "JPEG, PNG, TIFF or WEBP"
RAW_SUFFIXES = (
    *(".dng", ".nef", ".cr2", ".cr3", ".arw", ".raf"),
    *(".orf", ".rw2", ".pef", ".srw", ".3fr", ".iiq"),
)
_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),  # BigTIFF
    (b"MM\0+", "TIFF"),
)
_REFUSED = (
    (b"GIF8", "a GIF, which holds 256 colours"),
    (b"BM", "a BMP"),
    (b"8BPS", "a Photoshop document"),
    (b"v/1\x01", "an OpenEXR picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"%PDF", "a PDF"),
)
# warnings.catch_warnings changes a module global; two threads in it at once lose warnings for good.
_WARNINGS = threading.Lock()


def identify(path: str | Path) -> str:
    """The format of a picture file, by content: "JPEG", "PNG", "TIFF" or "WEBP".

    Raises
    ------
    ImageFileError : missing (with the nearest name in the folder), a folder, empty, unreadable,
        or anything but these formats
    """
    path = Path(path)
    if path.is_dir():
        raise ImageFileError(path, "is a folder", "name a picture file")
    if path.exists() and not path.is_file():
        raise ImageFileError(path, "is a pipe or a device, not a file", "name a picture file")
    if path.suffix.lower() in RAW_SUFFIXES:
        raise ImageFileError(path, "is a camera raw file", "develop it first and give a TIFF, PNG or JPEG")
    try:
        with open(path, "rb") as stream:
            head = stream.read(32)
    except FileNotFoundError:
        raise ImageFileError(path, f"no such file{nearest(path.name, _neighbours(path))}") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise ImageFileError(path, f"cannot be read ({getattr(error, 'strerror', error)})") from error
    if not head:
        raise ImageFileError(path, "is empty (0 bytes)", "copy the picture again")
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    raise ImageFileError(path, f"is {_what_else(head)}", f"give a {FORMATS} file")


def _neighbours(path: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in path.parent.iterdir())[:2000]
    except OSError:
        return []


def _what_else(head: bytes) -> str:
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in (b"heic", b"heix", b"mif1", b"hevc", b"msf1"):
            return "a HEIC picture, which is not supported"
        return "an AVIF picture, which is not supported" if brand[:3] == b"avi" else "a video"
    for signature, name in _REFUSED:
        if head.startswith(signature):
            return f"{name}: not supported"
    return f"not a picture (it begins with {head[:12]!r})"


def check_size(path: str | Path, width: int, height: int) -> None:
    """Refuse pictures above :data:`MAX_PIXELS`, by their header."""
    if width < 1 or height < 1:
        raise ImageFileError(path, f"claims {width} x {height} pixels", "needs at least 1 x 1")
    if width * height > MAX_PIXELS:
        limit = f"{MAX_PIXELS // 1_000_000} megapixels"
        raise ImageFileError(path, f"claims {width} x {height} pixels", f"at most {limit} are read")


@contextlib.contextmanager
def decoding(path: str | Path) -> Iterator[None]:
    """Turn whatever a third-party decoder raises on a damaged file into one line.

    Decoders meet crafted bytes with every kind of exception, so every kind is caught here and
    nowhere else. Our own errors pass.
    """
    try:
        yield
    except GradewrightError:
        raise
    except MemoryError:
        raise ImageFileError(path, "does not fit in memory", "give a smaller picture") from None
    except Exception as error:
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        words = reason.lower()
        short = any(w in words for w in ("truncat", "too small", "not enough", "end of", "unexpected eof"))
        what = "truncated file" if short else "damaged file"
        raise ImageFileError(path, f"{what} ({reason})", "copy or export the picture again") from error


def open_pillow(path: str | Path, kind: str, stream: IO[bytes]) -> tuple[Image.Image, list[str]]:
    """Let Pillow read the header of a file of a known format.

    The plug-in of that one format is called directly: no other format's parser sees the bytes,
    and the size is held against :data:`MAX_PIXELS` here instead of Pillow's process-wide limit.

    Returns
    -------
    image : lazy, not decoded
    notes : what Pillow warned about
    """
    with _WARNINGS, warnings.catch_warnings(record=True) as caught, decoding(path):
        warnings.simplefilter("always")
        image = _factory(kind)(stream, str(path))
    check_size(path, *image.size)
    return image, [" ".join(str(w.message).split()) for w in caught]


def _factory(kind: str) -> Callable[[IO[bytes], str], Image.Image]:
    if kind == "JPEG":
        from PIL.JpegImagePlugin import jpeg_factory

        return jpeg_factory
    if kind == "PNG":
        from PIL.PngImagePlugin import PngImageFile

        return PngImageFile
    if kind == "TIFF":
        from PIL.TiffImagePlugin import TiffImageFile

        return TiffImageFile
    from PIL.WebPImagePlugin import WebPImageFile

    return WebPImageFile

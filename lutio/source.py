"""Bytes of a LUT file, taken in carefully: sized before they are read, and known for what they are."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from gradewright.core.errors import LutFileError

MAX_BYTES = 64 * 2**20
PROCESS_LIST = re.compile(rb"<(?:[A-Za-z][\w.-]*:)?ProcessList\b")  # CLF allows a namespace prefix
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a RIFF file (WebP, WAV or AVI)"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"%PDF", "a PDF document"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"ocio_profile_version", "an OpenColorIO config"),
    (b"SPILUT", "an SPI 3D LUT"),
    (b"CSPLUTV100", "a Cinespace LUT"),
    (b"3DMESH", "a .3dl LUT"),
    (b"{", "JSON text"),
)


def load(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The content of a regular file of 1..``limit`` bytes.

    Raises
    ------
    LutFileError : missing, a folder, not a file, unreadable, empty or too large; nothing is
        read of a file that is too large
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise LutFileError(path, "is a folder", "name a LUT file")
        if not stat.S_ISREG(status.st_mode):
            raise LutFileError(path, "is not a regular file", "name a LUT file")
        if status.st_size > limit:
            size = status.st_size / 2**20
            raise LutFileError(path, f"is {size:,.0f} MB", f"LUT files of up to {limit >> 20} MB are read")
        with path.open("rb") as stream:
            data = stream.read(status.st_size)
    except OSError as error:
        raise LutFileError(path, f"cannot be read ({error.strerror or error})") from error
    except ValueError as error:  # a NUL byte in the name
        raise LutFileError(repr(str(path)), f"is not a file name ({error})") from error
    if not data.strip():
        raise LutFileError(path, "is empty", "a LUT file holds a table of colours")
    return data


def sniff(data: bytes) -> str | None:
    """What the content is, if it is plainly something else than a text LUT; else None."""
    head = data[:4096].lstrip()
    for signature, what in _SIGNATURES:
        if data.startswith(signature) or (signature.isascii() and head.startswith(signature)):
            return what
    if head.removeprefix(b"\xef\xbb\xbf").startswith(b"<"):
        return "a CLF/CTF file (XML)" if PROCESS_LIST.search(data) else "XML or HTML text"
    return None


def refuse_other(path: Path, data: bytes, kind: str, remedy: str) -> None:
    """Refuse a file whose first bytes say that it is something else.

    Raises
    ------
    LutFileError : saying what it is, and what a ``kind`` would be
    """
    what = sniff(data)
    if what and f"a {kind} " not in what:
        raise LutFileError(path, f"is {what}, not a {kind} file", remedy)

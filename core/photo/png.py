"""PNG chunks (PNG 3rd edition, W3C 2025): what Pillow and imagecodecs do not carry over, copied whole."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from typing import IO

from .icc import MAX_BYTES as MAX_PROFILE
from .model import Chunk

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_XMP = b"XML:com.adobe.xmp\0"
_KEPT = {b"tEXt", b"zTXt", b"iTXt", b"tIME", b"gAMA", b"cHRM", b"sRGB", b"cICP", b"sPLT"}
_COLOUR = {b"gAMA", b"cHRM", b"sRGB", b"cICP"}
_READ = _KEPT | {b"IHDR", b"iCCP", b"eXIf", b"pHYs", b"tRNS"}
_LONGEST = 16 << 20
_MOST = 64 << 20


def read_chunks(stream: IO[bytes]) -> tuple[list[Chunk], list[str]]:
    """The header and the ancillary chunks worth keeping, up to the end of the file.

    Returns
    -------
    chunks : IHDR first; chunks that fail their checksum or exceed the caps are left out
    notes : what was left out

    Raises
    ------
    ValueError : no IHDR, or a chunk longer than the file
    """
    stream.seek(0, 2)
    end = stream.tell()
    stream.seek(len(_SIGNATURE))
    chunks: list[Chunk] = []
    notes: list[str] = []
    total = 0
    while (at := stream.tell()) + 12 <= end:
        length, name = struct.unpack(">L4s", stream.read(8))
        if at + 12 + length > end:
            raise ValueError(f"truncated: chunk {name.decode('latin-1')!r} is longer than the file")
        if name not in _READ:
            stream.seek(length + 4, 1)
        elif length > _LONGEST or total + length > _MOST:
            notes.append(f"metadata chunk {name.decode()} of {length} bytes is not kept")
            stream.seek(length + 4, 1)
        else:
            data, checksum = stream.read(length), stream.read(4)
            total += length
            if zlib.crc32(name + data) == int.from_bytes(checksum, "big"):
                chunks.append((name, data))
            elif name == b"IHDR":
                raise ValueError("the header fails its checksum")
            else:
                notes.append(f"damaged metadata chunk {name.decode()} is not kept")
        if name == b"IEND":
            break
    if not chunks or chunks[0][0] != b"IHDR" or len(chunks[0][1]) != 13:
        raise ValueError("no IHDR chunk at the start")
    return chunks, notes


def header(chunks: Iterable[Chunk]) -> tuple[int, int, int, int]:
    """Width, height, bits a sample and colour type."""
    width, height, bits, colour = struct.unpack(">LLBB", first(chunks, b"IHDR")[:10])
    return width, height, bits, colour


def first(chunks: Iterable[Chunk], name: bytes) -> bytes:
    """Data of the first chunk of a type; empty when there is none."""
    return next((data for kind, data in chunks if kind == name), b"")


def profile(chunks: Iterable[Chunk]) -> bytes:
    """The embedded ICC profile. A damaged or oversized one comes back as bytes that no reader accepts."""
    data = first(chunks, b"iCCP")
    if not data:
        return b""
    _, _, packed = data.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(packed[1:], MAX_PROFILE + 1) or b"damaged"
    except zlib.error:
        return b"damaged"


def xmp(chunks: Iterable[Chunk]) -> bytes:
    """The XMP packet of an uncompressed iTXt chunk."""
    for name, data in chunks:
        if name == b"iTXt" and data.startswith(_XMP + b"\0"):
            return data[len(_XMP) + 2 :].split(b"\0", 2)[-1]
    return b""


def dpi(chunks: Iterable[Chunk]) -> tuple[float, float] | None:
    """Pixels per inch from pHYs."""
    data = first(chunks, b"pHYs")
    if len(data) != 9 or data[8] != 1:
        return None
    x, y = struct.unpack(">LL", data[:8])
    return x * 0.0254, y * 0.0254


def carried(chunks: Iterable[Chunk]) -> tuple[Chunk, ...]:
    """The chunks that go over as they are: text, time, gamma; XMP travels on its own."""
    return tuple(
        (name, data)
        for name, data in chunks
        if name in _KEPT and not (name == b"iTXt" and data.startswith(_XMP + b"\0"))
    )


def compose(
    carried_chunks: Iterable[Chunk],
    icc: bytes,
    exif: bytes,
    xmp_packet: bytes,
    dpi_xy: tuple[float, float] | None,
) -> list[Chunk]:
    """The ancillary chunks of a new file. Gamma chunks that would contradict a profile are left out."""
    chunks = [c for c in carried_chunks if not (icc and c[0] in _COLOUR)]
    if icc:
        chunks.insert(0, (b"iCCP", b"ICC profile\0\0" + zlib.compress(icc)))
    if dpi_xy:
        x, y = (min(round(v / 0.0254), 2**31 - 1) for v in dpi_xy)
        chunks.append((b"pHYs", struct.pack(">LLB", x, y, 1)))
    if exif:
        chunks.append((b"eXIf", exif))
    if xmp_packet:
        chunks.append((b"iTXt", _XMP + b"\0\0\0\0" + xmp_packet))
    return chunks


def splice(encoded: bytes, chunks: Iterable[Chunk]) -> list[bytes]:
    """An encoded PNG with chunks put in after its header, as pieces to be written in order."""
    after_header = len(_SIGNATURE) + 25
    packed = [
        struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))
        for name, data in chunks
    ]
    return [encoded[:after_header], *packed, encoded[after_header:]]

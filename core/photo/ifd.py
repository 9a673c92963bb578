"""TIFF directories (EXIF is one too), read and rebuilt byte for byte.

Values are kept as raw bytes in their own byte order, so every type survives and nothing is
interpreted that need not be. TIFF 6.0 section 2; EXIF 2.32 section 4.6.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

ORIENTATION, ICC, XMP = 274, 34675, 700
X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 282, 283, 296
BITS, PHOTOMETRIC, SAMPLE_FORMAT = 258, 262, 339
_POINTERS = {34665, 34853, 40965}  # EXIF, GPS, Interoperability
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_MOST_BYTES = 64 << 20
# Tags that describe how the pixels are stored, point into the old file, or hold other renderings
# of it (Photoshop's layers): wrong in a new file. Profile and XMP travel on their own.
_STRUCTURAL = {254, 255, 273, 284, 301, 317, 320, 330, ICC, XMP, 37724, 50341}.union(
    *(range(*r) for r in ((256, 267), (277, 282), (288, 294), (322, 326), (332, 348), (512, 533)))
)


class Bytes(Protocol):
    """Bytes or a memory-mapped file."""

    def __getitem__(self, where: slice, /) -> bytes: ...
    def __len__(self) -> int: ...


@dataclass(frozen=True)
class Entry:
    """One tag: TIFF type, number of values, and the raw bytes or the sub-directory it points to."""

    tag: int
    kind: int
    count: int
    value: bytes | tuple[Entry, ...]


Directory = tuple[Entry, ...]


def byte_order(data: Bytes) -> str:
    """``"<"`` or ``">"`` of a classic TIFF block.

    Raises
    ------
    ValueError : not a classic TIFF header
    """
    orders = {b"II*\0": "<", b"MM\0*": ">"}
    head = bytes(data[0:4])
    if head not in orders:
        raise ValueError("no TIFF header")
    return orders[head]


def parse(data: Bytes) -> tuple[str, Directory]:
    """The byte order and the first directory of a TIFF-structured block.

    Raises
    ------
    ValueError : the block is not TIFF-structured, or a value lies outside it
    """
    order = byte_order(data)
    return order, _read(data, _unpack(data, order + "L", 4)[0], order, 0)


def _unpack(data: Bytes, form: str, offset: int) -> tuple[int, ...]:
    size = struct.calcsize(form)
    if offset + size > len(data):
        raise ValueError(f"offset {offset} lies outside the block")
    return struct.unpack(form, data[offset : offset + size])


def _read(data: Bytes, offset: int, order: str, depth: int) -> Directory:
    (count,) = _unpack(data, order + "H", offset)
    entries, total = [], 0
    for index in range(count):
        at = offset + 2 + 12 * index
        tag, kind, number, where = _unpack(data, order + "HHLL", at)
        if kind not in _SIZES:
            continue  # TIFF 6.0: readers skip types they do not know
        size = _SIZES[kind] * number
        start = at + 8 if size <= 4 else where
        total += size
        if start + size > len(data) or total > _MOST_BYTES:
            raise ValueError(f"tag {tag} lies outside the block")
        if tag in _POINTERS and kind in (4, 13) and number == 1:
            if depth < 2:
                entries.append(Entry(tag, 4, 1, _read(data, where, order, depth + 1)))
        else:
            entries.append(Entry(tag, kind, number, bytes(data[start : start + size])))
    return tuple(entries)


def pack(directory: Iterable[Entry], order: str, offset: int) -> bytes:
    """A directory, with its values and sub-directories, for placing at ``offset`` (even)."""
    entries = sorted(directory, key=lambda entry: entry.tag)
    table = [struct.pack(order + "H", len(entries))]
    tail = b""
    end = offset + 2 + 12 * len(entries) + 4
    for entry in entries:
        here = end + len(tail)
        value = entry.value if isinstance(entry.value, bytes) else pack(entry.value, order, here)
        head = struct.pack(order + "HHL", entry.tag, entry.kind, entry.count)
        if len(value) <= 4 and isinstance(entry.value, bytes):
            table.append(head + value.ljust(4, b"\0"))
        else:
            table.append(head + struct.pack(order + "L", here))
            tail += value + b"\0" * (len(value) % 2)
    return b"".join(table) + b"\0" * 4 + tail


def build(order: str, directory: Iterable[Entry]) -> bytes:
    """A TIFF-structured block (EXIF without its prefix) holding one directory."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "L", 8)
    return head + pack(directory, order, 8)


def descriptive(directory: Directory) -> Directory:
    """Without the tags that describe the storage of the pixels."""
    return tuple(entry for entry in directory if entry.tag not in _STRUCTURAL)


def raw(directory: Directory, tag: int) -> bytes:
    """A tag's raw bytes; empty when absent."""
    for entry in directory:
        if entry.tag == tag and isinstance(entry.value, bytes):
            return entry.value
    return b""


def integers(order: str, directory: Directory, tag: int) -> tuple[int, ...]:
    """A tag's BYTE, SHORT or LONG values; empty when absent or of another type."""
    letters = {1: "B", 3: "H", 4: "L"}
    for entry in directory:
        if entry.tag == tag and entry.kind in letters and isinstance(entry.value, bytes):
            return struct.unpack(f"{order}{entry.count}{letters[entry.kind]}", entry.value)
    return ()


def orientation(exif: bytes) -> int:
    """EXIF orientation 1..8 of a TIFF-structured block; 1 when absent or unreadable."""
    try:
        order, directory = parse(exif)
        value = integers(order, directory, ORIENTATION)
    except (ValueError, struct.error):
        return 1
    return value[0] if value and 1 <= value[0] <= 8 else 1


def resolution(order: str, directory: Directory) -> tuple[float, float] | None:
    """Pixels per inch from the resolution tags; None when absent or without a unit."""
    unit = integers(order, directory, RESOLUTION_UNIT)
    per_inch = {2: 1.0, 3: 2.54}.get(unit[0] if unit else 2)
    values = []
    for tag in (X_RESOLUTION, Y_RESOLUTION):
        data = raw(directory, tag)
        numerator, denominator = struct.unpack(order + "LL", data) if len(data) == 8 else (0, 0)
        values.append(numerator / denominator if denominator else 0.0)
    return (values[0] * per_inch, values[1] * per_inch) if per_inch and all(values) else None


def without_thumbnail(exif: bytes) -> bytes:
    """EXIF whose link to the embedded thumbnail is cut: it shows the photo before the grade.

    Nothing moves, so maker notes with absolute offsets stay valid.
    """
    try:
        order = byte_order(exif)
        (start,) = _unpack(exif, order + "L", 4)
        link = start + 2 + 12 * _unpack(exif, order + "H", start)[0]
        _unpack(exif, order + "L", link)
    except ValueError:
        return exif
    return exif[:link] + b"\0" * 4 + exif[link + 4 :]

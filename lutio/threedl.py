"""The ``.3dl`` format of Lustre, Flame and Kodak's tools: integer rows, blue fastest.

The format was never written down. This follows OpenColorIO's ``FileFormat3DL.cpp``: an
optional line of more than three integers is the mesh (a 1D shaper when it is not even), rows
of three integers are the cube, and the bit depth is inferred from the largest of them. Where
a Lustre ``Mesh IN OUT`` line states the depth, it is believed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .approximated import codes, plain
from .options import checked, one_of
from .rows import parse
from .text import Text, shown

if TYPE_CHECKING:
    from gradewright.core.lut import Lut, Shaper

_KEYWORDS = re.compile(rb"(?i)3dmesh|mesh[ \t]+[0-9]+[ \t]+[0-9]+|lut[0-9]+|gamma[ \t]+[0-9.]+")
_DARKEST = 128  # a smaller maximum is some other format's floats or 7-bit codes
_OVERSHOOT = 2  # a depth is believed up to twice its range


class ThreeDL:
    """``.3dl``: 12 bit written unless told otherwise."""

    name = "3dl"
    summary = "integer cube of Lustre, Flame and Kodak tools"
    suffixes: tuple[str, ...] = (".3dl",)

    def read(self, path: Path) -> Lut:
        """The file's transform. Raises LutFileError with file, line, fault and remedy."""
        return _read(path)

    def write(self, lut: Lut, path: Path, **options: Any) -> None:
        """Write to ``path``; option ``bits`` (10, 12 or 16). Raises BadInput."""
        path.write_bytes(encode(lut, **checked(encode, options, self.name)))


def _read(path: Path) -> Lut:
    from gradewright.core.lut import MAX_SIZE, UNIT, Lut

    text = Text(path, ".3dl")
    depth, mesh, rows = _parts(text)
    size = round(len(rows) ** (1 / 3))
    if size**3 != len(rows) or not 2 <= size <= MAX_SIZE:
        near = f"{size}^3 is {size**3:,}" if 2 <= size <= MAX_SIZE else f"2^3..{MAX_SIZE}^3"
        raise text.error(
            f"{len(rows):,} rows of three", f"a cube has N^3 rows; {near}", text.line_at(len(text.data))
        )
    cube = _scaled(text, rows, depth, "cube").reshape(size, size, size, 3)  # blue fastest: [r, g, b]
    return Lut(cube, UNIT, _shaper(text, mesh))


def _parts(text: Text) -> tuple[int | None, tuple[int, list[int]] | None, NDArray[np.float64]]:
    """Stated bit depth, mesh with its line, and the rows."""
    depth, mesh, start = None, None, len(text.data)
    for line, offset, words in text.header_lines():
        split = words.split()
        if not words[:1].isalpha() and not _KEYWORDS.fullmatch(words) and len(split) <= 3:
            start = offset
            break
        if words[:1] in b"0123456789+-" and len(split) > 3:
            if mesh is not None:
                raise text.error("a second mesh line", "rows of the cube are three integers", line)
            mesh = line, [text.whole(word, line, "mesh value") for word in split]
        else:
            depth = _keyword(text, words, line) or depth
    _cut_footer(text, start)
    rows = parse(text, start)
    if not len(rows):
        raise text.error("no rows", "a .3dl file has N^3 rows of three integers")
    if re.compile(rb"[-.eE]").search(text.data, start):  # a comment, or a number that is not whole
        _check_whole(text, start)
    return depth, mesh, rows


def _keyword(text: Text, words: bytes, line: int) -> int | None:
    """Check a keyword line; the output depth if it states one."""
    first = words.split()[0]
    if first.lower() in (b"nan", b"inf", b"infinity"):
        text.number(first, line)
    if not _KEYWORDS.fullmatch(words):
        raise text.error(f"{shown(words)} is unknown", "known: 3DMESH, Mesh IN OUT, LUT8, gamma", line)
    return _stated(text, words, line) if first.lower() == b"mesh" else None


def _cut_footer(text: Text, start: int) -> None:
    """Check Lustre's lines after the rows (``LUT8``, ``gamma 1.0``) and take them off."""
    found = re.compile(rb"\n[ \t]*[A-Za-z]").search(text.data, max(start - 1, 0))
    if found:
        for line, _, words in text.lines(found.start() + 1):
            _keyword(text, words, line)
        text.data = text.data[: found.start() + 1]


def _stated(text: Text, words: bytes, line: int) -> int:
    """The output depth of a ``Mesh IN OUT`` line."""
    depth = text.whole(words.split()[2], line, "output depth")
    if depth not in (8, 10, 12, 16):
        raise text.error(f"output depth {depth} is out of range", "Mesh IN OUT has OUT 8, 10, 12 or 16", line)
    return depth


def _check_whole(text: Text, start: int) -> None:
    for line, _, words in text.lines(start):
        for word in words.split():
            text.whole(word, line, "code")


def _scaled(text: Text, values: NDArray[np.float64], depth: int | None, what: str) -> NDArray[np.float32]:
    """Integer codes as 0..1."""
    highest = values.max()
    if depth is None and highest < _DARKEST:
        raise text.error(
            f"the {what}'s largest code is {highest:.0f}",
            f"it is at least {_DARKEST} for any usual bit depth",
        )
    depth = depth or likely_depth(int(highest))
    if highest >= _OVERSHOOT * 2**depth:
        raise text.error(
            f"the {what}'s largest code {highest:.0f} is out of range", f"{depth} bits end at {2**depth - 1}"
        )
    scaled: NDArray[np.float32] = (values / (2**depth - 1)).astype(np.float32)
    return scaled


def likely_depth(highest: int) -> int:
    """The bit depth that OpenColorIO infers from the largest code: 8, 10, 12 or 16."""
    return next((depth for depth in (8, 10, 12) if highest < _OVERSHOOT * 2**depth), 16)


def _shaper(text: Text, mesh: tuple[int, list[int]] | None) -> Shaper | None:
    """The mesh as a shaper, or None when it is even to within two codes (as OpenColorIO tests)."""
    from gradewright.core.lut import Shaper

    if mesh is None:
        return None
    line, values = mesh
    if values != sorted(values):
        raise text.error("the mesh falls", "its values rise from black to white", line)
    curve = np.array(values, np.float64)
    scaled = _scaled(text, curve, None, "mesh")
    even = np.linspace(0, 2 ** likely_depth(values[-1]) - 1, len(curve))
    if (np.abs(curve - even) < 2).all():
        return None
    return Shaper(np.repeat(scaled[:, None], 3, axis=1))


def encode(lut: Lut, *, bits: int | None = None) -> bytes:
    """A LUT as ``.3dl`` text: an even 10-bit mesh line, then the rows.

    Parameters
    ----------
    lut : a shaper or a domain is baked in, values are clipped to 0..1 (with LutApproximated)
    bits : 10, 12 or 16. None takes 12, or 16 where a reader would take a dark cube's 12 bits for 10

    Raises
    ------
    BadInput : the cube is so dark that readers, who infer the depth from its largest code, would err
    """
    from gradewright.core.errors import BadInput

    one_of(bits, (None, 10, 12, 16), "bits")
    lut = plain(lut, ".3dl")
    for depth in (bits,) if bits else (12, 16):
        rows = codes(lut.table, 2**depth - 1, lut.title, ".3dl").astype(np.int64)
        if rows.max() >= _DARKEST and likely_depth(int(rows.max())) == depth:
            break
    else:
        remedy = "use bits=16 or write .cube" if bits != 16 and lut.table.max() > 0.13 else "write .cube"
        raise BadInput(
            f"the brightest output {lut.table.max():.3f} is too dark for a .3dl of {depth} bits, "
            f"whose readers infer the depth from it: {remedy}"
        )
    mesh = np.rint(np.linspace(0, 1023, lut.size)).astype(int)
    head = " ".join(map(str, mesh)) + "\n" if lut.size > 3 else ""  # three integers would be a row
    return (head + ("%d %d %d\n" * lut.size**3) % tuple(rows.reshape(-1).tolist())).encode("ascii")

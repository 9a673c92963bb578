"""Strict reader of ``.cube``.

Grammar: Adobe "Cube LUT Specification" 1.0 (``TITLE``, ``DOMAIN_MIN``, ``DOMAIN_MAX``,
``LUT_1D_SIZE`` or ``LUT_3D_SIZE``), and Blackmagic's ``Developer/LUT/README.txt``
(``LUT_1D_INPUT_RANGE``, ``LUT_3D_INPUT_RANGE``, a 1D shaper before the cube in one file).
Taken as valid beyond both: CRLF and lone CR, tabs, blank lines, comments anywhere, lower-case
keywords, a UTF-8 byte order mark, unquoted titles, ``+0.5``, ``.5``, exponents. Everything else
is refused, because a reader that guesses gives another picture than the next host's reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from gradewright.core.errors import nearest
from gradewright.core.interp import lattice
from gradewright.core.lut import MAX_SHAPER, MAX_SIZE, UNIT, Domain, Lut, Shaper

from .rows import table
from .text import MAX_LINE, Text, shown

_SIZES = ("LUT_1D_SIZE", "LUT_3D_SIZE")
_RANGES = ("LUT_1D_INPUT_RANGE", "LUT_3D_INPUT_RANGE")
_DOMAINS = ("DOMAIN_MIN", "DOMAIN_MAX")
_VIDEO = ("LUT_IN_VIDEO_RANGE", "LUT_OUT_VIDEO_RANGE")
_KEYWORDS = ("TITLE", *_SIZES, *_DOMAINS, *_RANGES, *_VIDEO)
_ADOBE_LIMIT = 256
_NARROWEST = 1e-6  # below this an input range is a mistake, and its scale overflows float32


@dataclass
class _Header:
    """What the keywords say: values, and the line each stands on."""

    text: Text
    title: str = ""
    values: dict[str, tuple[float, ...]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def size(self, keyword: str) -> int:
        return int(self.values[keyword][0]) if keyword in self.values else 0

    def promise(self) -> tuple[int, str]:
        """How many rows there must be, and why."""
        one, three = self.size("LUT_1D_SIZE"), self.size("LUT_3D_SIZE")
        parts = []
        if one:
            parts.append(f"LUT_1D_SIZE {one} needs {one:,} rows")
        if three:
            parts.append(f"LUT_3D_SIZE {three} needs {three}^3 = {three**3:,} rows")
        return one + three**3, " and ".join(parts)


def read(path: Path) -> Lut:
    """The transform of a ``.cube`` file.

    Raises
    ------
    LutFileError : ``path:line: what: what would be right``
    """
    text = Text(path, ".cube")
    header, offset = _header(text)
    _check_together(header)
    rows, because = header.promise()
    values = table(text, offset, rows, because).astype(np.float32)

    one, three = header.size("LUT_1D_SIZE"), header.size("LUT_3D_SIZE")
    shaper = Shaper(values[:one], _domain(header, "LUT_1D_INPUT_RANGE")) if one else None
    title = header.title or _title_in_comment(text)
    if not three:
        return Lut(lattice(2), shaper=shaper, title=title)
    cube = values[one:].reshape(three, three, three, 3).transpose(2, 1, 0, 3)  # the file is red fastest
    return Lut(cube, _domain(header, "LUT_3D_INPUT_RANGE"), shaper, title)


def _header(text: Text) -> tuple[_Header, int]:
    """The keywords, and where the table starts."""
    header = _Header(text)
    for line, offset, words in text.header_lines():
        keyword, _, rest = words.replace(b"\t", b" ").partition(b" ")
        if not _is_keyword(keyword):
            if not header.size("LUT_1D_SIZE") and not header.size("LUT_3D_SIZE"):
                raise text.error(
                    f"a table row {shown(words)} before any size", "write LUT_3D_SIZE before the table", line
                )
            return header, offset
        _take(header, keyword.decode("ascii").upper(), rest.strip(), line)
    return header, len(text.data)


def _is_keyword(word: bytes) -> bool:
    return bool(re.fullmatch(rb"[A-Za-z_][A-Za-z0-9_]*", word)) and not re.fullmatch(
        rb"(?i)nan|inf|infinity", word
    )


def _take(header: _Header, keyword: str, rest: bytes, line: int) -> None:
    """Check one keyword line and keep what it says."""
    text = header.text
    if keyword not in _KEYWORDS:
        hint = nearest(keyword, _KEYWORDS).removeprefix("; ")
        raise text.error(
            f"unknown keyword {shown(keyword.encode())}", hint or f"known are {', '.join(_KEYWORDS)}", line
        )
    if keyword in header.lines:
        raise text.error(f"{keyword} for the second time", f"line {header.lines[keyword]} has it", line)
    if keyword in _VIDEO:
        raise text.error(
            f"{keyword} is not supported", "export the LUT for full (data) range, without this keyword", line
        )
    header.lines[keyword] = line
    if keyword == "TITLE":
        header.title = _title(rest)
    elif keyword in _SIZES:
        header.values[keyword] = (_size(text, keyword, rest, line),)
    else:
        header.values[keyword] = _numbers(text, keyword, rest, line)


def _title(rest: bytes) -> str:
    """The title without its quotes and without control characters; unquoted ones are taken as they are."""
    try:
        title = rest.decode("utf-8")
    except UnicodeDecodeError:
        title = rest.decode("latin-1")
    quoted = re.fullmatch(r'"([^"]*)"?.*', title)
    return "".join(c for c in (quoted.group(1) if quoted else title) if c.isprintable()).strip()


def _title_in_comment(text: Text) -> str:
    """The title of a Resolve file, where our writer puts it (see :mod:`.cube_writer`)."""
    found = re.search(rb'^# TITLE (".*")$', text.data[:MAX_LINE], re.MULTILINE)
    return _title(found.group(1)) if found else ""


def _size(text: Text, keyword: str, rest: bytes, line: int) -> int:
    words = rest.split()
    if len(words) != 1:
        raise text.error(f"{keyword} with {len(words)} values", "it has one, the entries an edge", line)
    size = text.whole(words[0], line, keyword)
    limit = MAX_SHAPER if keyword == "LUT_1D_SIZE" else MAX_SIZE
    if 2 <= size <= limit:
        return size
    if keyword == "LUT_3D_SIZE" and limit < size <= _ADOBE_LIMIT:
        remedy = f"resample it to {limit} or less (valid .cube, but OpenColorIO and hosts stop at {limit})"
        raise text.error(f"{keyword} {size} is larger than can be used", remedy, line)
    raise text.error(f"{keyword} {size} is out of range", f"2..{limit}", line)


def _numbers(text: Text, keyword: str, rest: bytes, line: int) -> tuple[float, ...]:
    count = 2 if keyword in _RANGES else 3
    words = rest.split()
    values = tuple(text.number(word, line) for word in words)
    if len(words) != count:
        kind = "two numbers: lowest highest" if count == 2 else "three numbers: red green blue"
        raise text.error(f"{keyword} with {len(words)} values", f"it has {kind}", line)
    if count == 2 and values[1] - values[0] < _NARROWEST:
        raise text.error(
            f"{keyword} {values[0]:g} {values[1]:g} is empty or swapped", "the lower number first", line
        )
    return values


def _check_together(header: _Header) -> None:
    """Faults of the header as a whole."""
    text, lines = header.text, header.lines
    if not header.size("LUT_1D_SIZE") and not header.size("LUT_3D_SIZE"):
        raise text.error("no LUT_3D_SIZE or LUT_1D_SIZE", "a .cube file says its size before the table")
    domain = next((k for k in _DOMAINS if k in lines), None)
    for size, span in zip(_SIZES, _RANGES, strict=True):
        if span in lines and not header.size(size):
            raise text.error(f"{span} without {size}", f"write {size}, or leave {span} out", lines[span])
        if span in lines and domain:
            raise text.error(
                f"both {domain} and {span}", "use one of the two dialects", max(lines[span], lines[domain])
            )
    if domain and all(header.size(size) for size in _SIZES):
        remedy = "give a shaper and a cube their ranges with LUT_1D_INPUT_RANGE and LUT_3D_INPUT_RANGE"
        raise text.error(f"{domain} with two tables", remedy, lines[domain])
    low, high = _domain(header, "")
    if any(b - a < _NARROWEST for a, b in zip(low, high, strict=True)):
        line = max(lines.get(k, 0) for k in _DOMAINS)
        raise text.error("DOMAIN_MIN is not below DOMAIN_MAX", "each minimum lies below its maximum", line)


def _domain(header: _Header, span: str) -> Domain:
    """The input domain of a table, in whichever dialect the file is."""
    values = header.values
    if span in values:
        low, high = values[span]
        return (low,) * 3, (high,) * 3
    return values.get("DOMAIN_MIN", UNIT[0]), values.get("DOMAIN_MAX", UNIT[1])  # type: ignore[return-value]

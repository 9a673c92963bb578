"""The table of a text LUT: rows of three numbers, parsed at array speed and checked to the byte.

Three parsers with one grammar. :func:`_fixed` takes the form nearly every writer emits,
:func:`_general` every other valid table, and :func:`_careful` goes line by line: it finds the
line that is wrong, and decides when the fast ones are in doubt.
"""

from __future__ import annotations

import re
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from .text import MAX_LINE, Text, shown

_BLANK, _WORD, _NEWLINE, _FOREIGN = 0, 1, 2, 3


def _byte_classes() -> bytes:
    classes = bytearray([_FOREIGN]) * 256
    for character in b"0123456789+-.eE":
        classes[character] = _WORD
    classes[ord(" ")] = classes[ord("\t")] = _BLANK
    classes[ord("\n")] = _NEWLINE
    return bytes(classes)


_CLASSES = _byte_classes()


def table(text: Text, offset: int, expected: int, because: str) -> NDArray[np.float64]:
    """The rows from ``offset`` to the end of the file.

    Parameters
    ----------
    expected : number of rows the header promises. Nothing of that size is allocated before
        the file is known to be long enough
    because : the promise in words, ``"LUT_3D_SIZE 2 needs 2^3 = 8 rows"``

    Returns
    -------
    (expected, 3) float64, finite in float32

    Raises
    ------
    LutFileError : naming the line and the fault
    """
    longest_possible = (len(text.data) - offset + 1) // len("0 0 0\n")
    if expected > longest_possible:
        found = sum(1 for _ in text.lines(offset))
        _missing(text, found, expected, because)
    values = parse(text, offset)
    if len(values) < expected:
        _missing(text, len(values), expected, because)
    if len(values) > expected:
        _extra(text, offset, len(values), expected, because)
    return values


def parse(text: Text, offset: int) -> NDArray[np.float64]:
    """Every row from ``offset`` on, (n, 3) float64. Raises LutFileError."""
    body = text.data[offset:]
    if b"#" in body:
        if max(map(len, body.split(b"\n"))) > MAX_LINE:
            return _careful(text, offset)
        body = re.sub(rb"#[^\n]*", b"", body)
    values = _fixed(body)
    if values is None:
        values = _general(body)
    return _careful(text, offset) if values is None else values


def _missing(text: Text, found: int, expected: int, because: str) -> NoReturn:
    last = text.line_at(len(text.data.rstrip()))
    raise text.error(f"the table ends after {found:,} of {expected:,} rows", because, last)


def _extra(text: Text, offset: int, found: int, expected: int, because: str) -> None:
    for count, (line, _, _) in enumerate(text.lines(offset)):
        if count == expected:
            raise text.error(f"{found:,} rows where {expected:,} are expected", because, line)


def _fixed(body: bytes) -> NDArray[np.float64] | None:
    """Rows of ``0.123456 0.123456 0.123456\\n`` with any one number of decimals, or None.

    Digits are gathered as exact integers and divided once by a power of ten, which rounds
    like a correct ``strtod`` (both are exact below 2^53).
    """
    width, rest = divmod(body.find(b"\n") + 1, 3)
    decimals = width - 3
    if rest or not 1 <= decimals <= 14 or len(body) % (3 * width):
        return None
    cells = np.frombuffer(body, np.uint8).reshape(-1, 3, width)
    ends = (cells[:, :, -1] == np.array([32, 32, 10], np.uint8)).all()
    if not ends or not (cells[:, :, 1] == ord(".")).all():
        return None
    columns = [0, *range(2, width - 1)]
    total = np.zeros(cells.shape[:2], np.float64)
    for column in columns:
        digit = cells[:, :, column] - np.uint8(48)  # wraps around below "0"
        if digit.max() > 9:
            return None
        total *= 10
        total += digit
    return total / 10.0**decimals


def _general(body: bytes) -> NDArray[np.float64] | None:
    """Any table of three decimal numbers a line, or None when in doubt."""
    if not body.endswith(b"\n"):
        body += b"\n"
    classes = np.frombuffer(b"\0" + body.translate(_CLASSES), np.uint8)
    if classes.max() == _FOREIGN:
        return None
    words = classes == _WORD
    starts = np.flatnonzero(words[1:] & ~words[:-1])
    newlines = np.flatnonzero(classes[1:] == _NEWLINE)
    if len(starts) % 3 or not len(starts) or np.diff(newlines, prepend=-1).max() > MAX_LINE:
        return None
    row = np.searchsorted(newlines, starts) if len(newlines) * 3 != len(starts) else None
    if not _three_a_line(starts.reshape(-1, 3), newlines, row):
        return None
    values = _strtod(body)
    if values is None or len(values) != len(starts):
        return None  # a word that is no number, or two that touch: 1-2, 1.5.5
    with np.errstate(over="ignore"):
        finite = np.isfinite(values.astype(np.float32)).all()
    return values.reshape(-1, 3) if finite else None


def _three_a_line(
    starts: NDArray[np.int64], newlines: NDArray[np.int64], row: NDArray[np.int64] | None
) -> bool:
    """Whether words 3k..3k+2 share a line that no other word is on."""
    if row is None:  # as many newlines as rows: every gap between rows holds exactly one
        inside = starts[:, 2] < newlines
        return bool(inside.all() and (newlines[:-1] < starts[1:, 0]).all())
    row = row.reshape(-1, 3)
    return bool((row[:, 0] == row[:, 2]).all() and (row[:-1, 2] < row[1:, 0]).all())


def _strtod(body: bytes) -> NDArray[np.float64] | None:
    """As many numbers as can be read, or None: numpy stops early with a warning (a later one will raise).

    The warning is not silenced, since ``catch_warnings`` is not safe between threads; it is one
    that Python does not show, and whoever makes warnings errors gets None here.
    """
    try:
        return np.fromstring(body.decode("ascii"), np.float64, sep=" ")
    except (DeprecationWarning, ValueError):
        return None


def _careful(text: Text, offset: int) -> NDArray[np.float64]:
    """Line by line: the values, or the first line that is wrong."""
    values: list[list[float]] = []
    for line, _, words in text.lines(offset):
        found = [text.number(word, line) for word in _split(text, words, line)]
        values.append(found)
    return np.array(values, np.float64).reshape(-1, 3)


def _split(text: Text, words: bytes, line: int) -> list[bytes]:
    split = re.split(rb"[ \t]+", words)
    if re.fullmatch(rb"[A-Za-z]\w*", split[0]) and split[0].lower() not in (b"nan", b"inf", b"infinity"):
        raise text.error(f"{shown(split[0])} inside the table", "keywords stand before the table", line)
    if len(split) != 3:
        for word in split:
            text.number(word, line)  # "0,1,2" has one column, but commas are what is wrong with it
        raise text.error(f"{len(split)} columns", "a row is three numbers: red green blue", line)
    return split

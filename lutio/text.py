"""Text LUT files as lines with numbers, whatever the line ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from gradewright.core.errors import LutFileError

from . import source

MAX_LINE = 4096
MAX_HEADER_LINES = 10_000
_NUMBER = re.compile(rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_MAX_FLOAT32 = 3.4028234663852886e38


class Text:
    """A text file, LF only, without a byte order mark.

    Parameters
    ----------
    path : file to read
    kind : ``".cube"``, for messages

    Raises
    ------
    LutFileError : see :func:`source.load`; or the file is binary, UTF-16, or something else
    """

    def __init__(self, path: Path, kind: str) -> None:
        self.path, self.kind = path, kind
        data = source.load(path)
        remedy = f"a {kind} file is plain ASCII or UTF-8 text"
        source.refuse_other(path, data, kind, remedy)
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        self.data = data.removeprefix(b"\xef\xbb\xbf")
        nul = self.data.find(b"\0")
        if nul >= 0:
            raise self.error("a NUL byte: binary data or UTF-16 text", remedy, self.line_at(nul))

    def error(self, what: str, remedy: str = "", line: int | None = None) -> LutFileError:
        """The error that refuses the file, to raise."""
        return LutFileError(self.path, what, remedy, line)

    def line_at(self, offset: int) -> int:
        """The 1-based number of the line that holds a byte."""
        return self.data.count(b"\n", 0, offset) + 1

    def lines(self, offset: int = 0) -> Iterator[tuple[int, int, bytes]]:
        """(line number, offset, words without the comment) of every line that says something."""
        number = self.line_at(offset)
        while offset < len(self.data):
            end = self.data.find(b"\n", offset)
            end = len(self.data) if end < 0 else end
            if end - offset > MAX_LINE:
                raise self.error(f"a line of {end - offset:,} bytes", f"lines have up to {MAX_LINE}", number)
            words = self.data[offset:end].strip(b" \t")
            if words[:5].upper() != b"TITLE":  # a title may hold "#5"
                words = words.partition(b"#")[0].rstrip(b" \t")
            if words:
                yield number, offset, words
            offset, number = end + 1, number + 1

    def header_lines(self) -> Iterator[tuple[int, int, bytes]]:
        """:meth:`lines`, of which there may be only so many before the table."""
        for number, offset, words in self.lines():
            if number > MAX_HEADER_LINES:
                raise self.error("no table in sight", f"it starts within {MAX_HEADER_LINES} lines", number)
            yield number, offset, words

    def number(self, word: bytes, line: int) -> float:
        """One finite decimal number.

        Raises
        ------
        LutFileError : saying what is wrong with it, and what would be right
        """
        if _NUMBER.fullmatch(word):
            value = float(word)
            if abs(value) <= _MAX_FLOAT32:
                return value
            raise self.error(f"{shown(word)} is too large", "numbers fit in a 32-bit float", line)
        raise self.error(*_fault(word), line)

    def whole(self, word: bytes, line: int, what: str) -> int:
        """One whole number from 0 on. Raises LutFileError."""
        if re.fullmatch(rb"\+?0*[0-9]{1,40}", word):
            return int(word)
        value = self.number(word, line)
        if value < 0:
            raise self.error(f"{what} {shown(word)} is negative", "it is a whole number above 0", line)
        if value != int(value) or b"." in word or b"e" in word.lower():
            raise self.error(
                f"{what} {shown(word)} is not a whole number", "write it without a point or exponent", line
            )
        raise self.error(
            f"{what} {shown(word)} is out of any range", "it is a whole number of reasonable length", line
        )


def shown(word: bytes) -> str:
    """A word of the file for a one-line message: quoted, ASCII, at most about 40 characters."""
    short = word if len(word) <= 40 else word[:37] + b"..."
    return ascii(short.decode("utf-8", "replace"))


def _fault(word: bytes) -> tuple[str, str]:
    """What is wrong with a word that is not a number, and what would be right."""
    quoted, lowered = shown(word), word.lower()
    if not word.isascii():
        return f"{quoted} is not ASCII", "write numbers with the digits 0-9"
    if b"," in word:
        return f"decimal comma or comma between numbers in {quoted}", "write 0.5, with spaces between numbers"
    if lowered.lstrip(b"+-").startswith((b"nan", b"inf", b"1.#")):
        return f"{quoted} is not a finite number", "a LUT needs a number for every colour"
    if lowered.lstrip(b"+-").startswith(b"0x"):
        return f"{quoted} is a hexadecimal number", "write it in decimal"
    if b"_" in word:
        return f"underscore in {quoted}", "write the digits without separators"
    return f"{quoted} is not a number", "rows are three decimal numbers"

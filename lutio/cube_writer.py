"""Writer of ``.cube`` files that are valid in every dialect.

``TITLE``, ``LUT_3D_SIZE``, data; LF; no domain line for 0..1. Only an input range that is not
0..1 needs a dialect: Adobe's ``DOMAIN_MIN``/``DOMAIN_MAX``, or Resolve's ``LUT_xD_INPUT_RANGE``.
A file that only Resolve's dialect can hold has its title in a comment, because OpenColorIO's
reader of that dialect refuses ``TITLE``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from gradewright.core.errors import BadInput
from gradewright.core.lut import UNIT, Domain

from .options import one_of

if TYPE_CHECKING:
    from gradewright.core.lut import Lut

_TITLE_LENGTH = 60
_COMMENT_LENGTH = 240  # Adobe allows lines of 250 bytes


def encode(lut: Lut, *, decimals: int = 6, dialect: str | None = None, comments: Sequence[str] = ()) -> bytes:
    """A LUT as ``.cube`` text. The same LUT always gives the same bytes.

    Parameters
    ----------
    lut : any; 1D LUTs (``Lut.is_1d``) become 1D files
    decimals : 4..9 digits after the point; 6 keeps values to 5e-7
    dialect : ``"adobe"`` or ``"resolve"``, which matters only for input ranges that are not
        0..1; None takes Resolve's for a shaper with a cube and Adobe's otherwise
    comments : lines of provenance, put at the top

    Raises
    ------
    BadInput : an option is out of range, or the dialect cannot hold the LUT's input range
    """
    one_of(decimals, tuple(range(4, 10)), "decimals")
    both = lut.shaper is not None and not lut.is_1d
    dialect = one_of(dialect or ("resolve" if both else "adobe"), ("adobe", "resolve"), "dialect")
    if both and dialect == "adobe":
        raise BadInput("the adobe dialect of .cube holds no shaper with a cube: use dialect='resolve'")

    head = [f"# {line}" for comment in comments for line in _comment_lines(comment)]
    title = f'TITLE "{_ascii(lut.title)[:_TITLE_LENGTH].strip()}"'
    start, tables = len(head), []
    if lut.shaper is not None:
        head += [f"LUT_1D_SIZE {len(lut.shaper.table)}", *_range_lines(lut.shaper.domain, dialect, 1)]
        tables.append(lut.shaper.table)
    if not lut.is_1d:
        head += [f"LUT_3D_SIZE {lut.size}", *_range_lines(lut.domain, dialect, 3)]
        tables.append(lut.table.transpose(2, 1, 0, 3))  # red fastest
    head.insert(start, f"# {title}" if both or "_INPUT_RANGE " in "".join(head[start:]) else title)
    return "\n".join([*head, ""]).encode("ascii") + b"".join(digits(table, decimals) for table in tables)


def digits(table: np.ndarray, decimals: int) -> bytes:
    """(..., 3) finite numbers as text rows."""
    values = np.ascontiguousarray(table, np.float64).reshape(-1)
    steps = np.rint(values * 10.0**decimals)
    steps += 0.0  # -0 becomes 0
    if steps.min() < 0 or steps.max() >= 10.0 ** (decimals + 1):
        row = " ".join([f"%.{decimals}f"] * 3) + "\n"
        return ((row * (len(values) // 3)) % tuple((values + 0.0).tolist())).encode("ascii")
    text = np.full((len(values), decimals + 3), ord(" "), np.uint8)
    text[2::3, -1] = ord("\n")
    text[:, 1] = ord(".")
    rest = steps.astype(np.uint64 if decimals > 8 else np.uint32)
    for column in range(decimals + 1, 1, -1):
        rest, digit = np.divmod(rest, 10)
        text[:, column] = digit + ord("0")
    text[:, 0] = rest + ord("0")
    return text.tobytes()


def _range_lines(domain: Domain, dialect: str, dimensions: int) -> list[str]:
    """The input range in the dialect's keywords; nothing for 0..1."""
    if domain == UNIT:
        return []
    low, high = domain
    if dialect == "adobe":
        return [f"DOMAIN_MIN {_triple(low)}", f"DOMAIN_MAX {_triple(high)}"]
    if len(set(low)) > 1 or len(set(high)) > 1:
        raise BadInput(
            f"the resolve dialect of .cube has one input range for all channels, not {domain}: "
            "write .clf, or flatten the LUT"
        )
    return [f"LUT_{dimensions}D_INPUT_RANGE {low[0]!r} {high[0]!r}"]


def _triple(values: tuple[float, float, float]) -> str:
    return " ".join(repr(v) for v in values)


def _comment_lines(comment: str) -> list[str]:
    return [_ascii(line)[:_COMMENT_LENGTH] for line in comment.splitlines()]


def _ascii(text: str) -> str:
    """Printable ASCII without double quotes; accents go, typographic dashes and quotes are spelt plainly."""
    plain = unicodedata.normalize("NFKD", text.translate({0x2013: "-", 0x2014: "-", 0x2019: "'", 0x22: "'"}))
    spaced = re.sub(r"\s+", " ", plain)
    return "".join(c for c in spaced if " " <= c <= "~").strip()

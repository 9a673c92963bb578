"""Blackmagic's published grammar of .cube (LUT), and nothing more lenient."""

from __future__ import annotations

import re
from pathlib import Path

_KEYWORDS = re.compile(
    r'TITLE "[^"]*"|LUT_[13]D_SIZE \d+|LUT_[13]D_INPUT_RANGE \S+ \S+|LUT_(IN|OUT)_VIDEO_RANGE', re.ASCII
)
_NUMBER = r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_ROW = re.compile(rf"{_NUMBER} {_NUMBER} {_NUMBER}", re.ASCII)


def fault(path: Path) -> str:
    """What Blackmagic's text does not allow about a file; "" for a valid one."""
    try:
        lines = path.read_text(encoding="ascii").split("\n")
    except UnicodeDecodeError:
        return "not ASCII"
    sizes: dict[str, int] = {}
    rows = 0
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        if _ROW.fullmatch(line):
            rows += 1
        elif rows:
            return f"line {number}: '{line[:40]}' after the first row of data"
        elif not _KEYWORDS.fullmatch(line):
            return f"line {number}: '{line[:40]}' is no keyword of the specification"
        elif line.startswith("LUT_") and "_SIZE " in line:
            sizes[line[:6]] = int(line.rpartition(" ")[2])
    wanted = sizes.get("LUT_1D", 0) + sizes.get("LUT_3D", 0) ** 3
    if not sizes:
        return "no LUT_1D_SIZE and no LUT_3D_SIZE"
    if sizes.get("LUT_1D", 0) > 65536:
        return "a 1D table of more than 65536 entries"
    return "" if rows == wanted else f"{rows} rows of data, {wanted} announced"

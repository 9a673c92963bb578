"""Timecode arithmetic. Drop-frame codes have a semicolon (SMPTE ST 12-1)."""

import re

from .errors import ResolveError

_CODE = re.compile(r"^(\d\d):(\d\d):(\d\d)([:;])(\d\d\d?)$")


def shifted(code: str, frames: int, rate: str) -> str:
    """A timecode some frames later.

    Parameters
    ----------
    code : "01:00:00:00", or "01:00:00;00" for drop-frame
    frames : may be negative
    rate : Resolve's ``timelineFrameRate``, as "24", "23.976", "29.97" or "29.97 DF"

    Raises
    ------
    ResolveError : either cannot be read
    """
    found = _CODE.match(code)
    number = re.match(r"^\d+(\.\d+)?", rate)
    if not found or not number or float(number.group()) < 1:
        raise ResolveError("the timecode '%s' at %s frames a second cannot be read" % (code, rate))
    fps = round(float(number.group()))
    drop = found.group(4) == ";"
    hours, minutes, seconds, rest = (int(found.group(part)) for part in (1, 2, 3, 5))
    total = ((hours * 60 + minutes) * 60 + seconds) * fps + rest
    if drop:
        total -= _dropped(fps) * (60 * hours + minutes - (60 * hours + minutes) // 10)
    return _written(total + frames, fps, drop)


def _dropped(fps: int) -> int:
    """Frame numbers left out each minute but every tenth: 2 at 29.97, 4 at 59.94."""
    return fps // 15


def _written(total: int, fps: int, drop: bool) -> str:
    if drop:
        skip = _dropped(fps)
        tens, rest = divmod(total, fps * 600 - 9 * skip)
        total += 9 * skip * tens
        if rest >= skip:
            total += skip * ((rest - skip) // (fps * 60 - skip))
    seconds, rest = divmod(total, fps)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return "%02d:%02d:%02d%s%02d" % (hours, minutes, seconds, ";" if drop else ":", rest)

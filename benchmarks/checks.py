"""The small language in which prompt files say what must have happened to the photo.

    warm up          above the margin of that figure        warm up 4      above 4
    warm down        below it                               sat down 20    below -20
    contrast flat    about unchanged                        sat flat 5     within +-5
    black not down   not clearly lower                      clip not up
    change < 5       change > 2       ev 0.4..1.1           plain bounds
    shadows is teal  greys of that zone took on that hue (zones: tint, shadows, mids, highlights)
    tint not green   they did not
    warm below "make it warm"     moved less than for that prompt; "above": moved more
    A or B           either

Figures are those of :mod:`measures`, as means over the photos.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from measures import PATCHES, ZONES, Figures

# figure -> (what counts as moved, what still counts as unchanged); CIELAB units or per cent
MARGINS = {
    "light": (1.0, 3.0),
    "shadows": (1.0, 3.0),
    "mids": (1.0, 3.0),
    "highlights": (1.0, 3.0),
    "contrast": (3.0, 8.0),
    "black": (0.7, 2.5),
    "white": (0.7, 2.5),
    "sat": (4.0, 10.0),
    "warm": (1.0, 2.5),
    "magenta": (0.8, 2.0),
    "clip": (0.5, 1.5),
    "ev": (0.1, 0.2),
    "hue": (3.0, 8.0),
    "C": (1.0, 4.0),
    "L": (1.0, 4.0),
}
# CIELAB hue in degrees: from, to (through 360 where from > to); neighbours overlap as names do
HUES = {
    "red": (5, 60),
    "orange": (40, 88),
    "amber": (50, 95),
    "brown": (40, 95),
    "gold": (60, 105),
    "yellow": (75, 120),
    "olive": (85, 135),
    "green": (105, 185),
    "teal": (165, 262),
    "cyan": (175, 262),
    "blue": (210, 315),
    "purple": (285, 350),
    "magenta": (300, 20),
    "pink": (310, 45),
    "rose": (335, 55),
}
_TINTED = 1.5  # C* of greys from which one may speak of a hue
Others = Callable[[str], Figures]  # figures of another prompt

_COMPARED = re.compile(r'(?P<figure>\S+) (?P<how>below|above) "(?P<prompt>.+)"')
_RANGE = re.compile(r"(?P<figure>\S+) (?P<low>-?[\d.]+)\.\.(?P<high>-?[\d.]+)")
_BOUND = re.compile(r"(?P<figure>\S+) (?P<sign>[<>]) (?P<value>-?[\d.]+)")
_HUE = re.compile(r"(?P<zone>tint|shadows|mids|highlights) (?P<how>is|not) (?P<hue>[a-z]+)")
_MOVED = re.compile(r"(?P<figure>\S+) (?P<how>up|down|flat|not up|not down)(?: (?P<value>[\d.]+))?")


class CheckError(ValueError):
    """A check that cannot be read; the message says what and why."""


def holds(check: str, seen: Figures, others: Others) -> bool:
    """Whether one check is true of the figures.

    Raises
    ------
    CheckError : unknown words or an unknown figure
    """
    verdicts = [_holds(part.strip(), seen, others) for part in check.split(" or ")]  # all, to find bad ones
    return any(verdicts)


def _holds(check: str, seen: Figures, others: Others) -> bool:
    if found := _COMPARED.fullmatch(check):
        mine = abs(_figure(found["figure"], seen, check))
        theirs = abs(others(found["prompt"])[found["figure"]])
        return mine < 0.95 * theirs if found["how"] == "below" else mine > 1.05 * theirs
    if found := _RANGE.fullmatch(check):
        return float(found["low"]) <= _figure(found["figure"], seen, check) <= float(found["high"])
    if found := _BOUND.fullmatch(check):
        value = _figure(found["figure"], seen, check)
        return value < float(found["value"]) if found["sign"] == "<" else value > float(found["value"])
    if (found := _HUE.fullmatch(check)) and found["hue"] in HUES:
        return is_hue(seen, found["zone"], found["hue"]) == (found["how"] == "is")
    if found := _MOVED.fullmatch(check):
        return _moved(_figure(found["figure"], seen, check), *_margins(found["figure"], check), found)
    raise CheckError(f"cannot read the check '{check}'")


def _figure(name: str, seen: Figures, check: str) -> float:
    if name not in seen:
        raise CheckError(f"no figure is called '{name}' (in '{check}')")
    return seen[name]


def _margins(figure: str, check: str) -> tuple[float, float]:
    key = figure.rpartition(".")[2]
    if key not in MARGINS:
        raise CheckError(f"'{figure}' has no direction (in '{check}'): use a bound")
    return MARGINS[key]


def _moved(value: float, move: float, still: float, found: re.Match[str]) -> bool:
    given = found["value"]
    move, still = (move, still) if given is None else (float(given), float(given))
    return {
        "up": value > move,
        "down": value < -move,
        "flat": abs(value) <= still,
        "not up": value <= still,
        "not down": value >= -still,
    }[found["how"]]


def is_hue(seen: Figures, zone: str, hue: str) -> bool:
    """Whether greys of a zone took on a named hue."""
    a, b = seen[f"{zone}.magenta"], seen[f"{zone}.warm"]
    low, high = HUES[hue]
    angle = np.degrees(np.arctan2(b, a)) % 360
    inside = low <= angle <= high if low <= high else angle >= low or angle <= high
    return bool(inside and np.hypot(a, b) >= _TINTED)


def in_order(order: str, values: list[float]) -> bool:
    """Whether values of weak, plain, strong grow in the direction that ``order`` ("+warm", "-sat") says.

    Each step must be a tenth of what the strong wording reaches, or a quarter of the figure's margin.
    """
    sign = {"+": 1, "-": -1}[order[0]]
    ordered = sign * np.asarray(values)
    least = min(0.1 * abs(ordered[-1]), 0.25 * _margins(order[1:], order)[0])
    return bool((np.diff(ordered) > least).all())


def shown(check: str, seen: Figures) -> str:
    """The measured values that a check speaks of."""
    values = []
    for part in check.split(" or "):
        name = part.split()[0]
        if name in ZONES and _HUE.fullmatch(part.strip()):
            a, b = seen[f"{name}.magenta"], seen[f"{name}.warm"]
            values.append(f"{name} C*={np.hypot(a, b):.1f} h={np.degrees(np.arctan2(b, a)) % 360:.0f}")
        elif name in seen:
            values.append(f"{name}={seen[name]:.1f}")
    return ", ".join(values)


__all__ = ["HUES", "MARGINS", "PATCHES", "CheckError", "holds", "in_order", "is_hue", "shown"]

"""Safety figures in the words of a colourist."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from .limits import Limit, checked, failures
from .measure import SafetyReport

_HUES = ("red", "orange", "yellow", "green", "cyan", "blue", "purple", "magenta")
_HUE_AT = (25.0, 62.0, 98.0, 142.0, 200.0, 268.0, 308.0, 345.0)  # L*a*b* degrees of those names

_HEADLINES = {
    "overshoot": "Leaves the legal range: every host will clip it differently.",
    "neutral_reversal": "Greys turn back: brighter greys come out darker.",
    "fold": "Folds colours over: contours will invert.",
    "fold_photo": "Folds everyday colours over: contours will invert.",
    "steps": "Will show steps in {place}.",
    "roughness": "Uneven throughout: gradients will look mottled.",
    "roughness_peaks": "Uneven in places: expect blotches in strong colours.",
    "spike": "Has stray entries, up to {value:.0f} codes off their neighbours: expect sparkling dots.",
    "neutral_gain": "Will band in skies and walls: one 8-bit step of grey becomes {value:.1f}.",
    "gain": "Too steep in some colours: noise and compression blocks are amplified {value:.0f} times.",
    "skin_hue": "Breaks skin: its hue turns by {value:.0f} degrees.",
    "span": "No picture left: only {value:.0f} L* between black and white.",
    "plateau": "Usable with care: {value:.0%} of the colour cube is flattened to single colours.",
    "crushed": "Usable with care: {value:.0%} of a typical picture ends in pure black or white.",
    "tint": "Usable with care: greys become a colour of their own ({value:.0f} a*b*).",
    "tint_swing": "Usable with care: greys change colour abruptly.",
}
_PLACES = {"grey": "grey ramps", "sky": "skies", "skin": "skin", "sunset": "sunsets"}


@dataclass(frozen=True)
class Verdict:
    """A judgement to read.

    ``ok`` : within every hard limit that was not asked to be exceeded. ``headline`` : one
    sentence. ``lines`` : the particulars, a sentence or two each. ``broken`` : names of the limits
    broken, hard and reported. ``str()`` gives it all as one paragraph.
    """

    ok: bool
    headline: str
    lines: tuple[str, ...]
    broken: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join((self.headline, *self.lines))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return {
            "ok": self.ok,
            "headline": self.headline,
            "lines": list(self.lines),
            "broken": list(self.broken),
        }


def verdict(report: SafetyReport, asked: Collection[str] = frozenset()) -> Verdict:
    """Judge a report; ``asked`` as for :func:`repair`.

    Raises
    ------
    BadInput : ``asked`` names no limit
    """
    wanted = checked(asked)
    broken = failures(report, wanted)
    ok = not any(limit.hard for limit in broken)
    headline = _headline(broken[0], report) if broken else "Safe to use."
    lines = [
        *(_headline(limit, report) for limit in broken[1:]),
        _neutrals(report),
        _tint(report),
        _tone(report),
        _skin(report),
        _gradients(report),
        _clipping(report),
    ]
    excused = [limit.name.replace("_", " ") for limit in failures(report) if limit.name in wanted]
    if excused:
        lines.append(f"Beyond the usual limits because it was asked for: {', '.join(excused)}.")
    return Verdict(ok, headline, tuple(line for line in lines if line), tuple(x.name for x in broken))


def hue_name(degrees: float) -> str:
    """The name of a CIE L*a*b* hue angle."""
    distances = [abs((degrees - at + 180) % 360 - 180) for at in _HUE_AT]
    return _HUES[distances.index(min(distances))]


def _headline(limit: Limit, report: SafetyReport) -> str:
    return _HEADLINES[limit.name].format(value=limit.value(report), place=_PLACES[report.kink_gradient])


def _neutrals(report: SafetyReport) -> str:
    if report.neutral_reversal_lstar == 0:
        return "Neutrals rise steadily."
    share, depth = report.neutral_reversal_share, report.neutral_reversal_lstar
    grave = "" if depth > 0.5 else ", too little to see"
    return f"Neutrals fall by up to {depth:.1f} L* ({share:.0%} of the ramp){grave}."


def _tint(report: SafetyReport) -> str:
    parts = []
    for zone in ("shadows", "mids", "highlights"):
        a, b = getattr(report, f"tint_{zone}_ab")
        chroma = math.hypot(a, b)
        if chroma >= 1.5:
            degree = "faint" if chroma < 5 else "clear" if chroma < 15 else "strong"
            name = hue_name(math.degrees(math.atan2(b, a)))
            parts.append(f"{degree} {name} tint in the {zone} ({a:+.1f} a*, {b:+.1f} b*)")
    return f"{_capital(', '.join(parts))}." if parts else "Greys stay neutral."


def _tone(report: SafetyReport) -> str:
    contrast = report.contrast_mid
    word = "softer" if contrast < 0.9 else "steeper" if contrast > 1.1 else "about unchanged"
    ends = []
    if report.black_lstar > 2:
        ends.append(f"black is lifted to {report.black_lstar:.0f} L*")
    if report.white_lstar < 97:
        ends.append(f"white comes down to {report.white_lstar:.0f} L*")
    first = f"Mid-tone contrast is {word} (x{contrast:.2f})"
    return f"{'; '.join([first, *ends])}."


def _skin(report: SafetyReport) -> str:
    ratio, turn = report.skin_chroma_ratio, report.skin_hue_signed_degrees
    if ratio < 0.15:
        return "Skin loses its colour (black and white)."
    worst, mean = report.skin_hue_max_degrees, report.skin_hue_mean_degrees
    if mean < 1.5:
        first = "Skin keeps its hue"
    elif abs(turn) < 0.6 * mean:
        first = f"Skin hue moves {mean:.0f} degrees, both ways (at most {worst:.0f})"
    else:
        towards = "yellow" if turn > 0 else "red and magenta"
        if abs(turn) > 60:
            towards = "green" if turn > 0 else "blue"
        first = f"Skin hue moves {mean:.0f} degrees towards {towards} (at most {worst:.0f})"
    if 0.9 <= ratio <= 1.1:
        return f"{first}."
    return f"{first} and {'gains' if ratio > 1 else 'loses'} {abs(ratio - 1):.0%} chroma."


def _gradients(report: SafetyReport) -> str:
    gain = report.neutral_gain_max_codes
    kink = report.gradient_kink_codes
    if kink < 6 and gain < 3:
        start = "Gradients stay smooth"
    elif kink < 12:
        start = f"Gradients bend a little in {_PLACES[report.kink_gradient]}"
    else:
        start = f"Gradients bend hard in {_PLACES[report.kink_gradient]}"
    folded = f"; {report.fold_share:.1%} of colour space folds over" if report.fold_share >= 0.005 else ""
    return f"{start}: one 8-bit step of grey becomes at most {gain:.1f}{folded}."


def _clipping(report: SafetyReport) -> str:
    if report.clip_photo_share < 0.01:
        return "Hardly anything clips."
    pure = report.crushed_photo_share
    crushed = f", {pure:.0%} to pure black or white" if pure >= 0.01 else ""
    return f"{report.clip_photo_share:.0%} of picture colours clip in a channel{crushed}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

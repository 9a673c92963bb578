"""What a Resolve project's colour settings mean: what a node works in, and what an exported frame shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gradewright.core.errors import BadInput
from gradewright.core.space import Space, find, for_resolve

Science = Literal["YRGB", "RCM", "ACES"]

_MODES: dict[str, Science] = {
    "davinciYRGB": "YRGB",
    "davinciYRGBColorManaged": "RCM",
    "davinciYRGBColorManagedv2": "RCM",
    "acescc": "ACES",
    "acescct": "ACES",
}
# Mean CIEDE2000 between Resolve's frame and our render above which we warn. Around a managed node stand
# conversions that only Resolve knows exactly.
_TOLERANCE: dict[Science, float] = {"YRGB": 1.0, "RCM": 3.0, "ACES": 3.0}
_LOG_WORDS = ("log", "s-log", "logc", "v-log", "c-log", "film")


@dataclass(frozen=True)
class Situation:
    """Where a look goes.

    Parameters
    ----------
    science : DaVinci YRGB (unmanaged), Resolve Color Management, or ACES
    lut : what a LUT on a node takes and gives
    cdl : what a CDL on a node takes and gives: ACES projects hand LUTs other values than primaries
    frame : what an exported frame holds; None when it cannot be told
    tolerance : mean CIEDE2000 against our own render above which to warn
    notes : what the user must know
    """

    science: Science
    lut: Space
    cdl: Space
    frame: Space | None
    tolerance: float
    notes: tuple[str, ...] = ()


def understand(
    settings: Mapping[str, str], hints: Mapping[str, str] | None = None, override: str | None = None
) -> Situation:
    """The situation of a timeline.

    Parameters
    ----------
    settings : as :mod:`gradewright.hosts.resolve.inside.settings` reads them
    hints : what the clip's metadata says about its encoding
    override : the space of the footage, where the user knows it better (an unmanaged timeline cannot say)

    Raises
    ------
    BadInput : a colour science or space that is not known, with those that are
    """
    mode = settings.get("colorScienceMode", "")
    if mode not in _MODES:
        raise BadInput(f"the colour science '{mode}' is not known; these are: {', '.join(_MODES)}")
    science = _MODES[mode]
    if science == "ACES":
        return _aces(mode, settings, override)
    timeline = find(override) if override else _space(settings, "colorSpaceTimeline")
    tolerance = _TOLERANCE[science]
    if science == "RCM":
        frame, notes = _output(settings, timeline)
        return Situation(science, timeline, timeline, frame, tolerance, notes)
    warned = () if override else _footage_notes(timeline, hints or {})
    return Situation(science, timeline, timeline, timeline, tolerance, warned)


def _space(settings: Mapping[str, str], key: str) -> Space:
    separate = settings.get("separateColorSpaceAndGamma") == "1"
    gamut, gamma = settings.get(key, ""), settings.get(f"{key}Gamma", "") if separate else ""
    if not gamut:
        raise BadInput(f"Resolve does not say its {key}: name the space yourself with --space")
    return for_resolve(gamut, gamma)


def _output(settings: Mapping[str, str], timeline: Space) -> tuple[Space | None, tuple[str, ...]]:
    """The space of a managed project's output, as far as it is known."""
    if settings.get("colorSpaceOutput", "").lower() == "same as timeline":
        return timeline, ()
    try:
        return _space(settings, "colorSpaceOutput"), ()
    except BadInput:
        return None, _unseen(settings.get("colorSpaceOutput", "unknown"))


def _unseen(output: str) -> tuple[str, ...]:
    return (
        f"the output '{output}' is not one whose pictures can be read here: "
        "the frame was not looked at, and the result is not compared",
    )


def _aces(mode: str, settings: Mapping[str, str], override: str | None) -> Situation:
    timeline = find("ACEScct" if mode == "acescct" else "ACEScc")
    processing = settings.get("colorAcesNodeLUTProcessingSpace", "")
    notes: tuple[str, ...] = ()
    if processing == "acesAp0Linear":
        lut = find("ACES2065-1")
    else:
        # Also in an ACEScct project: "ACEScc AP1 timeline space" is what the setting's other choice says.
        lut = find("ACEScc")
        if processing != "acesccAp1":
            notes = ("the space of node LUTs was taken to be ACEScc AP1: Resolve does not say",)
    odt = settings.get("colorAcesODT", "")
    frame = _odt(odt)
    if frame is None:
        notes += _unseen(odt or "unknown")
    return Situation("ACES", find(override) if override else lut, timeline, frame, _TOLERANCE["ACES"], notes)


def _odt(name: str) -> Space | None:
    plain = name.lower()
    if "st2084" in plain or "hlg" in plain or ("nits" in plain and "100 nits" not in plain):
        return None
    if "srgb" in plain:
        return find("sRGB")
    return find("Rec.709 Gamma 2.4") if plain.startswith("rec.709") else None


def _footage_notes(timeline: Space, hints: Mapping[str, str]) -> tuple[str, ...]:
    """In an unmanaged project nobody converts the footage: say when its metadata contradicts the timeline."""
    said = [
        f"{key} '{value}'"
        for key, value in hints.items()
        if key != "Camera Type" and any(word in value.lower() for word in _LOG_WORDS)
    ]
    if timeline.kind != "display" or not said:
        return ()
    return (
        f"the clip says {' and '.join(said)}, the timeline {timeline.name}: if nothing converts this footage "
        "before the node, name its space with --space",
    )

"""Captions from what a LUT does to a photo: measured, compared with the concepts, put into words.

Every figure is divided by what its concept does at plain degree, so 0.45 is "slightly" and 1.6 "much",
for exposure as for the hue of the shadows. Casts that all greys share are told as temperature, tint or a
colour over the whole picture; only what a zone has beyond them is told as the zone's.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...attributes import around_greys, slope
from ...colour import floats, oklab_to_srgb, srgb_to_lab, srgb_to_oklab
from ...recipe import Recipe
from ...recipe.points import photo_colours
from .concept import WANTS, Concept
from .kinds import listed
from .lexicon import Lexicon
from .noise import typed
from .voice import Phrase, Stock, Voice

F64 = NDArray[np.floating]
Grade = Callable[[F64], ArrayLike]  # sRGB-encoded (n, 3) -> (n, 3)

# figure -> the concept that raises it, the concept that lowers it
GAUGES: dict[str, tuple[str | None, str | None]] = {
    "brightness": ("brighter", "darker"),
    "contrast": ("more-contrast", "less-contrast"),
    "colour": ("more-saturated", "less-saturated"),
    "warmth": ("warmer", "cooler"),
    "tint": ("more-magenta", "more-green"),
    "black": ("lift-blacks", None),
    "white": (None, "dull-whites"),
    "skin_chroma": ("skin-more", "skin-less"),
    "skin_light": ("skin-lighter", "skin-darker"),
    "sky_chroma": ("sky-more", "sky-less"),
    "sky_light": ("sky-lighter", "sky-darker"),
    "foliage_chroma": ("foliage-more", "foliage-less"),
    "foliage_light": ("foliage-lighter", "foliage-darker"),
}
_BANDS = {"skin": (0.72, 0.085, 58), "sky": (0.66, 0.10, 252), "foliage": (0.55, 0.11, 135)}  # Oklch
_ZONES = {"shadow": (0.10, 0.32), "mid": (0.40, 0.60), "highlight": (0.70, 0.92)}  # of the encoded grey axis
_TINTED = 0.012  # Oklab chroma from which a grey is seen to have a hue
_MONOCHROME = 0.12  # share of the chroma that is left of a black and white picture
_LEAST, _MOST_SAID = 0.3, 5  # factor below which nothing is said; parts of a caption
_OF_A_BAND = 0.5  # what one kind of colour does beyond the rest is seen less than what all do
_DAYLIGHT = np.array([0.21, 0.98])  # direction of a warmer daylight in Oklab's a, b
_OFF_AXIS = 25  # degrees from daylight and from green-magenta beyond which a cast is a colour
_MIDDLE = 0.6  # Oklab lightness of middle grey


@dataclass(frozen=True)
class Description:
    """A caption of measured attributes; ``parts`` are (concept, factor), strongest first."""

    text: str
    parts: tuple[tuple[str, float], ...]
    language: str


def describe(
    grade: Grade, pixels: ArrayLike, lexicon: Lexicon, rng: np.random.Generator, language: str = "en"
) -> Description | None:
    """Say what a grade does to a photo, in one to five parts; None when it does nothing that is seen.

    Parameters
    ----------
    grade : maps sRGB-encoded colours (n, 3) to (n, 3), for example ``lut.sample``
    pixels : (n, 3) of the photo, sRGB-encoded
    """
    return verbalise(attributes(grade, pixels, lexicon), lexicon, rng, language)


def attributes(grade: Grade, pixels: ArrayLike, lexicon: Lexicon) -> dict[str, float]:
    """Concept ids with their factors (1 is the plain degree), strongest first."""
    found = _figures(grade, floats(pixels))
    identity = _figures(lambda colours: colours, floats(pixels))
    grey = found["colour"] < _MONOCHROME
    out = {"black-and-white": 1.0} if grey else {}
    for figure, pair in GAUGES.items():
        if grey and ("chroma" in figure or figure == "colour"):
            continue
        moved = found[figure] - identity[figure]
        name = pair[0] if moved > 0 else pair[1]
        unit = _units(lexicon).get(f"{figure}{'+' if moved > 0 else '-'}")
        if name in lexicon.by_id and unit:
            factor = abs(moved / unit) * (_OF_A_BAND if figure.partition("_")[0] in _BANDS else 1)
            if factor >= _LEAST:
                out[name] = factor
    common, beyond = _casts(grade)
    out |= _tints(common, beyond, lexicon, out)
    return dict(sorted(out.items(), key=lambda item: -item[1]))


def verbalise(
    strengths: Mapping[str, float], lexicon: Lexicon, rng: np.random.Generator, language: str = "en"
) -> Description | None:
    """Strengths (concept id -> factor, strongest first) in words; None when there is nothing to say."""
    source = random.Random(int(rng.integers(2**62)))
    voice = Voice(_stock(lexicon, language), source)
    chosen = [(lexicon.by_id[name], factor) for name, factor in strengths.items()]
    chosen = chosen[: source.choices(range(1, _MOST_SAID + 1), (1, 3, 3, 2, 1))[0]]
    phrases = [phrase for concept, factor in chosen if (phrase := _phrase(voice, concept, factor))]
    if not phrases:
        return None
    source.shuffle(phrases)
    start = voice.framed(phrases[0]) if voice.chance(0.4) else voice.bare(phrases[0])
    texts = [start.text if start else phrases[0].text, *(phrase.text for phrase in phrases[1:])]
    text = typed(listed(voice, texts), voice.language, source)
    said = {phrase.concept.id for phrase in phrases}
    return Description(text, tuple((c.id, round(f, 3)) for c, f in chosen if c.id in said), language)


def _phrase(voice: Voice, concept: Concept, factor: float) -> Phrase | None:
    """The concept in the degree next to its factor, on a scale of ratios."""
    if "black-and-white" in concept.id:
        return voice.phrase(concept, voice.stock.plain)
    by_distance = sorted(voice.language.degrees, key=lambda d: abs(math.log(factor / d.factor)))
    for degree in by_distance[:2]:
        if phrase := voice.phrase(concept, [degree], WANTS):
            return phrase
    return None


@lru_cache(maxsize=16)
def _stock(lexicon: Lexicon, language: str) -> Stock:
    return Stock.of(lexicon, language)


@lru_cache(maxsize=4)
def _units(lexicon: Lexicon) -> dict[str, float]:
    """What each concept does to its figure at plain degree, over photo-like colours."""
    pixels = photo_colours(512)
    identity = _figures(lambda colours: colours, pixels)
    units = {}
    for figure, pair in GAUGES.items():
        for name, sign in zip(pair, "+-", strict=True):
            if name in lexicon.by_id:
                made = _figures(Recipe(**lexicon.by_id[name].params).apply, pixels)
                units[figure + sign] = made[figure] - identity[figure]
    return {name: unit for name, unit in units.items() if abs(unit) > 1e-6}


def _figures(grade: Grade, pixels: F64) -> dict[str, float]:
    greys = np.linspace(0, 1, 65)[:, None].repeat(3, axis=1)
    made = _clipped(grade(greys))
    lab, ends = srgb_to_lab(made), made[[0, -1]]
    before, after = srgb_to_lab(pixels), srgb_to_lab(_clipped(grade(pixels)))
    inside = slice(16, 45)
    cast, _ = _casts(grade)
    out = {
        "brightness": float((after - before)[:, 0].mean()),
        "contrast": slope(srgb_to_lab(greys)[:, 0], lab[:, 0], inside),
        "black": float(ends[0].min()),
        "white": float(ends[1].max()),  # a warm white is no grey one
        "colour": _chroma(after, lab) / max(_chroma(before, srgb_to_lab(greys)), 1e-6),
        "warmth": float(cast @ _DAYLIGHT),
        "tint": float(cast @ np.array([_DAYLIGHT[1], -_DAYLIGHT[0]])),
    }
    for band, (light, chroma, hue) in _BANDS.items():
        thing = srgb_to_oklab(_clipped(grade(_oklch(light, chroma, hue))))[0]
        grey = srgb_to_oklab(_clipped(grade(_oklch(light, 0, 0))))[0]
        out[f"{band}_chroma"] = float(np.hypot(*(thing - grey)[1:]) / chroma) / max(out["colour"], 0.2)
        out[f"{band}_light"] = float(thing[0] - grey[0])  # beyond what all colours of its lightness do
    return out


def _chroma(lab: F64, greys: F64) -> float:
    """Mean chroma around the grey axis: a sepia has none."""
    return float(around_greys(lab, greys).mean())


def _casts(grade: Grade) -> tuple[F64, dict[str, F64]]:
    """The cast that all greys share, per Oklab lightness, and the tint (a, b) each zone has beyond it.

    White balance tints in proportion to lightness; so the least tint of the three zones by that
    measure is common to them.
    """
    tints, lights = {}, {}
    for zone, (low, high) in _ZONES.items():
        greys = np.linspace(low, high, 9)[:, None].repeat(3, axis=1)
        mean = srgb_to_oklab(_clipped(grade(greys))).mean(axis=0)
        lights[zone], tints[zone] = max(float(mean[0]), 0.05), mean[1:]
    common = min((tints[zone] / lights[zone] for zone in _ZONES), key=lambda tint: float(np.hypot(*tint)))
    return common, {zone: tints[zone] - common * lights[zone] for zone in _ZONES}


def _tints(
    common: F64, beyond: dict[str, F64], lexicon: Lexicon, found: dict[str, float]
) -> dict[str, float]:
    """The tints of zones; a common cast far from the axes of a white balance is told as a hue instead."""
    out: dict[str, float] = {}
    angle = math.degrees(math.atan2(common[1], common[0]) - math.atan2(_DAYLIGHT[1], _DAYLIGHT[0]))
    off_axis = abs((angle + 45) % 90 - 45)
    if off_axis > _OFF_AXIS and np.hypot(*common) > _TINTED:
        shared = common * _MIDDLE + np.mean(list(beyond.values()), axis=0)
        beyond = {zone: tint + common * _MIDDLE - shared for zone, tint in beyond.items()}
        out |= _nearest("whole", shared, lexicon)
        for name in ("more-magenta", "more-green", "warmer", "cooler"):
            found.pop(name, None)
    for zone, tint in beyond.items():
        if np.hypot(*tint) > _TINTED:
            out |= _nearest(zone, tint, lexicon)
    return out


def _nearest(zone: str, tint: F64, lexicon: Lexicon) -> dict[str, float]:
    """The tint concept of a zone whose hue is nearest, with its factor."""
    slot = "mid" if zone == "whole" else zone
    angle = math.degrees(math.atan2(tint[1], tint[0]))
    hues = [
        c for c in lexicon.concepts
        if c.id.startswith(f"{zone}-") and f"{slot}_hue" in c.params and c.usages("en", WANTS)
    ]  # fmt: skip
    if not hues:
        return {}
    best = min(hues, key=lambda c: abs((c.params[f"{slot}_hue"] - angle + 180) % 360 - 180))
    unit = 0.0012 * best.params[f"{slot}_amount"] * 0.8  # a window's mean over its zone
    return {best.id: float(np.hypot(*tint)) / unit}


def _oklch(light: float, chroma: float, hue: float) -> F64:
    angle = math.radians(hue)
    lab = np.array([[light, chroma * math.cos(angle), chroma * math.sin(angle)]])
    return np.clip(oklab_to_srgb(lab), 0, 1)


def _clipped(colours: ArrayLike) -> F64:
    return np.clip(np.asarray(colours, np.float64), 0, 1)

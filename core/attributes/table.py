"""The attribute functions, with unit, visible step and meaning: the single source of their names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import atan2, degrees, hypot, log2

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..colour import _OKLAB_LAB_TO_LMS
from ..recipe.chroma import _TEMPERATURE, _TINT
from .colours import BAND_NAMES, CODE, SHARE, Colours

Floats = NDArray[np.floating]
Measure = Callable[[Colours], float]

ZONES = ("shadow", "mid", "highlight")
LEAST_SHARE = 0.5  # per cent of the picture below which a band or skin is not measured
_MIDDLE_GREY = 0.18
# Cone gains = temperature * _TEMPERATURE + tint * _TINT + a common gain.
_GAINS_TO_BALANCE = np.linalg.inv(np.stack([_TEMPERATURE, _TINT, np.ones(3)], axis=1))


@dataclass(frozen=True)
class Attribute:
    """One a_k.

    ``unit`` : of its values and differences. ``step`` : a difference that is plainly seen (tau_k of
    SmartPhotoCrafter is half of it). ``meaning`` : one line. ``group`` : tone, colour, bands or skin.
    """

    name: str
    group: str
    unit: str
    step: float
    meaning: str
    of: Measure


def measure(picture: ArrayLike | Colours, *names: str) -> dict[str, float]:
    """Attributes of a picture by name; bands and skin that it hardly has are left out.

    Parameters
    ----------
    picture : sRGB-encoded 0..1, (H, W, 3) or (n, 3)
    names : the attributes wanted; all without
    """
    colours = picture if isinstance(picture, Colours) else Colours(picture)
    wanted = [BY_NAME[name] for name in names] if names else ATTRIBUTES
    found = {attribute.name: attribute.of(colours) for attribute in wanted}
    return {name: value for name, value in found.items() if not np.isnan(value)}


def change(before: ArrayLike | Colours, after: ArrayLike, *names: str) -> dict[str, float]:
    """a_k(after) - a_k(before), measured on the same pixels; both (H, W, 3) or (n, 3), of one shape."""
    start = before if isinstance(before, Colours) else Colours(before)
    first, then = measure(start, *names), measure(Colours(after, like=start), *names)
    moved = {name: then[name] - value for name, value in first.items() if name in then}
    for name in moved.keys() & _ANGLES:
        moved[name] = (moved[name] + 180) % 360 - 180
    return moved


# -- tone


def exposure(c: Colours) -> float:
    """EV of the luminance that has the picture's mean L*, against a grey of 18 %."""
    light = max(brightness(c), 1.0)
    luminance = ((light + 16) / 116) ** 3 if light > 8 else light / 903.3
    return log2(luminance / _MIDDLE_GREY)


def brightness(c: Colours) -> float:
    """Mean L*."""
    return float(c.lab[:, 0].mean())


def contrast(c: Colours) -> float:
    """Standard deviation of L*."""
    return float(c.lab[:, 0].std())


def third(c: Colours, zone: int) -> float:
    """Mean L* of the dark (0), middle (1) or bright (2) third."""
    return float(c.lab[c.like.thirds[zone], 0].mean())


def end(c: Colours, share: float) -> float:
    """A percentile of L*: the black point at 0.01, the white point at 0.99."""
    return float(np.percentile(c.lab[:, 0], 100 * share))


def dynamic_range(c: Colours) -> float:
    """Stops between the luminances of the black and the white point, down to 1/1000."""
    low, high = (max(((end(c, s) + 16) / 116) ** 3, 0.001) for s in (SHARE, 1 - SHARE))
    return log2(high / low)


def crushed(c: Colours) -> float:
    """Per cent of the pixels with all channels at 0."""
    return 100 * float((c.rgb < CODE).all(axis=1).mean())


def blown(c: Colours) -> float:
    """Per cent of the pixels with all channels at 1."""
    return 100 * float((c.rgb > 1 - CODE).all(axis=1).mean())


def clipped(c: Colours) -> float:
    """Per cent of the pixels with any channel at 0 or 1."""
    return 100 * float(((c.rgb < CODE) | (c.rgb > 1 - CODE)).any(axis=-1).mean())


# -- colour


def saturation(c: Colours) -> float:
    """Mean C*."""
    return float(c.chroma.mean())


def colourfulness(c: Colours) -> float:
    """Hasler and Süsstrunk, "Measuring colourfulness in natural images" (2003): 0 is grey, 82 high."""
    red, green, blue = 255 * c.rgb.T
    across, along = red - green, 0.5 * (red + green) - blue
    spread = hypot(float(across.std()), float(along.std()))
    return spread + 0.3 * hypot(float(across.mean()), float(along.mean()))


def mean_colour(c: Colours, channel: int) -> float:
    """Mean a* (1) or b* (2) of the whole picture."""
    return float(c.lab[:, channel].mean())


def cast(c: Colours, channel: int) -> float:
    """Mean a* (1) or b* (2) of the nearly neutral pixels."""
    return float(c.lab[c.like.neutrals, channel].mean())


def balance(c: Colours) -> tuple[float, float]:
    """Temperature (mired) and tint (%) of the nearly neutral pixels, in the units of a recipe.

    The white balance that would have given greys this cast: von Kries gains on Oklab's cone responses,
    split along the daylight locus and across it.
    """
    mean = c.oklab[c.like.neutrals].mean(axis=0).astype(np.float64)
    roots = np.maximum(_OKLAB_LAB_TO_LMS @ mean, 1e-4)
    temperature, tint, _ = _GAINS_TO_BALANCE @ (3 * np.log(roots))
    return float(temperature), float(tint)


def zone_cast(c: Colours, zone: int) -> tuple[float, float]:
    """Mean a* and b* of the dark, middle or bright third."""
    a, b = c.lab[c.like.thirds[zone], 1:].mean(axis=0)
    return float(a), float(b)


def zone_lean(c: Colours, zone: int, channel: int) -> float:
    """a* (0) or b* (1) of the mean colour of a third."""
    return zone_cast(c, zone)[channel]


def zone_chroma(c: Colours, zone: int) -> float:
    """C* of the mean colour of a third: how strongly it leans."""
    return hypot(*zone_cast(c, zone))


def zone_hue(c: Colours, zone: int) -> float:
    """Hue angle of the mean colour of a third in a*b*, degrees."""
    a, b = zone_cast(c, zone)
    return degrees(atan2(b, a)) % 360


# -- bands and skin


def part_share(c: Colours, part: Callable[[Colours], NDArray[np.bool_]]) -> float:
    """Per cent of the pixels in a part."""
    return 100 * float(part(c.like).mean())


def part_mean(c: Colours, part: Callable[[Colours], NDArray[np.bool_]], what: str) -> float:
    """Mean L*, C* or hue (degrees, of the mean a*b*) of a part; NaN where there is hardly any of it."""
    inside = part(c.like)
    if 100 * inside.mean() < LEAST_SHARE:
        return float("nan")
    light, a, b = c.lab[inside].mean(axis=0)
    if what == "light":
        return float(light)
    return float(c.chroma[inside].mean()) if what == "chroma" else degrees(atan2(b, a)) % 360


def _in_band(c: Colours, number: int) -> NDArray[np.bool_]:
    return c.bands == number


def _is_skin(c: Colours) -> NDArray[np.bool_]:
    return c.skin


def _tone() -> list[Attribute]:
    thirds = [
        Attribute(f"{zone}s", "tone", "L*", 2.5, f"mean L* of the {words} third", partial(third, zone=i))
        for i, (zone, words) in enumerate(zip(ZONES, ("dark", "middle", "bright"), strict=True))
    ]
    return [
        Attribute("exposure", "tone", "EV", 0.2, "mean lightness as exposure against 18 % grey", exposure),
        Attribute("brightness", "tone", "L*", 3.0, "mean L*", brightness),
        Attribute("contrast", "tone", "L*", 1.5, "standard deviation of L*", contrast),
        *thirds,
        Attribute("black_point", "tone", "L*", 2.0, "1st percentile of L*", partial(end, share=SHARE)),
        Attribute("white_point", "tone", "L*", 2.0, "99th percentile of L*", partial(end, share=1 - SHARE)),
        Attribute("dynamic_range", "tone", "stops", 0.5, "black to white point", dynamic_range),
        Attribute("crushed", "tone", "%", 1.0, "pixels that are black", crushed),
        Attribute("blown", "tone", "%", 1.0, "pixels that are white", blown),
        Attribute("clipped", "tone", "%", 2.0, "pixels with a channel at its end", clipped),
    ]


def _colour() -> list[Attribute]:
    zones = []
    for i, zone in enumerate(ZONES):
        what = f"the mean colour of the {zone}s"
        zones += [
            Attribute(
                f"{zone}_a", "colour", "a*", 2.5, f"a* of {what}", partial(zone_lean, zone=i, channel=0)
            ),
            Attribute(
                f"{zone}_b", "colour", "b*", 2.5, f"b* of {what}", partial(zone_lean, zone=i, channel=1)
            ),
            Attribute(f"{zone}_chroma", "colour", "C*", 2.5, f"C* of {what}", partial(zone_chroma, zone=i)),
            Attribute(f"{zone}_hue", "colour", "°", 20.0, f"hue of {what}", partial(zone_hue, zone=i)),
        ]
    return [
        Attribute("saturation", "colour", "C*", 2.5, "mean chroma", saturation),
        Attribute("colourfulness", "colour", "", 6.0, "Hasler-Süsstrunk colourfulness", colourfulness),
        Attribute("mean_a", "colour", "a*", 2.0, "a* of the mean colour", partial(mean_colour, channel=1)),
        Attribute("mean_b", "colour", "b*", 2.5, "b* of the mean colour", partial(mean_colour, channel=2)),
        Attribute("cast_a", "colour", "a*", 2.0, "magenta of near-neutrals", partial(cast, channel=1)),
        Attribute("cast_b", "colour", "b*", 2.5, "yellow of near-neutrals", partial(cast, channel=2)),
        Attribute("temperature", "colour", "mired", 8.0, "warmth of neutrals", lambda c: balance(c)[0]),
        Attribute("tint", "colour", "%", 6.0, "magenta of neutrals", lambda c: balance(c)[1]),
        *zones,
    ]


def _part(name: str, group: str, part: Callable[[Colours], NDArray[np.bool_]]) -> list[Attribute]:
    def one(what: str, unit: str, step: float) -> Attribute:
        meaning = f"{'hue of the mean colour' if what == 'hue' else f'mean {unit}'} of {name} colours"
        return Attribute(
            f"{name}_{what}", group, unit, step, meaning, partial(part_mean, part=part, what=what)
        )

    share = Attribute(f"{name}_share", group, "%", 5.0, f"{name} pixels", partial(part_share, part=part))
    return [share, one("light", "L*", 3.0), one("chroma", "C*", 3.0), one("hue", "°", 6.0)]


def _bands() -> list[Attribute]:
    return [
        attribute
        for i, band in enumerate(BAND_NAMES)
        for attribute in _part(band, "bands", partial(_in_band, number=i))
    ]


ATTRIBUTES: tuple[Attribute, ...] = (*_tone(), *_colour(), *_bands(), *_part("skin", "skin", _is_skin))
BY_NAME: dict[str, Attribute] = {attribute.name: attribute for attribute in ATTRIBUTES}
_ANGLES = frozenset(a.name for a in ATTRIBUTES if a.unit == "°")

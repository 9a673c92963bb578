"""Findings from what was measured: against what is plausible for the scene, not against fixed ideals.

The network estimates how far each attribute is from where it plausibly is in a picture of this scene, with a
standard deviation. Night, high key, silhouette, fog and snow are far from the average and yet plausible; only
what is visibly and significantly off is called a fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..attributes import BAND_NAMES, BY_NAME
from ..recipe.parameters import BAND_CENTRES
from . import detail
from .model import GAPS
from .review import FAULT, NOTE, Finding

F32 = NDArray[np.float32]
VISIBLE, SURE = 1.0, 1.2  # visible steps, and standard deviations, from which a gap is a fault
_CLIPPED = 1.0  # per cent of the picture from which clipping is told
_SKIN, _SEEN = 4.0, 8.0  # per cent of the picture from which skin, and a hue, is spoken of
_WORDS = {  # attribute -> aspect, word when it should rise, word when it should fall
    "exposure": ("exposure", "too dark", "too bright"),
    "shadows": ("exposure", "the shadows are too deep", "the shadows are too light"),
    "highlights": ("exposure", "the highlights are too dull", "the highlights are too bright"),
    "black_point": ("contrast", "the blacks are blocked", "the blacks are washed out"),
    "white_point": ("contrast", "the whites are grey", "the whites are too hot"),
    "contrast": ("contrast", "flat", "harsh"),
    "temperature": ("white balance", "too cool", "too warm"),
    "tint": ("tint", "too green", "too magenta"),
    "saturation": ("saturation", "dull", "too colourful"),
}
_MOODS = (  # attribute, side, measured value from which it is spoken of, words
    ("exposure", -1, -2.0, "dark"),
    ("exposure", 1, 1.4, "very bright"),
    ("contrast", -1, 11.0, "low in contrast"),
    ("saturation", -1, 5.0, "almost without colour"),
    ("temperature", 1, 45.0, "warm"),
    ("temperature", -1, -45.0, "cool"),
)
_RELATIONS = ((75, "neighbouring hues"), (130, "contrasting hues"), (180, "complementary hues"))


@dataclass(frozen=True)
class Measured:
    """Everything findings are made from.

    ``values`` : attributes; ``gap`` and ``sigma`` : by attribute of GAPS, in its unit; ``typical`` : the
    range (5th, 95th percentile) of figures over the training photos.
    """

    photo: F32
    values: Mapping[str, float]
    gap: Mapping[str, float]
    sigma: Mapping[str, float]
    typical: Mapping[str, tuple[float, float]]

    def off(self, name: str) -> bool:
        """Whether an attribute is visibly and significantly away from what is plausible."""
        gap = abs(self.gap[name])
        return gap >= VISIBLE * BY_NAME[name].step and gap >= SURE * self.sigma[name]


def findings(seen: Measured) -> tuple[Finding, ...]:
    """Faults first, then notes."""
    found = [_gap(seen, name) for name in GAPS if seen.off(name)]
    found += [*_range(seen), *_clipping(seen)]
    found += _moods(seen)
    found += [*_skin(seen), *_harmony(seen), *_details(seen)]
    if not any(finding.kind == FAULT for finding in found):
        found.insert(0, _well(seen))
    return tuple(sorted(found, key=lambda finding: finding.kind != FAULT))


def _gap(seen: Measured, name: str) -> Finding:
    aspect, rising, falling = _WORDS[name]
    value, gap, sigma = seen.values[name], seen.gap[name], seen.sigma[name]
    unit = BY_NAME[name].unit
    what = rising if gap > 0 else falling
    evidence = {name: value, "plausible": value + gap, "sigma": sigma}
    text = f"{what}: {named(name)} is {value:.4g} {unit}, plausible is {value + gap:.3g} ± {sigma:.2g} {unit}"
    return Finding(aspect, FAULT, text, evidence)


def named(name: str) -> str:
    """An attribute's name in a sentence."""
    return name.replace("_", " ")


def _well(seen: Measured) -> Finding:
    """Which aspect comes nearest to being a fault, and that it is none."""
    apart = {name: abs(seen.gap[name]) / max(seen.sigma[name], 1e-6) for name in GAPS}
    name = max(apart, key=apart.__getitem__)
    evidence = {"gap": seen.gap[name], "sigma": seen.sigma[name]}
    text = (
        f"tone and colour are within what is plausible for this scene; farthest off is {named(name)}, "
        f"by {seen.gap[name]:+.2g} {BY_NAME[name].unit} (sigma {seen.sigma[name]:.2g})"
    )
    return Finding("overall", NOTE, text, evidence)


def _range(seen: Measured) -> list[Finding]:
    value, (low, high) = seen.values["dynamic_range"], seen.typical["dynamic_range"]
    if low <= value <= high:
        return []
    side = "narrow" if value < low else "wide"
    text = f"{side}: {value:.1f} stops from black to white point, usual are {low:.1f} to {high:.1f}"
    return [Finding("dynamic range", NOTE, text, {"dynamic_range": value, "low": low, "high": high})]


def _clipping(seen: Measured) -> list[Finding]:
    found = []
    for name, colour, mask, side in (
        ("blown", "white", detail.blown, -1), ("crushed", "black", detail.crushed, 1),
    ):  # fmt: skip
        share = seen.values[name]
        if share < _CLIPPED:
            continue
        where = detail.region(mask(seen.photo))
        wrong = seen.off("exposure") and seen.gap["exposure"] * side > 0
        place = f", mostly {detail.place(where)}" if where else ", in small spots"
        why = "" if wrong else "; the scene can have that"
        text = f"{share:.1f} % of the picture is {colour}{place}{why}"
        found.append(Finding("clipping", FAULT if wrong else NOTE, text, {name: share}, where))
    return found


def _moods(seen: Measured) -> list[Finding]:
    """What is far from the average picture and yet plausible here: it is kept."""
    found = []
    for name, side, limit, word in _MOODS:
        value = seen.values[name]
        if side * (value - limit) > 0 and not seen.off(name):
            unit = BY_NAME[name].unit
            text = (
                f"{word} ({named(name)} {value:.3g} {unit}), which is plausible for this scene: not a fault"
            )
            evidence = {name: value, "plausible": value + seen.gap[name], "sigma": seen.sigma[name]}
            found.append(Finding(_WORDS[name][0], NOTE, text, evidence))
    return found


def _skin(seen: Measured) -> list[Finding]:
    share = seen.values.get("skin_share", 0.0)
    if share < _SKIN or "skin_hue" not in seen.values:
        return []
    parts, evidence = [], {"skin_share": share}
    for what, low_word, high_word in (
        ("hue", "redder", "yellower"),
        ("chroma", "paler", "stronger in colour"),
        ("light", "darker", "lighter"),
    ):
        value, (low, high) = seen.values[f"skin_{what}"], seen.typical[f"skin_{what}"]
        evidence[f"skin_{what}"] = value
        if not low <= value <= high:
            unit = BY_NAME[f"skin_{what}"].unit
            word = low_word if value < low else high_word
            parts.append(f"{word} than usual ({value:.0f} {unit}, usual {low:.0f} to {high:.0f})")
    state = ", ".join(parts) or "as usual in hue, colour and lightness"
    return [
        Finding("skin", NOTE, f"skin-coloured parts ({share:.0f} % of the picture) are {state}", evidence)
    ]


def _harmony(seen: Measured) -> list[Finding]:
    """The hues that dominate and how they stand to each other."""
    shares = {band: seen.values[f"{band}_share"] for band in BAND_NAMES}
    strong = sorted((band for band in BAND_NAMES if shares[band] >= _SEEN), key=lambda band: -shares[band])
    if not strong:
        return []
    evidence = {f"{band}_share": shares[band] for band in strong}
    listed = ", ".join(f"{band} {shares[band]:.0f} %" for band in strong[:3])
    if len(strong) == 1:
        return [Finding("colours", NOTE, f"one hue dominates: {listed}", evidence)]
    first, second = (BAND_CENTRES[BAND_NAMES.index(band)] for band in strong[:2])
    apart = abs((first - second + 180) % 360 - 180)
    relation = (
        "neighbouring hues" if apart < 75 else "complementary hues" if apart > 130 else "contrasting hues"
    )
    text = f"{relation}, {apart:.0f}° apart: {listed}"
    return [Finding("colours", NOTE, text, evidence | {"hue_distance": apart})]


def _details(seen: Measured) -> list[Finding]:
    """What a look cannot mend, where it is beyond what 95 of 100 pictures have."""
    found = []
    for aspect, figure, side, words in (
        ("noise", detail.noise, 1, "grainy"),
        ("sharpness", detail.sharpness, 0, "soft, without a sharp edge"),
        ("haze", detail.haze, 1, "a veil lies over the picture"),
    ):
        value, limit = figure(seen.photo), seen.typical[aspect][side]
        if value > limit if side else value < limit:
            text = f"{words} ({value:.2g}; 95 of 100 pictures are {'below' if side else 'above'} {limit:.2g})"
            found.append(Finding(aspect, NOTE, text, {aspect: value, "limit": limit}))
    return found

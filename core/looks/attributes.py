"""Attributes: words for a look that follow from its figures by a table of thresholds."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from ..recipe.words import hue_name
from .figures import Figures


@dataclass(frozen=True)
class Rule:
    """``word`` holds when ``figure`` has gone from ``neutral`` as far as ``threshold``, or further."""

    word: str
    figure: str
    neutral: float
    threshold: float

    def strength(self, figures: Figures) -> float:
        """0 at neutral, 1 at the threshold, more beyond it."""
        return float((getattr(figures, self.figure) - self.neutral) / (self.threshold - self.neutral))


# Thresholds lie where a difference is seen at once on a photo, not where it becomes measurable.
RULES = (
    Rule("warm", "warmth", 0, 2.5),
    Rule("cool", "warmth", 0, -2.5),
    Rule("magenta", "tint", 0, 3),
    Rule("green", "tint", 0, -3),
    Rule("bright", "brightness", 0, 4),
    Rule("dark", "brightness", 0, -4),
    Rule("contrasty", "contrast", 1, 1.15),
    Rule("soft", "contrast", 1, 0.87),
    Rule("faded", "black", 0, 5),
    Rule("grey whites", "white", 100, 93),
    Rule("saturated", "colour", 1, 1.15),
    Rule("muted", "colour", 1, 0.85),
    Rule("monochrome", "colour", 1, 0.15),
    Rule("subtle", "effect", 10, 2.5),
    Rule("strong", "effect", 0, 12),
)
TINTED = 0.013  # Oklab chroma from which a grey is seen to have a hue
SPLIT = 60  # degrees between the hues of shadows and highlights
_ADJECTIVES = {"gold": "golden"}
_HUES = (
    "rose", "red", "orange", "golden", "yellow", "green", "teal", "azure", "blue", "purple", "magenta",
)  # fmt: skip
ZONES = ("shadows", "highlights")

VOCABULARY = (
    *(rule.word for rule in RULES),
    *(f"{hue} {zone}" for zone in ZONES for hue in _HUES),
    "split-toned",
)
SYNONYMS = {
    "warmer": "warm",
    "cold": "cool",
    "cooler": "cool",
    "greenish": "green",
    "brighter": "bright",
    "darker": "dark",
    "punchy": "contrasty",
    "contrast": "contrasty",
    "flat": "soft",
    "matte": "faded",
    "fade": "faded",
    "vivid": "saturated",
    "vibrant": "saturated",
    "colourful": "saturated",
    "colorful": "saturated",
    "desaturated": "muted",
    "mono": "monochrome",
    "bw": "monochrome",
    "b&w": "monochrome",
    "greyscale": "monochrome",
    "grayscale": "monochrome",
    "gold": "golden",
    "cyan": "teal",
    "shadow": "shadows",
    "highlight": "highlights",
    "split": "split-toned",
}


def attributes(figures: Figures) -> dict[str, float]:
    """The words that hold, with their strength (1 at the threshold), strongest first."""
    found = {rule.word: rule.strength(figures) for rule in RULES}
    if found["monochrome"] >= 1:
        found["muted"] = 0  # said already
    found |= _tints(figures)
    ranked = sorted(found.items(), key=lambda pair: -pair[1])
    return {word: round(strength, 3) for word, strength in ranked if strength >= 1}


def _tints(figures: Figures) -> dict[str, float]:
    found, hues = {}, []
    for zone, a, b in zip(
        ZONES,
        (figures.shadow_a, figures.highlight_a),
        (figures.shadow_b, figures.highlight_b),
        strict=True,
    ):
        strength = math.hypot(a, b) / TINTED
        if strength >= 1:
            hues.append(math.degrees(math.atan2(b, a)) % 360)
            name = hue_name(hues[-1])
            found[f"{_ADJECTIVES.get(name, name)} {zone}"] = strength
    if len(hues) == 2 and SPLIT < abs(hues[0] - hues[1]) < 360 - SPLIT:
        found["split-toned"] = min(found.values())
    return found


def terms(text: str) -> list[str]:
    """A search text as terms, lower case: "teal shadows" stays together, synonyms are resolved."""
    words = [word for word in re.split(r"[\s,;]+", text.casefold()) if word]
    found: list[str] = []
    for word in words:
        word = SYNONYMS.get(word, word)
        if found and f"{found[-1]} {word}" in VOCABULARY:
            found[-1] = f"{found[-1]} {word}"
        else:
            found.append(word)
    return found

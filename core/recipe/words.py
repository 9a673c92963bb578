"""Recipes in words.

What is said is read off the numbers: direction from the sign, degree from the share of the
range, the colour of a tint from its hue. Values below half a step of a user interface are not
worth a word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .parameters import BANDS, INDEX, PARAMETERS, ZONES, Parameter

if TYPE_CHECKING:
    from .recipe import Recipe

# Upper limits of Oklch hue, degrees.
_HUES = (
    (12, "rose"),
    (42, "red"),
    (68, "orange"),
    (92, "gold"),
    (120, "yellow"),
    (165, "green"),
    (218, "teal"),
    (240, "azure"),
    (277, "blue"),
    (312, "purple"),
    (345, "magenta"),
    (360, "rose"),
)
_SEEN = 256  # photo-like colours over which steps are ranked
_SLIGHT, _STRONG = 12, 45  # per cent of the range
_SHOWN_AMOUNT = (10, 35)  # tints are seen sooner
# The degree goes where the braces are.
_WORDS = {
    "contrast": ("{}more contrast", "{}less contrast"),
    "highlights": ("highlights {}brightened", "highlights {}recovered"),
    "shadows": ("shadows {}lifted", "shadows {}darkened"),
    "whites": ("whites {}brightened", "whites {}held back"),
    "blacks": ("blacks {}lifted", "blacks {}deepened"),
    "black_fade": ("black {}faded to grey", ""),
    "white_fade": ("white {}lowered to grey", ""),
    "temperature": ("{}warmer", "{}cooler"),
    "tint": ("{}more magenta", "{}greener"),
    "saturation": ("{}more saturated", "{}less saturated"),
    "vibrance": ("weak colours {}strengthened", "weak colours {}weakened"),
    "shadow_saturation": ("{}more colour in the shadows", "{}less colour in the shadows"),
    "highlight_saturation": ("{}more colour in the highlights", "{}less colour in the highlights"),
} | {
    f"curve_{zone}": (f"curve {{}}raised in the {zone}", f"curve {{}}lowered in the {zone}")
    for zone in ("shadows", "darks", "mids", "lights", "highlights")
}
_PLACES = {"shadow": "shadows", "mid": "mids", "highlight": "highlights"}


def operations(recipe: Recipe) -> tuple[dict[str, Any], ...]:
    """The steps that matter, in the order of PARAMETERS: group, parameter, value, unit, words.

    A tint is one step under its amount, with a further key ``hue`` in degrees.
    """
    return tuple(_step(recipe, p) for p in PARAMETERS if _matters(recipe, p))


def describe(recipe: Recipe, limit: int) -> str:
    """The words of the ``limit`` most visible steps, in order, and how many more there are."""
    steps = operations(recipe)
    if not steps:
        return "no change"
    chosen = list(range(len(steps)))
    if len(steps) > limit:  # a strong shift of a rare hue is not what one sees first
        effect = effects(recipe, [step["parameter"] for step in steps])
        chosen = sorted(np.argsort(-effect, kind="stable")[: max(1, limit)].tolist())
    text = ", ".join(steps[i]["words"] for i in chosen)
    rest = len(steps) - len(chosen)
    return f"{text}, and {rest} smaller change{'s' if rest > 1 else ''}" if rest else text


def hue_name(hue: float) -> str:
    """The name of an Oklch hue in degrees."""
    return next(name for limit, name in _HUES if hue % 360 < limit)


def effects(recipe: Recipe, names: list[str]) -> NDArray[np.floating]:
    """Mean CIEDE2000 (n,) over photo-like colours that each named step makes in this recipe."""
    from ..colour import delta_e_srgb
    from .points import photo_colours
    from .render import render

    without = np.repeat(recipe.coefficients[None], len(names) + 1, axis=0)
    for row, name in enumerate(names):
        zone, _, part = name.partition("_")
        both = (f"{zone}_hue", name) if part == "amount" else (name,)
        without[row, [INDEX[one] for one in both]] = 0
    rendered = render(without, photo_colours(_SEEN))
    effects: NDArray[np.floating] = delta_e_srgb(rendered[:-1], rendered[-1:]).mean(axis=-1)
    return effects


def _matters(recipe: Recipe, parameter: Parameter) -> bool:
    hue_of_tint = parameter.name in {f"{zone}_hue" for zone in ZONES}
    return not hue_of_tint and abs(recipe[parameter.name]) >= parameter.step / 2


def _step(recipe: Recipe, parameter: Parameter) -> dict[str, Any]:
    value = recipe[parameter.name]
    step = {"group": parameter.group, "parameter": parameter.name, "value": value, "unit": parameter.unit}
    zone, _, part = parameter.name.partition("_")
    if part == "amount":
        hue = recipe[f"{zone}_hue"]
        degree = _degree(value, *_SHOWN_AMOUNT, ("a little ", "", "strong "))
        return step | {"hue": hue, "words": f"{degree}{hue_name(hue)} in the {_PLACES[zone]}"}
    if parameter.group == "bands":
        return step | {"words": _band_words(zone, part, value)}
    if parameter.name == "exposure":
        return step | {"words": f"{_signed(value, 2)} EV"}
    words = _WORDS[parameter.name][value < 0]
    if value == -100 and parameter.name == "saturation":
        return step | {"words": "black and white"}
    much = "much " if words.startswith("{}") else "strongly "
    return step | {"words": words.format(_degree(value, _SLIGHT, _STRONG, ("slightly ", "", much)))}


def _degree(value: float, slight: float, strong: float, words: tuple[str, str, str]) -> str:
    return words[0] if abs(value) < slight else words[2] if abs(value) >= strong else words[1]


def _band_words(band: str, control: str, value: float) -> str:
    number = BANDS.index(band)
    plural = "aquas" if band == "aqua" else f"{band}s"
    if control == "hue":
        towards = BANDS[(number + (1 if value > 0 else -1)) % len(BANDS)]
        return f"{plural} {_signed(abs(value))[1:]}° towards {towards}"
    return f"{plural} {_signed(value)} {control}"


def _signed(value: float, decimals: int | None = None) -> str:
    if decimals is None:
        decimals = 0 if abs(value) >= 1 else 1
    text = f"{value:+.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−")

"""Names and values as people type them."""

from __future__ import annotations

import math
import re

from ..errors import BadInput, nearest
from .parameters import BANDS, BY_NAME, GROUPS, NAMES, ZONES, Parameter

_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?)\s*([a-z%°]*)", re.IGNORECASE)
_UNITS = {
    "EV": ("ev", "stop", "stops"),
    "%": ("%",),
    "°": ("°", "deg", "degree", "degrees"),
    "mired": ("mired", "mireds", "mrd"),
}


def _aliases() -> dict[str, str]:
    table = {
        "ev": "exposure",
        "exp": "exposure",
        "highlight": "highlights",
        "shadow": "shadows",
        "white": "whites",
        "black": "blacks",
        "fade": "black_fade",
        "matte": "black_fade",
        "temp": "temperature",
        "warmth": "temperature",
        "wb": "temperature",
        "sat": "saturation",
        "vib": "vibrance",
    }
    plurals = {"shadow": ("shadows",), "mid": ("mids", "midtone", "midtones"), "highlight": ("highlights",)}
    for zone in ZONES:
        for spelling in plurals[zone]:
            table |= {f"{spelling}_{part}": f"{zone}_{part}" for part in ("hue", "amount")}
    table |= {"shadows_saturation": "shadow_saturation", "highlights_saturation": "highlight_saturation"}
    spellings = {band: (band, band + "s") for band in BANDS} | {"aqua": ("aqua", "aquas", "cyan", "cyans")}
    parts = {
        "hue": ("hue",),
        "chroma": ("chroma", "sat", "saturation"),
        "lightness": ("lightness", "lum", "luminance", "light"),
    }
    for band, names in spellings.items():
        for control, words in parts.items():
            table |= {f"{name}_{word}": f"{band}_{control}" for name in names for word in words}
    return {alias: name for alias, name in table.items() if alias not in BY_NAME}


ALIASES: dict[str, str] = _aliases()


def find(name: str, aliases: bool = True) -> Parameter:
    """The parameter of that name or, unless refused, alias.

    Raises
    ------
    BadInput : there is none; the message suggests the nearest
    """
    if name in BY_NAME:
        return BY_NAME[name]
    tidy = re.sub(r"[\s.-]+", "_", str(name).strip().lower())
    if aliases and (tidy in BY_NAME or tidy in ALIASES):
        return BY_NAME[ALIASES.get(tidy, tidy)]
    hint = nearest(tidy, (*NAMES, *ALIASES) if aliases else NAMES)
    if not hint:
        hint = "; the parameters are exposure, contrast, temperature, ..., see the recipe's documentation"
    raise BadInput(f"there is no parameter {name!r}{hint}")


def group_named(name: str) -> str:
    """The group of that name; the American spelling will do."""
    tidy = "colour" if name == "color" else name
    if tidy not in GROUPS:
        raise BadInput(f"there is no group {name!r}; the groups are {', '.join(GROUPS)}")
    return tidy


def number(parameter: Parameter, text: str | float) -> float:
    """A typed value of a parameter. Raises BadInput naming parameter, value and what would be right."""
    if not isinstance(text, str):
        return checked(parameter, text)
    tidy = text.strip().replace("−", "-").replace("–", "-")
    if re.fullmatch(r"[+-]?\s*\d*,\d+\s*[^\d,]*", tidy):
        right = tidy.replace(",", ".")
        raise BadInput(f"{parameter.name} {text!r} has a decimal comma: write {right} with a point")
    match = _NUMBER.fullmatch(re.sub(r"^([+-])\s+", r"\1", tidy))
    if not match:
        raise BadInput(f"{parameter.name} {text!r} is not a number: {span(parameter)}")
    if match[2] and match[2].lower() not in _UNITS[parameter.unit]:
        raise BadInput(f"{parameter.name} {text!r} is not in {parameter.unit}: {span(parameter)}")
    return checked(parameter, float(match[1]))


def checked(parameter: Parameter, value: float) -> float:
    """The value as a float within the parameter's range.

    Raises
    ------
    BadInput : not a number, not finite or out of range
    """
    try:
        if isinstance(value, (bool, str)):
            raise TypeError
        converted = float(value)
    except (TypeError, ValueError, OverflowError):
        raise BadInput(f"{parameter.name} {value!r} is not a number: {span(parameter)}") from None
    if not math.isfinite(converted):
        raise BadInput(f"{parameter.name} {converted} is not finite: {span(parameter)}")
    if not parameter.low <= converted <= parameter.high:
        raise BadInput(f"{parameter.name} {converted:g} is out of range: {span(parameter)}")
    return converted + 0.0  # -0.0 becomes 0.0


def span(parameter: Parameter) -> str:
    """The range with its unit: ``-3..3 EV``."""
    return f"{parameter.low:g}..{parameter.high:g} {parameter.unit}"

"""How one language says degrees, negations, frames and numbers: a ``languages_<code>.toml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import FileError
from ...recipe.parameters import BY_NAME
from .concept import LANGUAGES, LOOK_KINDS, USAGES
from .reading import Entry, read

Words = Mapping[str, tuple[str, ...]]
FORMS = ("do", "want", "say")
COMPOSED = (*USAGES, "remove")
KEYBOARDS = ("qwerty", "qwertz", "azerty", "")
_TOP = (
    "code", "decimal", "keyboard", "spaced", "fixes", "blame", "spellings", "concepts", "degree", "less",
    "negation", "mild", "instead", "frames",
    "wrap", "join", "keep", "axes", "hues", "zones", "tint", "bands", "moves",
    "turns", "looks", "look_degree", "colours", "colour_frames", "numeric", "talk", "scenes",
)  # fmt: skip
_WRAPS = (*FORMS, "complain", "before", "after", "hashtag")
_JOINS = ("list", "last", "contrast", "sentence", "but_not")
_NUMERIC = ("parameter", "per", "low", "high", "step", "signed", "up", "down", "fixed")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Degree:
    """Wordings per usage around a concept's wording, and what they multiply it by."""

    factor: float
    words: Words


@dataclass(frozen=True)
class Numeric:
    """A parameter said as a number; ``per`` is its value for a printed 1."""

    parameter: str
    low: float
    high: float
    step: float
    per: float
    words: Words
    fixed: Mapping[str, float]


@dataclass(frozen=True)
class Language:
    """One language's tables as read; see the lexicon's README for what each holds."""

    code: str
    decimal: str = "."
    keyboard: str = "qwerty"
    spaced: bool = True
    fixes: tuple[tuple[re.Pattern[str], str], ...] = ()
    blame: re.Pattern[str] | None = None  # what a complaint has that may stand alone ("too dark")
    spellings: Mapping[str, str] = field(default_factory=dict)
    concepts: Mapping[str, Words] = field(default_factory=dict)
    degrees: tuple[Degree, ...] = ()
    less: tuple[Degree, ...] = ()
    negation: Words = field(default_factory=dict)
    mild: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()  # with {a}, which is not wanted, and {b}, which is
    frames: Mapping[str, Words] = field(default_factory=dict)  # usage -> form -> frames
    wrap: Words = field(default_factory=dict)
    join: Words = field(default_factory=dict)
    keep: tuple[str, ...] = ()
    axes: Words = field(default_factory=dict)
    hues: Mapping[str, Words] = field(default_factory=dict)
    zones: Mapping[str, Words] = field(default_factory=dict)
    tint_zone: Words = field(default_factory=dict)
    tint_whole: Words = field(default_factory=dict)
    bands: Mapping[str, Words] = field(default_factory=dict)
    moves: Mapping[str, Words] = field(default_factory=dict)
    turns: Words = field(default_factory=dict)
    looks: Words = field(default_factory=dict)
    look_degrees: tuple[Degree, ...] = ()
    colours: Mapping[str, str] = field(default_factory=dict)
    colour_frames: Words = field(default_factory=dict)
    numerics: tuple[Numeric, ...] = ()
    talk: Words = field(default_factory=dict)
    scenes: Words = field(default_factory=dict)


def load_language(path: Path) -> Language:
    """Read and check one file. Raises FileError."""
    top = Entry(path, "", read(path), _TOP)
    degrees = tuple(_degree(entry) for entry in top.many("degree"))
    if not any(degree.factor == 1 for degree in degrees):
        raise FileError(path, "has no [[degree]] with factor = 1.0", "the plain degree is required")
    tint = top.inner("tint", ("zone", "whole"))
    return Language(
        code=_code(path, top),
        decimal=top.table.get("decimal", "."),
        keyboard=_keyboard(top),
        spaced=bool(top.table.get("spaced", True)),
        fixes=_fixes(top),
        blame=_pattern(path, top.table["blame"]) if "blame" in top.table else None,
        spellings=dict(top.inner("spellings").table),
        concepts=_nested(top, "concepts", USAGES),
        degrees=degrees,
        less=tuple(_degree(entry) for entry in top.many("less")),
        negation=_words(top.inner("negation", USAGES), "{}"),
        mild=top.inner("mild", ("frames",)).texts("frames", "{}"),
        instead=top.inner("instead", ("frames",)).texts("frames", "{a}"),
        frames={usage: _words(top.inner("frames").inner(usage, FORMS), "{}") for usage in _frames(top)},
        wrap=_words(top.inner("wrap", _WRAPS)),
        join=_words(top.inner("join", _JOINS)),
        keep=top.inner("keep", ("frames",)).texts("frames", "{}"),
        axes=_words(top.inner("axes")),
        hues=_nested(top, "hues", ("adjective", "noun", "comparative")),
        zones=_nested(top, "zones", ("the", "in", "is", "bare")),
        tint_zone=_words(tint.inner("zone", COMPOSED)),
        tint_whole=_words(tint.inner("whole", COMPOSED)),
        bands=_nested(top, "bands", ("the", "is", "bare")),
        moves=_nested(top, "moves", USAGES),
        turns=_words(top.inner("turns", COMPOSED)),
        looks=_words(top.inner("looks", ("any", "but", "but_make", "with", "not", *LOOK_KINDS))),
        look_degrees=tuple(_degree(entry, ("frames",)) for entry in top.many("look_degree")),
        colours=_colours(top),
        colour_frames=_words(top.inner("colour_frames", FORMS), "{}"),
        numerics=tuple(_numeric(entry) for entry in top.many("numeric", _NUMERIC)),
        talk=_words(top.inner("talk", ("nothing", "identity"))),
        scenes=_words(top.inner("scenes")),
    )


def _code(path: Path, top: Entry) -> str:
    code = top.text("code")
    if code not in LANGUAGES or path.stem != f"languages_{code}":
        raise FileError(path, f"code is {code!r}", f"one of {', '.join(LANGUAGES)}, as in the file's name")
    return code


def _keyboard(top: Entry) -> str:
    keyboard = top.table.get("keyboard", "")
    if keyboard not in KEYBOARDS:
        raise FileError(top.path, f"keyboard is {keyboard!r}", f"one of {', '.join(KEYBOARDS)} or nothing")
    return str(keyboard)


def _frames(top: Entry) -> list[str]:
    return list(Entry(top.path, "frames", top.table.get("frames", {}), USAGES).table)


def _words(entry: Entry, slot: str = "") -> dict[str, tuple[str, ...]]:
    return {key: entry.texts(key, slot) for key in entry.table}


def _nested(top: Entry, name: str, allowed: tuple[str, ...]) -> dict[str, Words]:
    outer = top.inner(name)
    return {key: _words(outer.inner(key, allowed)) for key in outer.table}


def _degree(entry: Entry, usages: tuple[str, ...] = USAGES) -> Degree:
    factor = entry.number("factor", 0.1, 3)
    inside = Entry(entry.path, entry.place, {k: v for k, v in entry.table.items() if k != "factor"}, usages)
    return Degree(factor, _words(inside, "{}"))


def _fixes(top: Entry) -> tuple[tuple[re.Pattern[str], str], ...]:
    made = []
    for pair in top.table.get("fixes", []):
        try:
            pattern, replacement = pair
        except (TypeError, ValueError):
            raise FileError(top.path, f"fixes: {pair!r} is no pair of expression and text") from None
        made.append((_pattern(top.path, pattern), replacement))
    return tuple(made)


def _pattern(path: Path, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except (re.error, TypeError) as error:
        raise FileError(path, f"{text!r} is no regular expression: {error}") from None


def _colours(top: Entry) -> dict[str, str]:
    table = top.inner("colours").table
    for name, value in table.items():
        if not isinstance(value, str) or not _COLOUR.fullmatch(value):
            raise FileError(top.path, f"colours: {name!r} is {value!r}", 'write "#rrggbb"')
    return dict(table)


def _numeric(entry: Entry) -> Numeric:
    name = entry.text("parameter")
    if name not in BY_NAME:
        raise entry.error(f"there is no parameter {name!r}", "see core/recipe/parameters.py")
    per = entry.number("per", 0.001, 10) if "per" in entry.table else 1.0
    low, high = entry.number("low", 0, 200), entry.number("high", 0, 200)
    fixed: dict[str, Any] = dict(entry.inner("fixed").table)
    if max(high * per, *map(abs, fixed.values()), 0) > BY_NAME[name].high:
        raise entry.error(f"{name} goes beyond its range", f"at most {BY_NAME[name].high:g}")
    words = {key: entry.texts(key, "{}") for key in ("signed", "up", "down")}
    return Numeric(name, low, high, entry.number("step", 0.01, 50), per, words, fixed)

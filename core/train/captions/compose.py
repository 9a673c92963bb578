"""Composed concepts: tints (zone x hue) and bands (band x move or turn), and their wordings.

Their words multiply: eight names of the shadows by three of teal by a dozen templates.
"""

from __future__ import annotations

import itertools
import random
import string
from collections.abc import Mapping

from ...recipe.parameters import BY_NAME
from .concept import CURES, Concept
from .language import Language, Words
from .reading import Entry
from .wish import reversed_params, scaled

WHOLE = "whole"
MOVES = {"more": "less", "less": "more", "lighter": "darker", "darker": "lighter"}
_MOST = 600  # wordings kept of one usage, by chance over the product


Said = dict[str, tuple[str, ...]]  # usage -> wordings


def tints(entry: Entry, languages: Mapping[str, Language]) -> list[Concept]:
    """The concepts of a ``[tints]`` table: one for each zone and hue."""
    hues = entry.inner("hues")
    zones = entry.inner("zones")
    made = []
    for zone in zones.table:
        amounts = _amounts(zones.inner(zone))
        for hue in hues.table:
            one = hues.inner(hue, ("angle", "strength", "zones_only"))
            if zone == WHOLE and one.table.get("zones_only"):
                continue  # a warm picture is a matter of the white balance
            params = _tint(amounts, one.number("angle", 0, 360), one.number("strength", 0, 2))
            words = {code: _tint_words(language, zone, hue) for code, language in languages.items()}
            axis = "temperature" if zone == WHOLE else f"{zone}-tint"
            made += _both_ways(f"{zone}-{hue}", axis, "zones", params, words)
    return made


def bands(entries: list[Entry], languages: Mapping[str, Language]) -> list[Concept]:
    """The concepts of ``[[band]]`` entries: their four moves and their turns towards hues."""
    made = []
    for entry in entries:
        band = entry.text("id")
        for move, back in MOVES.items():
            if move in entry.table:
                words = {c: _band_words(language, band, move, back) for c, language in languages.items()}
                against = entry.params(back) if back in entry.table else {}
                made.append(Concept(f"{band}-{move}", band, "bands", entry.params(move), against, words))
        turns = entry.inner("turns")
        for hue in turns.table:
            params = turns.params(hue)
            words = {c: _turn_words(language, band, hue) for c, language in languages.items()}
            made += _both_ways(f"{band}-to-{hue}", band, "bands", params, words)
    return made


def _both_ways(
    name: str, axis: str, group: str, params: dict[str, float], words: Mapping[str, Said]
) -> list[Concept]:
    """The concept and its counterpart, which has the complaints: too much green asks for less."""
    against = reversed_params(params)
    wanted = {
        code: {u: w for u, w in said.items() if u not in (*CURES, "remove")} for code, said in words.items()
    }
    cured = {code: {u: said[u] for u in CURES if u in said} for code, said in words.items()}
    for code, said in words.items():
        if "remove" in said:
            cured[code]["verb"] = said["remove"]
    return [
        Concept(name, axis, group, params, against, wanted),
        Concept(f"no-{name}", axis, group, against, params, cured),
    ]


def _amounts(zone: Entry) -> dict[str, float]:
    out = {}
    for name in zone.table:
        if f"{name}_amount" not in BY_NAME:
            raise zone.error(f"{name} is no zone of a recipe", "use shadow, mid or highlight")
        out[name] = zone.number(name, 0, 100)
    return out


def _tint(amounts: Mapping[str, float], angle: float, strength: float) -> dict[str, float]:
    params: dict[str, float] = {}
    for zone, amount in amounts.items():
        params |= {f"{zone}_hue": angle, f"{zone}_amount": amount}
    return scaled(params, strength)


def _tint_words(language: Language, zone: str, hue: str) -> Said:
    words = language.hues.get(hue, {})
    places = {} if zone == WHOLE else language.zones.get(zone, {})
    if not words or (zone != WHOLE and not places):
        return {}
    fill = {"a": words.get("adjective", ()), "n": words.get("noun", ()), "c": words.get("comparative", ())}
    return _expanded(language.tint_whole if zone == WHOLE else language.tint_zone, fill | dict(places))


def _band_words(language: Language, band: str, move: str, back: str) -> Said:
    """Complaints name what is there: those of ``back`` ask for ``move``."""
    places = language.bands.get(band, {})
    if not places:
        return {}
    wanted = {u: w for u, w in language.moves.get(move, {}).items() if u not in CURES}
    cures = {u: w for u, w in language.moves.get(back, {}).items() if u in CURES}
    return _expanded(wanted | cures, places)


def _turn_words(language: Language, band: str, hue: str) -> Said:
    words, places = language.hues.get(hue, {}), language.bands.get(band, {})
    if not words or not places:
        return {}
    fill = {"a": words.get("adjective", ()), "n": words.get("noun", ()), "c": words.get("comparative", ())}
    return _expanded(language.turns, fill | dict(places))


def _expanded(templates: Words, fill: Words) -> Said:
    return {usage: out for usage, given in templates.items() if (out := _all(given, fill))}


def _all(templates: tuple[str, ...], fill: Words) -> tuple[str, ...]:
    """Every filling of every template; a template with a slot that has no words says nothing."""
    out: dict[str, None] = {}
    for template in templates:
        slots = sorted({name for _, name, _, _ in string.Formatter().parse(template) if name})
        for choice in itertools.product(*(fill.get(slot, ()) for slot in slots)):
            out[template.format(**dict(zip(slots, choice, strict=True)))] = None
    words = list(out)
    # an even step would meet the same words of an inner slot again and again
    return tuple(random.Random(len(words)).sample(words, _MOST) if len(words) > _MOST else words)

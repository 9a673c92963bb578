"""The kinds of captions with names: looks, real LUTs, colours; and those that ask for nothing."""

from __future__ import annotations

import math

import numpy as np

from ...colour import srgb_to_oklab
from .concept import Look
from .kinds import listed
from .voice import GREYED, Draft, Voice
from .wish import Wish, scaled

STRONGEST_FILM = 1.5
_GREY, _BROWN_LIGHT = 0.025, 0.55  # Oklab chroma below which a colour is a grey; lightness of dark oranges
_SHARES = {"shadow": 0.75, "mid": 1.0, "highlight": 0.75}  # of a colour's amount in the three zones


def look_wish(look: Look, factor: float) -> Wish:
    """A look at ``factor`` of its strength."""
    strength = min(factor, STRONGEST_FILM) if look.film else 1.0
    return Wish(scaled(look.params, factor), look.film, strength)


def look(v: Voice) -> Draft | None:
    """ "a noir look", "make it look like a summer evening", "Portra vibes"."""
    chosen = _look(v)
    if chosen is None:
        return None
    return Draft(_in_frame(v, *chosen), "say", look_wish(chosen[0], 1), _parts(chosen))


def look_degree(v: Voice) -> Draft | None:
    """ "a subtle noir look", "heavy cyberpunk"."""
    chosen = _look(v)
    if chosen is None or not v.language.look_degrees:
        return None
    degree = v.rng.choice(v.language.look_degrees)
    text = v.one(degree.words["frames"]).replace("{}", chosen[1])
    return Draft(text, "say", look_wish(chosen[0], degree.factor), ((f"look:{chosen[0].id}", degree.factor),))


def look_concept(v: Voice) -> Draft | None:
    """ "Portra 400 but cooler", "cinematic with lifted blacks"."""
    chosen = _look(v)
    if chosen is None:
        return None
    base = look_wish(chosen[0], 1)
    coloured = base.params.get("saturation", 0) > GREYED
    concept = v.concept(coloured=coloured)
    if concept and concept.against and v.chance(0.2):
        usages = ("noun", "adjective")
        phrase = v.phrase(concept, v.language.less, usages, -1)
    elif concept:
        phrase = v.phrase(concept, v.degrees())
    else:
        return None
    if phrase is None:
        return None
    but = phrase.usage in ("adjective", "comparative", "verb") or v.chance(0.4)
    words = v.language.looks.get("but" if but else "with", ())
    if phrase.usage in ("adjective", "comparative"):
        words = (*words, *v.language.looks.get("but_make", ()))  # "noir, but make it warmer"
    join = v.one(words, ", ")
    start = _in_frame(v, *chosen) if v.chance(0.6) else chosen[1]
    parts = (*_parts(chosen), (concept.id, phrase.factor))
    return Draft(start + join + phrase.text, "say", base + phrase.wish, parts)


def look_not(v: Voice) -> Draft | None:
    """ "anything but vintage": nothing is known of what is wanted instead."""
    chosen = _look(v)
    frames = v.language.looks.get("not")
    if chosen is None or not frames:
        return None
    return Draft(v.one(frames).replace("{}", chosen[1]), "say", Wish(), ((f"look:{chosen[0].id}", 0.0),))


def film(v: Voice) -> Draft | None:
    """A real LUT by its name."""
    if not v.stock.films:
        return None
    chosen = v.rng.choices(v.stock.films, cum_weights=v.stock.film_weights)[0]
    kind = {"film-stock": "film-stock", "cinematic": "film"}.get(chosen.kind, "any")
    label = chosen.label
    draw = v.rng.random()
    if draw < 0.12 and v.language.look_degrees:
        degree = v.rng.choice(v.language.look_degrees)
        text = v.one(degree.words["frames"]).replace("{}", chosen.said)
        return Draft(text, "say", Wish({}, label, min(degree.factor, STRONGEST_FILM)))
    text = _frame(v, kind).replace("{}", chosen.said)
    if draw < 0.24:
        concept = v.concept()
        phrase = v.phrase(concept, v.degrees()) if concept else None
        if phrase:
            join = v.one(v.language.looks.get("but"), ", ")
            return v.draft(text + join + phrase.text, "say", [phrase], Wish({}, label))
    return Draft(text, "say", Wish({}, label))


def colour(v: Voice) -> Draft | None:
    """ "a dusty rose tint", "navy"."""
    if not v.stock.colours or not v.language.colour_frames:
        return None
    name, code = v.rng.choice(v.stock.colours)
    form = v.one(list(v.language.colour_frames))
    text = v.one(v.language.colour_frames[form]).replace("{}", name)
    return Draft(text, form, colour_wish(code))


def colour_wish(code: str) -> Wish:
    """A tint of "#rrggbb" over all tones by its chroma; light colours lighten a little, dark ones darken."""
    rgb = np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    light, a, b = (float(x) for x in srgb_to_oklab(rgb))
    chroma, hue = math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360
    exposure = min(max(0.9 * (light - 0.68), -0.4), 0.3)
    if chroma < _GREY:
        params = {"exposure": 1.4 * exposure, "saturation": -35.0}
        if light < _BROWN_LIGHT:
            params["blacks"] = -25.0 * (1 - light / _BROWN_LIGHT)
        return Wish(scaled(params, 1))
    amount = min(10 + 140 * chroma, 36)
    params = {"exposure": exposure}
    for zone, share in _SHARES.items():
        params |= {f"{zone}_hue": round(hue, 1), f"{zone}_amount": amount * share}
    return Wish(scaled(params, 1))


def nothing(v: Voice) -> Draft | None:
    """ "a cat on a sofa": nothing about colour, nothing is asked for."""
    scenes = v.language.scenes
    if scenes.get("subject") and v.chance(0.7):
        parts = [v.one(scenes["subject"])]
        parts += [v.one(scenes[key]) for key in ("action", "place") if scenes.get(key) and v.chance(0.7)]
        return Draft((" " if v.language.spaced else "").join(parts), "none", Wish())
    told = v.language.talk.get("nothing")
    return Draft(v.one(told), "none", Wish()) if told else None


def identity(v: Voice) -> Draft | None:
    """ "leave it as it is"."""
    told = v.language.talk.get("identity")
    return Draft(v.one(told), "say", Wish()) if told else None


def two_looks(v: Voice) -> Draft | None:
    """ "noir meets cyberpunk": each at 0.6."""
    first, second = _look(v), _look(v)
    if first is None or second is None or first[0] is second[0] or (first[0].film and second[0].film):
        return None
    wish = look_wish(first[0], 0.6) + look_wish(second[0], 0.6)
    names = ((f"look:{first[0].id}", 0.6), (f"look:{second[0].id}", 0.6))
    return Draft(listed(v, [first[1], second[1]]), "say", wish, names)


def _look(v: Voice) -> tuple[Look, str] | None:
    if not v.stock.looks:
        return None
    chosen = v.rng.choice(v.stock.looks)
    return chosen, v.word(chosen.wordings[v.code])


def _parts(chosen: tuple[Look, str]) -> tuple[tuple[str, float], ...]:
    return ((f"look:{chosen[0].id}", 1.0),)


def _in_frame(v: Voice, chosen: Look, name: str) -> str:
    return _frame(v, chosen.kind).replace("{}", name)


def _frame(v: Voice, kind: str) -> str:
    own = v.language.looks.get(kind)
    return v.one(own if own and v.chance(0.4) else v.language.looks.get("any"), "{}")

"""The small choices every kind of caption is made of: a concept, a wording, a degree, a frame."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from .concept import CURES, WANTS, Concept, Look
from .language import Degree, Language, Words
from .lexicon import Film, Lexicon
from .wish import Wish, scaled

GROUPS = {"light": 0.40, "colour": 0.28, "zones": 0.18, "bands": 0.14}
_TERSE = 0.35  # share of the complaints that are nothing but one: "too dark"
WEIGHTS = {"adjective": 3, "comparative": 4, "noun": 3, "verb": 4, "phrase": 2, "complaint": 3, "sentence": 2}
GREYED = -80  # saturation from which a look has no colours left to steer
_COLOURLESS = ("light", "zones")  # groups that still mean something then


@dataclass(frozen=True)
class Draft:
    """A caption before wrapping. ``form`` is do, want, say or complain; see :class:`Caption` for the rest."""

    text: str
    form: str
    wish: Wish
    parts: tuple[tuple[str, float], ...] = ()
    kept: tuple[str, ...] = ()


@dataclass(frozen=True)
class Phrase:
    """A concept's wording with its degree; ``factor`` < 0 asks for the opposite."""

    text: str
    usage: str
    concept: Concept
    factor: float

    @property
    def wish(self) -> Wish:
        """What it asks for."""
        return wish_of(self.concept, self.factor)


def wish_of(concept: Concept, factor: float) -> Wish:
    """The concept times a factor; below 0 its opposite."""
    return Wish(scaled(concept.params if factor >= 0 else concept.against, abs(factor)))


@dataclass(frozen=True)
class Shelf:
    """Concepts by group, to be drawn by the groups' shares and their own weights."""

    groups: list[list[Concept]]
    weights: list[list[float]]  # cumulative, of each group
    steps: list[float]

    @classmethod
    def of(cls, concepts: Sequence[Concept]) -> Shelf:
        """Sort concepts into their groups."""
        groups = [[c for c in concepts if c.group == group] for group in GROUPS]
        weights = [list(accumulate(c.weight for c in group)) for group in groups]
        shares = (share if group else 0 for share, group in zip(GROUPS.values(), groups, strict=True))
        return cls(groups, weights, list(accumulate(shares)))

    def pick(self, rng: random.Random) -> Concept | None:
        """One concept, or None when there is none."""
        if not self.steps[-1]:
            return None
        at = bisect(self.steps, rng.random() * self.steps[-1])
        weights = self.weights[at]
        return self.groups[at][bisect(weights, rng.random() * weights[-1])]


@dataclass
class Stock:
    """What one language can say, sorted for drawing."""

    language: Language
    wanted: Shelf
    cured: Shelf
    plain: list[Degree]
    weak: list[Degree]
    strong: list[Degree]
    looks: list[Look]
    tints: list[Concept]
    avoided: list[Concept]
    colours: Sequence[tuple[str, str]]
    by_id: Mapping[str, Concept]
    ambiguous: frozenset[str]
    films: Sequence[Film] = ()
    film_weights: Sequence[float] = ()

    @classmethod
    def of(cls, lexicon: Lexicon, code: str) -> Stock:
        """The part of a lexicon that a language has words for."""
        language = lexicon.languages[code]
        said = [concept for concept in lexicon.concepts if concept.usages(code, WANTS)]
        degrees = language.degrees
        return cls(
            language=language,
            wanted=Shelf.of(said),
            cured=Shelf.of([c for c in lexicon.concepts if c.usages(code, CURES)]),
            plain=[d for d in degrees if d.factor == 1],
            weak=[d for d in degrees if d.factor < 1],
            strong=[d for d in degrees if d.factor > 1],
            looks=[look for look in lexicon.looks if look.wordings.get(code)],
            tints=[c for c in said if c.axis.endswith("-tint") and c.usages(code, ("phrase",))],
            avoided=[c for c in said if c.usages(code, ("avoid",)) and c.against],
            colours=lexicon.colours.get(code, ()),
            by_id=lexicon.by_id,
            ambiguous=lexicon.wanted[code],
            films=lexicon.films,
            film_weights=list(accumulate(film.weight for film in lexicon.films)),
        )


class Voice:
    """One caption's speaker: a language, a source of chance, and the choices.

    Methods that find nothing to say return None; the grammar then tries again.
    """

    def __init__(self, stock: Stock, rng: random.Random) -> None:
        self.stock, self.rng = stock, rng
        self.language, self.code = stock.language, stock.language.code

    def one(self, options: Sequence[str] | None, otherwise: str = "") -> str:
        """One of the options."""
        return options[int(self.rng.random() * len(options))] if options else otherwise

    def word(self, options: Sequence[str]) -> str:
        """One of a concept's or a look's wordings; they are listed with the common ones first.

        Drawn evenly, "overexposed" would be met as seldom as "nuked", and not be learnt.
        """
        return options[int(len(options) * self.rng.random() ** 2)]

    def chance(self, share: float) -> bool:
        """True in that share of the draws."""
        return self.rng.random() < share

    def concept(self, without: Iterable[Concept] = (), coloured: bool = True) -> Concept | None:
        """A concept that goes together with others."""
        taken = tuple(without)
        for _ in range(8):
            concept = self.stock.wanted.pick(self.rng)
            if concept is None:
                return None
            if all(together(concept, other) for other in taken) and (
                coloured or concept.group in _COLOURLESS
            ):
                return concept
        return None

    def concepts(self, count: int) -> list[Concept] | None:
        """Several concepts of different axes that share no parameter."""
        chosen: list[Concept] = []
        for _ in range(count):
            concept = self.concept(chosen)
            if concept is None:
                return None
            chosen.append(concept)
        return chosen

    def degrees(self) -> list[Degree]:
        """The degrees of a part whose degree is not the point: mostly plain."""
        draw = self.rng.random()
        if draw < 0.6:
            return self.stock.plain
        return self.stock.weak if draw < 0.84 else self.stock.strong

    def phrase(
        self, concept: Concept, degrees: Sequence[Degree], usages: tuple[str, ...] = WANTS, sign: int = 1
    ) -> Phrase | None:
        """A wording of the concept with one of the degrees."""
        if is_mono(concept):
            # there is no rather black and white
            degrees = [degree for degree in degrees if degree.factor == 1]
        if not degrees:
            return None
        for _ in range(6):
            degree = degrees[int(self.rng.random() * len(degrees))]
            worded = self.worded(concept, degree.words, usages)
            if worded:
                return Phrase(*worded, concept, sign * degree.factor)
        return None

    def worded(self, concept: Concept, words: Words, usages: tuple[str, ...]) -> tuple[str, str] | None:
        """(text, usage) of a wording put into one of the templates ``words`` has for its usage."""
        said = concept.wordings.get(self.code, {})
        open_to = [u for u in usages if said.get(u) and words.get(u)]
        if not open_to:
            return None
        usage = open_to[0]
        if len(open_to) > 1:
            usage = self.rng.choices(open_to, [WEIGHTS[u] for u in open_to])[0]
        return self.one(words[usage]).replace("{}", self.word(said[usage])), usage

    def framed(self, phrase: Phrase) -> Draft | None:
        """A phrase as a sentence of its own."""
        frames = self.language.frames.get(phrase.usage)
        if not frames:
            return self.bare(phrase)
        form = self.one(list(frames))
        frame = self.one(frames[form])
        complains = phrase.usage in CURES
        if phrase.usage == "complaint" and self.chance(_TERSE) and self._stands_alone(phrase.text):
            frame = "{}"
        if frame == "{}" and phrase.usage == "complaint" and not self._stands_alone(phrase.text):
            return None
        text = frame.replace("{}", phrase.text)
        return self.draft(text, "complain" if complains else form, [phrase])

    def _stands_alone(self, complaint: str) -> bool:
        """ "too dark" does; "washed out" may be a wish."""
        blame = self.language.blame
        if complaint.casefold() in self.stock.ambiguous:
            return False
        return blame is None or bool(blame.search(complaint))

    def bare(self, phrase: Phrase) -> Draft:
        """A phrase without a frame."""
        return self.draft(phrase.text, "do" if phrase.usage == "verb" else "say", [phrase])

    def draft(self, text: str, form: str, phrases: Sequence[Phrase], wish: Wish | None = None) -> Draft:
        """A draft of the phrases' wishes, over another wish."""
        total = wish or Wish()
        for phrase in phrases:
            total = total + phrase.wish
        return Draft(text, form, total, tuple((p.concept.id, p.factor) for p in phrases))

    def number(self, value: float, step: float, signed: bool) -> str:
        """A number as people print it, with the language's decimal mark in half of the cases."""
        decimals = 0 if step >= 1 else 2 if round(step * 100) % 10 else 1
        text = f"{abs(value):.{decimals}f}"
        if self.language.decimal != "." and self.chance(0.5):
            text = text.replace(".", self.language.decimal)
        sign = ("+" if value > 0 else self.one(("-", "-", "-", "−"))) if signed else ""
        return sign + text


def together(first: Concept, second: Concept) -> bool:
    """Whether two concepts can stand in one wish: other axes, no common parameter, colours left."""
    for one, other in ((first, second), (second, first)):
        if is_mono(one) and other.group not in _COLOURLESS:
            return False
    return first.axis != second.axis and not any(
        name in second.params or name in second.against for name in (*first.params, *first.against)
    )


def is_mono(concept: Concept) -> bool:
    """Whether a concept takes all colour away."""
    return concept.params.get("saturation", 0) <= GREYED

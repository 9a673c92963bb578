"""Drawing captions with their wishes: kinds by shares, languages by shares, wrapping and typing."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import accumulate

import numpy as np

from ...errors import BadInput
from . import kinds, named
from .lexicon import Lexicon
from .noise import typed
from .voice import Draft, Stock, Voice
from .wish import Wish

SHARES: dict[str, float] = {
    "direction": 14, "degree": 14, "correction": 15, "less": 4, "negation": 10, "compound": 16, "zones": 5,
    "keep": 4, "numeric": 5, "look": 20, "look_degree": 4, "look_concept": 7, "look_not": 0.5, "two_looks": 1,
    "film": 6, "colour": 6, "nothing": 2.5, "identity": 1.5,
}  # fmt: skip
LANGUAGE_SHARES: dict[str, float] = {"en": 0.58, "de": 0.08, "fr": 0.08, "es": 0.08, "zh": 0.10, "ja": 0.08}
_WRAPPED, _BEFORE, _AFTER, _HASHTAG, _QUOTED = 0.3, 0.07, 0.06, 0.02, 0.01
_TRIES = 200


@dataclass(frozen=True)
class Caption:
    """What somebody says, and what is meant.

    Parameters
    ----------
    text, language : the caption; one of :data:`~.concept.LANGUAGES`
    wish : what it asks for
    kind : the kind of caption, a key of :data:`SHARES`
    parts : (id, factor) of every concept and "look:id" in it; a factor < 0 is the opposite
    kept : the axes it asks to leave alone
    """

    text: str
    wish: Wish
    kind: str
    language: str
    parts: tuple[tuple[str, float], ...] = ()
    kept: tuple[str, ...] = ()


class Grammar:
    """Draws captions from a lexicon.

    Parameters
    ----------
    shares, languages : relative shares of the kinds and of the languages; what the lexicon has no
        words for falls away
    """

    def __init__(
        self,
        lexicon: Lexicon,
        shares: Mapping[str, float] | None = None,
        languages: Mapping[str, float] | None = None,
    ) -> None:
        makers = _makers(lexicon)
        chosen = dict(SHARES if shares is None else shares)
        for kind in chosen:
            if kind not in makers:
                raise BadInput(f"there is no kind of caption {kind!r}: one of {', '.join(makers)}")
        asked = dict(LANGUAGE_SHARES if languages is None else languages)
        self.stocks = [Stock.of(lexicon, code) for code in asked if code in lexicon.languages]
        if not self.stocks:
            raise BadInput(f"the lexicon has none of the languages {', '.join(asked)}")
        self._language_steps = list(accumulate(asked[stock.language.code] for stock in self.stocks))
        self._kinds = [(kind, makers[kind]) for kind in chosen]
        self._kind_steps = list(accumulate(chosen.values()))

    def draw(self, rng: np.random.Generator) -> Caption:
        """One caption; the same generator state gives the same caption."""
        source = random.Random(int(rng.integers(2**62)))
        for _ in range(_TRIES):
            kind, make = self._kinds[bisect(self._kind_steps, source.random() * self._kind_steps[-1])]
            stock = self.stocks[bisect(self._language_steps, source.random() * self._language_steps[-1])]
            voice = Voice(stock, source)
            draft = make(voice)
            if draft is not None:
                text = typed(_wrapped(voice, draft), stock.language, source)
                return Caption(text, draft.wish, kind, stock.language.code, draft.parts, draft.kept)
        raise BadInput(f"the lexicon has no words for the kinds {', '.join(kind for kind, _ in self._kinds)}")


def draw(rng: np.random.Generator, lexicon: Lexicon) -> Caption:
    """One caption with the default shares."""
    return _grammar(lexicon).draw(rng)


@lru_cache(maxsize=4)
def _grammar(lexicon: Lexicon) -> Grammar:
    return Grammar(lexicon)


def _makers(lexicon: Lexicon) -> dict[str, Callable[[Voice], Draft | None]]:
    return {
        "direction": kinds.direction,
        "degree": kinds.degree,
        "correction": kinds.correction,
        "less": kinds.less,
        "negation": kinds.negation,
        "compound": kinds.compound,
        "zones": kinds.zones,
        "keep": partial(kinds.keep, axis_params=lexicon.axis_params),
        "numeric": kinds.numeric,
        "look": named.look,
        "look_degree": named.look_degree,
        "look_concept": named.look_concept,
        "look_not": named.look_not,
        "two_looks": named.two_looks,
        "film": named.film,
        "colour": named.colour,
        "nothing": named.nothing,
        "identity": named.identity,
    }


def _wrapped(v: Voice, draft: Draft) -> str:
    """Politeness and rambling around a caption; captions about nothing stay alone."""
    if draft.form == "none":
        return draft.text
    wrap, text = v.language.wrap, draft.text
    if v.chance(_WRAPPED) and wrap.get(draft.form):
        text = v.one(wrap[draft.form]).replace("{}", text)
    if wrap.get("hashtag") and len(text) < 30 and v.chance(_HASHTAG):
        return v.one(wrap["hashtag"]).replace("{}", "".join(text.split()))
    if v.chance(_QUOTED):
        text = f'"{text}"'
    if wrap.get("before") and v.chance(_BEFORE):
        text = v.one(wrap["before"]) + text
    if wrap.get("after") and v.chance(_AFTER):
        text += v.one(wrap["after"])
    return text

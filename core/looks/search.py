"""Finding looks by words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .attributes import VOCABULARY, terms
from .store import Look

_NAME, _TAG, _DESCRIPTION = 3.0, 4.0, 0.5  # against the strength of an attribute, 1 and more
_MOST = 3.0  # of an attribute's strength counts: an extreme look should not hide all others


def found(looks: Sequence[Look], text: str) -> list[Look]:
    """The looks that every term of a text speaks of, best first; no terms find nothing."""
    wanted = terms(text)
    if not wanted:
        return []
    scored = [(_score(look, wanted), look) for look in looks]
    return [look for score, look in sorted(scored, key=lambda pair: -pair[0]) if score > 0]


def _score(look: Look, wanted: list[str]) -> float:
    scores = [_term(look, term) for term in wanted]
    return sum(scores) if all(scores) else 0.0


def _term(look: Look, term: str) -> float:
    score = _NAME * (term in look.name.casefold()) + _TAG * (term in look.tags)
    for word, strength in look.attributes.items():
        if term == word or (term in word.split() and term not in VOCABULARY):
            score += min(strength, _MOST)
    # What is an attribute is not looked for in the description: "slightly warmer" may be outweighed.
    if term not in VOCABULARY and re.search(rf"\b{re.escape(term)}\b", look.words.casefold()):
        score += _DESCRIPTION
    return score

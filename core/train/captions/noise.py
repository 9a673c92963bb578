"""How people type: spellings, case, full stops, typing errors."""

from __future__ import annotations

import random
import re

from .language import Language

_ROWS = {
    "qwerty": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "qwertz": ("qwertzuiop", "asdfghjkl", "yxcvbnm"),
    "azerty": ("azertyuiop", "qsdfghjklm", "wxcvbn"),
}
_SHORTEST = 4  # letters of a word that may get a typo
_ENDS = ((0.70, ""), (0.92, "."), (0.96, "!"), (0.98, "..."), (1.0, "!!"))
_TYPOS, _CAPITAL, _TITLE, _SHOUT, _SMALL, _AMERICAN, _NO_COMMA = 0.2, 0.32, 0.03, 0.02, 0.12, 0.5, 0.05
_WORD = re.compile(r"[^\W\d_]+")


def typed(text: str, language: Language, rng: random.Random) -> str:
    """The text as somebody may have typed it."""
    for pattern, replacement in language.fixes:
        text = pattern.sub(replacement, text)
    if language.spellings and rng.random() < _AMERICAN:
        text = _respelled(text, language)
    if language.keyboard and rng.random() < _TYPOS:
        text = mistyped(text, language.keyboard, rng)
    if rng.random() < _NO_COMMA:
        text = text.replace(",", "")
    if language.spaced:
        text = _cased(text, rng)
        draw = rng.random()
        if text[-1].isalnum():
            text += next(end for limit, end in _ENDS if draw <= limit)
    elif rng.random() < 0.3:
        text += "。"
    return text


def mistyped(text: str, keyboard: str, rng: random.Random) -> str:
    """One typing error, or a few, in words that stay recognisable."""
    words = [m for m in _WORD.finditer(text) if len(m[0]) >= _SHORTEST and m[0].isascii()]
    if not words:
        return text
    most = min(len(words), rng.choices((1, 2, 3), (6, 3, 1))[0])
    for match in rng.sample(words, most):
        # the word is looked for again: an earlier error may have moved it
        text = text.replace(match[0], _slip(match[0], keyboard, rng), 1)
    return text


def _slip(word: str, keyboard: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(5)
    if kind == 4:
        return word[:at] + rng.choice("aehilnorstu") + word[at:]
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    return word[:at] + _neighbour(word[at], keyboard, rng) + word[at + 1 :]


def _neighbour(letter: str, keyboard: str, rng: random.Random) -> str:
    for row in _ROWS[keyboard]:
        at = row.find(letter.lower())
        if at >= 0:
            return row[max(at - 1, 0)] if (rng.random() < 0.5 and at) or at == len(row) - 1 else row[at + 1]
    return letter


def _respelled(text: str, language: Language) -> str:
    for british, american in language.spellings.items():
        if british in text:
            text = text.replace(british, american)
    return text


def _cased(text: str, rng: random.Random) -> str:
    draw = rng.random()
    if draw < _CAPITAL:
        return text[0].upper() + text[1:]
    draw -= _CAPITAL
    if draw < _TITLE:
        return text.title() if "'" not in text else text
    draw -= _TITLE
    if draw < _SHOUT:
        return text.upper()
    draw -= _SHOUT
    return text.lower() if draw < _SMALL else text

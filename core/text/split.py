"""Words, numbers, marks and single ideographs of a prompt in any language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

LONGEST_TEXT = 20_000  # characters that are looked at: a bound on the work
LARGEST = 1e6
UNITS = ("", "ev", "%", "k", "degree", "mired", "times", "length", "year")
_UNIT_WORDS = {
    "ev": "ev il stop stops blende blenden blendenstufe blendenstufen diaph diaphs paso pasos 档 挡 段",
    "%": "% percent prozent pourcent pct パーセント",
    "k": "k kelvin",
    "degree": "° deg degree degrees grad degré degrés grado grados 度",
    "mired": "mired mireds",
    "times": "x × times fach fois veces 倍",
    "length": "mm",
    "year": "s er 年代 年",
}
_UNIT_OF = {word: UNITS.index(unit) for unit, words in _UNIT_WORDS.items() for word in words.split()}
_UNIT_OF |= dict.fromkeys(("per cent", "pour cent", "por ciento"), UNITS.index("%"))

_KATAKANA = "\u30a1-\u30fa\u30fc-\u30fe\u31f0-\u31ff"
_IDEOGRAPH = "\u3041-\u309f\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_EAST = _KATAKANA + _IDEOGRAPH
_POINTS = "\u0300-\u036f\u0591-\u05c7\u0610-\u06dc\u0900-\u0e7f"  # marks that belong to the letter before
_LETTERS = rf"(?:[^\W\d_{_EAST}]|[{_POINTS}])+"
_TOKEN = re.compile(
    rf"""(?P<number> (?: (?<!\d)\+ | (?<![^\s(\[:=,;/~{_EAST}])[-±] )?
                     (?: \d[ ]\d/\d | \d+/\d+ | \d+(?:[.,]\d+)* | (?<!\w)\.\d+ ) )
         (?= \s? (?P<unit> per\scent | pour\scent | por\sciento | [%°×] | [{_EAST}]+ | {_LETTERS} ) )?
       | (?P<word> {_LETTERS}(?:'{_LETTERS})* )
       | (?P<katakana> [{_KATAKANA}]+ )
       | (?P<ideograph> [{_IDEOGRAPH}] )
       | (?P<mark> (?<!\S)[-+](?=\w) | [.,;:!?/()&%°+×] )
       | (?P<symbol> [^\w\s\x00-\x7f] )""",
    re.VERBOSE,
)
_BEFORE, _AFTER = re.compile(f"[{_EAST}]*$"), re.compile(f"[{_EAST}]*")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+")
_FRACTION = re.compile(r"(?<=\d)(?=[\u00bc-\u00be\u2150-\u215e])")
_ENDINGS = frozenset(["t", "s", "re", "ve", "ll", "d", "m"])  # "don't" is one word, "l'ombre" is two
_SAME = str.maketrans("−–—‒、。‘’ʼ`⁄∕・·", "----,.''''//  ")


@dataclass(frozen=True)
class Word:
    """One word of a prompt, folded to lower case.

    ``value``, ``sign`` (as written: -1, 0, +1) and ``unit`` (an index into UNITS) are those of a
    number; ``beside`` holds up to three neighbours on the left and right of an ideograph.
    """

    text: str
    value: float | None = None
    sign: int = 0
    unit: int = 0
    beside: tuple[str, str] | None = None


def split(text: str, most: int | None = None) -> list[Word]:
    """The words of a text, in order, the first ``most`` of them.

    White space and hyphens separate; marks that separate clauses are words, as are symbols and
    emoji, single kana and ideographs, and whole runs of katakana. Quotes and brackets vanish.
    """
    text = fold(text)
    return list(islice((word for found in _TOKEN.finditer(text) for word in _read(found, text)), most))


def fold(text: str) -> str:
    """NFKC, lower case, one sort of minus, apostrophe, comma and full stop."""
    text = text[:LONGEST_TEXT]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _FRACTION.sub(" ", text)).casefold()
        return unicodedata.normalize("NFC", text).translate(_SAME)
    return text.casefold().replace("`", "'")


@lru_cache(8192)
def plain(word: str) -> str:
    """``word`` without the accents of Latin, Greek and Cyrillic letters; kana keep theirs."""
    if word.isascii():
        return word
    apart = (c for c in unicodedata.normalize("NFD", word) if not 0x300 <= ord(c) <= 0x36F)
    return unicodedata.normalize("NFC", "".join(apart))


def _read(found: re.Match[str], text: str) -> Iterator[Word]:
    kind, token = found.lastgroup, found.group()
    if found["number"]:
        yield _number(token, found["unit"] or "")
    elif kind == "word":
        yield from map(Word, _apart(token))
    elif kind == "ideograph":
        start, end = found.span()
        before = _BEFORE.search(text[max(0, start - 3) : start])
        after = _AFTER.match(text[end : end + 3])
        yield Word(token, beside=(before.group() if before else "", after.group() if after else ""))
    elif kind != "symbol" or unicodedata.category(token)[0] == "S":
        yield Word(token)


def _apart(token: str) -> list[str]:
    """Parts of a word with apostrophes: English endings stay on."""
    parts = token.split("'")
    return ["".join(parts)] if len(parts) == 2 and parts[1] in _ENDINGS else parts


def _number(token: str, follows: str) -> Word:
    digits = token.lstrip("+-±")
    sign = {"+": 1, "-": -1}.get(token[0], 0)
    value, unit = min(_value(digits), LARGEST), _unit(follows)
    if UNITS[unit] == "k" and value < 100:  # 5.6k, and 5.600 K as Germans write it
        value *= 1000
    return Word(digits, -value if sign < 0 else value, sign, unit)


def _value(digits: str) -> float:
    """Of ``1.5``, ``1,5``, ``5,600``, ``2/3``, ``1 1/2``; of ``1.2.3`` the first two parts."""
    whole, _, fraction = digits.rpartition(" ")
    if "/" in fraction:
        upper, lower = map(float, fraction.split("/"))
        return float(whole or 0) + (upper / lower if lower else upper)
    if _GROUPED.fullmatch(digits):
        return float(digits.replace(",", ""))
    return float(".".join(digits.replace(",", ".").split(".")[:2]))


def _unit(follows: str) -> int:
    """The unit that a number is followed by; where no spaces are written, the longest that fits."""
    if follows in _UNIT_OF or follows.isascii():
        return _UNIT_OF.get(follows, 0)
    starts = (follows[:length] for length in (5, 2, 1))
    return next((_UNIT_OF[start] for start in starts if start in _UNIT_OF), 0)

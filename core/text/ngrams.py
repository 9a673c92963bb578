"""A prompt as words of hashed character n-grams, with the numbers it names.

The second stream beside the word pieces: it knows no language and no vocabulary, so it serves
every script, and a misspelt word shares most of its n-grams with the right one. After
Bojanowski et al. 2017 (fastText), with CRC-32 for FNV-1a: zlib has it in C.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from math import asinh, log2
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from .split import Word, plain, split

BUCKETS = 2**14  # id 0 means "none"
GRAMS = 24  # ids per word
MOST = 48  # words of a prompt
FIGURES = 4
LONGEST_RUN = 4  # characters an ideograph is seen with, itself included
LONGEST_WORD = 40


def words(text: str, most: int = MOST) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Ids (W, 24) int32 and figures (W, 4) float32 of the first ``most`` words of a text.

    Ids are 1..2**14-1, padded with 0. Figures are zero for words; for a number: asinh of its
    value (with its sign), the sign written before it (-1, 0, +1), the class of its unit (an
    index into ``split.UNITS``, 0 for none), and 1.
    """
    found = split(text, most)
    ids = np.zeros((len(found), GRAMS), np.int32)
    figures = np.zeros((len(found), FIGURES), np.float32)
    for row, word in enumerate(found):
        grams = word_ids(word)
        ids[row, : len(grams)] = grams
        if word.value is not None:
            figures[row] = asinh(word.value), word.sign, word.unit, 1
    return ids, figures


def bucket(gram: str) -> int:
    """1..2**14-1, the same on every machine."""
    return 1 + crc32(gram.encode("utf-8", "replace")) % (BUCKETS - 1)


@lru_cache(8192)
def word_ids(word: Word) -> tuple[int, ...]:
    """At most 24 different ids of a word, the telling ones first."""
    return tuple(islice(dict.fromkeys(bucket(gram) for gram in _grams(word)), GRAMS))


def _grams(word: Word) -> Iterator[str]:
    yield f"={word.text}"
    if word.value is not None:
        yield from _of_number(word, abs(word.value))
    elif word.beside is not None:
        yield from _of_ideograph(word.text, *word.beside)
    else:
        yield from _of_letters(plain(word.text[:LONGEST_WORD]))


def _of_number(word: Word, size: float) -> Iterator[str]:
    """That it is one, its sign, its unit, its size: names for what the figures say exactly."""
    yield "#"
    yield f"#sign{word.sign:+d}"
    yield f"#unit{word.unit}"
    yield f"#size{round(2 * log2(size))}" if size else "#zero"


def _of_ideograph(text: str, left: str, right: str) -> Iterator[str]:
    """Every run of up to four characters that holds it, shortest first."""
    around, here = left + text + right, len(left)
    for length in range(1, LONGEST_RUN + 1):
        for start in range(max(0, here - length + 1), min(here, len(around) - length) + 1):
            yield around[start : start + length]


def _of_letters(text: str) -> Iterator[str]:
    """Threes first, which survive most slips; ``<`` and ``>`` are the ends of the word."""
    marked = f"<{text}>"
    for length in (3, 4, 5, 2):
        for start in range(len(marked) - length + 1):
            yield marked[start : start + length]
    yield from text

"""The tokenizer of uncased BERT: basic tokenizer and WordPiece.

After Devlin et al. 2019 (tokenization.py of google-research/bert) and Wu et al. 2016, section 4.1.
Gives the ids of Hugging Face's ``BertTokenizerFast``, with one difference: ``[SEP]`` and its like
in a prompt are plain text here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

LONGEST_WORD = 100  # characters; a longer word is unknown as a whole
IDEOGRAPHS = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)


@lru_cache(4096)
def _clean(char: str) -> str:
    """White space becomes a space, control characters vanish, an ideograph stands alone."""
    if char in "\t\n\r":
        return " "
    category = unicodedata.category(char)
    if category in ("Cc", "Cf", "Co", "Cs") or char == "\ufffd":
        return ""
    if category[0] == "Z":
        return " "
    alone = any(first <= ord(char) <= last for first, last in IDEOGRAPHS)
    return f" {char} " if alone else char


@lru_cache(4096)
def _part(char: str) -> str:
    """Accents vanish, punctuation stands alone. All ASCII symbols count as punctuation."""
    category = unicodedata.category(char)
    if category == "Mn":
        return ""
    punctuation = category[0] == "P" or (char < "\x7f" and not char.isalnum() and char != " ")
    return f" {char} " if punctuation else char


def basic_words(text: str) -> list[str]:
    """Lower-case words without accents; punctuation marks and ideographs are words."""
    text = unicodedata.normalize("NFD", "".join(map(_clean, text)))
    text = "".join(map(_part, text))
    return text.replace("Σ", "σ").lower().split()  # a final sigma is no other letter here


class Wordpiece:
    """Text to the piece numbers of a vocabulary.

    Parameters
    ----------
    vocabulary : pieces in the order of their numbers; ``##`` marks those inside a word

    Raises
    ------
    KeyError : the vocabulary lacks one of ``[PAD] [UNK] [CLS] [SEP]``
    """

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._ids = {piece: number for number, piece in enumerate(vocabulary)}
        self.pad, self.unknown, self.first, self.last = (
            self._ids[piece] for piece in ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
        )

    @classmethod
    def read(cls, lines: Iterable[str]) -> Wordpiece:
        """From a ``vocab.txt``: one piece a line."""
        return cls(line.rstrip("\n") for line in lines)

    def __len__(self) -> int:
        return len(self._ids)

    def ids(self, text: str) -> list[int]:
        """Piece numbers of a text between ``[CLS]`` and ``[SEP]``; never cut."""
        pieces = [piece for word in basic_words(text) for piece in self.split(word)]
        return [self.first, *pieces, self.last]

    def split(self, word: str) -> list[int]:
        """Longest pieces first; ``[UNK]`` when some part of the word has no piece."""
        if len(word) > LONGEST_WORD:
            return [self.unknown]
        pieces = list(self._greedy(word))
        return [self.unknown] if self.unknown in pieces else pieces

    def _greedy(self, word: str) -> Iterator[int]:
        start, mark = 0, ""
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = self._ids.get(mark + word[start:end])
                if piece is not None:
                    break
            else:
                yield self.unknown
                return
            yield piece
            start, mark = end, "##"

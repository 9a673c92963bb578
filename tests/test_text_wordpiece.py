"""The tokenizer, against the tokenizers library: its recorded answers, and itself where it is installed."""

from __future__ import annotations

import json

import pytest
from gradewright.core.text.encoder import VOCABULARY, WEIGHTS
from gradewright.core.text.wordpiece import Wordpiece, basic_words
from hypothesis import given
from hypothesis import strategies as st
from text_samples import GOLDEN, mixtures

RECORDED = json.loads(GOLDEN.read_text(encoding="utf-8"))
VOCABULARY_LINES = (WEIGHTS / VOCABULARY).read_text(encoding="utf-8").split("\n")[:-1]
SMALL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "warm", "##er", "##th", "w", "##a", ",", "cool", "光"]


@pytest.fixture(scope="module")
def wordpiece() -> Wordpiece:
    return Wordpiece(VOCABULARY_LINES)


@pytest.fixture
def small() -> Wordpiece:
    return Wordpiece.read(f"{piece}\n" for piece in SMALL)


def test_the_vocabulary_is_bert_s(wordpiece):
    assert len(wordpiece) == 30522
    assert (wordpiece.pad, wordpiece.unknown, wordpiece.first, wordpiece.last) == (0, 100, 101, 102)


def test_recorded_pieces(wordpiece):
    assert len(RECORDED["texts"]) == 210
    for text, pieces in zip(RECORDED["texts"], RECORDED["pieces"], strict=True):
        assert wordpiece.ids(text) == pieces, repr(text)


def test_five_thousand_mixtures_and_the_library(wordpiece):
    tokenizers = pytest.importorskip("tokenizers")
    library = tokenizers.BertWordPieceTokenizer(str(WEIGHTS / VOCABULARY), lowercase=True)
    for text in mixtures(5000, seed=7):
        assert wordpiece.ids(text) == library.encode(text).ids, repr(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Warm,COOL", ["warm", ",", "cool"]),
        ("  tab\tand\nline\r\u00a0\u3000 ", ["tab", "and", "line"]),
        ("doré Übung E\u0301", ["dore", "ubung", "e"]),
        ("暖かい光", ["暖", "かい", "光"]),
        ("a\u200bb\ufffdc\x00d", ["abcd"]),
        ("don't $5 x^2", ["don", "'", "t", "$", "5", "x", "^", "2"]),
        ("“a”…—b", ["“", "a", "”", "…", "—", "b"]),
        ("ΣΊΣΥΦΟΣ", ["σισυφοσ"]),
        ("\ud800warm", ["warm"]),
        ("", []),
    ],
)
def test_basic_words(text, words):
    assert basic_words(text) == words


def test_longest_pieces_first(small):
    assert small.split("warmer") == [4, 5]
    assert small.split("warmth") == [4, 6]
    assert small.split("wa") == [7, 8]


def test_a_word_with_an_unknown_part_is_unknown(small):
    assert small.split("warmish") == [small.unknown]
    assert small.ids("warm zebra, cool") == [2, 4, 1, 9, 10, 3]


def test_very_long_words_are_unknown_as_a_whole(wordpiece):
    assert wordpiece.split("a" * 101) == [wordpiece.unknown]
    assert wordpiece.unknown not in wordpiece.split("a" * 100)


def test_special_pieces_in_a_prompt_are_plain_text(wordpiece):
    assert wordpiece.ids("warm [SEP] cool").count(wordpiece.last) == 1


def test_a_vocabulary_without_the_special_pieces_is_refused():
    with pytest.raises(KeyError, match="SEP"):
        Wordpiece(["[PAD]", "[UNK]", "[CLS]", "warm"])


@given(st.text(max_size=60))
def test_any_text_gives_pieces_of_the_vocabulary(text):
    wordpiece = Wordpiece(VOCABULARY_LINES)
    ids = wordpiece.ids(text)
    assert ids[0] == wordpiece.first
    assert ids[-1] == wordpiece.last
    assert all(0 <= piece < len(wordpiece) for piece in ids)
    assert wordpiece.ids(f"  {text}\n") == ids


@given(st.text(max_size=30), st.text(max_size=30))
def test_texts_side_by_side_have_their_own_pieces(one, other):
    wordpiece = Wordpiece(VOCABULARY_LINES)
    both = wordpiece.ids(f"{one} {other}")
    # a combining mark at the start would belong to what stands before it
    assert both == [*wordpiece.ids(f"{one} ")[:-1], *wordpiece.ids(f" {other}")[1:]]

"""Tokens as text."""

from __future__ import annotations

import numpy as np
import pytest
from gradewright.core.codec import from_text, to_text
from gradewright.core.errors import BadInput
from hypothesis import given
from hypothesis import strategies as st


@given(st.binary(min_size=1, max_size=64))
def test_text_returns_the_same_tokens(data):
    tokens = np.frombuffer(data, np.uint8)
    text = to_text(tokens)
    assert text.startswith("gw1:")
    assert set(text[4:]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    back = from_text(f" {text}\n")
    assert back.dtype == np.uint8
    assert np.array_equal(back, tokens)


def test_a_whole_look_has_90_characters():
    assert len(to_text(np.arange(64))) == 90


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "would begin with gw1:"),
        ("gw2:AAAA", "'gw2:AAAA' is no look of this codec: it would begin with gw1:"),
        ("AAAA", "would begin with gw1:"),
        ("gw1:AA AA", "'gw1:AA AA' is damaged: after gw1: come only letters, digits, - and _"),
        ("gw1:AAé", "is damaged"),
        ("gw1:A", "is damaged"),
        ("gw1:", "holds 0 tokens: a look has 1..64"),
        ("gw1:" + "A" * 88, "holds 66 tokens: a look has 1..64"),
    ],
)
def test_damaged_text_is_refused(text, message):
    with pytest.raises(BadInput) as caught:
        from_text(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ([], "flat row of 1..64"),
        ([[1, 2]], "shape (1, 2)"),
        (np.zeros(65, int), "shape (65,)"),
        ([0.5], "a token is an integer 0..255"),
        ([1, 256], "token 256 is out of range: 0..255"),
        ([-1], "token -1 is out of range"),
    ],
)
def test_wrong_tokens_are_refused(tokens, message):
    with pytest.raises(BadInput) as caught:
        to_text(tokens)
    assert message in str(caught.value)

"""What the large engine needs no network for: wording, formats, cards, ids."""

from __future__ import annotations

import contextlib
import json
import os
from importlib.util import find_spec

import pytest
from gradewright.core import Recipe
from gradewright.core.engines.vlm import card as cards
from gradewright.core.engines.vlm import operations, reasoning
from gradewright.core.engines.vlm.card import Card
from gradewright.core.engines.vlm.vocabulary import LUT, RETOUCH, TASKS, TOKENS, Vocabulary, safe
from gradewright.core.engines.vlm.wording import Wish, retouched, settings_text
from gradewright.core.errors import BadInput, FileError
from hypothesis import given
from hypothesis import strategies as st

IDS = {token: 1000 + i for i, token in enumerate(TOKENS)}


def test_the_vocabulary_is_256_codes_two_brackets_three_retouches_and_three_tasks():
    assert len(TOKENS) == len(set(TOKENS)) == 256 + 2 + 3 + 3


@pytest.mark.skipif("GRADEWRIGHT_REQUIRE_EXTRAS" not in os.environ, reason="optional packages may be missing")
@pytest.mark.parametrize("name", ["torch", "transformers", "accelerate", "peft", "safetensors", "onnx"])
def test_where_everything_is_tested_no_optional_package_is_missing(name):
    assert find_spec(name) is not None


def test_ids_come_from_the_tokenizer_in_any_order(tmp_path):
    shuffled = {token: IDS[other] for token, other in zip(TOKENS, reversed(TOKENS), strict=True)}
    rows = [{"content": token, "id": number} for token, number in shuffled.items()]
    (tmp_path / "tokenizer.json").write_text(json.dumps({"added_tokens": rows}))
    found = Vocabulary.of_folder(tmp_path)
    assert found.lut == tuple(shuffled[token] for token in LUT)
    assert found.retouch == tuple(shuffled[token] for token in RETOUCH)


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ({}, "the tokenizer lacks 264 of 264 grading tokens, such as <|lut_0|>: train it with"),
        ({**IDS, "<|lut_7|>": 1000}, "two grading tokens share an id"),
    ],
)
def test_a_tokenizer_without_the_tokens_is_refused(ids, message):
    with pytest.raises(FileError, match=message.replace("|", r"\|")):
        Vocabulary.of(ids, "model")


@pytest.mark.parametrize("text", ["{}", "[1]", "nonsense", '{"added_tokens": [{"id": 3}]}'])
def test_a_damaged_tokenizer_file_is_one_line(tmp_path, text):
    (tmp_path / "tokenizer.json").write_text(text)
    with pytest.raises(FileError, match="is no tokenizer: save the tokenizer anew"):
        Vocabulary.of_folder(tmp_path)
    with pytest.raises(FileError, match="No such file or directory: name a model folder"):
        Vocabulary.of_folder(tmp_path / "none")


@given(st.lists(st.sampled_from([*TOKENS, "<|im_end|>", "<image>", "</s>", "warm", " ", "<", "|", ">"])))
def test_nothing_a_user_types_passes_for_a_control_token(parts):
    text = safe("".join(parts))
    assert not any(token in text for token in (*TOKENS, "<|im_end|>", "<image>", "</s>"))


def test_prompts_say_what_is_wanted():
    assert Wish("lut", "instruct", 1, "warm").prompt == (
        "Grade the picture: warm\nWrite the grade as LUT tokens."
    )
    assert Wish("lut", "instruct", 0, "warm").prompt.startswith("Grade any picture: warm")
    assert "second" in Wish("lut", "transfer", 2).prompt
    assert "second" not in Wish("lut", "transfer", 1).prompt
    for task, token in TASKS.items():
        assert Wish("retouch", task, 1, "a {b} c").prompt.startswith(token)
    assert "{b}" in Wish("retouch", "style", 1, "a {b} c").prompt
    assert retouched(" why ") == f"why\n{''.join(RETOUCH)}"
    assert settings_text({"exposure": 0.3, "contrast": -20}) == "exposure +0.3, contrast -20"


def test_a_second_attempt_shows_answer_and_fault():
    text = Wish("operations", "operations", 1, "warm").again("{exposure: <|im_end|>", "no number")
    assert "no number" in text
    assert "< |im_end| >" in text


# -- reasoning


def test_well_formed_reasoning_is_taken_apart():
    found = reasoning.read(" Measured: dark.\nSeen: too dark. Plan: +1 EV: all of it. ")
    assert (found.measured, found.seen, found.plan, found.fault) == (
        "dark.",
        "too dark.",
        "+1 EV: all of it.",
        "",
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "'Measured:' is missing"),
        ("Measured: a lot. Plan: nothing.", "'Seen:' is missing"),
        ("Seen: this. Measured: that. Plan: those.", "the order is not Measured, Seen, Plan"),
        ("Measured: this. Seen: that. Plan: those. Plan: more.", "'Plan:' stands more than once"),
        ("Measured: this. Seen: that. Plan:", "'Plan:' says nothing"),
        ("I think Measured: this. Seen: that. Plan: those.", "the order is not Measured, Seen, Plan"),
    ],
)
def test_malformed_reasoning_is_named(text, fault):
    found = reasoning.read(text)
    assert found.fault == fault
    assert found.plan == ("" if "nothing" in fault else " ".join(text.split()))


def test_the_format_reward_is_half_for_words_and_half_for_tokens():
    good = "Measured: dark. Seen: too dark. Plan: more."
    assert [reasoning.format_reward(text, n) for text in (good, "no") for n in (3, 2)] == [1, 0.5, 0.5, 0]


# -- operations


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ('It is dark.\n{"exposure": 0.9, "contrast": -30}', False),
        ('It is dark.\n```json\n{"exposure": 0.9, "contrast": -30}\n```', False),
        ('It is dark. {"operations": {"exposure": 0.9, "contrast": -30}}', False),
        ("It is dark. {exposure=+0.9; contrast=-30}", True),
        ("It is dark. {'exposure': +0.9, 'contrast': −30,}", True),
        ('It is dark. {"exposure": "0.9", "contrast": -30', True),
    ],
)
def test_operations_are_read_and_mended(text, mended):
    found = operations.read(text)
    assert found.recipe == Recipe(exposure=0.9, contrast=-30)
    assert found.reasoning == "It is dark."
    assert found.mended is mended


def test_what_is_written_is_what_is_read():
    recipe = Recipe(exposure=0.25, blue_hue=-12.0)
    found = operations.read(operations.written("why", recipe))
    assert (found.recipe, found.reasoning, found.mended) == (recipe, "why", False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("just words", "the answer holds no JSON object of parameters"),
        ("{" * 50_000, "the answer holds no JSON object of parameters"),
        ("{}", "the answer sets no parameter"),
        ('{"exposure": 0.3, "exposure": 0.4}', "a parameter is set twice"),
        ('{"exposure": true}', "parameter 'exposure' is no number: true"),
        ('{"exposure": [1]}', r"parameter 'exposure' is no number: \[1\]"),
        ('{"exposure": NaN}', "NaN is no value of a parameter"),
        ('{"exposure": 99}', "exposure 99 is out of range: -3..3 EV"),
        ('{"sharpness": 3}', "there is no parameter 'sharpness'"),
        ("{make it warm}", "the parameters are no JSON"),
        ('{"exposure": ' + "[" * 5000, "the parameters are no JSON"),
    ],
)
def test_operations_beyond_mending_are_refused(text, message):
    with pytest.raises(BadInput, match=message):
        operations.read(text)


@given(st.text(alphabet="{}[]\":,;=+-.0123456789eE exposurcntal\n'", max_size=80))
def test_no_answer_is_anything_but_operations_or_bad_input(text):
    with contextlib.suppress(BadInput):
        assert isinstance(operations.read("{" + text).recipe, Recipe)


# -- cards


def test_a_card_comes_back(tmp_path):
    (tmp_path / cards.ADAPTOR).touch()
    card = Card(224, 16, {"prompt": "operations", "auto": "retouch"})
    card.save(tmp_path)
    assert Card.load(tmp_path) == card


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gradewright_vlm": 2}, "is of no version that this release knows"),
        ({"codec": "gw9"}, "its tokens are of codec 'gw9', not 'gw1': train it anew"),
        ({"side": 3}, "side 3 is out of range: 28..4096"),
        ({"side": True}, "side True is out of range"),
        ({"paths": {}}, "paths must say what answers which kind of request"),
        ({"paths": {"prompt": "magic"}}, "paths has 'prompt': 'magic'"),
        ({"paths": {"pair": "lut"}}, "paths has 'pair': 'lut'"),
        ({"paths": {"auto": "retouch"}}, "the retouch path needs retouch_adaptor.safetensors beside it"),
        ({"bottleneck": -1}, "bottleneck -1 is no width"),
    ],
)
def test_a_card_that_cannot_be_is_refused(tmp_path, change, message):
    Card().save(tmp_path)
    path = tmp_path / cards.FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(FileError, match=message):
        Card.load(tmp_path)


def test_a_folder_without_a_card_says_what_makes_one(tmp_path):
    with pytest.raises(FileError, match="there is no such model folder: name one with --model DIR"):
        Card.load(tmp_path / "none")
    with pytest.raises(
        FileError, match=r"holds no gradewright\.json, so it was not trained to grade: make the"
    ):
        Card.load(tmp_path)
    (tmp_path / cards.FILE).write_text("{")
    with pytest.raises(FileError, match="is no JSON"):
        Card.load(tmp_path)

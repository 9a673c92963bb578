"""The shipped text model and the class around it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gradewright.core.errors import FileError
from gradewright.core.text import TextEncoder
from gradewright.core.text.encoder import LONGEST_TEXT, MODEL, MOST, POSITIONS, VOCABULARY, WEIGHTS
from text_samples import GOLDEN, PROMPTS

RECORDED = json.loads(GOLDEN.read_text(encoding="utf-8"))
LONG = "warm and cool " * 100


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder.load()


def cosine(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (one * other).sum(-1) / np.linalg.norm(one, axis=-1) / np.linalg.norm(other, axis=-1)


@pytest.mark.parametrize("index", range(len(PROMPTS)))
def test_states_are_those_of_the_published_model(index, encoder):
    assert RECORDED["texts"][index] == PROMPTS[index]
    states = encoder.states(PROMPTS[index])
    assert cosine(states.mean(0), np.array(RECORDED["mean_states"][index])) > 0.999


def test_one_state_for_each_piece(encoder):
    states = encoder.states(PROMPTS[0])
    assert states.dtype == np.float32
    assert states.shape == (len(encoder.ids(PROMPTS[0])), 384)


def test_a_word_has_another_state_in_another_place(encoder):
    warm = encoder.ids("warm")[1]
    here, there = (
        encoder.states(text)[list(encoder.ids(text)).index(warm)] for text in ("warm light", "not warm")
    )
    assert cosine(here, there) < 0.95


def test_an_empty_prompt_still_has_its_two_ends(encoder):
    assert encoder.states("").shape == (2, 384)
    assert encoder.states(" \n\t").shape == (2, 384)


def test_long_prompts_are_cut_and_say_so(encoder):
    assert encoder.states(LONG).shape == (MOST, 384)
    assert encoder.ids(LONG)[-1] == encoder.ids("warm")[-1]
    assert encoder.is_cut(LONG)
    assert not encoder.is_cut(PROMPTS[0])
    assert encoder.is_cut(PROMPTS[0], most=5)
    assert encoder.is_cut(" " * LONGEST_TEXT + "warm")


def test_exactly_as_many_pieces_as_fit_are_not_cut(encoder):
    text = " ".join(["warm"] * (MOST - 2))
    assert len(encoder.ids(text)) == MOST
    assert not encoder.is_cut(text)
    assert encoder.is_cut(f"{text} warm")


def test_no_more_pieces_than_the_model_can_read(encoder):
    assert encoder.states(LONG, most=10_000).shape == (POSITIONS, 384)
    assert encoder.is_cut(LONG, most=10_000)
    assert encoder.states(LONG, most=0).shape == (2, 384)


def test_batches_give_what_single_texts_give(encoder):
    texts = [*PROMPTS, "", *PROMPTS[::-1], LONG]
    for text, states in zip(texts, encoder.states_batch(texts, most=20), strict=True):
        np.testing.assert_allclose(states, encoder.states(text, most=20), atol=2e-5)


def test_batches_larger_than_one_run(encoder):
    found = encoder.states_batch(["warm"] * 70 + ["cool"])
    assert len(found) == 71
    np.testing.assert_allclose(found[69], encoder.states("warm"), atol=2e-5)
    assert encoder.states_batch([]) == []


def test_padding_that_is_masked_changes_nothing(encoder):
    ids = encoder.ids(PROMPTS[0])
    padded, mask = np.zeros((1, len(ids) + 9), np.int64), np.zeros((1, len(ids) + 9), np.int64)
    padded[0, : len(ids)], mask[0, : len(ids)] = ids, 1
    states = encoder._session.run(None, {"ids": padded, "mask": mask})[0]
    np.testing.assert_allclose(states[0, : len(ids)], encoder.states(PROMPTS[0]), atol=2e-5)


def test_one_encoder_serves_the_process(encoder):
    assert TextEncoder.load() is encoder


def test_the_card_is_about_these_weights():
    facts = json.loads((WEIGHTS / "minilm.json").read_text())
    data = (WEIGHTS / MODEL).read_bytes()
    assert facts["weights_sha256"] == hashlib.sha256(data).hexdigest()
    assert facts["bytes"] == len(data) <= 24_000_000
    words = hashlib.sha256((WEIGHTS / VOCABULARY).read_bytes()).hexdigest()
    assert facts["source_sha256"]["vocab.txt"] == words
    assert f"{facts['cosine_to_float32']['mean']:.4f}" in (WEIGHTS / "minilm.md").read_text()


def test_the_notice_names_the_model():
    notice = (Path(__file__).resolve().parent.parent / "NOTICE").read_text()
    assert "all-MiniLM-L6-v2" in notice
    assert "Apache" in notice


def test_importing_it_loads_no_runtime_until_states_are_wanted():
    code = (
        "import sys; from gradewright.core.text import TextEncoder as T; T.load().ids('warm'); "
        "print('onnxruntime' in sys.modules, 'PyOpenColorIO' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileError, match=f"{VOCABULARY}: no vocabulary .*: reinstall gradewright"):
        TextEncoder.load(tmp_path)


@pytest.mark.parametrize(
    "damage", [b"", b"warm\ncool\n", b"\xff\xfe\n"], ids=["empty", "no special pieces", "not UTF-8"]
)
def test_a_damaged_vocabulary_is_named(damage, tmp_path):
    (tmp_path / VOCABULARY).write_bytes(damage)
    with pytest.raises(FileError, match=f"{VOCABULARY}: no vocabulary"):
        TextEncoder.load(tmp_path)


@pytest.mark.parametrize("damage", [None, b"", b"not a model"], ids=["missing", "empty", "garbage"])
def test_a_damaged_model_is_named_in_one_line(damage, tmp_path):
    (tmp_path / VOCABULARY).write_bytes((WEIGHTS / VOCABULARY).read_bytes())
    if damage is not None:
        (tmp_path / MODEL).write_bytes(damage)
    with pytest.raises(FileError, match=f"{MODEL}: no text model") as caught:
        TextEncoder.load(tmp_path).states("warm")
    assert "\n" not in str(caught.value)

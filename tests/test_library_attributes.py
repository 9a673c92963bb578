"""Attributes are true to the look: measured on recipes whose effect is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gradewright.core import Lut, Recipe
from gradewright.core.looks.attributes import RULES, SYNONYMS, VOCABULARY, attributes, terms
from gradewright.core.looks.figures import measure
from hypothesis import given, settings
from hypothesis import strategies as st


def words(**values: float) -> set[str]:
    return set(attributes(measure(Recipe(**values).to_lut())))


CLEAR = [
    ({"temperature": 20}, "warm", "cool"),
    ({"temperature": -20}, "cool", "warm"),
    ({"tint": 30}, "magenta", "green"),
    ({"tint": -30}, "green", "magenta"),
    ({"exposure": 0.6}, "bright", "dark"),
    ({"exposure": -0.6}, "dark", "bright"),
    ({"contrast": 30}, "contrasty", "soft"),
    ({"contrast": -35}, "soft", "contrasty"),
    ({"black_fade": 35}, "faded", "contrasty"),
    ({"white_fade": 60}, "grey whites", "bright"),
    ({"saturation": 35}, "saturated", "muted"),
    ({"saturation": -35}, "muted", "saturated"),
    ({"saturation": -100}, "monochrome", "muted"),
    ({"shadow_hue": 200, "shadow_amount": 25}, "teal shadows", "teal highlights"),
    ({"highlight_hue": 80, "highlight_amount": 25}, "golden highlights", "golden shadows"),
    ({"exposure": 1.5, "temperature": 60}, "strong", "subtle"),
    ({"contrast": 5}, "subtle", "strong"),
]


@pytest.mark.parametrize(("values", "said", "unsaid"), CLEAR, ids=[f"{said}" for _, said, _ in CLEAR])
def test_what_is_seen_is_said(values, said, unsaid):
    found = words(**values)
    assert said in found
    assert unsaid not in found


def test_the_identity_is_only_subtle():
    assert set(attributes(measure(Lut.identity()))) == {"subtle"}
    figures = measure(Lut.identity(9)).to_dict()
    neutral = {"contrast": 1, "white": 100, "colour": 1}
    assert figures == pytest.approx({name: neutral.get(name, 0) for name in figures}, abs=1e-3)


def test_split_toning_needs_two_hues():
    both = {"shadow_amount": 30, "highlight_amount": 30}
    assert "split-toned" in words(shadow_hue=200, highlight_hue=80, **both)
    assert "split-toned" not in words(shadow_hue=70, highlight_hue=80, **both)


def test_sepia_is_monochrome_and_warm():
    found = words(saturation=-100, mid_hue=75, mid_amount=35, shadow_hue=75, shadow_amount=25)
    assert {"monochrome", "warm"} <= found


def test_a_channel_mix_to_grey_is_monochrome():
    red_filter = Lut.from_function(lambda p: (p @ [0.8, 0.3, -0.1])[:, None].clip(0, 1).repeat(3, 1), 17)
    assert "monochrome" in attributes(measure(red_filter))


@settings(max_examples=15)
@given(st.floats(18, 60), st.floats(-30, 30), st.floats(-0.8, 0.8))
def test_warmth_survives_other_changes(temperature, contrast, exposure):
    others = {"contrast": contrast, "exposure": exposure}
    assert "warm" in words(temperature=temperature, **others)
    cooled = words(temperature=-temperature, **others)
    assert "cool" in cooled
    assert "warm" not in cooled


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_any_cube_has_finite_figures(seed):
    table = np.random.default_rng(seed).normal(0.5, 1, (3, 3, 3, 3))
    figures = measure(Lut(table))
    assert np.isfinite(list(figures.to_dict().values())).all()
    found = attributes(figures)
    assert set(found) <= set(VOCABULARY)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert all(strength >= 1 for strength in found.values())


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_constant_cube_is_measured(value):
    found = attributes(measure(Lut(np.full((2, 2, 2, 3), value))))
    assert {"monochrome", "strong"} <= set(found)


def test_the_table_holds_together():
    assert len(set(VOCABULARY)) == len(VOCABULARY)
    for rule in RULES:
        assert rule.threshold != rule.neutral
    single = {part for word in VOCABULARY for part in word.split()}
    assert set(SYNONYMS.values()) <= single
    assert not set(SYNONYMS) & set(VOCABULARY)


def test_every_attribute_and_command_is_documented():
    from gradewright.cli.looks import command

    page = (Path(__file__).resolve().parent.parent / "docs" / "looks.md").read_text()
    for rule in RULES:
        assert rule.word in page
        assert f"{abs(rule.threshold):g}" in page, rule
    for word in set(VOCABULARY) - {rule.word for rule in RULES}:
        assert word.split()[0] in page
    for name in command.commands:
        assert f"looks {name}" in page


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Warm, faded", ["warm", "faded"]),
        ("teal shadows muted", ["teal shadows", "muted"]),
        ("gold highlight", ["golden highlights"]),
        ("  B&W  ", ["monochrome"]),
        ("portra 400", ["portra", "400"]),
        (" , ", []),
    ],
)
def test_terms(text, found):
    assert terms(text) == found

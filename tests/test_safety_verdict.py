"""Verdicts say what was measured, in words that can be acted on."""

import json

import numpy as np
import pytest
from gradewright.core import Lut, safety
from gradewright.core.errors import BadInput
from gradewright.core.interp import lattice
from gradewright.core.safety.limits import LIMITS
from gradewright.core.safety.verdict import _HEADLINES, hue_name

IDENTITY = lattice(33).astype(np.float32)


def judge(table, asked=()):
    return safety.verdict(safety.measure(Lut(np.asarray(table))), asked)


def test_identity():
    found = judge(IDENTITY)
    assert found.ok
    assert found.headline == "Safe to use."
    assert found.broken == ()
    assert found.lines == (
        "Neutrals rise steadily.",
        "Greys stay neutral.",
        "Mid-tone contrast is about unchanged (x1.00).",
        "Skin keeps its hue.",
        "Gradients stay smooth: one 8-bit step of grey becomes at most 1.0.",
        "Hardly anything clips.",
    )


def test_a_warm_look_names_the_tint_and_the_skin():
    text = str(judge(IDENTITY * [1, 0.93, 0.8]))
    assert text.startswith("Safe to use. Neutrals rise steadily.")
    assert "yellow tint in the highlights" in text
    assert "b*)" in text
    assert "chroma" in text


def test_posterised_will_band():
    found = judge(np.round(IDENTITY * 3) / 3)
    assert not found.ok
    assert found.headline.startswith("Will band in skies and walls: one 8-bit step of grey becomes")
    assert "neutral_gain" in found.broken


def test_the_negative():
    found = judge(1 - IDENTITY)
    assert found.headline == "Greys turn back: brighter greys come out darker."
    assert "Neutrals fall by up to 100.0 L*" in str(found)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (IDENTITY * 1.1, "Leaves the legal range"),
        (IDENTITY * 0.1 + 0.4, "No picture left: only"),
        (IDENTITY[..., [1, 2, 0]], "Breaks skin: its hue turns by"),
        (IDENTITY[..., [0, 2, 1]], "Folds colours over"),
        (np.clip(IDENTITY * 3 - 0.9, 0, 1), "Usable with care: "),
    ],
)
def test_headlines(table, says):
    assert says in str(judge(table))


def test_reported_limits_do_not_make_a_lut_unsafe():
    found = judge(np.clip(IDENTITY * 3 - 0.9, 0, 1))
    assert found.ok
    assert found.broken
    assert not any(LIMITS[name].hard for name in found.broken)


def test_what_was_asked_for_is_said_and_excused():
    table = IDENTITY[..., [1, 2, 0]]
    found = judge(table, {"skin_hue"})
    assert found.ok
    assert found.lines[-1] == "Beyond the usual limits because it was asked for: skin hue."
    with pytest.raises(BadInput, match="'saturation' is not a safety limit"):
        judge(table, {"saturation"})


def test_black_and_white_and_lifted_blacks():
    grey = np.repeat(IDENTITY @ np.float32([[0.21], [0.72], [0.07]]), 3, axis=-1) * 0.8 + 0.1
    text = str(judge(grey))
    assert "Skin loses its colour (black and white)." in text
    assert "black is lifted to 9 L*; white comes down to 91 L*." in text


@pytest.mark.parametrize(
    ("degrees", "name"),
    [(30, "red"), (390, "red"), (-5, "magenta"), (95, "yellow"), (268, "blue"), (145, "green")],
)
def test_hue_names(degrees, name):
    assert hue_name(degrees) == name


def test_every_limit_has_a_headline():
    assert set(_HEADLINES) == set(LIMITS)


def test_to_dict_is_json():
    found = judge(1 - IDENTITY).to_dict()
    assert json.loads(json.dumps(found)) == found
    assert set(found) == {"ok", "headline", "lines", "broken"}

"""Settings as people type them."""

from __future__ import annotations

import pytest
from gradewright.core import Recipe
from gradewright.core.errors import BadInput
from gradewright.core.recipe import PARAMETERS
from gradewright.core.recipe.parameters import BY_NAME
from gradewright.core.recipe.parse import ALIASES
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("exposure", "+0.5", 0.5),
        ("exposure", "0.3ev", 0.3),
        ("exposure", "0.3 EV", 0.3),
        ("exposure", "-1 stop", -1),
        ("exposure", ".5", 0.5),
        ("exposure", "1.", 1),
        ("exposure", 1, 1),
        ("contrast", "-20", -20),
        ("contrast", "−20", -20),
        ("contrast", "–20", -20),
        ("contrast", "- 20", -20),
        ("contrast", " 50% ", 50),
        ("contrast", "5e1", 50),
        ("temperature", "+30 mired", 30),
        ("orange_hue", "12°", 12),
        ("orange_hue", "-12 deg", -12),
    ],
)
def test_numbers_as_typed(name, text, value):
    assert Recipe.parse({name: text}) == Recipe(**{name: value})


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("temp", "temperature"),
        ("ev", "exposure"),
        ("EV", "exposure"),
        ("sat", "saturation"),
        ("Exposure", "exposure"),
        ("orange_sat", "orange_chroma"),
        ("oranges-sat", "orange_chroma"),
        ("blue luminance", "blue_lightness"),
        ("cyan_hue", "aqua_hue"),
        ("midtones_amount", "mid_amount"),
        ("shadows_hue", "shadow_hue"),
        ("fade", "black_fade"),
    ],
)
def test_aliases(alias, name):
    assert set(Recipe.parse({alias: 7 if name != "exposure" else 1})) == {name}


def test_aliases_name_real_parameters_and_hide_none():
    assert set(ALIASES.values()) <= set(BY_NAME)
    assert not set(ALIASES) & set(BY_NAME)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"exposure": "5"}, "exposure 5 is out of range: -3..3 EV"),
        ({"temp": "-200"}, "temperature -200 is out of range: -100..100 mired"),
        ({"exposur": "1"}, "there is no parameter 'exposur'; did you mean 'exposure'?"),
        ({"orange_satt": "1"}, "there is no parameter 'orange_satt'; did you mean 'orange_sat'?"),
        ({"contrast": "0,5"}, "contrast '0,5' has a decimal comma: write 0.5 with a point"),
        ({"exposure": "-1,5 ev"}, "exposure '-1,5 ev' has a decimal comma: write -1.5 ev with a point"),
        ({"exposure": "50%"}, "exposure '50%' is not in EV: -3..3 EV"),
        ({"contrast": "1ev"}, "contrast '1ev' is not in %: -100..100 %"),
        ({"contrast": ""}, "contrast '' is not a number: -100..100 %"),
        ({"contrast": "much"}, "contrast 'much' is not a number: -100..100 %"),
        ({"contrast": "nan"}, "contrast 'nan' is not a number: -100..100 %"),
        ({"contrast": "inf"}, "contrast 'inf' is not a number: -100..100 %"),
        ({"contrast": "1e999"}, "contrast inf is not finite: -100..100 %"),
        ({"contrast": "1_0"}, "contrast '1_0' is not a number: -100..100 %"),
        ({"contrast": "--2"}, "contrast '--2' is not a number: -100..100 %"),
        ({"contrast": "0x10"}, "contrast '0x10' is not a number: -100..100 %"),
        ({"contrast": None}, "contrast None is not a number: -100..100 %"),
        ({"sat": "1", "saturation": "2"}, "saturation: saturation is set twice; give it once"),
        (
            {"qqqq": "1"},
            "there is no parameter 'qqqq'; the parameters are exposure, contrast, temperature, ...",
        ),
        ({"": "1"}, "there is no parameter ''"),
    ],
)
def test_refusals(settings, message):
    with pytest.raises(BadInput) as caught:
        Recipe.parse(settings)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_misspelt_name_gets_a_usable_suggestion():
    for p in PARAMETERS:
        with pytest.raises(BadInput, match="did you mean"):
            Recipe.parse({p.name + "x": 0})


@given(st.sampled_from([p.name for p in PARAMETERS]), st.text(max_size=12))
def test_any_text_is_read_or_refused_in_one_line(name, text):
    try:
        said, value = "", Recipe.parse({name: text})[name]
    except BadInput as error:
        said, value = str(error), 0.0
    assert said == "" or said.startswith(name)
    assert "\n" not in said
    assert BY_NAME[name].low <= value <= BY_NAME[name].high

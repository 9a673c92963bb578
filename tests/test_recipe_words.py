"""Recipes in words: true to the numbers."""

from __future__ import annotations

import pytest
from gradewright.core import Recipe
from gradewright.core.recipe import GROUPS, PARAMETERS
from gradewright.core.recipe.words import hue_name
from hypothesis import given
from hypothesis import settings as budget
from recipe_samples import PORTRAIT, in_range

HUES_OF_TINTS = {"shadow_hue", "mid_hue", "highlight_hue"}
TONES = [p for p in PARAMETERS if p.name not in HUES_OF_TINTS]


def test_the_example():
    recipe = Recipe(exposure=0.4, shadows=25, shadow_hue=195, shadow_amount=15, orange_chroma=8)
    assert recipe.describe() == "+0.4 EV, shadows lifted, teal in the shadows, oranges +8 chroma"


def test_neutral():
    assert Recipe().describe() == "no change"
    assert Recipe().operations() == ()
    assert Recipe(mid_hue=90).describe() == "no change"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"exposure": -1.25}, "−1.25 EV"),
        ({"exposure": 2}, "+2 EV"),
        ({"contrast": 8}, "slightly more contrast"),
        ({"contrast": -30}, "less contrast"),
        ({"contrast": 60}, "much more contrast"),
        ({"highlights": -30}, "highlights recovered"),
        ({"shadows": -50}, "shadows strongly darkened"),
        ({"black_fade": 20}, "black faded to grey"),
        ({"curve_mids": -20}, "curve lowered in the mids"),
        ({"temperature": 30}, "warmer"),
        ({"temperature": -5}, "slightly cooler"),
        ({"tint": -20}, "greener"),
        ({"saturation": -100}, "black and white"),
        ({"saturation": -99}, "much less saturated"),
        ({"highlight_hue": 60, "highlight_amount": 5}, "a little orange in the highlights"),
        ({"mid_hue": 330, "mid_amount": 50}, "strong magenta in the mids"),
        ({"green_hue": -15}, "greens 15° towards yellow"),
        ({"magenta_hue": 15}, "magentas 15° towards red"),
        ({"red_hue": -15}, "reds 15° towards magenta"),
        ({"blue_lightness": -20}, "blues −20 lightness"),
        ({"aqua_chroma": 12.4}, "aquas +12 chroma"),
        ({"aqua_chroma": -0.5}, "aquas −0.5 chroma"),
    ],
    ids=str,
)
def test_words(values, words):
    assert Recipe(**values).describe() == words


@pytest.mark.parametrize("parameter", TONES, ids=lambda p: p.name)
def test_the_words_follow_the_sign(parameter):
    up = Recipe(**{parameter.name: 0.3 * parameter.high}).describe()
    assert up != "no change"
    if parameter.low < 0:
        down = Recipe(**{parameter.name: 0.3 * parameter.low}).describe()
        assert down not in (up, "no change")


@pytest.mark.parametrize("parameter", TONES, ids=lambda p: p.name)
def test_the_words_follow_the_degree(parameter):
    said = {Recipe(**{parameter.name: share * parameter.high}).describe() for share in (0.08, 0.3, 0.9)}
    assert len(said) == 3


@pytest.mark.parametrize("parameter", TONES, ids=lambda p: p.name)
def test_negligible_values_are_left_out(parameter):
    assert Recipe(**{parameter.name: 0.45 * parameter.step}).describe() == "no change"
    assert Recipe(**{parameter.name: 0.55 * parameter.step}).describe() != "no change"


@pytest.mark.parametrize(
    ("hue", "name"),
    [(0, "rose"), (29, "red"), (53, "orange"), (85, "gold"), (110, "yellow"), (142, "green"), (195, "teal"),
     (230, "azure"), (264, "blue"), (294, "purple"), (328, "magenta"), (350, "rose"), (360, "rose")],
)  # fmt: skip
def test_hue_names(hue, name):
    assert hue_name(hue) == name


def test_a_turned_tint_gets_another_name():
    assert "teal in the shadows" in PORTRAIT.describe()
    assert "purple in the shadows" in PORTRAIT.replaced(shadow_hue=300).describe()


def test_operations_are_ordered_and_complete():
    steps = PORTRAIT.operations()
    assert [s["parameter"] for s in steps] == [name for name in PORTRAIT if name not in HUES_OF_TINTS]
    assert [s["group"] for s in steps] == sorted((s["group"] for s in steps), key=GROUPS.index)
    for step in steps:
        assert step["value"] == PORTRAIT[step["parameter"]]
        assert set(step) - {"hue"} == {"group", "parameter", "value", "unit", "words"}
    toning = next(s for s in steps if s["parameter"] == "shadow_amount")
    assert toning["hue"] == 200


def test_describe_keeps_what_is_seen():
    text = PORTRAIT.describe(limit=2)
    assert text.startswith("+0.4 EV, ")
    assert text.endswith(f", and {len(PORTRAIT.operations()) - 2} smaller changes")
    assert Recipe(exposure=1, tint=1).describe(limit=1) == "+1 EV, and 1 smaller change"
    assert Recipe(purple_lightness=90, saturation=-30).describe(limit=1).startswith("less saturated")


def test_a_strong_tint_counts_with_its_hue():
    assert Recipe(mid_hue=90, mid_amount=60, tint=2).describe(limit=1).startswith("strong gold in the mids")


@given(in_range())
@budget(max_examples=60)
def test_any_recipe_can_be_described(recipe):
    text = recipe.describe(limit=100)
    for step in recipe.operations():
        assert step["words"] in text
    assert "  " not in text
    assert "\n" not in text

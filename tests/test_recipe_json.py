"""Recipes as JSON."""

from __future__ import annotations

import json

import pytest
from gradewright.core import Recipe
from gradewright.core.errors import BadInput
from hypothesis import given
from hypothesis import strategies as st
from recipe_samples import PORTRAIT, in_range


@given(in_range())
def test_round_trip_is_exact(recipe):
    assert Recipe.from_json(recipe.to_json()) == recipe


def test_what_is_written():
    document = json.loads(PORTRAIT.to_json())
    assert document["gradewright_recipe"] == 1
    assert document["values"] == PORTRAIT.to_dict()
    assert set(document) == {"gradewright_recipe", "values"}
    assert json.loads(Recipe().to_json())["values"] == {}


def test_residuals_travel_along():
    back = Recipe.from_json(Recipe(tint=5, residual_de=1.25, residual_p95=3.5).to_json())
    assert (back.residual_de, back.residual_p95) == (1.25, 3.5)


def document(**changes):
    return json.dumps({"gradewright_recipe": 1, "values": {"exposure": 0.5}} | changes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "recipe line 1: not JSON"),
        ("{\n\n,", "recipe line 3: not JSON"),
        ("[]", 'not a recipe: a JSON object with "gradewright_recipe" and "values" is wanted'),
        ('{"values": {}}', "not a recipe"),
        ('{"gradewright_recipe": 1}', '"values" must be an object'),
        (document(gradewright_recipe=2), "recipe version 2 is not known; this release reads version 1"),
        (document(gradewright_recipe=True), "recipe version True is not known"),
        (document(valeus={}), "recipe: unknown key 'valeus'; did you mean 'values'?"),
        (document(values=[1]), '"values" must be an object of parameter values'),
        (document(values={"exposre": 1}), "no parameter 'exposre'; did you mean 'exposure'?"),
        (document(values={"ev": 1}), "no parameter 'ev'"),
        (document(values={"exposure": 9}), "exposure 9 is out of range: -3..3 EV"),
        (document(values={"exposure": "0.5"}), "exposure '0.5' is not a number"),
        (document(values={"exposure": True}), "exposure True is not a number"),
        (document(values={"exposure": [1]}), "exposure [1] is not a number"),
        (document(values={"residual_de": 1}), "'residual_de' does not belong among the values"),
        (document(residual_de=-1), "residual_de -1 is not a colour difference"),
        (document(residual_p95="1"), "residual_p95 '1' is not a colour difference"),
        ('{"gradewright_recipe": 1, "values": {"tint": NaN}}', "NaN is not a number; values are finite"),
        ('{"gradewright_recipe": 1, "values": {"tint": -Infinity}}', "-Infinity is not a number"),
        ('{"gradewright_recipe": 1, "values": {"tint": 1e999}}', "tint inf is not finite"),
        ('{"gradewright_recipe": 1, "values": {"tint": 1, "tint": 2}}', "'tint' is set twice; give it once"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_refusals(text, message):
    with pytest.raises(BadInput) as caught:
        Recipe.from_json(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    with pytest.raises(BadInput):
        Recipe.from_json(text)

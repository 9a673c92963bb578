"""The engine of explicit parameters."""

from __future__ import annotations

import pytest
from gradewright.core import Lut, Recipe
from gradewright.core.engines.recipe import RecipeEngine
from gradewright.core.errors import BadInput
from gradewright.core.request import Request


def test_it_renders_the_parameters():
    (candidate,) = RecipeEngine().candidates(Request(params={"ev": "+0.5", "orange_sat": "−20"}, count=3))
    assert candidate.recipe == Recipe(exposure=0.5, orange_chroma=-20)
    assert candidate.lut == candidate.recipe.to_lut()
    assert candidate.plan == ("+0.5 EV", "oranges −20 chroma")


def test_neutral_parameters_give_the_identity():
    (candidate,) = RecipeEngine().candidates(Request(params={"exposure": 0}))
    assert candidate.lut == Lut.identity()
    assert candidate.plan == ()


def test_it_says_what_it_serves():
    engine = RecipeEngine()
    assert engine.serves == {"params"}
    assert engine.name == "recipe"
    assert engine.summary


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "needs parameters"),
        (None, "needs parameters"),
        ({"exposure": "9"}, "exposure 9 is out of range: -3..3 EV"),
        ({"exposrue": "1"}, "did you mean 'exposure'"),
        ({"contrast": "0,5"}, "decimal comma"),
    ],
)
def test_bad_parameters(params, message):
    with pytest.raises(BadInput, match=message):
        RecipeEngine().candidates(Request(params=params))

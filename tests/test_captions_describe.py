"""Captions of measured attributes."""

import numpy as np
import pytest
from gradewright.core.recipe import Recipe
from gradewright.core.recipe.points import photo_colours
from gradewright.core.train.captions import load
from gradewright.core.train.captions.describe import attributes, describe, verbalise

PIXELS = photo_colours(256)


@pytest.fixture(scope="module")
def lexicon():
    return load()


@pytest.mark.parametrize(
    "name",
    ["brighter", "darker", "more-contrast", "less-contrast", "warmer", "cooler", "more-magenta", "more-green",
     "more-saturated", "less-saturated", "lift-blacks", "dull-whites", "shadow-teal", "highlight-orange",
     "whole-purple", "black-and-white", "sky-less", "foliage-more", "skin-lighter"],
)  # fmt: skip
def test_a_concept_is_measured_as_itself(lexicon, name):
    found = attributes(Recipe(**lexicon.by_id[name].params).apply, PIXELS, lexicon)
    assert next(iter(found)) == name
    expected = 0.5 if name.partition("-")[0] in ("sky", "foliage", "skin") else 1.0
    assert found[name] == pytest.approx(expected, rel=0.45)


@pytest.mark.parametrize("factor", [0.5, 1.6])
def test_strength_is_measured(lexicon, factor):
    params = {name: factor * value for name, value in lexicon.by_id["cooler"].params.items()}
    found = attributes(Recipe(**params).apply, PIXELS, lexicon)
    assert found["cooler"] == pytest.approx(factor, rel=0.15)


def test_nothing_is_said_of_nothing(lexicon):
    rng = np.random.default_rng(0)
    assert describe(lambda colours: colours, PIXELS, lexicon, rng) is None
    assert describe(Recipe(exposure=0.05).apply, PIXELS, lexicon, rng) is None


def test_the_strongest_are_said(lexicon):
    rng = np.random.default_rng(1)
    strengths = {
        "warmer": 1.6,
        "lift-blacks": 0.9,
        "more-contrast": 0.45,
        "darker": 0.4,
        "sky-more": 0.3,
        "airy": 0.2,
    }
    sizes = set()
    for _ in range(60):
        said = verbalise(strengths, lexicon, rng)
        assert said.text
        assert [name for name, _ in said.parts] == list(strengths)[: len(said.parts)]
        sizes.add(len(said.parts))
    assert sizes == {1, 2, 3, 4, 5}


def test_a_degree_follows_the_strength(lexicon):
    rng = np.random.default_rng(2)
    slight = {verbalise({"warmer": 0.45}, lexicon, rng).text.lower() for _ in range(80)}
    strong = {verbalise({"warmer": 2.3}, lexicon, rng).text.lower() for _ in range(80)}
    assert not slight & strong
    assert any("slightly" in text or "a bit" in text for text in slight)
    assert not any("slightly" in text for text in strong)


def test_in_every_language(lexicon):
    for code in lexicon.languages:
        said = verbalise({"warmer": 1.0, "more-contrast": 1.0}, lexicon, np.random.default_rng(3), code)
        assert said.language == code
        assert said.text

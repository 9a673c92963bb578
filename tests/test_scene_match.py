"""Shot match over a scene."""

from __future__ import annotations

import numpy as np
import pytest
from gradewright.core.colour import delta_e_srgb
from gradewright.core.errors import BadInput
from gradewright.core.lut import Lut
from gradewright.core.recipe import Recipe
from gradewright.core.scene_match import match_scene

COLD, WARM = Recipe(temperature=-40, exposure=-0.3), Recipe(temperature=35)


@pytest.fixture(scope="module")
def hero() -> np.ndarray:
    """(96, 160, 3): detail at several sizes, so that two crops of it can be laid over each other."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[0:96, 0:160] / np.array([96, 160])[:, None, None]
    base = np.stack([0.25 + 0.5 * x, 0.25 + 0.45 * y, 0.7 - 0.4 * x * y], axis=-1)
    for size, amount in ((16, 0.08), (4, 0.1)):
        noise = rng.normal(0, amount, (96 // size, 160 // size, 3))
        base = base + np.kron(noise, np.ones((size, size, 1)))
    return np.clip(base, 0.03, 0.97).astype(np.float32)


def shots(hero):
    return [COLD.apply(np.roll(hero, 6, 1)), WARM.apply(np.roll(hero, 9, 1)), COLD.apply(np.roll(hero, 3, 0))]


def as32(pictures):
    return [picture.astype(np.float32) for picture in pictures]


def test_one_look_for_each_camera_and_less_distance(hero):
    found = match_scene(hero, as32(shots(hero)))
    assert [one.group for one in found] == [0, 1, 0]
    assert found[0].lut == found[2].lut
    for one, shift in zip(found, ((6, 1), (9, 1), (3, 0)), strict=True):
        true = np.roll(hero, *shift)
        recipe = COLD if one.group == 0 else WARM
        before = delta_e_srgb(recipe.apply(true), true).mean()
        after = delta_e_srgb(one.lut.apply(recipe.apply(true).astype(np.float32)), true).mean()
        assert after < 0.35 * before
        assert one.after < one.before
        assert one.overlap_after < one.overlap_before
        assert one.notes == ()


def test_a_shot_of_something_else_goes_to_the_fallback(hero):
    other = np.random.default_rng(9).uniform(0.3, 0.5, (64, 96, 3)).astype(np.float32)
    asked = []

    def fallback(shot, reference):
        asked.append(shot)
        return Recipe(exposure=0.2).to_lut()

    (one,) = match_scene(hero, [other], fallback)
    assert len(asked) == 1
    assert one.overlap_before is None


def test_a_look_that_leads_away_is_not_applied(hero):
    other = np.random.default_rng(9).uniform(0.3, 0.5, (64, 96, 3)).astype(np.float32)
    (one,) = match_scene(hero, [other], lambda *_: Lut(np.zeros((5, 5, 5, 3))))
    assert one.lut.is_identity()
    assert one.after == one.before
    assert "left as it is" in one.notes[0]


def test_statistics_without_a_fallback(hero):
    other = np.clip(np.random.default_rng(9).normal(0.3, 0.1, (64, 96, 3)), 0, 1).astype(np.float32)
    (one,) = match_scene(hero, [other])
    assert one.after <= one.before


def test_refusals(hero):
    with pytest.raises(BadInput, match="there are no shots to match"):
        match_scene(hero, [])
    with pytest.raises(BadInput, match="the shot 2 is one flat colour"):
        match_scene(hero, [hero, np.full((64, 64, 3), 0.5, np.float32)])
    with pytest.raises(BadInput, match="the hero shot is 4x4 pixels"):
        match_scene(hero[:4, :4], [hero])

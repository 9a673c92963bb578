"""Un-baking LUTs."""

from __future__ import annotations

import numpy as np
import pytest
from gradewright.core import Lut, Recipe
from gradewright.core.colour import delta_e_2000, delta_e_srgb, srgb_to_lab
from gradewright.core.lut import Shaper
from gradewright.core.recipe.metric import local_metric
from gradewright.core.recipe.points import fit_colours, photo_colours
from recipe_samples import MATTE, PORTRAIT, STRONG, cube

COLOURS = photo_colours(400, skip=20_000)  # not those that the fit sees


def error(recipe, lut):
    return float(delta_e_srgb(recipe.apply(COLOURS), lut.sample(COLOURS)).mean())


@pytest.mark.parametrize("recipe", [PORTRAIT, MATTE, STRONG], ids=["portrait", "matte", "strong"])
def test_recipe_made_luts_are_recovered(recipe):
    lut = recipe.to_lut()
    found = Recipe.fit(lut)
    assert error(Recipe(), lut) > 3
    assert error(found, lut) < 0.3
    assert found.residual_de < 0.3
    assert found.residual_de < found.residual_p95 < 1


def test_random_recipes_are_recovered():
    rng = np.random.default_rng(5)
    names = [
        "exposure",
        "contrast",
        "shadows",
        "temperature",
        "saturation",
        "mid_amount",
        "red_hue",
        "green_chroma",
    ]
    for _ in range(6):
        values = {name: float(np.clip(rng.laplace(0, 15), -40, 40)) for name in names}
        values |= {
            "exposure": values["exposure"] / 30,
            "mid_amount": abs(values["mid_amount"]),
            "mid_hue": 80.0,
        }
        lut = Recipe(**values).to_lut()
        assert error(Recipe.fit(lut), lut) < 0.3


@pytest.mark.parametrize(
    "single",
    [
        {"exposure": 0.7},
        {"exposure": -1.0},
        {"contrast": 35},
        {"shadows": 40},
        {"saturation": -40},
        {"temperature": 30},
        {"black_fade": 30},
        {"orange_chroma": 30},
        {"blue_hue": -15},
    ],
    ids=str,
)
def test_one_control_comes_back_as_one_control(single):
    ((name, value),) = single.items()
    found = Recipe.fit(Recipe(**single).to_lut())
    assert found[name] == pytest.approx(value, rel=0.1)
    rest = [step for step in found.operations() if step["parameter"] != name]
    assert all(abs(step["value"]) < 3 for step in rest), rest


def test_the_identity_comes_back_neutral():
    found = Recipe.fit(Lut.identity())
    assert found == Recipe()
    assert found.residual_de < 1e-6


def test_the_residual_is_what_it_says():
    lut = MATTE.to_lut().compose(STRONG.to_lut())
    found = Recipe.fit(lut)
    measured = delta_e_srgb(found.apply(photo_colours(1024)), lut.sample(photo_colours(1024)))
    assert found.residual_de == pytest.approx(measured.mean(), rel=1e-6)
    assert found.residual_p95 == pytest.approx(np.quantile(measured, 0.95), rel=1e-6)


def test_other_sizes_shapers_and_domains():
    assert error(Recipe.fit(PORTRAIT.to_lut(17)), PORTRAIT.to_lut()) < 0.4
    gamma = np.linspace(0, 1, 64)[:, None].repeat(3, axis=1) ** 0.8
    shaped = Lut(PORTRAIT.to_lut().table, shaper=Shaper(gamma))
    assert error(Recipe.fit(shaped), shaped) < 0.8


def channel_swap(rgb):
    return rgb[:, ::-1]


def inverted(rgb):
    return 1 - rgb


def noise(rgb):
    return np.random.default_rng(0).random(rgb.shape)


def wild(rgb):
    return rgb * 40 - 20


def black(rgb):
    return rgb * 0


@pytest.mark.parametrize("function", [channel_swap, inverted, noise, wild, black], ids=lambda f: f.__name__)
def test_impossible_luts_end_in_a_valid_recipe_and_an_honest_residual(function):
    lut = Lut.from_function(function, 9)
    found = Recipe.fit(lut)
    assert np.isfinite(found.apply(cube(4))).all()
    measured = delta_e_srgb(found.apply(photo_colours(1024)), lut.sample(photo_colours(1024))).mean()
    assert found.residual_de == pytest.approx(measured, rel=1e-6)
    assert found.residual_de <= delta_e_srgb(photo_colours(1024), lut.sample(photo_colours(1024))).mean()


def test_fitting_twice_gives_the_same():
    assert Recipe.fit(STRONG.to_lut()) == Recipe.fit(STRONG.to_lut())


def test_photo_colours_are_like_photographs():
    colours = photo_colours(2000)
    lab = srgb_to_lab(colours)
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    assert colours.min() >= 0
    assert colours.max() <= 1
    assert 35 < np.median(lab[:, 0]) < 60
    assert 5 < np.median(chroma) < 18
    assert np.quantile(chroma, 0.99) > 35


def test_fit_colours_hold_black_white_and_corners():
    colours, weights = fit_colours()
    assert len(colours) == len(weights)
    assert weights.sum() == pytest.approx(1)
    for corner in ([0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 0, 1]):
        assert np.abs(colours - corner).max(axis=1).min() == 0


def test_the_metric_is_ciede2000_nearby():
    lab = srgb_to_lab(photo_colours(200))
    lab = lab[
        (lab[:, 2] > -20) & (np.hypot(lab[:, 1], lab[:, 2]) > 1)
    ]  # away from the blue rotation and grey
    step = np.random.default_rng(1).normal(0, 0.05, lab.shape)
    length = np.linalg.norm((local_metric(lab) @ step[..., None])[..., 0], axis=1)
    assert length == pytest.approx(delta_e_2000(lab, lab + step), rel=0.08)

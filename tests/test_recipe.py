"""The Recipe value: making, comparing, editing."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from gradewright.core import Lut, Recipe
from gradewright.core.errors import BadInput
from gradewright.core.recipe import BANDS, GROUPS, PARAMETERS, ZONES
from hypothesis import given
from hypothesis import settings as budget
from recipe_samples import MATTE, PORTRAIT, STRONG, cube, in_range


def test_parameters_are_well_formed():
    names = [p.name for p in PARAMETERS]
    assert len(set(names)) == len(names)
    assert [p.group for p in PARAMETERS] == sorted((p.group for p in PARAMETERS), key=GROUPS.index)
    for p in PARAMETERS:
        assert p.low <= p.neutral == 0 <= p.high
        assert 0 < p.step <= p.high / 10
        assert p.unit in ("EV", "%", "°", "mired")
        assert p.meaning
        assert not p.meaning.endswith(".")
        assert "\n" not in p.meaning


@pytest.mark.parametrize(
    "name", ["exposure", "contrast", "highlights", "shadows", "whites", "blacks", "temperature", "tint"]
)
def test_the_parameters_of_the_design_exist(name):
    assert Recipe(**{name: 1})[name] == 1


def test_every_band_and_zone_has_its_controls():
    names = {p.name for p in PARAMETERS}
    assert {f"{b}_{c}" for b in BANDS for c in ("hue", "chroma", "lightness")} <= names
    assert {f"{z}_{c}" for z in ZONES for c in ("hue", "amount")} <= names
    assert len(BANDS) == 8


@pytest.mark.parametrize("size", [2, 17, 33, 64])
def test_the_neutral_recipe_is_exactly_the_identity(size):
    assert Recipe().to_lut(size) == Lut.identity(size)


def test_a_tint_of_no_strength_is_neutral():
    recipe = Recipe(shadow_hue=200)
    assert recipe.is_neutral
    assert recipe.to_lut() == Lut.identity()
    assert not Recipe(shadow_hue=200, shadow_amount=5).is_neutral


def test_values_are_attributes_and_items():
    assert PORTRAIT.exposure == PORTRAIT["exposure"] == 0.4
    assert PORTRAIT.contrast == 18.0
    assert PORTRAIT.whites == 0
    assert "orange_chroma" in dir(PORTRAIT)
    assert list(Recipe(tint=3, exposure=1)) == ["exposure", "tint"]


def test_unknown_attribute():
    with pytest.raises(AttributeError, match="no parameter 'sharpness'"):
        _ = PORTRAIT.sharpness
    assert not hasattr(PORTRAIT, "__array__")


def test_a_recipe_is_immutable():
    with pytest.raises(AttributeError, match=r"immutable; use \.replaced\(exposure=\.\.\.\)"):
        PORTRAIT.exposure = 1
    with pytest.raises(ValueError, match="read-only"):
        PORTRAIT.coefficients[0] = 1


def test_unknown_keyword_suggests_the_near_one():
    with pytest.raises(BadInput, match="no parameter 'exposre'; did you mean 'exposure'"):
        Recipe(exposre=1)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"exposure": 3.5}, "exposure 3.5 is out of range: -3..3 EV"),
        ({"contrast": -101}, "contrast -101 is out of range: -100..100 %"),
        ({"black_fade": -1}, "black_fade -1 is out of range: 0..100 %"),
        ({"mid_hue": 361}, "mid_hue 361 is out of range: 0..360 °"),
        ({"temperature": float("nan")}, "temperature nan is not finite: -100..100 mired"),
        ({"tint": float("inf")}, "tint inf is not finite: -100..100 %"),
        ({"tint": "5"}, "tint '5' is not a number: -100..100 %"),
        ({"tint": True}, "tint True is not a number: -100..100 %"),
        ({"tint": None}, "tint None is not a number: -100..100 %"),
        ({"tint": 10**400}, "is not a number: -100..100 %"),
    ],
)
def test_bad_values_name_parameter_value_and_range(values, message):
    with pytest.raises(BadInput) as caught:
        Recipe(**values)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_equality_leaves_residuals_out():
    measured = Recipe(exposure=1, residual_de=0.5, residual_p95=2.0)
    assert measured == Recipe(exposure=1)
    assert hash(measured) == hash(Recipe(exposure=1))
    assert measured != Recipe(exposure=1.01)
    assert measured != "exposure=1"


def test_negative_zero_is_zero():
    assert repr(Recipe(contrast=-0.0)) == "Recipe()"


def test_repr_makes_the_recipe_again():
    assert eval(repr(PORTRAIT)) == PORTRAIT


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda r: pickle.loads(pickle.dumps(r))])
def test_copies_keep_values_and_residuals(clone):
    twin = clone(Recipe(tint=5, residual_de=0.5, residual_p95=2.0))
    assert twin == Recipe(tint=5)
    assert (twin.residual_de, twin.residual_p95) == (0.5, 2.0)


def test_groups_split_and_join():
    light, rest = PORTRAIT.only("light"), PORTRAIT.without("light")
    assert set(light) == {"exposure", "contrast", "shadows", "highlights"}
    assert not set(light) & set(rest)
    assert light.merged(rest) == PORTRAIT
    assert PORTRAIT.only(*GROUPS) == PORTRAIT
    assert PORTRAIT.without(*GROUPS) == Recipe()
    assert PORTRAIT.only("color") == PORTRAIT.only("colour")


def test_unknown_group():
    with pytest.raises(BadInput, match="no group 'lights'; the groups are light, colour, bands"):
        PORTRAIT.only("lights")
    with pytest.raises(BadInput, match="no group 'hsl'"):
        PORTRAIT.without("hsl")


def test_merged_prefers_the_other():
    merged = Recipe(exposure=1, tint=5).merged(Recipe(exposure=-1, contrast=3))
    assert merged.to_dict() == {"exposure": -1, "contrast": 3, "tint": 5}


def test_replaced_and_residuals():
    fitted = Recipe(exposure=1, residual_de=0.1)
    edited = fitted.replaced(exposure=0.5, tint=2)
    assert edited.to_dict() == {"exposure": 0.5, "tint": 2}
    assert edited.residual_de is None


def test_scaled():
    half = PORTRAIT.scaled(0.5)
    assert half.exposure == 0.2
    assert half.shadow_hue == 200
    assert half.shadow_amount == 6
    assert half.green_hue == -6
    assert PORTRAIT.scaled(1) == PORTRAIT
    assert PORTRAIT.scaled(0).is_neutral
    with pytest.raises(BadInput, match=r"strength 1\.5 is out of range: 0\.\.1"):
        PORTRAIT.scaled(1.5)


@pytest.mark.parametrize("recipe", [PORTRAIT, MATTE, STRONG], ids=["portrait", "matte", "strong"])
def test_the_lut_holds_what_apply_renders(recipe):
    table = recipe.to_lut(9).table.reshape(-1, 3)
    assert np.abs(table - recipe.apply(cube(9))).max() < 5e-5


def test_lut_sizes_and_title():
    lut = Recipe(green_hue=-12, exposure=-0.4).to_lut(5)
    assert lut.size == 5
    assert lut.title == "-0.4 EV, greens 12 degrees towards yellow"
    assert PORTRAIT.to_lut(5).title == "11 changes"
    with pytest.raises(BadInput, match="LUT size 1 is out of range"):
        PORTRAIT.to_lut(1)


def test_apply_keeps_shapes_and_clamps():
    image = np.full((4, 5, 3), 0.4, np.float32)
    assert PORTRAIT.apply(image).shape == (4, 5, 3)
    assert np.array_equal(PORTRAIT.apply([-1.0, 0.5, 2.0]), PORTRAIT.apply([0.0, 0.5, 1.0]))
    assert PORTRAIT.apply(np.zeros((0, 3))).shape == (0, 3)


@given(in_range())
@budget(max_examples=60)
def test_any_recipe_renders_finite_colours_in_range(recipe):
    out = recipe.apply(cube(6))
    assert np.isfinite(out).all()
    assert out.min() >= 0
    assert out.max() <= 1
    table = recipe.to_lut(5).table
    assert np.isfinite(table).all()
    assert table.min() >= 0
    assert table.max() <= 1

"""The attribute functions: what they say of pictures that are known, before and after known edits."""

from __future__ import annotations

import numpy as np
import pytest
from gradewright.core import Recipe
from gradewright.core.attributes import ATTRIBUTES, BY_NAME, Colours, around_greys, change, measure, slope
from gradewright.core.colour import srgb_encode, srgb_to_lab
from gradewright.core.recipe.points import photo_colours
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.fixture(scope="module")
def colours():
    return photo_colours(4000)


def flat(*rgb, count=400):
    return np.tile(np.array(rgb, np.float64), (count, 1))


def test_every_attribute_is_described_and_measured(colours):
    found = measure(colours)
    assert [a.name for a in ATTRIBUTES] == list(BY_NAME)
    for attribute in ATTRIBUTES:
        assert attribute.step > 0
        assert attribute.meaning
        assert attribute.name in found or attribute.group in ("bands", "skin")
    assert all(np.isfinite(value) for value in found.values())


def test_middle_grey_has_exposure_zero():
    grey = float(srgb_encode(np.array(0.18)))
    found = measure(flat(grey, grey, grey))
    assert found["exposure"] == pytest.approx(0, abs=1e-3)
    assert found["contrast"] == pytest.approx(0, abs=1e-9)
    assert found["temperature"] == pytest.approx(0, abs=0.05)
    assert found["tint"] == pytest.approx(0, abs=0.05)
    assert found["colourfulness"] == pytest.approx(0, abs=1e-6)
    assert "red_chroma" not in found
    assert "skin_hue" not in found


@given(ev=st.floats(-2, 2))
@settings(deadline=None, max_examples=20)
def test_exposure_is_in_stops(ev):
    grey = float(srgb_encode(np.array(0.18 * 2**ev)))
    assert measure(flat(grey, grey, grey), "exposure")["exposure"] == pytest.approx(ev, abs=1e-3)


@pytest.mark.parametrize(("name", "attribute"), [("temperature", "temperature"), ("tint", "tint")])
@given(value=st.floats(-30, 30))
@settings(deadline=None, max_examples=10)
def test_white_balance_comes_back_in_the_units_of_a_recipe(name, attribute, value):
    greys = np.linspace(0.1, 0.9, 200)[:, None].repeat(3, axis=1)
    moved = change(greys, Recipe(**{name: value}).apply(greys))
    assert moved[attribute] == pytest.approx(value, abs=0.06 * abs(value) + 0.3)
    assert moved["tint" if name == "temperature" else "temperature"] == pytest.approx(0, abs=1.5)


@pytest.mark.parametrize(
    ("values", "rises"),
    [
        ({"exposure": 0.5}, ("exposure", "brightness", "mids", "skin_light")),
        ({"contrast": 30}, ("contrast", "highlights")),
        ({"saturation": 30}, ("saturation", "colourfulness", "red_chroma", "skin_chroma")),
        ({"shadows": 40}, ("shadows",)),
        ({"black_fade": 30}, ("black_point",)),
        ({"shadow_hue": 30, "shadow_amount": 40}, ("shadow_a",)),
        ({"blue_lightness": 40}, ("blue_light",)),
    ],
)
def test_an_edit_raises_what_it_is_named_after(values, rises, colours):
    moved = change(colours, Recipe(**values).apply(colours))
    for name in rises:
        assert moved[name] > 0.5 * BY_NAME[name].step, name


def test_nothing_moves_where_nothing_is_done(colours):
    assert set(change(colours, colours).values()) == {0.0}


def test_parts_are_those_of_the_picture_before(colours):
    """A sky turned to green is measured as the sky that it was."""
    before = Colours(colours)
    after = Colours(Recipe(blue_hue=-45).apply(colours), like=before)
    assert (after.like.bands == before.bands).all()
    assert measure(after, "blue_share") == measure(before, "blue_share")
    assert abs(change(before, after.rgb)["blue_hue"]) > 10


def test_hue_differences_go_the_short_way():
    first, then = flat(0.55, 0.40, 0.44), flat(0.55, 0.42, 0.40)
    assert abs(change(first, then, "shadow_hue")["shadow_hue"]) < 90


def test_clipping_is_told_apart():
    picture = np.concatenate([flat(0, 0, 0, count=10), flat(1, 1, 1, count=20), flat(1, 0.5, 0.5, count=70)])
    found = measure(picture)
    assert (found["crushed"], found["blown"], found["clipped"]) == (10, 20, 100)


def test_shape_and_float_type_do_not_matter(colours):
    small = colours[:2400]
    image = small.reshape(40, 60, 3).astype(np.float32)
    for name, value in measure(image).items():
        assert value == pytest.approx(measure(small)[name], abs=2e-3 * BY_NAME[name].step + 2e-3), name


def test_a_sepia_has_no_chroma_around_its_greys():
    ramp = np.linspace(0, 1, 65)[:, None].repeat(3, axis=1)
    sepia = Recipe(saturation=-100, mid_hue=70, mid_amount=60)
    greys = srgb_to_lab(sepia.apply(ramp))
    picture = srgb_to_lab(sepia.apply(photo_colours(500)))
    assert np.hypot(picture[:, 1], picture[:, 2]).mean() > 5
    assert around_greys(picture, greys).mean() < 0.5


def test_slope_of_a_straight_line():
    light = np.linspace(0, 100, 50)
    assert slope(light, 1.2 * light + 3, slice(10, 40)) == pytest.approx(1.2)

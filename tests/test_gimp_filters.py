"""Models of GIMP's filters, and chains of them fitted to LUTs. The models meet the real GIMP in realhosts."""

from __future__ import annotations

import json

import numpy as np
import pytest
from gradewright import lutio
from gradewright.core import Lut
from gradewright.core.colour import delta_e_srgb
from gradewright.core.errors import BadInput
from gradewright.core.recipe import Recipe
from gradewright.core.recipe.points import photo_colours
from gradewright.hosts.gimp import task
from gradewright.hosts.gimp.filters import fit, models, space, stages
from hypothesis import given, settings
from hypothesis import strategies as st
from profiles import ADOBE_RGB, SRGB, colorants
from recipe_samples import MATTE, PORTRAIT, cube, greys

RGB = cube(7)
ALL = sorted({id(stage): stage for chain in stages.CHAINS.values() for stage in chain}.items())


def inside(rgb):
    return rgb.min() >= -1e-9 and rgb.max() <= 1 + 1e-9


def test_every_stage_starts_as_nothing():
    for _, stage in ALL:
        nothing = np.zeros(stage.count)
        assert np.abs(stage.apply(nothing, RGB) - RGB).max() < 1e-9
        if stage is not stages.TONING:  # always there, to hold the values within 0..1
            assert stage.operations(nothing) == []


@pytest.mark.parametrize("count", [1, 2, 5000])
def test_pictures_of_any_size_can_be_fitted(count):
    grey = np.linspace(0.3, 0.6, count)[:, None].repeat(3, axis=1)
    chain = fit.fit(PORTRAIT.to_lut(17), "gimp-3.2", grey)
    assert chain.operations
    assert 0 <= chain.residual_de < 2


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(-0.6, 0.6), min_size=stages.LIGHT.count, max_size=stages.LIGHT.count))
def test_curves_never_fall_and_stay_inside(theta):
    samples = stages.samples(np.array(theta))
    assert len(samples) == models.CURVE_SAMPLES
    assert (np.diff(samples) >= 0).all()
    assert inside(samples)


def test_lab50_has_its_white_and_its_inverse():
    assert np.allclose(models.srgb_to_lab50(np.ones((1, 3))), [100, 0, 0], atol=2e-4)
    assert np.abs(models.lab50_to_srgb(models.srgb_to_lab50(RGB)) - RGB).max() < 1e-12


def test_hsl_is_pythons():
    import colorsys

    rng = np.random.default_rng(0)
    rgb = rng.random((200, 3))
    hue, saturation, light = models._to_hsl(rgb)
    for i, colour in enumerate(rgb):
        assert np.allclose([hue[i], light[i], saturation[i]], colorsys.rgb_to_hls(*colour))
    assert np.abs(models._from_hsl(hue, saturation, light) - rgb).max() < 1e-12


def test_hue_saturation_turns_and_desaturates():
    red = np.array([[1.0, 0.0, 0.0]])
    third = models.hue_saturation(np.full(6, 2 / 3), np.zeros(6), red)
    assert np.allclose(third, [[0, 1, 0]])  # a turn of 120 degrees
    grey = models.hue_saturation(np.zeros(6), np.full(6, -1.0), RGB)
    assert np.abs(grey - grey[:, :1]).max() < 1e-12
    assert np.abs(models.hue_saturation(np.full(6, 0.3), np.full(6, 0.5), greys()) - greys()).max() < 1e-12


@settings(deadline=None, max_examples=30)
@given(st.floats(-1, 1))
def test_self_light_keeps_the_ends_the_middle_and_the_order(amount):
    ramp = models.self_light(amount, greys())
    assert np.allclose(ramp[[0, 128, -1], 0], [0, 0.5, 1])  # soft light with itself keeps the middle
    assert (np.diff(ramp[:, 0]) >= -1e-12).all()


def test_a_warp_moves_its_own_colour_all_the_way():
    start = models.srgb_to_lab50(np.array([[0.5, 0.4, 0.3], [0.2, 0.3, 0.6]]))
    end = models.srgb_to_lab50(np.array([[0.6, 0.4, 0.3], [0.2, 0.4, 0.6]]))
    moved = models.warp((start, end, np.array([400.0, 400.0])), models.lab50_to_srgb(start))
    assert np.abs(models.srgb_to_lab50(moved) - end).max() < 1e-3
    far = models.warp((start, end, np.array([50.0, 50.0])), np.array([[1.0, 1.0, 0.0]]))
    assert np.abs(far - [1.0, 1.0, 0.0]).max() < 1e-6


@pytest.mark.parametrize("host", task.HOSTS)
def test_an_identity_needs_next_to_nothing(host):
    chain = fit.fit(Lut.identity(17), host)
    assert chain.residual_de < 0.02
    assert {operation["operation"] for operation in chain.operations} <= {"gimp:curves"}


LOOKS = {
    "portrait": (PORTRAIT, 1.0, 1.6),
    "matte": (MATTE, 0.5, 0.7),
    "cold": (Recipe(exposure=-0.5, temperature=-35, saturation=-20, contrast=25), 0.5, 0.8),
}


@pytest.mark.parametrize("name", sorted(LOOKS))
@pytest.mark.parametrize("host", task.HOSTS)
def test_recipe_looks_are_met(host, name):
    recipe, newer, older = LOOKS[name]
    chain = fit.fit(recipe.to_lut(33), host)
    assert chain.residual_de < (newer if host == "gimp-3.2" else older)
    assert chain.residual_de <= chain.residual_p95
    colours = photo_colours(512)
    assert chain.residual_de < 0.3 * delta_e_srgb(colours, recipe.to_lut(33).sample(colours)).mean()


def test_the_fit_is_best_on_the_colours_of_the_photo():
    photo = np.clip(np.random.default_rng(1).normal([0.3, 0.4, 0.6], 0.08, (2000, 3)), 0, 1)
    lut = Recipe(blue_hue=25, blue_chroma=40, blue_lightness=-30, contrast=20).to_lut(33)
    chain = fit.fit(lut, "gimp-3.2", photo)
    assert chain.residual_de < 0.35 * delta_e_srgb(photo, lut.sample(photo)).mean()
    assert chain.operations != fit.fit(lut, "gimp-3.2").operations


@pytest.mark.parametrize("host", task.HOSTS)
def test_operations_are_json_that_the_host_has(host):
    lut = Recipe(contrast=40, temperature=30, green_hue=40, blue_chroma=60, black_fade=20).to_lut(17)
    operations = fit.fit(lut, host).operations
    assert json.loads(json.dumps(operations)) == operations
    for operation in operations:
        assert operation["name"].startswith("Gradewright: ")
        if host == "gimp-3.0":  # there gimp: operations crash when a plug-in sets them
            assert operation["operation"].startswith("gegl:")
        for update in operation["updates"]:
            if "curve" in update:
                assert len(update["curve"]) == models.CURVE_SAMPLES
            for name, value in update.items():
                if name.endswith("-gain"):
                    assert -2 <= value <= 2
                if isinstance(value, list):
                    assert all(0 <= part <= 1 for part in value)
        assert 0 < operation.get("opacity", 1.0) <= 1


def test_the_same_request_gives_the_same_chain():
    lut = PORTRAIT.to_lut(33)
    assert fit.fit(lut, "gimp-3.2") == fit.fit(lut, "gimp-3.2")


# -- the job


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({}, "a filters request needs 'lut'"),
        ({"lut": "/a.cube"}, "a filters request needs 'host'"),
        (
            {"lut": "/a.cube", "host": "gimp-2.10"},
            "host: gimp-2.10 is not possible: use one of gimp-3.0, gimp-3.2",
        ),
        ({"lut": "a.cube", "host": "gimp-3.2"}, "an absolute path is needed"),
        ({"lut": "/a.cube", "host": "gimp-3.2", "strength": 2}, "strength 2 is out of range: 0..1"),
    ],
)
def test_unusable_requests(request_, message):
    with pytest.raises(BadInput, match=message.replace(".", r"\.")):
        task.FilterTask.parse(request_)


def test_the_job_weakens_first(tmp_path):
    path = tmp_path / "look.cube"
    lutio.write(PORTRAIT.to_lut(17), path)
    wanted = {"lut": str(path), "host": "gimp-3.2", "strength": 0.0}
    nothing = task.run(task.FilterTask.parse(wanted))
    assert nothing["residual_de"] < 0.02
    full = task.run(task.FilterTask.parse({**wanted, "strength": 1.0}))
    assert len(full["operations"]) > len(nothing["operations"])


# -- images whose profile is not sRGB

_ADOBE = np.linalg.inv(colorants(ADOBE_RGB)) @ colorants(SRGB)
_PRIMARIES = tuple(_ADOBE.T.reshape(-1))


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_colours_enter_a_space_and_leave_it_unchanged(rgb):
    wide = space.Space.of(_PRIMARIES)
    assert not wide.is_srgb
    assert np.abs(wide.left(wide.entered(np.array([rgb]))) - rgb).max() < 1e-6


def test_srgb_itself_is_no_space_of_its_own():
    assert space.Space.of(None).is_srgb
    assert space.Space.of(tuple(np.eye(3).reshape(-1) + 1e-5)).is_srgb
    assert space.Space.of(None).linear_srgb([0.1, 0.2, 0.3]) == [0.1, 0.2, 0.3]


@pytest.mark.parametrize("host", task.HOSTS)
def test_a_chain_for_a_wide_space_is_another_one_and_as_near(host):
    lut = PORTRAIT.to_lut(33)
    usual, wide = fit.fit(lut, host), fit.fit(lut, host, primaries=_PRIMARIES)
    assert wide.operations != usual.operations
    assert wide.residual_de < 1.4 * usual.residual_de


@pytest.mark.parametrize("value", [[1.0] * 9, [1, 0, 0], "sRGB", [1, 0, 0, 0, 1, 0, 0, 0, True], [1e9] * 9])
def test_primaries_that_are_none_are_refused(tmp_path, value):
    with pytest.raises(BadInput, match="primaries: nine numbers are needed"):
        task.FilterTask.parse({"lut": "/a.cube", "host": "gimp-3.2", "primaries": value})

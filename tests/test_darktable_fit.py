"""Native modules: the models' colour spaces, and fits of looks."""

from __future__ import annotations

import colour
import numpy as np
import pytest
from gradewright.core import Lut, Recipe
from gradewright.core.colour import delta_e_srgb
from gradewright.core.recipe.points import photo_colours
from gradewright.hosts.darktable import colour as spaces
from gradewright.hosts.darktable import curves, display, fit, model, params, scene
from scenes import film

COLOURS = photo_colours(500, skip=300)
WORK = model.start(COLOURS)
RECIPES = {
    "light": Recipe(exposure=0.4, contrast=20, highlights=-20, shadows=20),
    "colour": Recipe(temperature=20, saturation=20, shadow_hue=200, shadow_amount=30),
    "bands": Recipe(orange_hue=10, blue_chroma=-40, green_hue=20, blue_lightness=-20),
    "grey": Recipe(saturation=-100, contrast=20),
}
CHAINS = {"scene": scene.CHAIN, "display": display.CHAIN}


def test_working_space_is_rec_2020():
    srgb, rec2020 = (colour.RGB_COLOURSPACES[name] for name in ("sRGB", "ITU-R BT.2020"))
    linear = colour.cctf_decoding(COLOURS, function="sRGB")
    expected = colour.RGB_to_RGB(linear, srgb, rec2020, chromatic_adaptation_transform=None)
    assert np.abs(WORK - expected).max() < 2e-4
    assert np.abs(spaces.to_srgb(WORK) - linear).max() < 1e-12


def test_yrg_is_kirks():
    luminance, offset = spaces.yrg(WORK)
    xyz = WORK @ spaces.REC2020.T
    expected = colour.XYZ_to_Yrg(xyz)
    found = np.stack([luminance, offset[:, 0] + 0.21902143, offset[:, 1] + 0.54371398], axis=-1)
    assert np.abs(found - expected).max() < 5e-5
    assert np.abs(spaces.from_yrg(luminance, offset) - WORK).max() < 1e-6


def test_ucs_goes_there_and_back():
    assert np.abs(spaces.from_hsb(*spaces.hsb(WORK, 2.0), 2.0) - WORK).max() < 1e-9
    hue, saturation, brightness = spaces.hsb(spaces.from_srgb(np.array([[1.0, 0, 0], [0.2, 0.2, 0.2]])), 1.0)
    assert 10 < np.degrees(hue[0]) < 30  # darktable calls sRGB red 20 degrees
    assert saturation[1] < 0.01 < brightness[1]


@pytest.fixture(params=CHAINS)
def chain(request):
    return CHAINS[request.param]


def test_lab_is_cielab_of_d50():
    linear = colour.cctf_decoding(COLOURS, function="sRGB")
    srgb = colour.RGB_COLOURSPACES["sRGB"]
    white = colour.XYZ_to_xy(np.array([0.9642, 1.0, 0.8249]))
    xyz = colour.RGB_to_XYZ(linear, srgb, illuminant=white, chromatic_adaptation_transform="Bradford")
    assert np.abs(display.start(COLOURS) - colour.XYZ_to_Lab(xyz, white)).max() < 0.02
    assert np.abs(display.finish(display.start(COLOURS)) - COLOURS).max() < 1e-9


def test_black_stays_black_and_finite(chain):
    black = np.zeros((1, 3))
    settings = np.full((1, chain.count), 0.1)
    assert np.isfinite(chain.render(settings, black)).all()
    assert np.abs(spaces.from_hsb(*spaces.hsb(black, 2.0), 2.0)).max() < 1e-6


def test_neutral_settings_change_nothing(chain):
    assert np.abs(chain.render(np.zeros((1, chain.count)), COLOURS)[0] - COLOURS).max() < 1e-9


@pytest.mark.parametrize(
    ("name", "stage"), [(name, stage) for name, chain in CHAINS.items() for stage in range(len(chain.stages))]
)
def test_a_batch_is_its_rows(name, stage, rng):
    chain = CHAINS[name]
    settings = np.where(stage == chain.stage_of, rng.normal(0, 5, (3, chain.count)) * chain.unit, 0)
    together = chain.render(settings, COLOURS)
    alone = np.stack([chain.render(row[None], COLOURS)[0] for row in settings])
    assert np.abs(together - alone).max() < 1e-9
    assert np.abs(together[0] - COLOURS).max() > 0.005


def test_curves_are_monotone_whatever_the_nodes(rng):
    settings = np.zeros((20, scene.CHAIN.count))
    settings[:, model.CURVES] = rng.normal(0, 0.2, settings[:, model.CURVES].shape)
    ramp = np.linspace(0, 1.5, 400)[:, None].repeat(3, axis=1)
    bent = model.bend(settings, np.broadcast_to(ramp, (20, *ramp.shape)))
    assert np.diff(bent, axis=1).min() > -1e-12


def test_equalizer_turns_one_hue_and_leaves_the_opposite_one():
    settings = np.zeros((1, scene.CHAIN.count))
    settings[0, model.HUE.start + model.HUES.index("blue")] = 30
    nodes = np.radians([20 + 45 * 5 - 360, 20 + 45])  # blue, orange
    work = spaces.from_hsb(nodes, np.full(2, 0.1), np.full(2, 0.3), 2.0)
    assert work.min() > 0
    turned = np.degrees(spaces.hsb(model.equalize(settings, work[None])[0], 2.0)[0] - nodes)
    assert turned[0] == pytest.approx(30, abs=3)
    assert abs(turned[1]) < 1


def test_zones_turn_one_hue_and_leave_greys_and_the_opposite_one():
    settings = np.zeros((1, display.CHAIN.count))
    settings[0, display.HUE.start + 2] = 0.1
    settings[0, display.LIGHTNESS.start + 2] = 0.1
    angle = 2 * np.pi * np.array([2.5 / 8, 6.5 / 8, 2.5 / 8])
    lab = np.stack([np.full(3, 50.0), *(np.array([60, 60, 0]) * (np.cos(angle), np.sin(angle)))], axis=-1)
    moved = display.zones(settings, lab[None])[0]
    assert np.abs(moved[1:] - lab[1:]).max() < 1e-9
    weight = 1 - (1 - 60 / 128) ** 2
    turned = np.arctan2(moved[0, 2], moved[0, 1]) / (2 * np.pi) - 2.5 / 8
    assert turned == pytest.approx(0.1 * weight)
    assert moved[0, 0] == pytest.approx(50 * 2 ** (0.4 * weight))


def test_curves_pass_through_their_nodes():
    heights = curves.heights(np.linspace(0.05, -0.05, curves.COUNT)[None])
    assert np.abs(curves.hermite(curves.EVEN, heights, curves.EVEN[None]) - heights).max() < 1e-12


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_are_matched(name, chain):
    recipe = RECIPES[name]
    found = fit.fit(recipe.to_lut(), chain=chain)
    error = delta_e_srgb(chain.render(found.settings[None], COLOURS)[0], recipe.apply(COLOURS))
    assert error.mean() < (1.3 if chain is scene.CHAIN else 1.8)
    assert abs(error.mean() - found.mean) < 0.3  # what is predicted holds on other colours
    for step in found.steps:
        params.pack(step.module, step.values)  # within darktable's ranges


def test_any_lut_is_fitted_and_judged_on_the_photo():
    lut = Lut.from_function(film, 17)
    found = fit.fit(lut, COLOURS.reshape(20, 25, 3))
    error = delta_e_srgb(scene.CHAIN.render(found.settings[None], COLOURS)[0], film(COLOURS))
    assert found.mean == pytest.approx(error.mean(), abs=0.2)
    assert found.mean < 2


def test_the_identity_needs_no_module(chain):
    found = fit.fit(Lut.identity(17), chain=chain)
    assert found.steps == []
    assert found.mean < 1e-6


def test_after_the_tone_mapper_the_raw_defaults_stay():
    found = fit.fit(Recipe(exposure=0.5, temperature=15, blue_hue=20).to_lut(), chain=display.CHAIN)
    assert {step.module for step in found.steps} == {"tonecurve", "colorcorrection", "colorzones"}


def test_exposure_carries_the_gain_and_the_matrix_keeps_luminance():
    found = fit.fit(Recipe(exposure=0.5, temperature=15).to_lut())
    steps = {step.module: step.values for step in found.steps}
    assert set(steps) <= {"exposure", "channelmixerrgb", "colorequal", "colorbalancergb", "rgbcurve"}
    matrix = np.array([steps["channelmixerrgb"][row][:3] for row in ("red", "green", "blue")])
    assert (spaces.REC2020[1] @ matrix).sum() == pytest.approx(1)
    assert -3 < steps["exposure"]["exposure"] < 3


def test_the_same_look_gives_the_same_settings():
    lut = RECIPES["colour"].to_lut()
    assert np.array_equal(fit.fit(lut).settings, fit.fit(lut).settings)

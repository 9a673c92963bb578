"""The recipe's mathematics: tone, colour, bands, gamut."""

from __future__ import annotations

import numpy as np
import pytest
from gradewright.core.colour import delta_e_srgb, srgb_decode, srgb_encode, srgb_to_oklab
from gradewright.core.recipe import BANDS, PARAMETERS, Recipe
from gradewright.core.recipe.gamut import into_gamut
from gradewright.core.recipe.knobs import to_coefficients, to_values
from gradewright.core.recipe.parameters import BAND_CENTRES
from gradewright.core.recipe.render import render
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st
from recipe_samples import MATTE, PORTRAIT, STRONG, cube, greys, in_range

SKIN, SKY, LEAF = np.array([0.8, 0.6, 0.5]), np.array([0.45, 0.62, 0.85]), np.array([0.35, 0.45, 0.2])
GREY18 = float(srgb_encode(0.18))


def lightness(rgb):
    return srgb_to_oklab(rgb)[..., 0]


def chroma(rgb):
    lab = srgb_to_oklab(rgb)
    return np.hypot(lab[..., 1], lab[..., 2])


def hue(rgb):
    lab = srgb_to_oklab(rgb)
    return np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360


def linear_grey(recipe, value=0.18):
    return float(srgb_decode(recipe.apply(srgb_encode(np.full(3, value)))[0]))


# -- light


@given(in_range(groups=("light",)))
@budget(max_examples=150)
def test_any_light_group_keeps_greys_grey_and_monotone(recipe):
    out = recipe.apply(greys())
    assert np.ptp(out, axis=1).max() < 1e-6  # Oklab's published matrices have ten digits
    steps = np.diff(out[:, 0])
    assert steps.min() > -1e-7
    assert out[-1, 0] - out[0, 0] > 0.3


@pytest.mark.parametrize(
    "recipe", [Recipe(highlights=-60, shadows=60), Recipe(highlights=-100), Recipe(shadows=80)]
)
def test_recovered_colours_keep_hue_and_colourfulness(recipe):
    """Sky, skin, foliage, a ripe banana: recovered per channel, they turned violet, grey and salmon."""
    colours = np.array([[0.35, 0.55, 0.78], [0.82, 0.62, 0.52], [0.35, 0.45, 0.2], [0.93, 0.78, 0.35]])
    before, after = srgb_to_oklab(colours), srgb_to_oklab(recipe.apply(colours))
    turn = np.degrees(np.arctan2(after[:, 2], after[:, 1]) - np.arctan2(before[:, 2], before[:, 1]))
    assert np.abs(turn).max() < 1.5
    saturation = np.hypot(after[:, 1], after[:, 2]) / after[:, 0] * before[:, 0] / np.hypot(*before[:, 1:].T)
    assert saturation == pytest.approx(1, abs=0.06)


@given(in_range(groups=("light",)))
@budget(max_examples=60)
def test_black_and_white_stay_but_for_the_fades(recipe):
    ends = recipe.replaced(black_fade=0, white_fade=0).apply(greys(2))
    assert ends == pytest.approx(np.array([[0.0] * 3, [1.0] * 3]), abs=1e-9)


@pytest.mark.parametrize(("ev", "tolerance"), [(1, 0.03), (0.5, 0.03), (-1, 0.05), (-0.5, 0.05)])
def test_mid_grey_moves_by_the_stated_exposure(ev, tolerance):
    assert np.log2(linear_grey(Recipe(exposure=ev)) / 0.18) == pytest.approx(ev, abs=tolerance)


def test_exposure_protects_the_sky():
    bright = Recipe(exposure=1).apply(SKY)
    assert bright.max() < 0.99
    assert hue(bright) == pytest.approx(hue(SKY), abs=15)
    clouds = np.linspace(0.85, 1.0, 10)[:, None].repeat(3, axis=1)
    assert (np.diff(Recipe(exposure=1).apply(clouds)[:, 0]) > 0.001).all()


def test_contrast_turns_around_mid_grey():
    more, less = Recipe(contrast=50), Recipe(contrast=-50)
    assert linear_grey(more) == pytest.approx(0.18, rel=0.02)
    assert linear_grey(less) == pytest.approx(0.18, rel=0.05)
    dark, bright = 0.05, 0.5
    assert linear_grey(more, dark) < dark < linear_grey(less, dark)
    assert linear_grey(less, bright) < bright < linear_grey(more, bright)


@pytest.mark.parametrize(
    ("name", "near", "far"),
    [
        ("shadows", 0.33, 0.85),
        ("highlights", 0.67, 0.15),
        ("blacks", 0.14, 0.7),
        ("whites", 0.86, 0.3),
        ("curve_shadows", 0.17, 0.6),
        ("curve_mids", 0.5, 0.1),
        ("curve_highlights", 0.83, 0.4),
    ],
)
def test_tone_controls_act_where_they_say(name, near, far):
    for value in (60, -60):
        moved = Recipe(**{name: value}).apply(np.array([[near] * 3, [far] * 3]))[:, 0] - (near, far)
        assert np.sign(moved[0]) == np.sign(value)
        assert abs(moved[0]) > 0.02
        assert abs(moved[1]) < 0.35 * abs(moved[0])


def test_fades_set_black_and_white():
    out = Recipe(black_fade=50, white_fade=50).apply(greys(2))[:, 0]
    assert out == pytest.approx([0.15, 0.85])


# -- colour


@pytest.mark.parametrize("name", ["temperature", "tint"])
@pytest.mark.parametrize("value", [-100, -30, 30, 100])
def test_white_balance_keeps_the_lightness_of_greys(name, value):
    ramp = greys(9)[1:7]
    assert lightness(Recipe(**{name: value}).apply(ramp)) == pytest.approx(lightness(ramp), abs=2e-3)


def test_temperature_follows_the_daylight_locus():
    colour = pytest.importorskip("colour")
    grey = np.full(3, 0.5)
    for shift in (-50, 50):
        rgb = srgb_decode(Recipe(temperature=shift).apply(grey))
        x, y = colour.temperature.CCT_to_xy_CIE_D(1e6 / (1e6 / 6504 + shift))
        expected = colour.XYZ_to_sRGB(colour.xy_to_XYZ([x, y]), apply_cctf_encoding=False)
        expected = expected / (expected @ [0.2126, 0.7152, 0.0722]) * (rgb @ [0.2126, 0.7152, 0.0722])
        assert delta_e_srgb(srgb_encode(rgb), srgb_encode(expected)) < 1.5


def test_white_balance_directions():
    grey = np.full(3, 0.5)
    warm, cool = Recipe(temperature=30).apply(grey), Recipe(temperature=-30).apply(grey)
    assert warm[0] > warm[2]
    assert cool[2] > cool[0]
    assert Recipe(tint=30).apply(grey)[1] < 0.5 < Recipe(tint=-30).apply(grey)[1]


def test_saturation_at_its_ends():
    assert chroma(Recipe(saturation=-100).apply(cube(5))).max() < 1e-6
    assert chroma(Recipe(saturation=50).apply(SKIN)) == pytest.approx(1.5 * chroma(SKIN), rel=1e-3)
    assert hue(Recipe(saturation=50).apply(SKIN)) == pytest.approx(hue(SKIN), abs=0.1)


def test_vibrance_prefers_weak_colours():
    weak, strong = np.array([0.5, 0.52, 0.55]), np.array([0.8, 0.2, 0.15])
    recipe = Recipe(vibrance=60)
    gains = [float(chroma(recipe.apply(c)) / chroma(c)) for c in (weak, strong)]
    assert gains[0] > 1.5 > 1.1 > gains[1] >= 0.99


def test_zone_saturation_acts_in_its_zone():
    dark, bright = SKIN * 0.3, np.array([0.95, 0.88, 0.85])
    recipe = Recipe(shadow_saturation=-50)
    assert chroma(recipe.apply(dark)) < 0.7 * chroma(dark)
    assert chroma(recipe.apply(bright)) == pytest.approx(chroma(bright), rel=1e-3)
    recipe = Recipe(highlight_saturation=-50)
    assert chroma(recipe.apply(bright)) < 0.7 * chroma(bright)
    assert chroma(recipe.apply(dark)) == pytest.approx(chroma(dark), rel=1e-3)


@pytest.mark.parametrize("angle", [30, 105, 195, 260, 330])
def test_tints_have_their_hue_and_zone(angle):
    dark, mid, bright = np.full(3, 0.15), np.full(3, 0.4), np.full(3, 0.9)
    toned = Recipe(shadow_hue=angle, shadow_amount=30)
    assert hue(toned.apply(dark)) == pytest.approx(angle, abs=1)
    assert chroma(toned.apply(dark)) > 0.02
    assert chroma(toned.apply(bright)) < 0.001
    assert chroma(Recipe(highlight_hue=angle, highlight_amount=30).apply(dark)) < 0.001
    assert chroma(Recipe(mid_hue=angle, mid_amount=30).apply(mid)) > 0.02
    assert lightness(toned.apply(dark)) == pytest.approx(lightness(dark), abs=2e-3)


# -- bands


@given(in_range(groups=("bands",)))
@budget(max_examples=40)
def test_bands_never_touch_greys(recipe):
    assert np.abs(recipe.apply(greys(33)) - greys(33)).max() < 1e-6


def test_bands_leave_toned_greys_to_the_toning():
    toning = Recipe(shadow_hue=195, shadow_amount=40)
    both = toning.merged(Recipe(aqua_hue=40, aqua_chroma=-80))
    assert np.abs(both.apply(greys(17)) - toning.apply(greys(17))).max() < 1e-6


@pytest.mark.parametrize(
    ("control", "value"), [("chroma", 30), ("chroma", -40), ("hue", 10), ("lightness", -30)]
)
def test_band_windows_sum_to_one(control, value):
    angles = np.radians(np.arange(0, 360, 5))
    lab = np.stack([np.full(72, 0.65), 0.06 * np.cos(angles), 0.06 * np.sin(angles)], axis=-1)
    from gradewright.core.colour import oklab_to_srgb

    before = oklab_to_srgb(lab)
    after = srgb_to_oklab(Recipe(**{f"{band}_{control}": value for band in BANDS}).apply(before))
    change = {
        "chroma": np.hypot(after[:, 1], after[:, 2]),
        "hue": (np.degrees(np.arctan2(after[:, 2], after[:, 1]) - angles)) % 360,
        "lightness": after[:, 0],
    }[control]
    assert np.ptp(change) < 1e-4


@pytest.mark.parametrize("number", range(8))
def test_a_band_acts_on_its_own_hue_only(number):
    from gradewright.core.colour import oklab_to_srgb

    angles = np.radians(BAND_CENTRES)
    colours = oklab_to_srgb(np.stack([np.full(8, 0.6), 0.08 * np.cos(angles), 0.08 * np.sin(angles)], -1))
    recipe = Recipe(**{f"{BANDS[number]}_chroma": -50})
    moved = delta_e_srgb(recipe.apply(colours), colours)
    assert moved[number] > 5
    assert np.delete(moved, number).max() < 1e-3


def test_bands_find_skin_sky_and_foliage():
    assert chroma(Recipe(orange_chroma=40).apply(SKIN)) > 1.2 * chroma(SKIN)
    assert lightness(Recipe(blue_lightness=-50).apply(SKY)) < lightness(SKY) - 0.05
    assert hue(Recipe(green_hue=-30).apply(LEAF)) < hue(LEAF) - 8


# -- all together


@given(in_range(share=0.25))
@budget(max_examples=50)
def test_moderate_recipes_do_not_fold_over(recipe):
    points = 0.15 + 0.7 * cube(4)
    step = 1e-4
    moved = [(recipe.apply(points + step * axis) - recipe.apply(points)) / step for axis in np.eye(3)]
    assert np.linalg.det(np.stack(moved, axis=-1)).min() > 0


@pytest.mark.parametrize("name", [p.name for p in PARAMETERS])
def test_every_parameter_does_something_and_starts_gently(name):
    extra = (
        {name.replace("hue", "amount"): 20} if name.split("_")[0] in ("shadow", "mid", "highlight") else {}
    )
    p = next(p for p in PARAMETERS if p.name == name)
    colours = cube(5)
    base = Recipe(**{k: v for k, v in extra.items() if k != name}).apply(colours)
    full = Recipe(**(extra | {name: 0.5 * p.high})).apply(colours)
    tiny = Recipe(**(extra | {name: 1e-4 * p.high})).apply(colours)
    assert delta_e_srgb(full, base).max() > 2
    assert delta_e_srgb(tiny, base).max() < 0.1


def test_a_batch_renders_like_its_members():
    members = [PORTRAIT, Recipe(), MATTE, STRONG, Recipe(exposure=1)]
    colours = cube(5)
    batch = render(np.stack([r.coefficients for r in members]), colours)
    assert batch.shape == (5, 125, 3)
    for row, member in zip(batch, members, strict=True):
        assert np.abs(row - member.apply(colours)).max() < 1e-6


def test_a_batch_with_one_tone_curve_renders_like_its_members():
    members = [Recipe(exposure=0.5, tint=v) for v in (0, 5, 9)]
    batch = render(np.stack([r.coefficients for r in members]), cube(4))
    for row, member in zip(batch, members, strict=True):
        assert np.abs(row - member.apply(cube(4))).max() < 1e-6
    light_only = render(np.stack([Recipe(exposure=0.5).coefficients] * 2), cube(4))
    assert light_only.shape == (2, 64, 3)


@pytest.mark.parametrize("name", [p.name for p in PARAMETERS])
def test_a_batch_that_differs_in_one_parameter(name):
    members = np.stack([Recipe(**{name: v}).coefficients for v in (0.0, 2.0)])
    batch = render(members, cube(3))
    assert batch.shape == (2, 27, 3)
    assert np.abs(batch[1] - render(members[1], cube(3))).max() < 1e-6


def test_float32_renders_nearly_the_same():
    colours = cube(6)
    single = render(STRONG.coefficients.astype(np.float32), colours.astype(np.float32))
    assert single.dtype == np.float32
    assert np.abs(single - STRONG.apply(colours)).max() < 1e-4


def test_one_colour_does_not_depend_on_its_company():
    colours = cube(4)
    alone = np.concatenate([STRONG.apply(c[None]) for c in colours])
    assert np.abs(alone - STRONG.apply(colours)).max() < 1e-12


@given(
    st.lists(st.floats(0, 100), min_size=3, max_size=3), st.lists(st.floats(0, 359), min_size=3, max_size=3)
)
def test_tints_survive_the_cartesian_form(amounts, hues):
    values = np.zeros(len(PARAMETERS))
    names = [p.name for p in PARAMETERS]
    for zone, amount, angle in zip(("shadow", "mid", "highlight"), amounts, hues, strict=True):
        values[names.index(f"{zone}_amount")], values[names.index(f"{zone}_hue")] = amount, angle
    back = to_coefficients(to_values(to_coefficients(values)))
    assert back == pytest.approx(to_coefficients(values), abs=1e-9)


def test_gamut_leaves_what_was_not_moved():
    colours = cube(7)
    light = lightness(colours)
    assert np.abs(into_gamut(colours, light, colours, light) - colours).max() < 1e-9


@given(st.lists(st.floats(-1, 2), min_size=3, max_size=3), st.floats(0, 1))
def test_gamut_brings_anything_in(rgb, light):
    grey = np.full((1, 3), 0.5)
    out = into_gamut(np.array([rgb]), np.array([light]), grey, np.array([0.6]))
    assert out.min() >= -1e-9
    assert out.max() <= 1 + 1e-9


def test_strong_saturation_keeps_gradients_apart():
    ramp = SKY + np.linspace(0, 1, 30)[:, None] * (np.array([0.1, 0.3, 0.9]) - SKY)
    out = Recipe(saturation=100).apply(ramp)
    assert delta_e_srgb(out[1:], out[:-1]).min() > 0.25 * delta_e_srgb(ramp[1:], ramp[:-1]).min()

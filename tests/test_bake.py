"""Baking: exact identities, equivalence with the look on the display, clipping, shapers."""

from __future__ import annotations

import numpy as np
import pytest
from gradewright.core import aces, bake, colour, ocio, space
from gradewright.core.bake_grid import grid, showing, unshowing
from gradewright.core.errors import BadInput
from gradewright.core.interp import lattice
from gradewright.core.lut import Lut, Shaper
from gradewright.core.scene_shaper import HIGH, lin_to_log, log_to_lin, scene_knots, scene_shaper
from hypothesis import given, settings
from hypothesis import strategies as st

SPACES = space.spaces()
LINEAR = [s for s in SPACES if s.kind == "scene-linear"]
CODED = [s for s in SPACES if s.kind != "scene-linear"]
SCREENS = [s for s in SPACES if s.kind == "display"]


def ids(items):
    return [item.name for item in items]


def teal_orange(rgb):
    """A saturated look: teal shadows, orange highlights, a contrast curve, chroma x 1.25."""
    lab = colour.srgb_to_oklab(rgb)
    light = lab[..., :1]
    warm = np.clip((light - 0.15) / 0.7, 0, 1)
    tint = (1 - warm) * np.array([-0.045, -0.03]) + warm * np.array([0.03, 0.05])
    ab = lab[..., 1:] * 1.25 + tint * np.minimum(1, 4 * light * (1 - light))
    light = light + 0.048 * np.sin(2 * np.pi * (light - 0.5))
    return colour.oklab_to_srgb_in_gamut(np.concatenate([light, ab], axis=-1))


def darker(rgb):
    """Every display code value times 0.8; neutrals stay neutral."""
    return rgb * 0.8


@pytest.fixture(scope="module")
def look():
    return Lut.from_function(teal_orange, 33, title="teal and orange")


@pytest.fixture(scope="module")
def scene():
    """Scene colours in ACEScg that the view's inverse brings back, and what the display shows of them."""
    rng = np.random.default_rng(7)
    exposure = 0.18 * 2 ** rng.uniform(-6, 3, (20_000, 1))
    light = (exposure * np.exp(rng.normal(0, 0.35, (20_000, 3)))).astype(np.float32)
    shown = ocio.apply(aces.view("ACEScg"), light)
    back = ocio.apply(aces.unview("ACEScg"), shown)
    kept = (np.abs(back - light) / (light + 0.01)).max(axis=1) < 0.01
    assert kept.mean() > 0.95
    return light[kept], shown[kept]


def viewed_error(baked, look, scene):
    """Largest channel error of the baked look, viewed, against the look on the display; per sample."""
    light, shown = scene
    values = ocio.apply(aces.convert("ACEScg", baked.space.ocio), light)
    held = np.ones(len(values), bool)
    if baked.space.kind == "log":
        held = ((values >= 0) & (values <= 1)).all(axis=1)
    assert held.mean() > 0.99
    out = baked.lut.apply(np.ascontiguousarray(values[held]))
    return np.abs(ocio.apply(showing(baked.target), out) - look.apply(shown[held])).max(axis=1)


# -- the identity


@pytest.mark.parametrize("size", [2, 17, 33])
@pytest.mark.parametrize("home", CODED, ids=ids(CODED))
def test_identity_is_bit_exact(home, size):
    baked = bake.to_space(Lut.identity(33), home, size)
    assert np.array_equal(baked.lut.table, lattice(size))
    assert baked.lut.is_identity(0.0)
    assert (baked.clipped, baked.clipped_scene, baked.notes) == (0, 0, ())
    assert baked.space is baked.target is home


@pytest.mark.parametrize("home", LINEAR, ids=ids(LINEAR))
def test_identity_of_scene_light_is_exact_through_the_shaper(home):
    baked = bake.to_space(Lut.identity(33), home, 17)
    knots = scene_knots(17).astype(np.float32)
    assert np.array_equal(
        baked.lut.table[:, 3, 5], np.stack([knots, *np.repeat([[knots[3]], [knots[5]]], 17, 1)], -1)
    )
    assert baked.lut.shaper == scene_shaper(17)
    rng = np.random.default_rng(5)
    light = (0.18 * 2 ** rng.uniform(-12, 8.9, (20_000, 3))).astype(np.float32)
    light[::7] *= -0.03
    error = np.abs(baked.lut.apply(light) - light)  # float32 rounding of the shaper's input, nothing else
    assert (error <= 1e-6 + 5e-6 * np.abs(light)).all()


def test_default_sizes():
    identity = Lut.identity(2)
    assert bake.to_space(identity, "slog3").lut.is_identity()
    assert bake.to_space(identity, "slog3").lut.size == 65
    assert bake.to_space(identity, "ACEScg").lut.size == 65
    assert bake.to_space(identity, "rec709").lut.size == 33
    assert bake.to_display(identity, "slog3").lut.size == 65


def test_a_look_leaves_alone_what_it_does_not_touch():
    def only_shadows(rgb):
        return np.where(rgb.max(axis=-1, keepdims=True) < 0.3, rgb * 0.9, rgb)

    baked = bake.to_space(Lut.from_function(only_shadows, 33), "LogC4", 17)
    seen = grid(baked.space, 17).seen
    bright = seen.max(axis=1) > 0.4
    assert bright.sum() > 1000
    table = baked.lut.table.reshape(-1, 3)
    assert np.array_equal(table[bright], lattice(17).reshape(-1, 3)[bright])
    assert not np.array_equal(table, lattice(17).reshape(-1, 3))


# -- the look


# Measured at 65^3 (benchmarks/bake.py): median 0.0004..0.0007, p99 0.0147 (S-Log3 .Cine), 0.0270 (LogC4),
# 0.0194 (DaVinci Intermediate), 0.0217 (ACEScct), 0.0162 (ACEScg), in display code values 0..1.
@pytest.mark.parametrize(
    ("name", "p99"),
    [
        ("S-Log3 S-Gamut3.Cine", 0.017),
        ("ARRI LogC4", 0.030),
        ("DaVinci Intermediate WideGamut", 0.023),
        ("ACEScct", 0.025),
        ("ACEScg", 0.019),
        ("F-Log2 F-Gamut", 0.018),
    ],
)
def test_baked_look_viewed_equals_the_look_on_the_display(name, p99, look, scene):
    error = viewed_error(bake.to_space(look, name), look, scene)
    assert np.median(error) < 0.001
    assert np.percentile(error, 99) < p99


def test_at_the_lattice_the_bake_is_the_look_itself(look):
    # So the error above is interpolation.
    home = space.find("slog3")
    cells, baked = grid(home, 33), bake.to_space(look, home, 33)
    shown = ocio.apply(showing(home), baked.lut.table.reshape(-1, 3))
    inside = (np.abs(cells.back - cells.points) < 1e-4).all(axis=1)
    held = inside & ((baked.lut.table.reshape(-1, 3) > 0) & (baked.lut.table.reshape(-1, 3) < 1)).all(axis=1)
    assert held.sum() > 2000
    error = np.abs(shown - look.apply(cells.seen)).max(axis=1)[held]
    assert np.percentile(error, 95) < 1e-4  # the rest are display corners, where the inverse is loose


def test_65_is_worth_it_over_33(look, scene):
    coarse = viewed_error(bake.to_space(look, "slog3", 33), look, scene)
    fine = viewed_error(bake.to_space(look, "slog3", 65), look, scene)
    assert np.percentile(coarse, 99) > 2 * np.percentile(fine, 99)


@pytest.mark.parametrize("name", ["S-Log3 S-Gamut3.Cine", "ARRI LogC4", "ACEScct", "N-Log N-Gamut", "ACEScg"])
def test_neutral_stays_neutral(name):
    baked = bake.to_space(Lut.from_function(darker, 33), name, 33)
    home = baked.space
    grey = np.repeat(0.18 * 2 ** np.linspace(-5, 3.5, 60)[:, None], 3, 1).astype(np.float32)
    out = baked.lut.apply(ocio.apply(aces.convert("ACEScg", home.ocio), grey))
    light = ocio.apply(aces.convert(home.ocio, "ACEScg"), out)
    assert (np.ptp(light, axis=1) / light.max(axis=1)).max() < 5e-3
    assert (np.diff(light[:, 1]) > 0).all()
    assert (light[:, 1] < grey[:, 1]).all()


def test_highlights_beyond_the_display_are_not_crushed(look):
    home = space.find("ACEScct")
    bright = np.repeat(np.linspace(0.955, 1.0, 40)[:, None], 3, 1).astype(np.float32)  # 126..222 in light
    shown = ocio.apply(aces.view(home.ocio), bright)
    naive = ocio.apply(aces.unview(home.ocio), look.apply(shown))
    delta = bake.to_space(look, home, 65).lut.apply(bright)
    assert np.ptp(naive[:, 1]) < 0.05 * np.ptp(bright[:, 1])  # what inv(look(fwd(x))) alone would do
    assert np.ptp(delta[:, 1]) > 0.9 * np.ptp(bright[:, 1])


@settings(deadline=None, max_examples=15)
@given(
    gain=st.floats(0.5, 1.6),
    shift=st.tuples(*[st.floats(-0.2, 0.2)] * 3),
    home=st.sampled_from(SPACES),
)
def test_any_look_gives_finite_values_in_range(gain, shift, home):
    made = Lut.from_function(lambda rgb: rgb * gain + np.array(shift), 9)
    baked = bake.to_space(made, home, 9)
    cells = grid(home, 9)
    assert np.isfinite(baked.lut.table).all()
    assert baked.lut.table.min() >= np.float32(cells.low)
    assert baked.lut.table.max() <= np.float32(cells.high)
    assert 0 <= baked.clipped <= 1
    assert 0 <= baked.clipped_scene <= 1


def test_a_look_with_a_shaper_is_flattened_first(look):
    curve = np.repeat(np.linspace(0, 1, 1024)[:, None] ** 1.1, 3, axis=1)
    shaped = Lut(look.table, shaper=Shaper(curve))
    assert np.array_equal(
        bake.to_space(shaped, "slog3", 9).lut.table, bake.to_space(shaped.flatten(), "slog3", 9).lut.table
    )


def test_title_survives(look):
    assert bake.to_space(look, "slog3", 9).lut.title == "teal and orange"
    assert bake.to_display(look, "slog3", 9).lut.title == "teal and orange"


# -- clipping


def test_clipped_share_is_reported_with_a_note():
    brighter = Lut.from_function(lambda rgb: np.minimum(1, rgb * 1.5), 33)
    baked = bake.to_space(brighter, "Canon Log", 33)
    assert 0.05 < baked.clipped < 0.5
    assert baked.clipped_scene > 0.01
    assert baked.notes == (
        f"{baked.clipped_scene:.1%} of the colours a scene can hold leave the space's range and are clipped",
    )


def test_a_wide_space_clips_less_of_the_scene_than_a_narrow_one(look):
    shares = [bake.to_space(look, name, 33).clipped_scene for name in ("LogC4", "Canon Log")]
    assert shares[0] < 0.001
    assert shares[1] > 0.1


def test_a_look_that_moves_nothing_out_of_range_clips_nothing():
    assert bake.to_space(Lut.from_function(darker, 33), "rec709", 33).clipped == 0


# -- displays


@pytest.mark.parametrize("home", SCREENS, ids=ids(SCREENS))
def test_display_spaces_convert_around_the_look(home, look):
    rng = np.random.default_rng(11)
    srgb = rng.uniform(0.05, 0.95, (5000, 3)).astype(np.float32)
    values = ocio.apply(unshowing(home), srgb)
    shown = ocio.apply(showing(home), bake.to_space(look, home, 65).lut.apply(values))
    error = np.abs(shown - look.apply(srgb)).max(axis=1)
    assert np.median(error) < 0.001
    assert np.percentile(error, 99) < 0.02  # evenly spread colours: most are saturated


def test_srgb_needs_no_bake(look):
    baked = bake.to_space(look, "sRGB", 33)
    assert np.abs(baked.lut.table - look.table).max() < 1e-6


def test_gamma_24_round_trip_is_a_colorimetric_one():
    grey = np.array([[0.5, 0.5, 0.5]], np.float32)
    got = ocio.apply(showing(space.find("rec709-gamma24")), grey)
    assert got[0] == pytest.approx(colour.srgb_encode(0.5**2.4), abs=1e-5)


# -- to the display


@pytest.mark.parametrize(
    ("name", "p99"), [("S-Log3 S-Gamut3.Cine", 0.011), ("ARRI LogC4", 0.023), ("ACEScg", 0.015)]
)
def test_to_display_equals_view_and_look(name, p99, look, scene):
    error = viewed_error(bake.to_display(look, name), look, scene)
    assert np.median(error) < 0.0012
    assert np.percentile(error, 99) < p99


def test_to_display_of_the_identity_is_the_view():
    home = space.find("slog3")
    baked = bake.to_display(Lut.identity(17), home, 17)
    view = np.clip(ocio.apply(aces.view(home.ocio), lattice(17).reshape(-1, 3)), 0, 1)
    assert np.array_equal(baked.lut.table.reshape(-1, 3), view)
    assert baked.target.name == "sRGB"


def test_to_display_for_a_resolve_timeline(look):
    for_srgb = bake.to_display(look, "slog3", 17)
    for_video = bake.to_display(look, "slog3", 17, display="rec709-gamma24")
    assert for_video.target.name == "Rec.709 Gamma 2.4"
    light = colour.srgb_decode(for_srgb.lut.table.astype(np.float64))
    assert for_video.lut.table == pytest.approx(light ** (1 / 2.4), abs=1e-4)
    assert for_video.notes == (
        "the result is the finished picture for Rec.709 Gamma 2.4: switch the output transform off",
    )


def test_to_display_reports_what_a_look_pushes_out():
    hot = Lut.from_function(lambda rgb: rgb * 1.3, 33)
    baked = bake.to_display(hot, "slog3", 17)
    assert 0.1 < baked.clipped < 1
    assert baked.lut.table.max() == 1


# -- refusals


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda lut: bake.to_space(lut, "slog9"), "unknown working space 'slog9'"),
        (lambda lut: bake.to_space(lut, "slog3", 0), "LUT size 0 is out of range: 2..129"),
        (lambda lut: bake.to_space(lut, "slog3", 5000), "LUT size 5000 is out of range: 2..129"),
        (lambda lut: bake.to_space(lut, "slog3", -3), "LUT size -3 is out of range: 2..129"),
        (
            lambda lut: bake.to_space(lut, "ACEScg", 5),
            "LUT size 5 is out of range for scene-linear light: 9..129",
        ),
        (
            lambda lut: bake.to_display(lut, "rec709"),
            "'Rec.709 Gamma 2.4' is a display space already: bake for it without --to-display",
        ),
        (
            lambda lut: bake.to_display(lut, "slog3", display="ACEScg"),
            "'ACEScg' is not a display: choose sRGB, Rec.709 Gamma 2.4 or Display P3",
        ),
    ],
)
def test_refusals(call, message):
    with pytest.raises(BadInput) as caught:
        call(Lut.identity(9))
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


# -- the shaper of scene-linear light


@pytest.mark.parametrize("size", [9, 17, 33, 65, 129])
def test_scene_knots(size):
    knots = scene_knots(size)
    assert knots.shape == (size,)
    assert (np.diff(knots) > 0).all()
    assert 0 in knots
    assert knots[0] == pytest.approx(-4.19, abs=0.01)
    assert knots[-1] == pytest.approx(HIGH)
    positive = knots[knots > 0.18]
    stops = np.diff(np.log2(positive))
    assert stops.max() < 1.3 * stops.min()  # evenly spaced in stops where pictures are


@pytest.mark.parametrize("size", [9, 33, 65])
def test_shaper_has_its_corners_on_the_knots(size):
    where = scene_shaper(size).sample(np.repeat(scene_knots(size)[:, None], 3, axis=1))
    assert where[:, 0] == pytest.approx(np.linspace(0, 1, size), abs=2e-6)


def test_log_scale_is_the_acescct_curve_and_its_inverse():
    light = np.concatenate([np.linspace(-4, 0.02, 500), 2 ** np.linspace(-6, 6, 500)])
    assert log_to_lin(lin_to_log(light)) == pytest.approx(light, rel=1e-9, abs=1e-12)
    rgb = np.repeat(light[light > 0][:, None], 3, 1).astype(np.float32)
    assert lin_to_log(rgb) == pytest.approx(ocio.apply(aces.convert("ACEScg", "ACEScct"), rgb), abs=2e-6)

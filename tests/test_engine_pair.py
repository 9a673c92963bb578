"""The pair engine: what it recovers, what it survives, what it refuses."""

from __future__ import annotations

import io

import numpy as np
import pytest
from gradewright.core import Lut
from gradewright.core.colour import LUMA, delta_e_srgb
from gradewright.core.engines import coverage, lattice_fit
from gradewright.core.engines.chebyshev import design, exponents, on_lattice, solve
from gradewright.core.engines.fit_lut import Samples, fit
from gradewright.core.engines.neutrals import monotone_neutrals, non_decreasing
from gradewright.core.engines.pair import PairEngine, thinned
from gradewright.core.engines.planes import box, resize, sample, shrink
from gradewright.core.errors import BadInput
from gradewright.core.interp import lattice
from gradewright.core.request import Request
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scenes import eight_bit, film, scene


def learn(before, after, seed=0):
    return PairEngine().candidates(Request(pair=(before, after), seed=seed))[0]


def miss(lut, picture, look=film):
    """Mean CIEDE2000 of a LUT against the true look on a picture."""
    return delta_e_srgb(lut.sample(picture), look(picture)).mean()


@pytest.fixture(scope="module")
def before():
    return scene()


@pytest.fixture(scope="module")
def learnt(before):
    return learn(before, eight_bit(film(before)))


def test_a_smooth_look_is_recovered_on_another_picture(learnt):
    assert miss(learnt.lut, scene(seed=5)) < 0.5


def test_the_report_says_what_was_seen_and_how_well_it_fits(learnt):
    assert learnt.warnings == ()
    assert learnt.lut.size == 33
    assert "dE2000 on average" in learnt.seen[0]
    assert "structure agreement" in learnt.seen[1]
    assert "% of the colour cube" in learnt.seen[2]
    assert "0.0% of the pixels set aside" in learnt.plan[0]


def test_the_same_pair_gives_the_same_lut(before, learnt):
    assert learn(before, eight_bit(film(before))).lut == learnt.lut


def test_an_unchanged_pair_gives_the_identity(before):
    found = learn(before, before)
    assert np.abs(found.lut.table - lattice(33)).max() < 2e-3
    assert found.seen[0] == "the pair differs by 0.0 dE2000 on average"


@settings(max_examples=8)
@given(
    gain=st.floats(0.7, 1.2), gamma=st.floats(0.7, 1.4), tint=st.floats(-0.05, 0.05), mix=st.floats(0.6, 1.2)
)
def test_random_grades_are_recovered(gain, gamma, tint, mix):
    def look(colours):
        toned = np.asarray(colours, np.float64) ** gamma * gain * [1 + tint, 1, 1 - tint]
        grey = toned.mean(axis=-1, keepdims=True)
        return np.clip(grey + mix * (toned - grey), 0, 1)

    small = scene(seed=1, height=96, width=128)
    found = learn(small, eight_bit(look(small)))
    assert miss(found.lut, scene(seed=6, height=48, width=64), look) < 1.0


def test_a_tenth_of_foreign_pixels_is_set_aside(before, rng):
    after = eight_bit(film(before))
    spoilt = rng.random(after.shape[:2]) < 0.1
    after[spoilt] = rng.random((spoilt.sum(), 3))
    found = learn(before, after)
    assert miss(found.lut, scene(seed=5)) < 1.5


def test_a_retouched_region_is_told(before):
    after = eight_bit(film(before))
    after[30:90, 20:80] = 1 - after[30:90, 20:80]
    found = learn(before, after)
    assert miss(found.lut, scene(seed=5)) < 1.5
    assert any("of the pixels changed in another way" in line for line in found.warnings)


def test_compression_is_survived(before):
    def compressed(picture):
        buffer = io.BytesIO()
        Image.fromarray((picture * 255).round().astype(np.uint8)).save(buffer, "JPEG", quality=88)
        return np.asarray(Image.open(buffer), np.float32) / 255

    found = learn(compressed(before), compressed(eight_bit(film(before))))
    assert miss(found.lut, scene(seed=5)) < 2.5


def test_large_pictures_are_thinned_not_averaged(before):
    big = np.repeat(np.repeat(before, 4, axis=0), 4, axis=1)
    first, second = thinned(big, film(big).astype(np.float32))
    assert max(first.shape) <= 720
    assert np.abs(second - film(first)).max() < 1e-6


@pytest.mark.parametrize("size", [(80, 120), (320, 480), (161, 239)])
def test_sizes_may_differ(before, size):
    found = learn(before, resize(eight_bit(film(before)), *size))
    assert miss(found.lut, scene(seed=5)) < 2.5


def test_a_crop_is_found_in_the_before_picture(before):
    found = learn(before, eight_bit(film(before))[20:140, 30:220])
    assert miss(found.lut, scene(seed=5)) < 2
    assert any("was moved onto the before picture" in line for line in found.seen)


def test_a_shift_is_undone(before):
    found = learn(before, np.roll(eight_bit(film(before)), (3, 5), (0, 1)))
    assert miss(found.lut, scene(seed=5)) < 2


def test_different_pictures_are_refused(before):
    with pytest.raises(
        BadInput, match=r"do not seem to show the same \(structure agreement 0\.\d\d, at least 0.3"
    ):
        learn(before, scene(seed=9))


def test_a_mirrored_picture_is_refused(before):
    with pytest.raises(BadInput, match="do not seem to show the same"):
        learn(before, before[:, ::-1].copy())


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        (np.zeros((1, 1, 3), np.float32), "is 1x1 pixels: needs at least 16x16"),
        (np.zeros((40, 60, 3), np.float32), "is one flat colour: a grade cannot be learnt from it"),
        (np.full((40, 60, 3), 0.5, np.float32), "is one flat colour"),
        (np.full((40, 60, 3), np.nan, np.float32), "holds values that are not finite: needs 0..1"),
        (scene(height=16, width=600), "is 600x16 pixels: too narrow a strip"),
    ],
)
@pytest.mark.parametrize("which", ["before", "after"])
def test_unusable_pictures_are_named(before, spoilt, message, which):
    pair = (spoilt, before) if which == "before" else (before, spoilt)
    with pytest.raises(BadInput, match=f"the {which} picture {message}"):
        learn(*pair)


def test_a_pair_is_needed(before):
    with pytest.raises(BadInput, match="needs two pictures: before and after the grade"):
        PairEngine().candidates(Request(photo=before))


def test_swapped_pictures_give_the_inverse(before):
    graded = eight_bit(film(before))
    found = learn(graded, before)
    assert delta_e_srgb(found.lut.sample(film(before)), before).mean() < 1.0


def test_black_and_white_results_stay_black_and_white(before):
    grey = eight_bit(np.repeat(before.mean(axis=-1, keepdims=True), 3, axis=-1))
    found = learn(before, grey)
    assert np.ptp(found.lut.sample(scene(seed=5)), axis=-1).max() < 0.01


def test_a_grayscale_pair_teaches_the_tone_curve_and_says_what_is_missing(before):
    grey = eight_bit(np.repeat(before.mean(axis=-1, keepdims=True), 3, axis=-1))
    found = learn(grey, eight_bit(grey**1.3))
    steps = np.repeat(np.linspace(0.1, 0.9, 9)[:, None], 3, axis=1)
    assert found.lut.sample(steps) == pytest.approx(steps**1.3, abs=0.01)
    assert "reds, oranges, yellows, greens, cyans, blues, magentas" in found.seen[2]


def test_a_gradient_without_structure_is_not_refused():
    ramp = np.linspace(0, 1, 64, dtype=np.float32)
    before = np.stack(np.broadcast_arrays(ramp[None], ramp[:, None], np.float32(0.5)), axis=-1)
    found = learn(before, film(before).astype(np.float32))
    assert miss(found.lut, before) < 0.5


def test_neutrals_rise(before, rng):
    after = eight_bit(film(before) + rng.normal(0, 0.05, before.shape))
    table = learn(before, after).lut.table
    grey = table[np.arange(33), np.arange(33), np.arange(33)] @ LUMA
    assert np.diff(grey).min() > -1e-6


def test_unseen_colours_follow_the_trend():
    """Exposure learnt from dull colours applies to vivid ones."""
    dull = scene() * 0.3 + 0.3
    found = learn(eight_bit(dull), eight_bit(dull * 0.8))
    vivid = np.array([[0.9, 0.2, 0.2], [0.2, 0.8, 0.3], [0.15, 0.2, 0.9]])
    assert delta_e_srgb(found.lut.sample(vivid), vivid * 0.8).max() < 6
    assert delta_e_srgb(vivid, vivid * 0.8).min() > 6


# -- the parts


def test_one_sample_moves_the_cube_gently():
    found = fit(Samples(np.array([[0.5, 0.5, 0.5]]), np.array([[0.55, 0.5, 0.5]]), np.ones(1)))
    assert found.lut.sample([0.5, 0.5, 0.5]) == pytest.approx([0.55, 0.5, 0.5], abs=0.01)
    assert np.abs(found.lut.table - lattice(33)).max() < 0.1


def test_thinning_keeps_rows_together(rng):
    colours = rng.random((500, 3))
    thin = Samples(colours, colours + 1, colours[:, 0]).thinned(seed=3, most=50)
    assert len(thin.weight) == 50
    assert (thin.target == thin.source + 1).all()
    assert (thin.weight == thin.source[:, 0]).all()


def test_chebyshev_reproduces_its_own_polynomials(rng):
    truth = rng.normal(size=(len(exponents(3)), 3))
    points = rng.random((400, 3))
    features = design(points, 3)
    solved = solve(features, features @ truth, np.full(400, 1 / 400), 3, 0.0)
    assert solved == pytest.approx(truth, abs=1e-4)
    table = on_lattice(truth, 3, 17)
    assert table.reshape(-1, 3) == pytest.approx(design(lattice(17, np.float64).reshape(-1, 3), 3) @ truth)


def test_the_bending_energy_spares_affine_maps(rng):
    affine = lattice(9, np.float64) @ rng.normal(size=(3, 3)) + 0.2
    assert np.abs(lattice_fit._bending(affine)).max() < 1e-12


def test_bending_is_symmetric(rng):
    a, b = rng.normal(size=(2, 5, 5, 5, 3))
    assert (a * lattice_fit._bending(b)).sum() == pytest.approx((b * lattice_fit._bending(a)).sum())


def test_an_affine_change_leaves_the_data_straight(rng):
    points = 0.3 + 0.2 * rng.random((2000, 3))
    found = fit(Samples(points, 0.8 * points + 0.05, np.ones(2000)))
    beyond = np.array([[0.7, 0.7, 0.7], [0.2, 0.5, 0.7]])
    assert found.lut.sample(beyond) == pytest.approx(0.8 * beyond + 0.05, abs=0.03)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=40))
def test_non_decreasing_is_a_projection(values):
    level = non_decreasing(np.array(values))
    assert (np.diff(level) >= 0).all()
    assert level.sum() == pytest.approx(sum(values), abs=1e-9)
    assert non_decreasing(level) == pytest.approx(level)


def test_neutrals_in_order_and_negatives_are_left_alone():
    table = lattice(9, np.float64)
    assert monotone_neutrals(table) is table
    assert (monotone_neutrals(1 - table) == 1 - table).all()


def test_a_dent_in_the_neutrals_is_levelled_and_saturated_colours_stay():
    table = lattice(17, np.float64)
    table[8, 8, 8] -= 0.08
    mended = monotone_neutrals(table)
    grey = mended[np.arange(17), np.arange(17), np.arange(17)] @ LUMA
    assert np.diff(grey).min() > -1e-9
    assert np.abs(mended[16, 0, 0] - table[16, 0, 0]).max() < 1e-6


def test_unseen_families():
    reds = np.tile([0.7, 0.2, 0.15], (100, 1))
    assert coverage.unseen(reds) == [
        "deep shadows", "bright highlights", "oranges", "yellows", "greens", "cyans", "blues", "magentas"
    ]  # fmt: skip
    assert coverage.share_of_cube(reds) == 1 / 512
    assert coverage.unseen(Lut.identity(17).table.reshape(-1, 3)) == []


def test_box_is_a_mean_and_keeps_constants(rng):
    image = rng.random((9, 11, 3)).astype(np.float32)
    assert box(image, 1)[4, 5] == pytest.approx(image[3:6, 4:7].mean(axis=(0, 1)), abs=1e-6)
    assert box(np.full((5, 7), 0.3, np.float32), 2) == pytest.approx(0.3)


def test_resizing_keeps_means_and_sampling_hits_pixels(rng):
    image = rng.random((12, 18, 3)).astype(np.float32)
    assert resize(image, 4, 6).mean() == pytest.approx(image.mean(), abs=0.02)
    assert resize(np.full((5, 7, 3), 0.4, np.float32), 9, 3) == pytest.approx(0.4)
    assert shrink(image, 9).shape == (6, 9, 3)
    assert shrink(image, 99) is image
    assert sample(image, np.array([5.0]), np.array([3.0]))[0] == pytest.approx(image[3, 5])

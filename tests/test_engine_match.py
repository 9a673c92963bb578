"""The match engine: overlapping shots, moved cameras, and honest retreat when nothing is in common."""

from __future__ import annotations

import numpy as np
import pytest
from gradewright.core.colour import LUMA, delta_e_srgb
from gradewright.core.engines.align import by_content, corner_on_corner
from gradewright.core.engines.features import describe, locate
from gradewright.core.engines.match import MatchEngine, overlap
from gradewright.core.engines.planes import resize
from gradewright.core.engines.transport import distance, linear_transport, mean_and_spread
from gradewright.core.errors import BadInput
from gradewright.core.request import Request
from hypothesis import given
from hypothesis import strategies as st
from scenes import eight_bit, film, scene


def match(photo, reference, seed=0):
    return MatchEngine().candidates(Request(photo=photo, reference=reference, seed=seed))[0]


def miss(found, picture):
    return delta_e_srgb(found.lut.sample(picture), film(picture)).mean()


@pytest.fixture(scope="module")
def wide():
    return scene(seed=2, height=200, width=400)


@pytest.fixture(scope="module")
def halves(wide):
    """Left 60 % as shot, right 60 % graded: a fifth of the picture in common."""
    return wide[:, :240], eight_bit(film(wide[:, 160:]))


@pytest.fixture(scope="module")
def matched(halves):
    return match(*halves)


def test_a_common_part_gives_the_grade(matched, halves):
    assert miss(matched, halves[0]) < 1.5
    assert delta_e_srgb(halves[0], film(halves[0])).mean() > 5


def test_the_report_tells_the_overlap(matched):
    assert matched.seen[0].startswith("the reference shows 3")
    assert "points agree" in matched.seen[0]
    assert "fitted to the common part alone" in matched.plan[0]
    assert matched.warnings == ()


def test_the_same_request_gives_the_same_lut(matched, halves):
    assert match(*halves).lut == matched.lut


@pytest.mark.parametrize(("height", "width"), [(140, 168), (260, 312)])
def test_another_focal_length_is_found(halves, height, width):
    photo, reference = halves
    assert miss(match(photo, resize(reference, height, width)), photo) < 3


def test_parallax_is_followed(wide):
    """The lower half of the scene, nearer to the camera, moves further than the upper one."""
    moved = wide.copy()
    moved[100:] = np.roll(wide[100:], 3, axis=1)
    photo, reference = wide[:, :280], eight_bit(film(moved[:, 120:]))
    assert miss(match(photo, reference), photo) < 2.5


def test_a_small_common_part_is_told(wide):
    photo = wide.copy()
    photo[:, 60:] = scene(seed=8, height=200, width=340)
    found = match(photo, eight_bit(film(wide[:, :60])))
    assert any("extrapolated" in line for line in (*found.warnings, *found.seen))


def test_different_scenes_are_held_back_and_told():
    photo = scene(seed=3)
    reference = (scene(seed=4) > 0.5) * np.float32([0.9, 0.5, 0.2])
    found = match(photo, reference)
    assert found.warnings[0].startswith("the two pictures do not seem to show the same scene")
    assert "moves content colours, not the grade, so it was held back to 20%" in found.warnings[0]
    assert found.score == 0
    moved = delta_e_srgb(found.lut.sample(photo), photo).mean()
    assert 0.5 < moved < 0.4 * delta_e_srgb(photo, np.flip(reference, 0)).mean()


def test_like_palettes_are_trusted_more():
    found = match(scene(seed=3), eight_bit(scene(seed=4)))
    assert "held back to" in found.plan[0]
    assert delta_e_srgb(found.lut.sample(scene(seed=3)), scene(seed=3)).mean() < 2


def test_without_overlap_neutrals_rise_and_stay_in_range():
    table = match(scene(seed=3), scene(seed=4) ** 3).lut.table
    grey = table[np.arange(33), np.arange(33), np.arange(33)] @ LUMA
    assert np.diff(grey).min() > -1e-6
    assert table.min() >= 0
    assert table.max() <= 1


def test_the_same_picture_changes_nothing(wide):
    found = match(wide, wide)
    assert delta_e_srgb(found.lut.sample(wide), wide).mean() < 0.1


def test_a_grayscale_photo_is_served(wide):
    grey = eight_bit(np.repeat(wide.mean(axis=-1, keepdims=True), 3, axis=-1))
    found = match(grey, eight_bit(film(grey)))
    assert delta_e_srgb(found.lut.sample(grey), film(grey)).mean() < 1


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        (np.zeros((1, 1, 3), np.float32), "is 1x1 pixels: needs at least 16x16"),
        (np.ones((30, 30, 3), np.float32), "is one flat colour"),
        (np.full((30, 30, 3), np.inf, np.float32), "holds values that are not finite"),
    ],
)
@pytest.mark.parametrize("which", ["photo", "reference"])
def test_unusable_pictures_are_named(wide, spoilt, message, which):
    with pytest.raises(BadInput, match=f"the {which} {message}"):
        match(*((spoilt, wide) if which == "photo" else (wide, spoilt)))


def test_both_pictures_are_needed(wide):
    with pytest.raises(BadInput, match="needs two pictures: the photo to grade and the reference"):
        MatchEngine().candidates(Request(reference=wide))


# -- registration


def test_a_similarity_is_found_to_half_a_pixel(wide):
    placement = locate(wide[:, :240], eight_bit(film(wide[20:, 100:])))
    assert placement.matrix @ [150, 100, 1] == pytest.approx([50, 80], abs=0.5)
    assert placement.inliers >= 12


def test_unrelated_pictures_have_no_place(wide):
    assert overlap(scene(seed=3), scene(seed=4)) is None
    assert by_content(scene(seed=3), scene(seed=4)) is None or overlap(scene(seed=3), scene(seed=4)) is None


def test_structure_agrees_through_a_grade_and_not_across_scenes(wide):
    assert corner_on_corner(wide, eight_bit(film(wide))).score > 0.9
    assert corner_on_corner(wide, scene(seed=4, height=200, width=400)).score < 0.3


def test_flat_pictures_have_no_features_and_nothing_to_disagree_about():
    flat = np.full((80, 80, 3), 0.5, np.float32)
    points, words = describe(flat)
    assert len(points) == 0
    assert words.shape == (0, 128)
    assert corner_on_corner(flat, flat).score == 1.0
    assert locate(flat, flat) is None


def test_pictures_smaller_than_a_descriptor_have_no_features():
    assert describe(scene(height=20, width=20))[0].shape == (0, 2)


# -- statistics


@given(st.integers(0, 1000))
def test_linear_transport_carries_mean_and_covariance(seed):
    rng = np.random.default_rng(seed)
    # Mixes near the identity: the ridge that keeps degenerate clouds finite moves those on purpose.
    source = rng.normal(size=(500, 3)) @ (np.eye(3) + 0.2 * rng.uniform(-1, 1, (3, 3)))
    target = rng.normal(size=(400, 3)) @ (np.eye(3) + 0.2 * rng.uniform(-1, 1, (3, 3))) + 1
    moved = linear_transport(source, target)(source)
    assert moved.mean(axis=0) == pytest.approx(target.mean(axis=0), abs=1e-6)
    assert np.cov(moved.T) == pytest.approx(np.cov(target.T), abs=0.02 * np.abs(np.cov(target.T)).max())


def test_linear_transport_of_a_cloud_onto_itself_is_the_identity(rng):
    cloud = rng.random((300, 3))
    assert linear_transport(cloud, cloud)(cloud) == pytest.approx(cloud, abs=1e-9)


def test_mean_and_spread_are_carried(rng):
    source, target = rng.random((300, 3)), rng.random((200, 3)) * 0.3 + 0.1
    moved = mean_and_spread(source, target)(source)
    assert moved.mean(axis=0) == pytest.approx(target.mean(axis=0))
    assert moved.std(axis=0) == pytest.approx(target.std(axis=0), rel=1e-3)


def test_distance_is_zero_for_the_same_cloud_and_grows_with_a_shift(rng):
    cloud = rng.random((300, 3))
    assert distance(cloud, cloud) == 0
    assert distance(cloud, cloud + 0.1) < distance(cloud, cloud + 0.2)

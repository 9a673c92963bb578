"""Repairs: passing LUTs untouched, broken ones always mended, and no more than needed."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from gradewright.core import Lut, safety
from gradewright.core.interp import lattice
from gradewright.core.safety.limits import LIMITS, failures
from gradewright.core.safety.local import isotonic
from gradewright.core.safety.measure import grey_curve
from gradewright.core.safety.smooth import blur, despiked, smoothed
from hypothesis import given, settings
from hypothesis import strategies as st

IDENTITY = lattice(33).astype(np.float32)


def assert_mended(lut, asked=frozenset()):
    found = safety.repair(lut, asked)
    assert failures(found.after, asked, hard=True) == []
    assert found.after == safety.measure(found.lut)
    again = safety.repair(found.lut, asked)
    assert again.lut is found.lut
    assert again.changes == ()
    return found


def smooth_random(seed, size, strength):
    rng = np.random.default_rng(seed)
    field = blur(rng.normal(0, 1, (size, size, size, 3)).astype(np.float32), 4.0)
    return lattice(size) + strength * field / max(np.abs(field).max(), 1e-6)


def spiked(seed, size, share):
    rng = np.random.default_rng(seed)
    where = rng.random((size, size, size, 1)) < share
    return np.where(where, rng.random((size, size, size, 3)), lattice(size))


class TestUntouched:
    @pytest.mark.parametrize("size", [2, 9, 33])
    def test_identity_comes_back_itself(self, size):
        lut = Lut.identity(size)
        found = safety.repair(lut)
        assert found.lut is lut
        assert found.changes == ()
        assert found.before is found.after

    def test_a_look_that_passes_keeps_every_bit_and_its_shaper(self):
        lut = Lut(np.clip(IDENTITY**1.2 * [1, 0.97, 0.9], 0, 1), domain=((0.0,) * 3, (1.1,) * 3))
        assert safety.repair(lut).lut is lut


class TestAlwaysMended:
    @settings(max_examples=12, deadline=None)
    @given(seed=st.integers(0, 2**31), size=st.sampled_from([2, 3, 5, 9, 17, 33]))
    def test_noise(self, seed, size):
        assert_mended(Lut(np.random.default_rng(seed).random((size, size, size, 3))))

    @settings(max_examples=12, deadline=None)
    @given(seed=st.integers(0, 2**31), size=st.sampled_from([9, 17, 33]), strength=st.floats(0, 1.5))
    def test_smooth_looks_out_of_range_too(self, seed, size, strength):
        assert_mended(Lut(smooth_random(seed, size, strength)))

    @settings(max_examples=12, deadline=None)
    @given(
        order=st.permutations(range(3)),
        flips=st.tuples(st.booleans(), st.booleans(), st.booleans()),
        size=st.sampled_from([5, 17, 33]),
    )
    def test_permuted_and_inverted(self, order, flips, size):
        table = lattice(size)[..., list(order)]
        assert_mended(Lut(np.where(flips, 1 - table, table)))

    @settings(max_examples=10, deadline=None)
    @given(seed=st.integers(0, 2**31), share=st.floats(0.0001, 0.1))
    def test_spikes(self, seed, share):
        assert_mended(Lut(spiked(seed, 33, share)))

    @settings(max_examples=10, deadline=None)
    @given(table=hnp.arrays(np.float32, (3, 3, 3, 3), elements=st.floats(-2, 3, width=32)))
    def test_any_small_table(self, table):
        assert_mended(Lut(table))

    @settings(max_examples=8, deadline=None)
    @given(
        seed=st.integers(0, 2**31),
        asked=st.frozensets(st.sampled_from(sorted(LIMITS)), max_size=6),
    )
    def test_with_wishes(self, seed, asked):
        assert_mended(Lut(smooth_random(seed, 17, 1.2)), asked)

    @pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
    def test_one_colour_only(self, value):
        found = assert_mended(Lut(np.full((33, 33, 33, 3), value)))
        assert found.after.span_lstar >= LIMITS["span"].bound


class TestLeastChange:
    def test_overshoot_is_clipped_and_no_more(self):
        table = IDENTITY * 1.1 - 0.05
        found = assert_mended(Lut(table))
        assert np.array_equal(found.lut.table, np.clip(table, 0, 1))
        assert found.changes == ("values up to 12.8 codes outside 0..1 clipped",)

    def test_a_dip_in_the_greys_is_filled_near_the_greys(self):
        table = IDENTITY.copy()
        near = np.exp(-(((IDENTITY.mean(axis=-1) - 0.5) / 0.04) ** 2))
        table = np.clip(table - (0.1 * near)[..., None], 0, 1)
        found = assert_mended(Lut(table), asked=frozenset({"fold", "fold_photo"}))
        assert len(found.changes) == 1
        assert "neutral ramp made monotone" in found.changes[0]
        assert "L*" in found.changes[0]
        light = grey_curve(found.lut.table).mean(axis=-1)
        assert (np.diff(light) >= -1e-4).all()
        assert np.array_equal(found.lut.table[32, 0, 0], table[32, 0, 0])
        assert np.abs(found.lut.table - table).max() < 0.07

    def test_one_stray_entry_is_replaced_by_its_neighbours(self):
        table = IDENTITY.copy()
        table[20, 8, 11] = [0, 1, 0]
        found = assert_mended(Lut(table))
        assert found.changes == ("1 stray entry replaced by the mean of the neighbours",)
        assert found.lut.table == pytest.approx(IDENTITY, abs=1e-6)

    def test_skin_is_mended_near_skin_only(self):
        table = np.clip(IDENTITY[..., [1, 2, 0]] * 0.7 + IDENTITY * 0.3, 0, 1)
        found = assert_mended(Lut(table), asked=frozenset({"fold", "fold_photo"}))
        assert found.before.skin_hue_mean_degrees > LIMITS["skin_hue"].bound
        assert "skin hue shift held to" in found.changes[0]
        assert "near skin colours only" in found.changes[0]
        far = found.lut.table[2, 4, 30], found.lut.table[4, 30, 4]
        assert np.array_equal(far, (Lut(table).table[2, 4, 30], Lut(table).table[4, 30, 4]))

    def test_asked_leaves_skin_alone(self):
        table = np.clip(IDENTITY[..., [1, 2, 0]] * 0.7 + IDENTITY * 0.3, 0, 1)
        lut = Lut(table)
        wishes = frozenset({"skin_hue", "fold", "fold_photo"})
        assert safety.repair(lut, wishes).lut is lut

    def test_posterised_is_smoothed(self):
        lut = Lut(np.round(IDENTITY * 3) / 3)
        found = assert_mended(lut)
        assert any("blur" in change and "steep greys" in change for change in found.changes)
        assert found.after.neutral_gain_max_codes <= LIMITS["neutral_gain"].bound
        assert 0 < safety.damage_de(lut, found.lut) < 6

    def test_a_negative_can_only_be_weakened(self):
        found = assert_mended(Lut(1 - IDENTITY))
        assert "look weakened to" in found.changes[-1]
        assert "black and white too close" in found.changes[-1]

    def test_noise_on_a_look_costs_little_more_than_the_noise(self):
        rng = np.random.default_rng(5)
        clean = np.clip(IDENTITY * [0.9, 0.95, 1.0], 0, 1)
        noisy = Lut(clean + rng.normal(0, 0.02, clean.shape))
        found = assert_mended(noisy)
        assert safety.damage_de(Lut(clean), found.lut) < safety.damage_de(Lut(clean), noisy)

    def test_titles_survive(self):
        assert safety.repair(Lut(1 - IDENTITY, title="negative")).lut.title == "negative"


class TestParts:
    @settings(deadline=None)
    @given(hnp.arrays(np.float64, st.integers(1, 40), elements=st.floats(-100, 100)))
    def test_isotonic_rises_keeps_the_mean_and_is_idempotent(self, values):
        fitted = isotonic(values)
        assert (np.diff(fitted) >= 0).all()
        assert fitted.mean() == pytest.approx(values.mean(), abs=1e-9)
        assert np.array_equal(isotonic(fitted), fitted)

    def test_isotonic_example(self):
        assert isotonic(np.array([1.0, 3.0, 2.0, 4.0])).tolist() == [1, 2.5, 2.5, 4]

    def test_smoothing_leaves_the_identity_alone(self):
        assert np.array_equal(smoothed(IDENTITY, 4.0), IDENTITY)

    def test_blur_keeps_constants_and_axes(self):
        assert blur(np.full((9, 9, 9, 2), 0.3, np.float32), 2.0) == pytest.approx(0.3, abs=1e-6)
        field = np.zeros((9, 9, 9, 1), np.float32)
        field[2, 4, 6] = 1
        assert np.unravel_index(blur(field, 3.0).argmax(), (9, 9, 9)) == (2, 4, 6)

    def test_despiking_counts(self):
        table = IDENTITY.copy()
        table[5, 5, 5, 0] += 0.5
        table[9, 20, 25, 2] -= 0.5
        mended, count = despiked(table, 40)
        assert count == 2
        assert mended == pytest.approx(IDENTITY, abs=1e-6)

"""The numerical inverse."""

from __future__ import annotations

import numpy as np
import pytest
from gradewright.core import Lut
from gradewright.core.interp import lattice
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import bent


def test_the_inverse_of_identity_is_identity():
    inverse = Lut.identity(17).invert()
    assert inverse.lut.is_identity(1e-6)
    assert inverse.unreachable == 0
    assert inverse.error_max < 1e-3


def test_a_smooth_look_is_undone(look, rng):
    inverse = look.invert()
    pixels = rng.random((2000, 3))
    assert np.abs(inverse.lut.sample(look.sample(pixels)) - pixels).mean() < 2e-3
    assert inverse.lut.size == 33


@settings(max_examples=15)
@given(st.floats(0.6, 1.6), st.floats(-0.1, 0.1), st.integers(5, 17))
def test_random_tone_curves_are_undone(gamma, twist, size):
    lut = Lut.from_function(lambda p: np.clip(p**gamma + twist * p * (1 - p)[:, [1, 2, 0]], 0, 1), size)
    inverse = lut.invert()
    pixels = np.random.default_rng(1).uniform(0.1, 0.9, (300, 3))
    assert np.abs(inverse.lut.sample(lut.sample(pixels)) - pixels).mean() < 0.01


def test_what_cannot_be_reached_is_reported_and_nearest():
    squeezed = Lut.from_function(lambda p: 0.25 + 0.5 * p, 17)
    inverse = squeezed.invert()
    assert inverse.unreachable == pytest.approx(1 - (17 / 33) ** 3, abs=0.02)
    np.testing.assert_allclose(
        inverse.lut.sample([[0.0, 0, 0], [1, 1, 1]]), [[0, 0, 0], [1, 1, 1]], atol=1e-3
    )
    assert inverse.error_mean < 1e-3  # over what it can produce, it is exact


def test_a_constant_lut_has_a_finite_inverse():
    inverse = Lut(np.full((5, 5, 5, 3), 0.5)).invert()
    assert np.isfinite(inverse.lut.table).all()
    assert inverse.unreachable > 0.99


def test_titles_say_what_it_is():
    assert Lut.from_function(bent, 5, title="bent").invert().lut.title == "inverse of bent"
    assert Lut(lattice(5)).invert().lut.title == ""

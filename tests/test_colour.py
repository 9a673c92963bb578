"""Colour arithmetic against colour-science."""

from __future__ import annotations

import warnings

import colour
import numpy as np
import pytest
from gradewright.core import colour as own
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

RGB = hnp.arrays(np.float64, (12, 3), elements=st.floats(0, 1, allow_subnormal=False))
LAB = hnp.arrays(
    np.float64, (12, 3), elements=st.floats(-100, 100, allow_subnormal=False).map(lambda v: round(v, 6))
).map(lambda a: np.abs(a) * [1, 0, 0] + a * [0, 1, 1])

# Sharma, Wu, Dalal (2005), table 1: the pairs that catch wrong hue arithmetic.
SHARMA = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, -0.001, 2.49), (50, 0.0009, -2.49), 4.8045),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((90.9257, -0.5406, -0.9208), (88.6381, -0.8985, -0.7239), 1.5381),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("lab_1", "lab_2", "expected"), SHARMA)
def test_ciede2000_published_pairs(lab_1, lab_2, expected):
    assert own.delta_e_2000(np.array(lab_1), np.array(lab_2)) == pytest.approx(expected, abs=5e-5)
    assert own.delta_e_2000(np.array(lab_2), np.array(lab_1)) == pytest.approx(expected, abs=5e-5)


@given(LAB, LAB)
def test_ciede2000_equals_colour_science(lab_1, lab_2):
    expected = colour.delta_E(lab_1, lab_2, method="CIE 2000")
    np.testing.assert_allclose(own.delta_e_2000(lab_1, lab_2), expected, atol=1e-8)


@given(RGB)
def test_srgb_curves_equal_colour_science(rgb):
    # Between 0.040448 and 0.04045 the standard's two pieces differ by 2e-9, and they switch at the other end.
    np.testing.assert_allclose(own.srgb_decode(rgb), colour.models.eotf_sRGB(rgb), atol=1e-8)
    np.testing.assert_allclose(own.srgb_encode(rgb), colour.models.eotf_inverse_sRGB(rgb), atol=1e-8)
    np.testing.assert_allclose(own.srgb_encode(own.srgb_decode(rgb)), rgb, atol=1e-7)


@given(RGB)
def test_lab_equals_colour_science(rgb):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        xyz = colour.RGB_to_XYZ(rgb, "sRGB", apply_cctf_decoding=True)
        expected = colour.XYZ_to_Lab(
            xyz, colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D65"]
        )
    np.testing.assert_allclose(own.srgb_to_lab(rgb), expected, atol=0.03)  # their rounded matrix


@given(RGB)
def test_oklab_equals_colour_science_and_comes_back(rgb):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = colour.XYZ_to_Oklab(colour.RGB_to_XYZ(rgb, "sRGB", apply_cctf_decoding=True))
    lab = own.srgb_to_oklab(rgb)
    np.testing.assert_allclose(lab, expected, atol=2e-3)
    np.testing.assert_allclose(own.oklab_to_srgb(lab), rgb, atol=1e-6)


def test_neutrals_have_no_chroma():
    greys = np.linspace(0, 1, 33)[:, None].repeat(3, axis=1)
    assert np.abs(own.srgb_to_lab(greys)[:, 1:]).max() < 1e-9
    assert np.abs(own.srgb_to_oklab(greys)[:, 1:]).max() < 1e-6


@given(hnp.arrays(np.float64, (8, 3), elements=st.floats(-0.5, 1.5)))
def test_gamut_mapping_is_displayable_and_keeps_hue_and_lightness(lab):
    lab = lab * [1, 0.5, 0.5]
    rgb = own.oklab_to_srgb_in_gamut(lab)
    assert rgb.min() >= 0
    assert rgb.max() <= 1
    back = own.srgb_to_oklab(rgb)
    np.testing.assert_allclose(back[:, 0], np.clip(lab[:, 0], 0, 1), atol=2e-2)
    cross = back[:, 1] * lab[:, 2] - back[:, 2] * lab[:, 1]
    assert np.abs(cross).max() < 2e-2


def test_colours_in_gamut_are_left_alone(rng):
    rgb = rng.random((200, 3))
    np.testing.assert_allclose(own.oklab_to_srgb_in_gamut(own.srgb_to_oklab(rgb)), rgb, atol=1e-6)


@pytest.mark.parametrize(
    "function", [own.srgb_decode, own.srgb_to_lab, own.srgb_to_oklab, own.oklab_to_srgb, own.luma]
)
def test_shapes_types_and_nan(function):
    values = np.full((2, 3, 4, 3), 0.25, np.float32)
    once = function(values)
    assert once.dtype == np.float32
    assert once.shape[:3] == (2, 3, 4)
    np.testing.assert_allclose(function(values.reshape(-1, 3)).reshape(once.shape), once)
    assert np.isnan(function(np.array([[np.nan, 0.5, 0.5]]))).any()
    assert function([[1, 0, 1]]).dtype == np.float64

"""ICC profiles of photos, held against LittleCMS and against the definitions of the spaces."""

from __future__ import annotations

import contextlib
import io

import colour
import numpy as np
import pytest
from gradewright.core import Lut
from gradewright.core.colour import srgb_decode, srgb_encode
from gradewright.core.photo import profile
from gradewright.core.photo.icc import MAX_BYTES, NotMatrixError, parse_matrix
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms
from profiles import (
    ADOBE_RGB,
    DISPLAY_P3,
    PROPHOTO,
    REC2020,
    SRGB,
    SRGB_CURVE,
    colorants,
    gamma,
    gray_profile,
    para,
    rgb_profile,
    sampled,
    table_profile,
)
from samples import bent

WIDE = {
    "p3": rgb_profile(DISPLAY_P3),
    "adobe": rgb_profile(ADOBE_RGB, gamma(563 / 256)),
    "prophoto": rgb_profile(PROPHOTO, gamma(1.8)),
    "rec2020": rgb_profile(REC2020, para(4, [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045, 0, 0])),
    "sampled": rgb_profile(DISPLAY_P3, sampled(lambda x: x**2.2)),
    "para0": rgb_profile(ADOBE_RGB, para(0, [2.2])),
    "para1": rgb_profile(ADOBE_RGB, para(1, [2.2, 0.9, 0.1])),
    "para2": rgb_profile(ADOBE_RGB, para(2, [2.2, 0.9, 0.05, 0.02])),
}


def littlecms(pixels: np.ndarray, icc: bytes) -> np.ndarray:
    """Uint8 (H, W, 3) to sRGB by LittleCMS, without its 8-bit shortcuts."""
    transform = ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(icc)),
        ImageCms.createProfile("sRGB"),
        "RGB",
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.NOOPTIMIZE,
    )
    return np.asarray(ImageCms.applyTransform(Image.fromarray(pixels), transform))


@pytest.fixture
def codes(rng):
    """Uint8 (64, 64, 3): random colours, the grey axis and the corners."""
    pixels = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    pixels[0] = np.linspace(0, 255, 64).astype(np.uint8)[:, None]
    pixels[1, :8] = np.stack(np.meshgrid([0, 255], [0, 255], [0, 255]), axis=-1).reshape(-1, 3)
    return pixels


@pytest.mark.parametrize("name", WIDE)
def test_matrix_conversion_equals_littlecms(name, codes):
    used = profile.inspect(WIDE[name])
    assert used.kind == "matrix"
    ours = np.round(np.clip(used.matrix.to_srgb(codes / 255.0), 0, 1) * 255)
    assert np.abs(ours - littlecms(codes, WIDE[name])).max() <= 1


@pytest.mark.parametrize("name", WIDE)
def test_from_srgb_is_the_inverse(name, rng):
    matrix = profile.inspect(WIDE[name]).matrix
    srgb = rng.random((500, 3)) * 0.8 + 0.15
    back = matrix.from_srgb(srgb)
    inside = ((back > 0.001) & (back < 0.999)).all(axis=1)
    assert inside.sum() > 200
    assert np.abs(matrix.to_srgb(back) - srgb)[inside].max() < 1e-5


def test_display_p3_agrees_with_colour_science(rng):
    rgb = rng.random((200, 3))
    expected = colour.RGB_to_RGB(srgb_decode(rgb), "Display P3", "sRGB")
    got = srgb_decode(profile.inspect(WIDE["p3"]).matrix.to_srgb(rgb))
    assert np.abs(got - expected).max() < 2e-4  # the profile holds 16-bit fractions


@pytest.mark.parametrize(
    "icc",
    [
        b"",
        rgb_profile(SRGB),
        rgb_profile(SRGB, sampled(srgb_decode)),
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    ],
)
def test_srgb_under_any_wording_takes_the_direct_path(icc):
    assert profile.inspect(icc).kind == "srgb"


def test_kinds():
    assert profile.inspect(table_profile()).kind == "table"
    assert profile.inspect(table_profile(b"CMYK", 4)).space == "CMYK"
    assert profile.inspect(gray_profile(gamma(2.2))).kind == "gray"


def test_broken_profiles_say_why():
    assert profile.inspect(b"nonsense" * 40).reason == "damaged"
    assert profile.inspect(WIDE["p3"] + bytes(MAX_BYTES)).reason == "larger than 4 MB"
    assert profile.usable(WIDE["p3"][:300], "RGB")[1].startswith("broken ICC profile (")
    _, note = profile.usable(table_profile(b"CMYK", 4), "RGB")
    assert note == "ICC profile ignored (it is for CMYK, the pixels are RGB): treated as sRGB"


def test_a_gray_picture_may_carry_an_rgb_profile():
    used, note = profile.usable(WIDE["p3"], "GRAY")
    assert (used.kind, note) == ("matrix", "")


def test_a_falling_curve_is_not_taken_as_a_matrix_profile():
    falling = rgb_profile(DISPLAY_P3, sampled(lambda x: 1 - x))
    with pytest.raises(NotMatrixError, match="does not rise"):
        parse_matrix(falling)
    assert profile.inspect(falling).kind in ("table", "broken")


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), min_size=1, max_size=12))
def test_damaged_profiles_never_escape(changes):
    icc = bytearray(WIDE["sampled"][:3000])
    for where, value in changes:
        icc[where] = value
    for block in (bytes(icc), bytes(icc[: changes[0][0]])):
        with contextlib.suppress(NotMatrixError):
            parse_matrix(block)
        assert profile.inspect(block).kind in ("srgb", "matrix", "table", "gray", "broken")


@pytest.mark.parametrize("name", WIDE)
def test_an_identity_look_bakes_to_the_identity(name):
    assert profile.bake(Lut.identity(33), WIDE[name]).is_identity(2e-7)


def reference_grade(x: np.ndarray, matrix: np.ndarray, curve, inverse) -> np.ndarray:
    """The delta form in float64 from the definitions: ``matrix`` linear profile -> linear sRGB."""
    s = np.clip(srgb_encode(curve(x) @ matrix.T), 0, 1)

    def back(rgb):
        return np.clip(inverse(np.clip(srgb_decode(rgb) @ np.linalg.inv(matrix).T, 0, 1)), 0, 1)

    return np.clip(x + back(np.clip(bent(s), 0, 1)) - back(s), 0, 1)


@pytest.mark.parametrize(
    ("name", "space", "curve", "inverse"),
    [
        ("p3", DISPLAY_P3, srgb_decode, srgb_encode),
        ("rec2020", REC2020, srgb_decode, srgb_encode),
        ("adobe", ADOBE_RGB, lambda x: x ** (563 / 256), lambda y: y ** (256 / 563)),
        ("prophoto", PROPHOTO, lambda x: x**1.8, lambda y: y ** (1 / 1.8)),
    ],
)
def test_a_baked_look_is_the_look_within_one_code(name, space, curve, inverse, codes):
    look = Lut.from_function(bent, 33)
    # The profile stores its colorants in 16-bit fractions: the reference starts from the same ones.
    stored = np.round(colorants(space) * 65536) / 65536
    matrix = np.linalg.solve(colorants(SRGB), stored)
    expected = reference_grade(codes / 255.0, matrix, curve, inverse) * 255
    got = np.clip(profile.bake(look, WIDE[name]).apply(codes / np.float32(255)), 0, 1) * 255
    assert np.abs(got - expected).max() <= 1.0


def test_curves_of_every_parametric_type_invert():
    x = np.linspace(0.15, 1, 200)
    for name in ("para0", "para1", "para2", "rec2020"):
        curve = profile.inspect(WIDE[name]).matrix.curves[0]
        assert np.abs(curve.encode(curve.decode(x)) - x).max() < 1e-9
    assert SRGB_CURVE[0] == 3


def test_gray_to_srgb_agrees_with_littlecms():
    icc = gray_profile(gamma(1.8))
    gray = np.arange(256, dtype=np.uint8)[None, :]
    expected = np.asarray(profile.convert_8bit(Image.fromarray(gray), icc)).astype(int)
    ours = profile.gray_to_srgb(gray[..., None].repeat(3, axis=2), profile.inspect(icc).gray)
    assert np.abs(ours.astype(int) - expected).max() <= 1

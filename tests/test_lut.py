"""The Lut value: construction, identity, derivation, application."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from gradewright.core import Lut, Shaper
from gradewright.core.colour import delta_e_srgb, srgb_to_oklab
from gradewright.core.errors import BadInput
from gradewright.core.interp import lattice, tetrahedral
from hypothesis import given
from hypothesis import strategies as st
from samples import bent

SIZES = st.integers(2, 20)


def noise_lut(seed: int, size: int) -> Lut:
    return Lut(np.random.default_rng(seed).random((size, size, size, 3)))


# -- construction


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (np.zeros((4, 4, 4)), r"shape \(N, N, N, 3\).*not \(4, 4, 4\)"),
        (np.zeros((4, 4, 3, 3)), r"not \(4, 4, 3, 3\)"),
        (np.zeros((1, 1, 1, 3)), r"N 2\.\.129"),
        (np.zeros((130, 130, 130, 3)), r"N 2\.\.129"),
        (np.full((2, 2, 2, 3), np.nan), "not finite"),
        (np.full((2, 2, 2, 3), 1e60), "not finite"),
        (5.0, "shape"),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_wrong_tables_are_refused(table, message):
    with pytest.raises(BadInput, match=message):
        Lut(table)


@pytest.mark.parametrize("domain", [((0, 0, 0), (1, 1, 0)), ((0.5,) * 3, (0.5,) * 3), ((0,), (1,))])
def test_wrong_domains_are_refused(domain):
    with pytest.raises(BadInput, match="domain"):
        Lut(lattice(2), domain=domain)
    with pytest.raises(BadInput, match="domain"):
        Shaper(np.zeros((2, 3)), domain=domain)


@pytest.mark.parametrize("shape", [(1, 3), (5, 4), (3,), (65537, 3)])
def test_wrong_shapers_are_refused(shape):
    with pytest.raises(BadInput, match="1D table has shape"):
        Shaper(np.zeros(shape))


def test_a_lut_is_immutable_and_owns_its_table():
    table = lattice(3)
    lut = Lut(table)
    table[0, 0, 0] = 9
    assert lut.is_identity()
    with pytest.raises(ValueError, match="read-only"):
        lut.table[0, 0, 0] = 9
    with pytest.raises(dataclasses.FrozenInstanceError):
        lut.title = "other"


def test_equality_is_about_the_transform(look):
    assert look.titled("other") == look
    assert hash(look.titled("other")) == hash(look)
    assert Lut(look.table, domain=((0,) * 3, (2,) * 3)) != look
    assert look.resample(9) != look
    assert look != "bent"
    assert {look, look.titled("x")} == {look}


def test_fingerprints_follow_equality(look):
    assert look.fingerprint == Lut(look.table.copy(), title="x").fingerprint
    assert Lut(-0.0 * lattice(3)).fingerprint == Lut(0.0 * lattice(3)).fingerprint
    shaped = [Lut(lattice(2), shaper=Shaper(np.full((4, 3), v))).fingerprint for v in (0.1, 0.2)]
    moved = Lut(look.table, domain=((0,) * 3, (2,) * 3)).fingerprint
    assert len({look.fingerprint, look.resample(9).fingerprint, moved, *shaped}) == 5


def test_repr_tells_what_matters(look):
    assert repr(look) == "<Lut 17^3 'bent'>"
    assert "shaper=True" in repr(Lut(lattice(2), shaper=Shaper(np.zeros((2, 3)))))


# -- axis order and identity


def test_the_first_axis_is_red():
    table = np.zeros((3, 3, 3, 3), np.float32)
    table[2, 0, 0] = [0.1, 0.2, 0.3]
    lut = Lut(table)
    red, blue = np.array([[1, 0, 0]], np.float32), np.array([[0, 0, 1]], np.float32)
    np.testing.assert_allclose(lut.apply(red), [[0.1, 0.2, 0.3]], atol=1e-7)
    np.testing.assert_allclose(lut.apply(blue), [[0, 0, 0]], atol=1e-7)


@pytest.mark.parametrize("size", [2, 3, 17, 33, 65])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_identity_is_exact_on_integers(size, dtype):
    top = np.iinfo(dtype).max
    ramp = np.linspace(0, top, 4096).astype(dtype)
    pixels = np.stack([ramp, ramp[::-1], np.roll(ramp, 999)], axis=-1)
    assert np.array_equal(Lut.identity(size).apply(pixels), pixels)


def test_is_identity_has_a_tolerance(look):
    assert Lut.identity(9).is_identity()
    nudged = Lut(lattice(9) + 0.001)
    assert not nudged.is_identity()
    assert nudged.is_identity(0.0011)
    assert not look.is_identity(0.01)
    assert not Lut(lattice(9), domain=((0,) * 3, (2,) * 3)).is_identity()


# -- application against the float64 reference


@given(st.integers(0, 2**32 - 1), SIZES)
def test_application_equals_the_float64_reference(seed, size):
    lut = noise_lut(seed, size)
    pixels = np.random.default_rng(seed + 1).random((97, 3)).astype(np.float32)
    assert np.abs(lut.apply(pixels) - tetrahedral(lut.table.astype(np.float64), pixels)).max() <= 2e-7 * size


def test_float_error_on_a_real_look_is_within_the_budget(look, rng):
    pixels = rng.random((200, 300, 3), dtype=np.float32)
    assert np.abs(look.resample(33).apply(pixels) - look.resample(33).sample(pixels)).max() <= 2e-7


@pytest.mark.parametrize(("dtype", "top"), [(np.uint8, 255), (np.uint16, 65535)])
def test_integers_are_rounded_not_truncated(look, rng, dtype, top):
    pixels = rng.integers(0, top + 1, (50, 60, 3), dtype=dtype)
    exact = look.sample(pixels / top) * top
    error = look.apply(pixels).astype(np.float64) - np.clip(exact, 0, top)
    assert np.abs(error).max() <= 0.51
    assert abs(error.mean()) < 0.05


def test_inputs_outside_the_domain_are_clamped(look):
    outside = np.array([[-0.5, 0.5, 1.5]], np.float32)
    np.testing.assert_allclose(look.apply(outside), look.apply(np.clip(outside, 0, 1)), atol=1e-7)


def test_domain_and_shaper_run_through_opencolorio_as_in_numpy(rng):
    curve = np.linspace(0, 1, 64)[:, None] ** [0.5, 0.4, 0.6]
    shaper = Shaper(curve, domain=((-0.1, 0, 0), (4, 5, 6)))
    lut = Lut(Lut.from_function(bent, 9).table, domain=((0.1, 0, 0), (0.9, 1, 0.8)), shaper=shaper)
    pixels = rng.uniform(-0.2, 6.5, (40, 50, 3)).astype(np.float32)
    np.testing.assert_allclose(lut.apply(pixels), lut.sample(pixels), atol=3e-6)


# -- derivation


def test_resampling_keeps_lattice_colours_and_finds_the_way_back(look):
    finer = look.resample(33)
    np.testing.assert_allclose(finer.table[::2, ::2, ::2], look.table, atol=1e-7)
    assert finer.resample(17) == look or np.abs(finer.resample(17).table - look.table).max() < 1e-7
    assert look.resample(17) is look
    assert Lut.identity(9).resample(33).is_identity(1e-7)


@pytest.mark.parametrize("size", [0, 1, 130, -3])
def test_wrong_sizes_are_refused(size, look):
    with pytest.raises(BadInput, match=rf"LUT size {size} is out of range: 2\.\.129"):
        look.resample(size)


def test_flatten_bakes_the_shaper(rng):
    shaper = Shaper(np.linspace(0, 1, 33)[:, None] ** [2.0, 1.0, 0.5])
    lut = Lut(Lut.from_function(bent, 17).table, shaper=shaper)
    flat = lut.flatten(65)
    assert flat.is_plain
    assert flat.size == 65
    pixels = rng.random((500, 3)) * 0.9 + 0.1
    assert np.abs(flat.sample(pixels) - lut.sample(pixels)).max() < 0.005
    assert flat.flatten() is flat


@given(st.integers(0, 1000))
def test_composition_is_one_after_the_other(seed):
    first = Lut.from_function(lambda p: bent(p), 17)
    second = Lut.from_function(lambda p: p[:, [1, 2, 0]] ** 1.5, 17)
    both = first.compose(second, 33)
    points = np.random.default_rng(seed).integers(0, 33, (20, 3)) / 32
    np.testing.assert_allclose(both.sample(points), second.sample(first.sample(points)), atol=1e-6)


def test_composition_with_identity_changes_nothing(look):
    assert np.abs(look.compose(Lut.identity(2)).table - look.table).max() < 1e-7
    assert np.abs(Lut.identity(2).compose(look).table - look.table).max() < 1e-7


# -- blending


def test_blend_ends_are_exact(look):
    assert look.blend() is look
    assert look.blend(0).is_identity()
    assert look.blend(1, 0, 0).is_identity()


@pytest.mark.parametrize("name", ["strength", "luma", "chroma"])
@pytest.mark.parametrize("value", [-0.1, 1.01, float("nan")])
def test_blend_weights_are_checked(look, name, value):
    with pytest.raises(BadInput, match=rf"{name} .* is out of range: 0\.\.1"):
        look.blend(**{name: value})


def test_blend_grows_steadily_with_strength(look):
    identity = lattice(17)
    steps = [delta_e_srgb(look.blend(s).table, identity).mean() for s in (0.1, 0.3, 0.5, 0.7, 0.9, 1.0)]
    assert steps == sorted(steps)
    assert steps[2] == pytest.approx(steps[-1] / 2, rel=0.15)


def test_luma_and_chroma_are_separable(look):
    start = srgb_to_oklab(lattice(17, np.float64))
    full = srgb_to_oklab(np.clip(look.table.astype(np.float64), 0, 1))
    only_luma, only_chroma = look.blend(chroma=0), look.blend(luma=0)
    # Away from the gamut's edge, where colours must give way, the other half stays untouched.
    inside = ((look.table > 0.25) & (look.table < 0.75)).all(-1) & (
        (lattice(17) > 0.25) & (lattice(17) < 0.75)
    ).all(-1)
    assert inside.sum() > 100
    luma_only = srgb_to_oklab(only_luma.table.astype(np.float64))[inside]
    chroma_only = srgb_to_oklab(only_chroma.table.astype(np.float64))[inside]
    np.testing.assert_allclose(luma_only[:, 1:], start[inside][:, 1:], atol=1e-5)
    np.testing.assert_allclose(luma_only[:, 0], full[inside][:, 0], atol=1e-5)
    np.testing.assert_allclose(chroma_only[:, 0], start[inside][:, 0], atol=1e-5)
    np.testing.assert_allclose(chroma_only[:, 1:], full[inside][:, 1:], atol=1e-5)


@given(st.integers(0, 10_000), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_blends_of_anything_stay_displayable(seed, strength, luma, chroma):
    blended = noise_lut(seed, 5).blend(strength, luma, chroma)
    assert blended.table.min() >= 0
    assert blended.table.max() <= 1


def test_a_partial_blend_leaves_untouched_colours_alone():
    table = lattice(9).copy()
    table[4, 4, 4] += 0.1
    blended = Lut(table).blend(0.5)
    changed = np.abs(blended.table - lattice(9)).max(axis=-1) > 0
    assert changed.sum() == 1

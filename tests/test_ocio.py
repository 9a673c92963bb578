"""Pixels through OpenColorIO: buffers, strides, threads."""

from __future__ import annotations

import numpy as np
import pytest
from gradewright.core import Lut, ocio
from gradewright.core.errors import BadInput


@pytest.mark.parametrize(
    "shape", [(1, 1, 3), (1, 40_000, 3), (40_000, 1, 3), (3, 3), (2, 3, 5, 4), (5003, 3)]
)
def test_every_shape_gets_every_pixel(look, rng, shape):
    pixels = rng.random(shape, dtype=np.float32)
    result = look.apply(pixels)
    np.testing.assert_allclose(result[..., :3], look.sample(pixels[..., :3]), atol=1e-6)


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_threads_do_not_change_the_result(look, rng, threads):
    pixels = rng.integers(0, 256, (1201, 803, 3), dtype=np.uint8)
    assert np.array_equal(look.apply(pixels, threads=threads), look.apply(pixels, threads=1))


def test_alpha_passes_through(look, rng):
    pixels = rng.integers(0, 65536, (20, 30, 4), dtype=np.uint16)
    assert np.array_equal(look.apply(pixels)[..., 3], pixels[..., 3])


def test_in_place_writes_into_the_image(look, picture):
    expected = look.apply(picture)
    work = picture.copy()
    assert look.apply(work, out=work) is work
    assert np.array_equal(work, expected)


def test_the_input_is_not_touched(look, picture):
    before = picture.copy()
    look.apply(picture)
    assert np.array_equal(picture, before)


@pytest.mark.parametrize("view", [np.s_[::2], np.s_[:, ::-1], np.s_[5:, 3:-2]])
def test_views_with_strides(look, picture, view):
    part = picture[view]
    np.testing.assert_array_equal(look.apply(part), look.apply(np.ascontiguousarray(part)))


def test_depth_may_change_on_the_way(look, picture):
    out = np.empty(picture.shape, np.uint16)
    look.apply(picture, out=out)
    np.testing.assert_allclose(out / 65535, np.clip(look.sample(picture), 0, 1), atol=1e-5)


def test_an_empty_image_is_fine(look):
    assert look.apply(np.empty((0, 5, 3), np.float32)).shape == (0, 5, 3)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((4, 4, 3)), "float64: use uint8, uint16 or float32"),
        (np.zeros((4, 4, 3), np.int32), "int32"),
        (np.zeros((4, 5), np.uint8), r"shape \(4, 5\): the last axis must hold 3 or 4 channels"),
        (np.zeros((4, 4, 2), np.uint8), "3 or 4 channels"),
        (np.zeros(3, np.uint8), "3 or 4 channels"),
    ],
)
def test_unusable_pixels_are_refused(image, message):
    with pytest.raises(BadInput, match=message):
        Lut.identity(2).apply(image)


def test_an_unusable_out_is_refused(look, picture):
    with pytest.raises(BadInput, match="out must be a writable C-contiguous array of shape"):
        look.apply(picture, out=np.empty((4, 4, 3), np.float32))
    with pytest.raises(BadInput, match="out must be"):
        look.apply(picture, out=picture[::-1])


def test_no_full_size_copy_is_made(look):
    """OpenColorIO allocates a row at most; numpy's own allocations are traced."""
    import tracemalloc

    pixels = np.zeros((1000, 1000, 3), np.float32)
    out = np.empty_like(pixels)
    assert look.processor is not None
    tracemalloc.start()
    look.apply(pixels, out=out)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < pixels.nbytes / 20


def test_the_floor_against_known_holes():
    assert ocio._version >= (2, 5, 2)

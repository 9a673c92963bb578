"""Tetrahedral interpolation, against the definition and against OpenColorIO."""

from __future__ import annotations

import numpy as np
import PyOpenColorIO as ocio
import pytest
from gradewright.core.interp import lattice, tetrahedral
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp


@given(hnp.arrays(np.float64, (20, 3), elements=st.floats(0, 1)), st.integers(2, 30))
def test_affine_maps_are_exact(points, size):
    matrix = np.array([[0.7, 0.2, -0.1], [0.1, 0.9, 0.3], [0.0, -0.4, 0.8]])
    table = lattice(size, np.float64) @ matrix.T + 0.05
    np.testing.assert_allclose(tetrahedral(table, points), points @ matrix.T + 0.05, atol=1e-12)


@pytest.mark.parametrize(
    ("point", "corners"),
    [
        ((0.6, 0.4, 0.2), [(0, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 1)]),
        ((0.2, 0.4, 0.6), [(0, 0, 0), (0, 0, 1), (0, 1, 1), (1, 1, 1)]),
        ((0.4, 0.6, 0.2), [(0, 0, 0), (0, 1, 0), (1, 1, 0), (1, 1, 1)]),
    ],
)
def test_each_point_uses_the_four_corners_of_its_tetrahedron(point, corners):
    """Weights by hand: sorted fractions 0.6, 0.4, 0.2 give 0.4, 0.2, 0.2, 0.2."""
    rng = np.random.default_rng(3)
    table = rng.random((2, 2, 2, 3))
    expected = sum(w * table[c] for w, c in zip([0.4, 0.2, 0.2, 0.2], corners, strict=True))
    np.testing.assert_allclose(tetrahedral(table, np.array([point])), [expected], atol=1e-12)


def test_it_is_what_opencolorio_computes(rng):
    table = rng.random((9, 9, 9, 3)).astype(np.float32)
    transform = ocio.Lut3DTransform(9)
    transform.setInterpolation(ocio.INTERP_TETRAHEDRAL)
    transform.setData(table.reshape(-1))
    points = rng.random((3000, 3)).astype(np.float32)
    theirs = points.copy()
    ocio.Config.CreateRaw().getProcessor(transform).getDefaultCPUProcessor().applyRGB(theirs)
    np.testing.assert_allclose(tetrahedral(table, points), theirs, atol=1e-6)


def test_shape_type_and_clamping():
    table = lattice(4, np.float64)
    points = np.array([[[-1, 0.5, 2]]], np.float32)
    result = tetrahedral(table, points)
    assert result.shape == (1, 1, 3)
    np.testing.assert_allclose(result, [[[0, 0.5, 1]]], atol=1e-6)


def test_the_lattice_is_indexed_red_green_blue():
    cube = lattice(5)
    assert cube.dtype == np.float32
    np.testing.assert_array_equal(cube[1, 2, 3], np.float32([0.25, 0.5, 0.75]))

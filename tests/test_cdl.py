"""ASC CDL: the formula against OpenColorIO's, and the fit."""

from __future__ import annotations

import numpy as np
import PyOpenColorIO as ocio
import pytest
from gradewright.core.cdl import Cdl, fit
from gradewright.core.errors import BadInput
from gradewright.core.lut import Lut
from gradewright.core.recipe import Recipe
from hypothesis import given
from hypothesis import strategies as st

POINTS = np.random.default_rng(1).uniform(0, 1, (500, 3)).astype(np.float32)


def by_ocio(cdl: Cdl, values: np.ndarray) -> np.ndarray:
    made = ocio.CDLTransform()
    made.setStyle(ocio.CDL_ASC)
    made.setSlope(cdl.slope)
    made.setOffset(cdl.offset)
    made.setPower(cdl.power)
    made.setSat(cdl.saturation)
    pixels = np.array(values, np.float32, order="C")
    described = ocio.PackedImageDesc(pixels, len(pixels), 1, 3)
    ocio.Config.CreateRaw().getProcessor(made).getDefaultCPUProcessor().apply(described)
    return pixels


triples = st.tuples(*[st.floats(0.5, 1.8)] * 3)


@given(triples, st.tuples(*[st.floats(-0.2, 0.2)] * 3), triples, st.floats(0, 2))
def test_the_formula_is_ascs(slope, offset, power, saturation):
    cdl = Cdl(slope, offset, power, saturation)
    # OpenColorIO clamps after saturation too, as ASC's clamping style asks; Resolve's timeline goes on
    assert np.abs(np.clip(cdl.apply(POINTS), 0, 1) - by_ocio(cdl, POINTS)).max() < 1e-4


def test_nothing_stays_nothing():
    cdl = fit(Lut.identity(17), "ACEScct")
    assert (cdl.slope, cdl.offset, cdl.power, cdl.saturation) == ((1, 1, 1), (0, 0, 0), (1, 1, 1), 1)
    assert cdl.residual_de < 1e-3


def test_a_cdl_is_found_again():
    """A look that is a CDL, in the space it is one in."""
    true = Cdl((1.1, 1.0, 0.92), (0.02, -0.01, 0.0), (1.1, 1.0, 0.95), 0.9)
    look = Lut.from_function(lambda x: np.clip(true.apply(x), 0, 1), 33)
    found = fit(look, "sRGB")
    assert found.residual_de < 0.3
    assert found.slope == pytest.approx(true.slope, abs=0.03)
    assert found.saturation == pytest.approx(true.saturation, abs=0.03)


@pytest.mark.parametrize("space", ["Rec.709 Gamma 2.4", "DaVinci Intermediate", "ACEScct", "S-Log3"])
def test_simple_looks_fit_in_every_space(space):
    found = fit(Recipe(temperature=20, exposure=0.3).to_lut(), space)
    assert found.residual_de < 3
    assert all(0.1 < value < 4 for value in (*found.slope, *found.power))


def test_the_residual_tells_what_a_cdl_cannot_do():
    plain = fit(Recipe(exposure=0.3).to_lut(), "sRGB").residual_de
    hues = fit(Recipe(red_hue=45, blue_hue=-45).to_lut(), "sRGB").residual_de
    assert hues > 2 * plain


def test_the_shots_own_pixels_weigh():
    look = Recipe(temperature=40, shadow_hue=200, shadow_amount=50).to_lut()
    dark = np.random.default_rng(2).uniform(0.05, 0.3, (2000, 3))
    own, general = (
        np.abs(fit(look, "sRGB", pixels).apply(dark) - look.sample(dark)).mean() for pixels in (dark, None)
    )
    assert own < general


def test_an_unknown_space():
    with pytest.raises(BadInput, match="unknown working space 'GoPro'"):
        fit(Lut.identity(5), "GoPro")

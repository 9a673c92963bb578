"""Safety figures: zero for the identity, right for handmade faults, and equal to independent oracles."""

import json
from pathlib import Path

import colour
import numpy as np
import pytest
from gradewright.core import Lut, safety
from gradewright.core.errors import BadInput
from gradewright.core.interp import lattice, tetrahedral
from gradewright.core.safety.geometry import axis_steps, planes, tetrahedron_volumes
from gradewright.core.safety.limits import LIMITS, failures
from gradewright.core.safety.measure import FIGURES, grey_curve, hue_turn_degrees
from gradewright.core.safety.probes import GRADIENTS, all_gradients, gradient, photo_weights, skin_colours

IDENTITY = lattice(33).astype(np.float32)
TO_ONE = {"neutral_gain_max_codes", "gain_max_codes", "skin_chroma_ratio", "contrast_mid"}


def curve_lut(function, size=33):
    return Lut(np.asarray(function(lattice(size, np.float64))))


def broken(lut, asked=()):
    return {limit.name for limit in failures(safety.measure(lut), asked)}


def lab(rgb):
    return colour.XYZ_to_Lab(colour.sRGB_to_XYZ(rgb), colour.CCS_ILLUMINANTS["cie_2_1931"]["D65"])


class TestIdentity:
    @pytest.mark.parametrize("size", [2, 3, 5, 17, 33, 65])
    def test_every_figure_is_neutral(self, size):
        figures = safety.measure(Lut.identity(size)).to_dict()
        assert figures.pop("white_lstar") == pytest.approx(100, abs=1e-3)
        assert figures.pop("kink_gradient") in GRADIENTS
        for name, value in figures.items():
            assert value == pytest.approx(1 if name in TO_ONE else np.zeros(np.shape(value)), abs=1e-4), name

    def test_passes_every_limit(self):
        assert not broken(Lut.identity())

    def test_report_is_json_and_complete(self):
        figures = safety.measure(Lut.identity()).to_dict()
        assert tuple(figures) == FIGURES
        assert json.loads(json.dumps(figures)) == figures


class TestNeutrals:
    def test_a_dip_is_measured_in_lstar(self):
        table = IDENTITY.copy()
        table[17, 17, 17] = table[15, 15, 15]
        found = safety.measure(Lut(table))
        expected = lab(np.full(3, 16 / 32))[0] - lab(np.full(3, 15 / 32))[0]
        assert found.neutral_reversal_lstar == pytest.approx(expected, abs=0.05)
        assert found.neutral_reversal_share == pytest.approx(8 / 255, abs=0.005)

    def test_the_negative_falls_all_the_way(self):
        found = safety.measure(Lut(1 - IDENTITY))
        assert found.neutral_reversal_lstar == pytest.approx(100, abs=1e-3)
        assert found.neutral_reversal_share == pytest.approx(1, abs=0.02)
        assert {"neutral_reversal", "fold", "span"} <= broken(Lut(1 - IDENTITY))

    def test_rounding_is_no_reversal(self):
        assert safety.measure(Lut(np.round(IDENTITY * 1023) / 1023)).neutral_reversal_lstar == 0

    def test_tint_against_colour_science(self):
        tinted = curve_lut(lambda rgb: rgb * [1, 0.9, 0.75])
        greys = np.repeat(np.linspace(0, 1, 256)[:, None], 3, axis=1)
        reference = lab(greys * [1, 0.9, 0.75])
        found = safety.measure(tinted)
        chroma = np.linalg.norm(reference[:, 1:], axis=-1)
        assert found.neutral_tint_max_ab == pytest.approx(chroma.max(), abs=0.05)
        assert found.tint_mids_ab == pytest.approx(tuple(reference[102:153, 1:].mean(axis=0)), abs=0.05)
        assert found.white_lstar == pytest.approx(reference[-1, 0], abs=0.02)

    def test_abrupt_tint_swing(self):
        table = IDENTITY.copy()
        table[16:, 16:, 16:, 2] *= 0.5
        assert safety.measure(Lut(table)).neutral_tint_swing_ab > LIMITS["tint_swing"].bound

    def test_contrast_at_mid_grey(self):
        steep = curve_lut(lambda rgb: np.clip(0.4663 + 1.6 * (rgb - 0.4663), 0, 1))
        assert safety.measure(steep).contrast_mid == pytest.approx(1.6, abs=0.1)

    def test_grey_curve_is_what_tetrahedral_gives(self):
        table = np.random.default_rng(1).random((7, 7, 7, 3))
        inputs = np.linspace(0, 1, 99)
        greys = np.repeat(inputs[:, None], 3, axis=1)
        assert grey_curve(table, inputs) == pytest.approx(tetrahedral(table, greys), abs=1e-12)


class TestGeometry:
    def test_volumes_of_a_linear_map_are_its_determinant(self):
        matrix = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.0, 0.3, 0.7]])
        table = (lattice(9, np.float64) @ matrix.T).astype(np.float32)
        volumes = tetrahedron_volumes(axis_steps(planes(table)), 9)
        assert volumes == pytest.approx(np.linalg.det(matrix), abs=1e-4)

    def test_volumes_of_a_random_cell_against_numpy(self):
        table = np.random.default_rng(2).random((2, 2, 2, 3)).astype(np.float32)
        corners = table[0, 0, 0], table[1, 0, 0], table[1, 1, 0], table[1, 1, 1]
        edges = np.diff(np.array(corners, np.float64), axis=0)
        assert tetrahedron_volumes(axis_steps(planes(table)), 2)[0, 0, 0, 0] == pytest.approx(
            np.linalg.det(edges.T), abs=1e-5
        )

    def test_swapped_channels_fold_everything(self):
        swapped = safety.measure(Lut(IDENTITY[..., [1, 0, 2]]))
        assert swapped.fold_share == swapped.fold_photo_share == 1

    def test_a_rotation_of_channels_keeps_orientation_but_breaks_skin(self):
        rotated = safety.measure(Lut(IDENTITY[..., [1, 2, 0]]))
        assert rotated.fold_share == 0
        assert rotated.skin_hue_mean_degrees > 60

    def test_black_and_white_is_flat_not_folded(self):
        grey = curve_lut(lambda rgb: np.repeat(rgb @ [[0.21], [0.72], [0.07]], 3, axis=-1))
        assert safety.measure(grey).fold_share == 0
        assert not broken(grey)

    def test_axis_reversals(self):
        found = safety.measure(
            Lut(np.stack([1 - IDENTITY[..., 0], *np.moveaxis(IDENTITY[..., 1:], -1, 0)], -1))
        )
        assert found.axis_reversal_share == pytest.approx(1 / 3)

    def test_gain_counts_codes(self):
        table = curve_lut(lambda rgb: np.clip(3 * rgb - 1, 0, 1))
        found = safety.measure(table)
        assert found.gain_max_codes == pytest.approx(3, rel=1e-4)
        assert found.neutral_gain_max_codes == pytest.approx(3, rel=1e-4)

    def test_a_stray_entry(self):
        table = IDENTITY.copy()
        table[20, 8, 11, 1] += 0.4
        found = safety.measure(Lut(table))
        assert found.spike_codes == pytest.approx(0.4 * 255, rel=1e-3)
        assert "spike" in broken(Lut(table))

    def test_roughness_of_a_parabola(self):
        # Each lattice axis bends one channel of three, by 2 h^2.
        found = safety.measure(curve_lut(lambda rgb: rgb**2))
        assert found.roughness_codes == pytest.approx(2 / 32**2 * 255 / 3, rel=1e-3)

    def test_roughness_does_not_depend_on_the_size_of_a_smooth_lut(self):
        figures = [safety.measure(curve_lut(lambda rgb: rgb**2, n)).roughness_codes for n in (17, 33, 65)]
        assert figures == pytest.approx([figures[1]] * 3, rel=1e-2)


class TestBandingAndClipping:
    def test_posterised_bands(self):
        found = broken(curve_lut(lambda rgb: np.round(rgb * 3) / 3))
        assert {"neutral_gain", "steps", "plateau"} <= found

    def test_a_smooth_contrast_curve_does_not(self):
        assert not broken(curve_lut(lambda rgb: rgb * rgb * (3 - 2 * rgb)))

    def test_a_corner_in_one_gradient_is_named(self):
        table = IDENTITY.copy()
        table[:, 16:, :, 2] = np.clip(table[:, 16:, :, 2] + 0.3, 0, 1)  # greens split in two
        found = safety.measure(Lut(table))
        bends = np.diff(tetrahedral(table, all_gradients()) - all_gradients(), n=2, axis=1)
        assert found.gradient_kink_codes > LIMITS["steps"].bound
        assert found.kink_gradient in {GRADIENTS[k] for k in np.argsort(np.abs(bends).max(axis=(1, 2)))[-3:]}

    def test_clipping_shares(self):
        found = safety.measure(curve_lut(lambda rgb: np.clip(rgb * 2, 0, 1)))
        # A channel of 31 inner planes clips from plane 16 (value 0.5) on: 16 of 31 do.
        assert found.clip_lattice_share == pytest.approx(1 - (15 / 31) ** 3, abs=1e-3)
        assert 0.3 < found.crushed_photo_share < found.clip_photo_share < 0.8

    def test_overshoot(self):
        found = safety.measure(Lut(IDENTITY * 1.2 - 0.05))
        assert found.overshoot_codes == pytest.approx(0.15 * 255, rel=1e-3)
        assert safety.measure(Lut(IDENTITY - 0.1)).overshoot_codes == pytest.approx(25.5, rel=1e-3)

    def test_photo_weights_prefer_muted_colours(self):
        weights = photo_weights(17)
        assert weights.sum() == pytest.approx(1, abs=1e-4)
        assert weights[8, 8, 8] > 20 * weights[16, 0, 0]


class TestSkin:
    def test_colours_are_skin(self):
        values = lab(skin_colours())
        hue = np.degrees(np.arctan2(values[:, 2], values[:, 1]))
        assert (hue > 35).all()
        assert (hue < 75).all()
        assert values[:, 0].min() < 30 < 75 < values[:, 0].max()

    def test_hue_turn_against_a_made_rotation(self):
        before = np.array([[20.0, 10.0], [12.0, 25.0]])
        angle = np.radians(25)
        turned = before @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        assert hue_turn_degrees(before, turned) == pytest.approx([25, 25])
        assert hue_turn_degrees(before, turned * 0.001)[0] == pytest.approx(0, abs=0.1)

    def test_shift_and_chroma_against_colour_science(self):
        lut = curve_lut(lambda rgb: np.clip(rgb * [1.0, 0.93, 0.97], 0, 1))
        before, after = lab(skin_colours()), lab(lut.sample(skin_colours()))
        turn = np.degrees(np.arctan2(after[:, 2], after[:, 1]) - np.arctan2(before[:, 2], before[:, 1]))
        chroma = [np.hypot(v[:, 1], v[:, 2]) for v in (before, after)]
        found = safety.measure(lut)
        assert found.skin_hue_signed_degrees == pytest.approx(turn.mean(), abs=0.1)
        assert found.skin_hue_max_degrees == pytest.approx(np.abs(turn).max(), abs=0.2)
        assert found.skin_hue_signed_degrees < 0  # towards red
        assert found.skin_chroma_ratio == pytest.approx((chroma[1] / chroma[0]).mean(), abs=0.01)


class TestInputs:
    def test_gradients_are_colours(self):
        assert all_gradients().shape == (len(GRADIENTS), 65, 3)
        for values in (all_gradients(), gradient("hues", 100)):
            assert values.min() >= 0
            assert values.max() <= 1

    def test_a_lut_with_a_domain_is_flattened(self):
        wide = Lut(IDENTITY, domain=((-1.0,) * 3, (2.0,) * 3))
        assert safety.measure(wide).black_lstar == safety.measure(wide.flatten()).black_lstar > 30

    def test_asked_must_name_limits(self):
        with pytest.raises(BadInput, match="'skin_hu' is not a safety limit; did you mean 'skin_hue'"):
            safety.repair(Lut.identity(), asked={"skin_hu"})

    def test_every_limit_is_documented(self):
        for name, limit in LIMITS.items():
            assert limit.name == name
            assert limit.figure in FIGURES or hasattr(safety.SafetyReport, limit.figure)
            assert 10 < len(limit.reason) < 100
            assert limit.unit

    def test_the_page_on_safety_lists_every_limit_with_its_bound(self):
        page = (Path(__file__).parent.parent / "docs" / "safety.md").read_text(encoding="utf-8")
        for name, limit in LIMITS.items():
            row = next(line for line in page.splitlines() if line.startswith(f"| `{name}`"))
            assert f"{limit.bound:g} {limit.unit}" in row
            assert limit.reason in row

"""Masks, the user's own filters, linked files, locks, and places where no grade can go, in the real GIMP."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gradewright import lutio
from gradewright.core import Recipe
from gradewright.core.colour import delta_e_srgb
from PIL import Image

from .gimp_jail import Gimp
from .hosts import suite_or_skip

PHOTO = Path(__file__).parents[2] / "docs" / "media" / "astronaut.jpg"
WIDTH, HEIGHT = 96, 80
LOOK = Recipe(contrast=60, temperature=40, saturation=40, shadow_hue=200, shadow_amount=40)
ROUNDING = 1.01 / 255

pytestmark = pytest.mark.timeout(1200)  # GIMP runs once for all of them


class Played:
    """What GIMP answered, and what its images showed."""

    def __init__(self, gimp: Gimp, answer: dict) -> None:
        self.answer, self.version, self._folder = answer, gimp.suite.gimp, gimp.shared
        self.lut = lutio.read(self._folder / "look.cube")

    def shown(self, case: str, output: str, when: str) -> np.ndarray:
        data = np.fromfile(self._folder / f"{case}-{output}-{when}.f32", "<f4")
        return data.reshape(-1, 4)[:, :3].astype(float)

    def pictures(self, case: str, output: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Before, after, and the LUT over before."""
        before, after = (self.shown(case, output, when) for when in ("before", "after"))
        return before, after, self.lut.sample(np.clip(before, 0, 1))


@pytest.fixture(scope="module", params=["trixie", "forky"])
def played(request, tmp_path_factory):
    gimp = Gimp(suite_or_skip(request.param), tmp_path_factory.mktemp("gimp-edges"))
    small = np.asarray(Image.open(PHOTO).resize((WIDTH, HEIGHT))) / 255
    Image.fromarray(np.uint8(np.round(small**1.8 * 255))).save(gimp.shared / "small.png")
    lutio.write(LOOK.to_lut(33), gimp.shared / "look.cube")
    return Played(gimp, gimp.run("inside_gimp_edges.py", {"mask": 0}))


@pytest.mark.parametrize("case", ["layer mask", "group mask", "filtered masked group"])
def test_a_mask_covers_the_graded_copy_too(played, case):
    found = played.answer[case]["layer"]
    assert found["ok"], found["message"]
    assert found["visible"] == [True, False, True]  # under a soft mask the original would show through
    before, after, wanted = (part.reshape(HEIGHT, WIDTH, 3) for part in played.pictures(case, "layer"))
    left, right = np.s_[:, : WIDTH // 2], np.s_[:, WIDTH // 2 :]
    assert np.array_equal(after[left], before[left])
    assert np.abs(after[right] - wanted[right]).max() <= ROUNDING
    assert np.abs(after[right] - before[right]).mean() > 0.02


@pytest.mark.parametrize("case", ["filtered", "filtered group"])
def test_what_is_graded_and_fitted_is_the_picture_with_the_users_filters(played, case):
    found = played.answer[case]
    before, after, wanted = played.pictures(case, "layer")
    assert np.abs(after - wanted).max() <= ROUNDING
    before, after, wanted = played.pictures(case, "filters")
    assert before.max() > 0.99
    assert found["filters"]["filters"].count("mine") == 1
    assert "Gradewright: Range" in found["filters"]["filters"]
    residual = float(delta_e_srgb(np.clip(wanted, 0, 1), np.clip(after, 0, 1)).mean())
    assert abs(residual - found["filters"]["values"][1]) < 0.4  # what was told is what is so
    assert np.abs(after - wanted).max() < 0.4  # no white that turns into a colour


def test_explain_sees_the_users_filters(played):
    said = played.answer["explained"]
    assert said["filtered"].splitlines()[0] != said["plain"].splitlines()[0]


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("floating", "there is a floating selection: anchor it"),
        ("beside the selection", "the selection lies outside the layer"),
    ],
)
@pytest.mark.parametrize("output", ["layer", "filters"])
def test_where_no_grade_can_go_it_says_so_and_changes_nothing(played, case, message, output):
    found = played.answer[case][output]
    assert not found["ok"]
    assert message in found["message"]
    assert found["filters"] == []
    assert np.array_equal(played.shown(case, output, "before"), played.shown(case, output, "after"))


@pytest.mark.parametrize("output", ["layer", "filters"])
def test_one_pixel_and_locked_layers_are_graded(played, output):
    for case in ("one pixel", "locked"):
        found = played.answer[case][output]
        assert found["ok"], f"{case}: {found['message']}"
        _, after, wanted = played.pictures(case, output)
        assert delta_e_srgb(np.clip(wanted, 0, 1), np.clip(after, 0, 1)).mean() < 2


def test_the_copy_of_a_linked_file_is_pixels_that_stay(played):
    if played.version == "3.0":  # has no such layers
        assert "linked" not in played.answer
        return
    found = played.answer["linked"]["layer"]
    assert found["ok"], found["message"]
    assert found["rasterized"]
    _, after, wanted = played.pictures("linked", "layer")
    assert np.abs(after - wanted).max() <= ROUNDING

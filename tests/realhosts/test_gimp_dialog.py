"""The dialog in the real GIMP on a virtual screen, driven by keys: grade, one Ctrl+Z, filters, one Ctrl+Z."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .gimp_jail import Gimp
from .hosts import suite_or_skip

PHOTO = Path(__file__).parents[2] / "docs" / "media" / "astronaut.jpg"

pytestmark = pytest.mark.timeout(2400)  # GIMP runs once for all of them


@pytest.fixture(scope="module", params=["trixie", "forky"])
def played(request, tmp_path_factory):
    suite = suite_or_skip(request.param)
    gimp = Gimp(suite, tmp_path_factory.mktemp("gimp-dialog"))
    Image.open(PHOTO).save(gimp.shared / "photo.png")
    answer = gimp.show("inside_gimp_dialog.py", "drive_gimp_dialog.sh", {})
    keep = os.environ.get("GRADEWRIGHT_SCREENSHOTS")
    for shot in gimp.shared.glob("*.png") if keep else ():
        shutil.copy(shot, Path(keep) / f"gimp-{suite.gimp}-{shot.name}")
    return gimp, answer


def test_return_grades_what_was_typed(played):
    _, answer = played
    assert answer["interactive"][0] == "True", answer["interactive"]
    assert answer["title"] == "Gradewright: warm golden hour, lifted teal shadows"


def test_one_undo_takes_the_layer_back(played):
    assert played[1]["undone"]


def test_one_undo_takes_every_filter_back(played):
    _, answer = played
    assert answer["filters"][0] == "True", answer["filters"]
    assert len(answer["filter names"]) >= 3
    assert answer["filters undone"]


def test_the_dialog_remembers(played):
    _, answer = played
    assert answer["again"][0] == "True", answer["again"]
    assert answer["again title"] in (
        "Gradewright: warm golden hour, lifted teal shadows",
        "Gradewright: cold blue morning, low saturation",
    )


def test_filters_are_fitted_in_the_dialog(played):
    _, answer = played
    assert answer["editable"][0] == "True", answer["editable"]
    assert 0 < float(answer["editable"][2]) < 1.5
    assert "the filters come within a mean of" in answer["editable"][3]
    assert len(answer["editable names"]) >= 3


def test_one_undo_takes_the_conversion_of_a_gray_image_back_too(played):
    _, answer = played
    assert answer["gray"][0] == "True", answer["gray"]
    assert answer["gray converted"]
    assert answer["gray undone"]


def test_a_gray_image_is_converted_only_after_a_question(played):
    _, answer = played
    assert answer["refused"][0] == "cancelled", answer["refused"]
    assert answer["refused type"]


def test_escape_in_the_middle_of_24_megapixels_leaves_nothing(played):
    gimp, answer = played
    assert answer["cancelled"][0] == "cancelled", answer["cancelled"]
    assert answer["cancelled layers"] == 0
    assert not list(gimp.shared.glob("gradewright-*"))  # the strips are gone, too


def test_the_screen_shows_the_candidates(played):
    gimp, _ = played
    shot = np.asarray(Image.open(gimp.shared / "dialog.png").convert("RGB")).astype(int)
    assert shot.shape == (800, 1280, 3)
    colourful = (shot.max(axis=2) - shot.min(axis=2)) > 60
    assert colourful.mean() > 0.03  # the photo and its candidates, on a grey window

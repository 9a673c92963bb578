"""The image critic: what it says follows from the picture, in the right order and in useful units."""

from __future__ import annotations

import json

import numpy as np
import pytest
from gradewright.core import Recipe
from gradewright.core.critic import Critic, detail
from gradewright.core.critic.findings import Measured, findings
from gradewright.core.critic.model import GAPS, SIDE, look_at, thumbnail
from gradewright.core.errors import BadInput
from gradewright.core.photo import load
from PIL import Image

MEDIA = "docs/media/astronaut.jpg"


@pytest.fixture(scope="module")
def critic():
    return Critic()


@pytest.fixture(scope="module")
def portrait(request):
    return load(request.config.rootpath / MEDIA, max_side=320)


@pytest.fixture(scope="module")
def review(critic, portrait):
    return critic.review(portrait)


def measured(photo, **changes):
    """What findings are made from, with nothing off but what is said."""
    from gradewright.core.attributes import measure

    gap = dict.fromkeys(GAPS, 0.0) | changes
    typical = dict.fromkeys(("skin_hue", "skin_chroma", "skin_light"), (-1000000000.0, 1000000000.0))
    typical |= dict.fromkeys(("noise", "sharpness", "haze", "dynamic_range"), (-1000000000.0, 1000000000.0))
    return Measured(photo, measure(photo.reshape(-1, 3)[::7]), gap, dict.fromkeys(GAPS, 0.1), typical)


class TestReview:
    def test_reasoning_comes_before_suggestions_and_the_score(self, review):
        text = review.text
        assert text.index("What is seen:") < text.index("What to do:") < text.index("Score:")
        assert list(review.to_dict()) == [
            "findings", "suggestions", "score", "suggested_score", "attributes",
        ]  # fmt: skip
        json.dumps(review.to_dict())

    def test_scores_are_within_0_and_100_and_repeatable(self, critic, portrait, review):
        assert 0 <= review.score <= 100
        assert critic.score(portrait) == pytest.approx(review.score, abs=1e-3)

    @pytest.mark.parametrize(
        "flaw",
        [{"exposure": -2.2}, {"temperature": 90}, {"tint": -90}, {"contrast": -80, "saturation": -60}],
    )
    def test_a_spoilt_photo_scores_less(self, critic, portrait, review, flaw):
        assert critic.score(Recipe(**flaw).apply(portrait).astype(np.float32)) < review.score - 3

    def test_a_dark_photo_is_found_dark_and_should_be_raised(self, critic, portrait):
        found = critic.review(Recipe(exposure=-2.5).apply(portrait).astype(np.float32))
        assert any("too dark" in finding.text for finding in found.faults)
        assert found.recipe["exposure"] > 0.3
        assert "raise exposure by" in found.text
        assert found.suggested_score >= found.score

    def test_no_step_goes_against_what_is_found(self, critic, portrait):
        found = critic.review((portrait**1.8 * [0.6, 0.75, 0.9] + 0.03).astype(np.float32))
        texts = [finding.text for finding in found.faults]
        assert any(text.startswith("flat") for text in texts)
        assert any(text.startswith("the highlights are too dull") for text in texts)
        assert found.recipe["exposure"] > 0.3
        # solved for together, both went down, to undo what the exposure does to them
        assert found.recipe.get("contrast", 0) >= 0
        assert found.recipe.get("highlights", 0) >= 0
        assert all(suggestion.score >= found.score for suggestion in found.suggestions)

    def test_a_green_cast_is_found_and_taken_out(self, critic, portrait):
        found = critic.review(Recipe(tint=-95).apply(portrait).astype(np.float32))
        assert any(f.aspect == "tint" and "too green" in f.text for f in found.faults)
        assert found.recipe.get("tint", 0) > 10

    def test_mirrored_copies_score_alike(self, critic, portrait, review):
        assert critic.score(portrait[:, ::-1]) == pytest.approx(review.score, abs=0.5)

    def test_recompressed_and_resized_copies_score_alike(self, critic, portrait, review, tmp_path):
        image = Image.fromarray((portrait * 255 + 0.5).astype(np.uint8))
        image.save(tmp_path / "a.jpg", quality=60)
        assert critic.score(tmp_path / "a.jpg") == pytest.approx(review.score, abs=2)
        assert critic.score(image.resize((200, 200))) == pytest.approx(review.score, abs=2)

    def test_several_at_once(self, critic, portrait):
        one, other = critic.scores([portrait, portrait**2])
        assert one == pytest.approx(critic.score(portrait), abs=1e-3)
        assert one != other

    def test_what_cannot_be_reviewed_is_refused(self, critic):
        with pytest.raises(BadInput, match="the photo is 3x200: a review needs at least 8x8 pixels"):
            critic.review(np.zeros((200, 3, 3), np.float32))
        with pytest.raises(BadInput, match="span"):
            critic.review(np.full((20, 20, 3), 7.0))

    @pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
    def test_flat_pictures_have_a_review(self, critic, value):
        assert "Score" in critic.review(np.full((32, 40, 3), value, np.float32)).text


class TestFindings:
    def test_a_sentence_names_what_was_measured(self, portrait):
        seen = measured(portrait, exposure=1.5)
        fault = findings(seen)[0]
        assert fault.kind == "fault"
        assert f"{seen.values['exposure']:.4g} EV" in fault.text
        assert fault.evidence["plausible"] == pytest.approx(seen.values["exposure"] + 1.5)

    def test_what_is_uncertain_is_no_fault(self, portrait):
        seen = measured(portrait, exposure=1.5)
        unsure = Measured(seen.photo, seen.values, seen.gap, dict.fromkeys(GAPS, 2.0), seen.typical)
        assert not [finding for finding in findings(unsure) if finding.kind == "fault"]
        assert "within what is plausible" in findings(unsure)[0].text

    def test_night_is_a_mood_where_it_is_plausible(self, portrait):
        night = Recipe(exposure=-3).apply(portrait).astype(np.float32) * 0.5
        found = findings(measured(night))
        assert any("dark (" in f.text and "not a fault" in f.text for f in found)
        assert all(f.kind == "note" for f in found)

    def test_an_unusual_range_is_noted_in_stops(self, portrait):
        seen = measured(portrait)
        usual = Measured(
            seen.photo, seen.values, seen.gap, seen.sigma, {**seen.typical, "dynamic_range": (0.5, 1.0)}
        )
        note = next(f for f in findings(usual) if f.aspect == "dynamic range")
        assert note.kind == "note"
        assert f"wide: {seen.values['dynamic_range']:.1f} stops" in note.text
        assert "usual are 0.5 to 1.0" in note.text

    def test_clipping_has_a_region(self, portrait):
        burnt = portrait.copy()
        burnt[:80, 200:] = 1
        found = [f for f in findings(measured(burnt)) if f.aspect == "clipping" and "white" in f.text]
        assert "upper right" in found[0].text
        x, y, width, height = found[0].region
        assert x > 0.5
        assert y == 0
        assert width * height < 0.3

    def test_clipping_is_a_fault_only_where_exposure_is(self, portrait):
        burnt = portrait.copy()
        burnt[:80] = 1
        kinds = {
            gap: next(f.kind for f in findings(measured(burnt, exposure=gap)) if "white, mostly" in f.text)
            for gap in (0.0, -1.0, 1.0)
        }
        assert kinds == {0.0: "note", -1.0: "fault", 1.0: "note"}


class TestDetail:
    def test_noise_is_measured_in_codes(self):
        rng = np.random.default_rng(0)
        flat = np.full((120, 160, 3), 0.5, np.float32)
        for sigma in (2, 6):
            grain = rng.normal(0, sigma / 255, (120, 160, 1)).astype(np.float32)
            assert detail.noise(flat + grain) == pytest.approx(sigma, rel=0.35)
        assert detail.noise(flat) == 0

    def test_blur_lowers_sharpness(self, portrait):
        from gradewright.core.engines.planes import box

        assert detail.sharpness(box(portrait, 3)) < detail.sharpness(portrait) - 0.1

    def test_a_veil_raises_haze(self, portrait):
        assert detail.haze(0.4 + 0.6 * portrait) > detail.haze(portrait) + 0.3

    def test_places(self):
        assert detail.place((0, 0, 0.3, 0.3)) == "upper left"
        assert detail.place((0.4, 0.4, 0.2, 0.2)) == "centre"
        assert detail.place((0, 0.8, 1, 0.2)) == "bottom"
        assert detail.place((0, 0, 1, 1)) == "most of the picture"
        assert detail.region(np.zeros((50, 50), bool)) is None


def test_the_network_sees_thumbnails_one_by_one(portrait):
    small = thumbnail(portrait)
    assert small.shape == (3, SIDE, SIDE)
    both = look_at(np.stack([small, 1 - small]))
    assert both.gap.shape == (2, len(GAPS))
    assert (both.sigma > 0).all()
    assert look_at(small[None]).score[0] == pytest.approx(both.score[0], abs=1e-3)


class TestCommand:
    @pytest.fixture
    def photo(self, portrait, tmp_path):
        path = tmp_path / "photo.jpg"
        Image.fromarray((portrait * 255 + 0.5).astype(np.uint8)).save(path, quality=95)
        return path

    def test_text(self, cli, photo):
        out = cli.ok("review", str(photo)).out
        assert out.startswith(str(photo))
        assert "Score:" in out

    def test_json_of_several(self, cli, photo):
        found = json.loads(cli.ok("review", "--json", str(photo), str(photo)).out)
        assert [one["file"] for one in found] == [str(photo)] * 2
        assert 0 <= found[0]["score"] <= 100

    def test_brief_has_the_best_first(self, cli, photo, portrait, tmp_path):
        dark = Recipe(exposure=-3).apply(portrait)
        Image.fromarray((dark * 255).astype(np.uint8)).save(tmp_path / "dark.png")
        lines = cli.ok("review", "--brief", str(tmp_path / "dark.png"), str(photo)).out.splitlines()
        assert str(photo) in lines[0]
        assert "exposure" in lines[1]

    def test_one_bad_photo_does_not_stop_the_others(self, cli, photo, tmp_path):
        (tmp_path / "bad.jpg").write_bytes(b"no picture")
        done = cli("review", str(tmp_path / "bad.jpg"), str(photo))
        assert done.code == 2
        assert "bad.jpg" in done.err
        assert "Score:" in done.out

    def test_unknown_critics_are_named(self, cli, photo):
        assert "use one of gradewright" in cli.refused("review", str(photo), "--critic", "me")

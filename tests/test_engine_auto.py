"""The auto engine: decides from a photo, conservatively, the same every time; prompts and alternatives."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from gradewright.core import Grader, Lut, Recipe, safety
from gradewright.core.colour import delta_e_srgb
from gradewright.core.engines.auto import AutoEngine, answers, networks
from gradewright.core.engines.auto.alternatives import APART, spread
from gradewright.core.engines.auto.ends import RANKS, SIZE, ends
from gradewright.core.engines.auto.gate import gate
from gradewright.core.engines.auto.mood import allowed, complete
from gradewright.core.errors import BadInput, FileError
from gradewright.core.interp import lattice
from gradewright.core.request import Candidate, Request
from gradewright.core.train import degrade
from PIL import Image

ENGINE = AutoEngine()
PHOTO = Path(__file__).resolve().parents[1] / "docs" / "media" / "astronaut.jpg"


@pytest.fixture(scope="module")
def photo():
    with Image.open(PHOTO) as file:
        return (np.asarray(file.convert("RGB").resize((192, 192))) / 255).astype(np.float32)


def dark(photo):
    return degrade.degrade(photo, degrade.Flaw("underexposed", 1.0, stops=(-1.8, -1.8, -1.8))).degraded


def faded(photo):
    values = (("black_fade", 75.0), ("contrast", -40.0), ("saturation", -45.0))
    return degrade.degrade(photo, degrade.Flaw("haze", 1.0, values=values)).degraded


def graded(shown, **wishes):
    return np.clip(Grader().grade(shown, auto=True, **wishes).lut.apply(shown), 0, 1)


@pytest.mark.parametrize("spoil", [dark, faded])
def test_a_spoilt_photo_comes_nearer_to_the_good_one(photo, spoil):
    shown = spoil(photo)
    before = float(delta_e_srgb(shown, photo).mean())
    after = float(delta_e_srgb(graded(shown), photo).mean())
    assert before > 8
    assert after < 0.8 * before


def test_a_dark_photo_becomes_brighter_and_a_faded_one_gets_its_black_back(photo):
    assert graded(dark(photo)).mean() > dark(photo).mean() + 0.05
    assert np.quantile(graded(faded(photo)), 0.02) < np.quantile(faded(photo), 0.02) - 0.03


def test_a_good_photo_hardly_changes(photo):
    assert float(delta_e_srgb(graded(photo), photo).mean()) < 5


def test_the_same_photo_gives_the_same_grade(photo):
    one, other = (Grader().grade(dark(photo), auto=True, seed=seed) for seed in (0, 7))
    assert np.array_equal(one.lut.table, other.lut.table)


def test_the_size_of_the_photo_hardly_matters(photo):
    shown = dark(photo)
    small = shown.reshape(96, 2, 96, 2, 3).mean((1, 3))
    one, other = (np.clip(Grader().grade(x, auto=True).lut.apply(small), 0, 1) for x in (shown, small))
    assert float(delta_e_srgb(one, other).mean()) < 0.5


def test_it_is_safe_editable_and_explained(photo):
    grade = Grader().grade(dark(photo), auto=True)
    assert safety.verdict(safety.measure(grade.lut)).ok
    assert grade.engine == "auto"
    assert grade.lut.size == 33
    assert grade.recipe.to_dict()
    assert grade.report.residual_de < 3
    assert any("estimated distance from a finished photo" in line for line in grade.candidate.seen)
    assert any("of the retouch is carried out" in line for line in grade.candidate.plan)


def test_strength_weakens_it(photo):
    shown = dark(photo)
    changes = [
        float(delta_e_srgb(graded(shown, strength=strength), shown).mean()) for strength in (0.0, 0.5, 1.0)
    ]
    assert changes[0] < 0.1
    assert 0.3 * changes[2] < changes[1] < 0.8 * changes[2]


def test_a_prompt_comes_on_top(photo):
    shown = dark(photo)
    plain, cold = graded(shown), graded(shown, prompt="much colder, blue")
    assert (cold[..., 2] - cold[..., 0]).mean() > (plain[..., 2] - plain[..., 0]).mean() + 0.02
    assert cold.mean() > shown.mean(), "the automatic part is in it"
    plan = Grader().grade(shown, prompt="much colder, blue", auto=True).candidate.plan
    assert any("retouch" in line for line in plan)
    assert any(line.startswith("understood as") for line in plan)


def test_a_prompt_that_wants_no_change_leaves_the_automatic_grade(photo):
    shown = dark(photo)
    one, other = (Grader().grade(shown, auto=True, prompt=text) for text in (None, "no change at all"))
    if "no change was asked for" in other.candidate.plan:
        assert np.abs(one.lut.table - other.lut.table).max() < 1e-6


def test_parameters_come_on_top(photo):
    shown = dark(photo)
    assert graded(shown, params={"exposure": 0.5}).mean() > graded(shown).mean() + 0.02


def test_variations_differ_from_one_another_and_stay_plausible(photo):
    shown = dark(photo)
    grades = Grader().variations(shown, auto=True, n=6)
    assert len(grades) == 6
    made = [np.clip(grade.lut.apply(shown), 0, 1) for grade in grades]
    for i, one in enumerate(made):
        for other in made[i + 1 :]:
            assert float(delta_e_srgb(one, other).mean()) > 0.7 * APART
    furthest = max(float(delta_e_srgb(made[0], one).mean()) for one in made[1:])
    assert furthest < 20
    assert grades[1].candidate.plan[-1].startswith("an alternative: ")


def test_sixteen_alternatives_can_be_had():
    colours = np.random.default_rng(0).random((400, 3)).astype(np.float32)
    found = spread(Candidate(Lut.identity()), colours, 16)
    assert len(found) == 16
    assert len({candidate.plan[-1] for candidate in found[1:]}) == 15
    scores = [candidate.score for candidate in found]
    assert scores == sorted(scores, reverse=True)


def test_milder_is_left_out_where_nothing_is_done():
    colours = np.random.default_rng(0).random((400, 3)).astype(np.float32)
    names = [candidate.plan[-1] for candidate in spread(Candidate(Lut.identity()), colours, 4)[1:]]
    assert "an alternative: milder" not in names
    strong = Candidate(Recipe(exposure=1.2).to_lut())
    assert "an alternative: milder" in [c.plan[-1] for c in spread(strong, colours, 4)[1:]]


class TestRefusals:
    def test_without_a_photo(self):
        with pytest.raises(BadInput, match="automatic grading looks at the photo: give one"):
            Grader().grade(auto=True)

    def test_not_finite(self):
        photo = np.full((32, 32, 3), np.nan, np.float32)
        with pytest.raises(BadInput, match="not finite"):
            ENGINE.candidates(Request(photo=photo, auto=True))

    def test_a_prompt_alone(self):
        with pytest.raises(BadInput, match="ask for auto as well"):
            Grader("auto").grade(prompt="warmer")

    def test_with_a_reference(self, photo):
        with pytest.raises(BadInput, match="no installed engine works from auto and reference together"):
            Grader().grade(photo, auto=True, reference=photo)

    def test_damaged_weights(self, monkeypatch, tmp_path):
        monkeypatch.setattr(networks, "WEIGHTS", tmp_path)
        networks._gate.cache_clear()
        with pytest.raises(FileError, match="no weights"):
            networks._gate()
        (tmp_path / "auto.json").write_text(json.dumps({"gate": {"doubt": 1}}))
        with pytest.raises(FileError, match="reinstall gradewright"):
            networks._gate()
        networks._gate.cache_clear()


def test_odd_photos_are_served():
    rng = np.random.default_rng(0)
    for shape in ((1, 1, 3), (3, 700, 3), (40, 40, 3)):
        found = ENGINE.candidates(Request(photo=rng.random(shape).astype(np.float32), auto=True))
        assert np.isfinite(found[0].lut.table).all()
    for flat in (0.0, 0.5, 1.0):
        found = ENGINE.candidates(Request(photo=np.full((20, 20, 3), flat, np.float32), auto=True))
        assert np.isfinite(found[0].lut.table).all()


class TestEnds:
    """Figures of where tones end."""

    LEVELS = len(RANKS)
    PLANE = len(RANKS) + 8

    def test_they_follow_white_and_black(self):
        ramp = np.linspace(0, 1, 256, dtype=np.float32)[:, None, None].repeat(8, 1).repeat(3, 2)
        for low, high in ((0.0, 1.0), (0.2, 0.7)):
            found = ends(low + (high - low) * ramp)
            assert found.shape == (SIZE,)
            assert (found[0] + 1) / 2 == pytest.approx(low, abs=0.01)
            assert (found[self.LEVELS - 1] + 1) / 2 == pytest.approx(high, abs=0.01)

    def test_a_cast_is_seen_at_white(self):
        photo = np.random.default_rng(0).random((64, 64, 3)).astype(np.float32) * 0.6
        photo[:8] = 1.0
        found = ends(photo * np.array([1.0, 0.9, 0.8], np.float32))
        tops = [(found[i * self.PLANE + self.LEVELS - 1] + 1) / 2 for i in range(3)]
        assert tops == pytest.approx([1.0, 0.9, 0.8], abs=0.01)
        red, blue = found[-17:-15] / 6  # of the brightest pixels, less green
        assert red == pytest.approx(0.1, abs=0.01)
        assert blue == pytest.approx(-0.1, abs=0.01)

    def test_a_clipped_area_is_told_from_a_slope(self):
        slope = np.random.default_rng(0).random((128, 128, 3)).astype(np.float32)
        clipped = np.minimum(slope, 0.7)
        first = self.LEVELS  # the share within one level of the top, red
        assert ends(clipped)[first] > ends(slope)[first] + 1

    def test_where_pixels_lie_does_not_matter(self):
        rng = np.random.default_rng(0)
        photo = rng.random((30, 40, 3)).astype(np.float32)
        moved = rng.permutation(photo.reshape(-1, 3)).reshape(20, 60, 3)
        assert np.allclose(ends(photo), ends(moved), atol=1e-5)

    def test_one_colour_and_one_pixel(self):
        for shape, level in (((1, 1, 3), 0.0), ((5, 4, 3), 0.5), ((9, 9, 3), 1.0)):
            assert np.isfinite(ends(np.full(shape, level, np.float32))).all()


class TestCritic:
    """A grade that the critic has something against is weakened, then dropped."""

    def scored(self, monkeypatch, *scores):
        from gradewright.core.critic import model

        given = iter(scores)

        def look_at(thumbnails):
            assert thumbnails.shape == (1, 3, 64, 64)
            return model.Seen(np.array([next(given)]), np.zeros(1), np.zeros(1))

        monkeypatch.setattr(model, "look_at", look_at)
        lut = Recipe(exposure=1.0).to_lut()
        return lut, answers._passed(lut, np.full((20, 20, 3), 0.3, np.float32))

    def test_what_it_likes_is_kept_whole(self, monkeypatch):
        lut, (found, share, scores) = self.scored(monkeypatch, 50.0, 49.5)
        assert found is lut
        assert (share, scores) == (1.0, (50.0, 49.5))

    def test_half_is_tried(self, monkeypatch):
        lut, (found, share, _) = self.scored(monkeypatch, 50.0, 40.0, 52.0)
        assert share == 0.5
        assert np.abs(found.table - lut.blend(0.5).table).max() < 1e-6

    def test_then_nothing(self, monkeypatch):
        _, (found, share, scores) = self.scored(monkeypatch, 50.0, 40.0, 45.0)
        assert share == 0
        assert found.is_identity(1e-6)
        assert scores == (50.0, 45.0)

    def test_the_report_tells_of_it(self, photo, monkeypatch):
        seen = Grader().grade(dark(photo), auto=True).candidate.seen
        assert any(line.startswith("the critic's score: ") for line in seen)
        monkeypatch.setattr(answers, "_passed", lambda *_: (Lut.identity(), 0.0, (80.0, 60.0)))
        grade = Grader().grade(dark(photo), auto=True)
        assert "would fall from 80 to 60: nothing is changed" in grade.candidate.plan[0]
        assert grade.lut.is_identity(1e-3)


class TestGate:
    def test_all_where_there_is_no_doubt_nothing_where_there_is_only_doubt(self):
        assert gate(5.0, 0.0, 0.5, 1.05) == 1.05
        assert gate(0.0, 5.0, 0.5, 1.05) == 0
        assert gate(0.0, 0.0, 0.5, 1.05) == 0
        assert gate(50.0, 5.0, 0.5, 1.0) > 0.99

    def test_half_where_they_are_equal(self):
        assert gate(3.0, 3.0, 1.0, 1.0) == pytest.approx(0.5)
        assert gate(3.0, 6.0, 0.25, 1.0) == pytest.approx(0.5)

    def test_it_rises_with_the_change_and_falls_with_the_doubt(self):
        shares = [gate(change, 4.0, 0.5, 1.0) for change in np.linspace(0, 12, 50)]
        assert shares == sorted(shares)
        shares = [gate(4.0, left, 0.5, 1.0) for left in np.linspace(0, 12, 50)]
        assert shares == sorted(shares, reverse=True)


class TestMood:
    def ramp(self, low, high):
        return np.linspace(low, high, 400, dtype=np.float32)[:, None].repeat(3, 1)

    def test_a_photo_is_complete_that_reaches_black_and_white(self):
        assert complete(self.ramp(0.0, 1.0))
        assert complete(self.ramp(0.0, 1.0) ** 3), "a night is"
        assert not complete(self.ramp(0.0, 0.6))
        assert not complete(self.ramp(0.3, 1.0))

    def test_only_a_complete_photo_is_held_back(self):
        night = self.ramp(0.0, 1.0) ** 3
        assert 0.1 < allowed(night, night**0.5) < 0.7
        assert allowed(night * 0.5, (night * 0.5) ** 0.5) == 1
        assert allowed(night, night) == 1
        assert allowed(night, night**0.95) == 1

    def test_contrast_is_held_back_too(self):
        before = self.ramp(0.0, 1.0)
        assert allowed(before, 0.5 + 0.5 * (before - 0.5)) < 0.7


class TestRendering:
    def test_masked_latents_change_nothing(self):
        colours = lattice(9).reshape(-1, 3)
        made = networks.render(np.zeros(56, np.float32), colours)
        assert np.abs(made - colours).max() < 2e-5

    def test_the_baked_lut_is_the_rendering(self):
        z = np.random.default_rng(1).normal(0, 0.5, 56).astype(np.float32)
        lut = networks.bake(z, 1.0)
        colours = np.random.default_rng(2).random((500, 3)).astype(np.float32)
        errors = delta_e_srgb(np.clip(lut.sample(colours), 0, 1), networks.render(z, colours))
        assert float(errors.mean()) < 0.3

    def test_a_share_of_it_lies_between(self):
        z = np.random.default_rng(1).normal(0, 0.5, 56).astype(np.float32)
        whole, half, nothing = (networks.bake(z, share).table for share in (1.0, 0.5, 0.0))
        assert np.abs(nothing - lattice(33)).max() < 1e-6
        assert np.abs(half - (whole + nothing) / 2).max() < 1e-5

    def test_only_keeps_one_group(self):
        decision = networks.Decision(np.ones(56, np.float32), 5.0, 1.0, 4.0, 1.0)
        kept = [decision.only(group) for group in networks.GROUPS]
        assert np.array_equal(sum(kept), decision.z)
        assert [int(k.sum()) for k in kept] == [16, 16, 24]

"""The compact engine: what prompts and references come out as."""

from __future__ import annotations

import numpy as np
import pytest
from gradewright.core import Grader, Lut, Recipe
from gradewright.core.codec import LutCodec
from gradewright.core.colour import delta_e_srgb, srgb_to_lab
from gradewright.core.engines.compact import answers, networks
from gradewright.core.engines.compact.variations import spread_out
from gradewright.core.errors import BadInput, FileError
from gradewright.core.recipe.points import photo_colours
from gradewright.core.request import Request

COLOURS = photo_colours(600)


@pytest.fixture(scope="module")
def grader() -> Grader:
    return Grader("compact")


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    """A soft picture of many colours (80, 120, 3)."""
    rng = np.random.default_rng(8)
    y, x = np.mgrid[0:1:80j, 0:1:120j]
    waves = [0.45 + 0.3 * np.sin(a * x + b * y + c) for a, b, c in rng.uniform(2, 9, (3, 3))]
    return np.clip(np.stack(waves, -1), 0, 1).astype(np.float32)


def change(lut: Lut) -> dict[str, float]:
    """Mean changes over photo-like colours."""
    before, after = srgb_to_lab(COLOURS), srgb_to_lab(lut.sample(COLOURS))
    chroma = [np.hypot(lab[:, 1], lab[:, 2]).mean() for lab in (before, after)]
    moved = (after - before).mean(0)
    spread = after[:, 0].std() - before[:, 0].std()
    return {
        "light": moved[0],
        "a": moved[1],
        "b": moved[2],
        "chroma": chroma[1] - chroma[0],
        "spread": spread,
    }


def difference(one: Lut, other: Lut) -> float:
    return float(delta_e_srgb(one.sample(COLOURS), other.sample(COLOURS)).mean())


@pytest.mark.parametrize(
    ("prompt", "figure", "sign"),
    [
        ("warmer", "b", 1),
        ("make it cooler please", "b", -1),
        ("brighter", "light", 1),
        ("a lot darker", "light", -1),
        ("more contrast", "spread", 1),
        ("flatter, less contrast", "spread", -1),
        ("more saturated colours", "chroma", 1),
        ("muted, desaturated", "chroma", -1),
        ("black and white", "chroma", -1),
        ("wärmer", "b", 1),
        ("plus sombre", "light", -1),
        ("más saturado", "chroma", 1),
        ("更亮", "light", 1),
        ("もっと暗く", "light", -1),
    ],
)
def test_directions_in_six_languages(grader, photo, prompt, figure, sign):
    for picture in (None, photo):
        found = change(grader.grade(picture, prompt).lut)[figure] * sign
        assert found > 0.8, (prompt, picture is None)


def test_degrees_are_ordered(grader):
    weak, plain, strong = (
        change(grader.grade(prompt=f"{degree}warmer").lut)["b"] for degree in ("slightly ", "", "way ")
    )
    assert 0 < weak < plain < strong


def test_a_negated_wish_is_not_the_wish(grader):
    wanted = change(grader.grade(prompt="very warm").lut)["b"]
    assert change(grader.grade(prompt="not too warm").lut)["b"] < 0.3 * wanted


def test_leave_it_is_exactly_nothing(grader, photo):
    grade = grader.grade(photo, "leave it as it is")
    assert np.array_equal(grade.lut.table, Lut.identity().table)
    assert not grade.warnings


def test_a_prompt_about_something_else_is_mild_and_says_so(grader, photo):
    grade = grader.grade(photo, "a cat on a sofa")
    assert 0 < difference(grade.lut, Lut.identity()) < 4
    assert any("names no colour" in warning for warning in grade.warnings)


def test_a_long_prompt_is_cut_and_says_so(grader):
    grade = grader.grade(prompt="warmer " + "and then we walked along the river " * 20)
    assert any("longer than the model reads" in warning for warning in grade.warnings)


@pytest.mark.parametrize("prompt", ["🙂", "\u200b.", "!!!", "ﷺ", "a" * 5000, "\x00warm"])
def test_odd_prompts_are_answered(grader, prompt):
    assert np.isfinite(grader.grade(prompt=prompt).lut.table).all()


def test_same_seed_same_look_and_other_seed_another(grader, photo):
    first, again, other = (grader.grade(photo, "moody teal", seed=seed).lut for seed in (3, 3, 4))
    assert np.array_equal(first.table, again.table)
    assert difference(first, other) > 0.2


def test_variations_differ_and_come_best_first(grader, photo):
    grades = grader.variations(photo, "cinematic", n=4)
    assert len(grades) == 4
    scores = [grade.score for grade in grades]
    assert scores[0] == max(scores)
    for i, one in enumerate(grades):
        for other in grades[:i]:
            assert difference(one.lut, other.lut) > 1


def test_looks_are_what_tokens_say(grader):
    grade = grader.grade(prompt="faded film")
    decoded = LutCodec.load().decode(grade.tokens)
    assert len(grade.tokens) == 64
    assert difference(decoded, grade.lut) < 0.6


def test_a_reference_without_a_photo_and_with_one(grader, photo):
    warm = Recipe(temperature=45, black_fade=20).to_lut()
    reference = np.asarray(warm.sample(np.roll(photo[:, ::-1], 40, 1)), np.float32)
    for picture in (None, photo[:60, :90]):
        found = grader.grade(picture, reference=reference)
        assert np.isfinite(found.lut.table).all()
    assert change(grader.grade(reference=reference).lut)["b"] > 0


def test_a_reference_that_shows_the_same_is_matched_not_guessed(grader):
    rng = np.random.default_rng(2)
    from PIL import Image

    scene = (
        np.asarray(
            Image.fromarray(rng.integers(0, 255, (40, 60, 3), np.uint8)).resize(
                (360, 240), Image.Resampling.BICUBIC
            )
        ).astype(np.float32)
        / 255
    )
    look = Recipe(temperature=30, contrast=20).to_lut()
    grade = grader.grade(scene[:, :300], reference=np.asarray(look.sample(scene[:, 60:]), np.float32))
    assert "points agree" in grade.report.critique[0]
    assert float(delta_e_srgb(grade.lut.sample(scene), look.sample(scene)).mean()) < 2


def test_a_prompt_steers_a_reference(grader, photo):
    reference = np.asarray(Recipe(saturation=-60).to_lut().sample(photo[::-1]), np.float32)
    plain = grader.grade(photo, reference=reference)
    steered = grader.grade(photo, "much warmer", reference=reference)
    assert change(steered.lut)["b"] > change(plain.lut)["b"] + 1


def test_an_instruction_comes_on_top_of_a_look(grader, photo):
    base = Recipe(shadow_hue=200, shadow_amount=50, contrast=20).to_lut()
    grade = grader.grade(photo, "brighter", base=base)
    assert difference(grade.lut, base) > 1
    assert change(grade.lut)["light"] > change(base)["light"] + 1
    unchanged = grader.grade(photo, "leave it as it is", base=base)
    assert difference(unchanged.lut, base) < 0.1


def test_report_says_how_the_prompt_was_understood(grader):
    assert "understood as: " in grader.grade(prompt="warmer and brighter").report.plan[0]


def test_unusable_pictures_are_refused(grader, photo):
    with pytest.raises(BadInput, match="the reference is one flat colour"):
        grader.grade(photo, reference=np.full((40, 40, 3), 0.5, np.float32))
    broken = photo.copy()
    broken[0, 0, 0] = np.nan
    with pytest.raises(BadInput, match="not finite"):
        list(grader_candidates(broken))


def grader_candidates(photo):
    from gradewright.core.engines.compact import CompactEngine

    return CompactEngine().candidates(Request(photo=photo, prompt="warm"))


def test_missing_weights_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(networks, "WEIGHTS", tmp_path)
    networks._session.cache_clear()
    networks._tables.cache_clear()
    try:
        with pytest.raises(FileError, match=r"compact_prompt\.onnx: no model"):
            networks.read_prompt("warm", None)
        with pytest.raises(FileError, match=r"compact\.npz: no weights"):
            networks._tables()
    finally:
        networks._session.cache_clear()
        networks._tables.cache_clear()


class TestVariations:
    def test_a_certain_prediction_has_close_variations_and_a_vague_one_far_ones(self):
        rng = np.random.default_rng(1)
        matrix = rng.normal(size=(6, 12)).astype(np.float32)

        def distances(sigma: float) -> float:
            mean = np.zeros(6, np.float32)
            prediction = networks.Prediction(mean, np.full(6, sigma, np.float32), matrix)
            draws = spread_out(prediction, 3, 0)
            assert draws[0].score == 0
            assert np.array_equal(draws[0].coefficients, mean @ matrix)
            return float(np.linalg.norm(draws[1].coefficients - draws[2].coefficients))

        assert distances(0.5) < distances(3.0)


class TestTwoHeads:
    """A look goes half the way to the recipe that the prompt was understood as, unless that says little."""

    @staticmethod
    def reading(direct: Lut, recipe: dict[str, float]) -> networks.Reading:
        from gradewright.core.engines.compact.controls import vector

        coefficients = LutCodec.load().coefficients(direct)
        one = np.eye(len(coefficients), dtype=np.float32)
        found = networks.Prediction(coefficients, np.ones_like(coefficients), one)
        return networks.Reading(found, vector(recipe), "grade", False, np.zeros(512, np.float32))

    def test_heads_that_agree_are_left_alone(self):
        recipe = {"exposure": 0.5, "temperature": 30.0}
        step = answers._towards_the_recipe(self.reading(Recipe(**recipe).to_lut(33), recipe))
        direct = LutCodec.load().coefficients(Recipe(**recipe).to_lut(33))
        assert np.linalg.norm(step) < 0.08 * np.linalg.norm(direct)

    def test_heads_that_differ_meet_in_the_middle(self):
        brighter, warmer = {"exposure": 0.5}, {"temperature": 45.0}
        reading = self.reading(Recipe(**brighter).to_lut(33), warmer)
        codec = LutCodec.load()
        made = codec.from_coefficients(reading.prediction.look() + answers._towards_the_recipe(reading))
        full = [change(Recipe(**params).to_lut(33)) for params in (brighter, warmer)]
        assert change(made)["light"] == pytest.approx(full[0]["light"] / 2, rel=0.35)
        assert change(made)["b"] == pytest.approx(full[1]["b"] / 2, rel=0.35)

    def test_a_recipe_that_says_little_is_not_followed(self):
        reading = self.reading(Recipe(saturation=-100, contrast=40).to_lut(33), {"exposure": 0.05})
        assert not answers._towards_the_recipe(reading).any()


class TestBlackAndWhite:
    @pytest.mark.parametrize("prompt", ["black and white", "high contrast black and white", "grayscale"])
    def test_is_without_any_colour(self, grader, prompt):
        out = grader.grade(prompt=prompt).lut.sample(COLOURS)
        assert np.ptp(out, axis=-1).max() < 2e-3
        assert np.ptp(out[:, 0]) > 0.6  # and still a picture

    @pytest.mark.parametrize(("prompt", "sign"), [("sepia", 1), ("cyanotype", -1)])
    def test_a_tone_that_was_asked_for_stays(self, grader, prompt, sign):
        lab = srgb_to_lab(grader.grade(prompt=prompt).lut.sample(COLOURS))
        assert sign * lab[:, 2].mean() > 6

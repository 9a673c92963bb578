"""Explained edits: the text says what the grade's LUT does, whatever was claimed."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from gradewright.core import Grader, Lut, Recipe
from gradewright.core.explain import explain
from gradewright.core.explain.residual import residual
from gradewright.core.recipe.points import photo_colours


@pytest.fixture(scope="module")
def photo():
    rows = photo_colours(96 * 128).reshape(96, 128, 3)
    return rows[np.argsort(rows.mean(axis=(1, 2)))].astype(np.float32)


@pytest.fixture(scope="module")
def grade(photo):
    return Grader().grade(photo, params={"temperature": 25, "exposure": 0.4})


def corrupted(grade, lut):
    """The same claims over another LUT."""
    return replace(grade, lut=lut)


def test_the_report_has_everything_in_the_order_of_reasoning(grade):
    found = grade.report.to_dict()["explanation"]
    assert list(found) == [
        "seen", "asked", "judgement", "operations", "left_over", "safety", "effect", "attributes", "score",
    ]  # fmt: skip
    assert found["asked"][0] == "as parameters: temperature 25, exposure 0.4"
    assert found["asked"][1:] == [f"the engine's plan: {step}" for step in grade.candidate.plan]
    assert [step["parameter"] for step in found["operations"]] == ["exposure", "temperature"]
    assert found["attributes"]["change"]["temperature"] == pytest.approx(25, abs=4)
    assert set(found["score"]) == {"before", "after"}
    json.dumps(grade.report.to_dict())


def test_the_text_reads_in_the_same_order(grade):
    text = grade.report.text
    heads = ["seen", "was asked", "was done", "do not express", "changed", "safe", "Score"]
    places = [text.index(head) for head in heads]
    assert places == sorted(places)
    assert "warmer: temperature +" in text


def test_a_corrupted_grade_is_explained_as_what_it_is(grade):
    """The engine's claims stay, every measured sentence turns with the LUT."""
    honest = explain(grade)
    cold = explain(corrupted(grade, Recipe(temperature=-25, exposure=-0.4).to_lut()))
    assert any(line.startswith("warmer") for line in honest.effect)
    assert any(line.startswith("brighter") for line in honest.effect)
    assert any(line.startswith("cooler") for line in cold.effect)
    assert any(line.startswith("darker") for line in cold.effect)
    named = {step["parameter"]: step["value"] for step in cold.operations}
    assert named["exposure"] < -0.2
    assert named["temperature"] < -12
    assert cold.score[1] != honest.score[1]
    assert cold.score[0] == honest.score[0]


WISHES = {
    "recipe": {"params": {"temperature": 20}},
    "pair": {"pair": True},
    "compact": {"prompt": "much warmer"},
    "match": {"reference": True, "engine": "match"},
    "auto": {"auto": True},
}


@pytest.mark.parametrize("engine", WISHES)
def test_every_engines_grade_is_explained_and_only_as_it_is(photo, engine):
    wish = dict(WISHES[engine])
    grader = Grader(wish.pop("engine", None))
    warm = Recipe(temperature=30).apply(photo).astype(np.float32)
    if wish.get("pair"):
        wish["pair"] = (photo, warm)
    if wish.get("reference"):
        wish["reference"] = np.ascontiguousarray(warm[:, ::-1])
    grade = grader.grade(photo, **wish)
    assert grade.engine == engine
    found = grade.report.to_dict()
    assert {"seen", "operations", "left_over", "safety", "effect", "attributes", "score"} <= set(
        found["explanation"]
    )
    assert found["operations"] == [
        {key: step[key] for key in operation}
        for step, operation in zip(found["explanation"]["operations"], found["operations"], strict=True)
    ]
    shown = replace(grade, lut=Recipe(temperature=-35, exposure=-0.7).to_lut())
    other = explain(shown)
    assert any(line.startswith("cooler") for line in other.effect)
    assert any(line.startswith("darker") for line in other.effect)
    assert {step["parameter"] for step in other.operations} >= {"exposure", "temperature"}
    assert shown.report.operations != grade.report.operations
    if other.judgement is not None:
        assert other.judgement.reward < grade.report.explanation.judgement.reward


def test_a_small_corruption_shows_where_it_is(grade):
    dented = grade.lut.table.copy()
    dented[..., 2] = np.clip(dented[..., 2] + 0.25 * (dented[..., 2] > dented[..., 0] + 0.15), 0, 1)
    found = explain(corrupted(grade, Lut(dented)))
    blue = [step["parameter"] for step in found.operations if step["parameter"].startswith("blue")]
    assert blue or "blue colours" in [part for part, _ in found.left_over.where]
    assert found.safety != explain(grade).safety


def test_doing_nothing_is_told_as_nothing(photo):
    found = explain(Grader().grade(photo, params={"exposure": 0}))
    assert found.effect == ()
    assert "nothing that is plainly seen" in found.text
    assert "- nothing\n" in found.text
    assert found.score[0] == pytest.approx(found.score[1], abs=0.2)


def test_without_a_photo_nothing_is_claimed_about_one():
    found = explain(Grader().grade(params={"contrast": 40}))
    assert found.review is None
    assert found.score is None
    assert "What was seen" not in found.text
    assert any(line.startswith("more contrast") for line in found.effect)


def test_reports_with_a_base_are_about_the_photo_without_it(photo):
    grade = Grader().grade(photo, params={"temperature": 20}, base=Recipe(exposure=-1).to_lut())
    assert (grade.photo == photo).all()
    assert any(line.startswith("darker") for line in explain(grade).effect)


def test_nothing_is_measured_before_it_is_asked_for(photo, monkeypatch):
    import gradewright.core.explain as module

    monkeypatch.setattr(module, "explain", lambda grade: 1 / 0)
    grade = Grader().grade(photo, params={"exposure": 0.2})
    assert grade.lut.size == 33
    with pytest.raises(ZeroDivisionError):
        _ = grade.report


def test_residual_of_a_recipe_against_itself_is_nothing():
    recipe = Recipe(exposure=0.3, blue_hue=-20)
    found = residual(recipe, recipe.to_lut(), photo_colours(800))
    assert found.mean < 0.15
    assert found.where == ()


@pytest.mark.parametrize("suffix", [".json", ".md", ".txt"])
def test_the_suffix_chooses_the_form(cli, tmp_path, suffix):
    path = tmp_path / f"report{suffix}"
    cli.ok("grade", "--set", "exposure=0.5", "-o", str(tmp_path / "a.cube"), "--report", str(path))
    text = path.read_text(encoding="utf-8")
    if suffix == ".json":
        assert json.loads(text)["explanation"]["asked"][0] == "as parameters: exposure 0.5"
    else:
        assert text.startswith("# A grade by the recipe engine")
        assert "brighter: exposure" in text

"""The facade: requests in, safe and explained grades out."""

from __future__ import annotations

import json

import numpy as np
import pytest
from gradewright.core import Grader, Lut, Recipe, safety
from gradewright.core.colour import delta_e_srgb
from gradewright.core.errors import BadInput
from gradewright.core.interp import lattice
from gradewright.core.request import Candidate, Request
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image


@pytest.fixture
def grader():
    return Grader()


def test_parameters_make_their_own_recipe(grader):
    grade = grader.grade(params={"exposure": 0.5, "orange_chroma": 10})
    assert grade.engine == "recipe"
    assert grade.lut.size == 33
    assert grade.lut.is_plain
    assert grade.recipe == Recipe(exposure=0.5, orange_chroma=10)
    assert grade.report.residual_de < 0.01
    assert np.abs(grade.recipe.to_lut().table - grade.lut.table).max() < 1e-3


def test_a_weakened_grade_is_described_by_a_fitted_recipe(grader):
    grade = grader.grade(params={"exposure": 1.0}, strength=0.5)
    assert 0.1 < grade.recipe.exposure < 0.9
    assert delta_e_srgb(grade.recipe.to_lut(17).table, grade.lut.resample(17).table).mean() < 1.0


def test_strength_zero_is_identity_whatever_is_asked(grader, picture, look):
    assert grader.grade(params={"contrast": 50}, strength=0).lut.is_identity(1e-6)
    assert grader.grade(pair=(picture, look.apply(picture)), strength=0).lut.is_identity(1e-6)


def test_pictures_may_be_paths_images_or_arrays(grader, picture, look, tmp_path):
    graded = look.apply(picture)
    as_8_bit = [(image * 255 + 0.5).astype(np.uint8) for image in (picture, graded)]
    for name, image in zip(("a.png", "b.png"), as_8_bit, strict=True):
        Image.fromarray(image).save(tmp_path / name)
    pairs = [
        (picture, graded),
        tuple(as_8_bit),
        tuple(Image.fromarray(image) for image in as_8_bit),
        (tmp_path / "a.png", str(tmp_path / "b.png")),
    ]
    for pair in pairs:
        learnt = grader.grade(pair=pair).lut
        assert np.abs(learnt.sample(picture) - look.sample(picture)).mean() < 0.02


def test_parameters_come_on_top_of_a_pair(grader, picture, look):
    pair = (picture, look.apply(picture))
    plain = grader.grade(pair=pair).lut
    brighter = grader.grade(pair=pair, params={"exposure": 0.5})
    assert brighter.engine == "pair"
    grey = np.full((1, 3), 0.4)
    assert brighter.lut.sample(grey).mean() > plain.sample(grey).mean() + 0.03


def test_same_request_same_grade(grader, picture, look):
    first, second = (grader.grade(pair=(picture, look.apply(picture)), seed=3).lut for _ in range(2))
    assert first == second


def test_the_report_is_json_and_says_what_was_done(grader, picture, look):
    grade = grader.grade(pair=(picture, look.apply(picture)), strength=0.9)
    facts = json.loads(json.dumps(grade.report.to_dict()))
    assert facts["engine"] == "pair"
    assert facts["settings"]["strength"] == 0.9
    assert facts["operations"]
    assert {"before", "after"} == set(facts["safety"])
    assert facts["critique"] or facts["plan"]


def test_the_report_follows_the_grade(grader):
    warm = grader.grade(params={"temperature": 30}).report.to_dict()
    cool = grader.grade(params={"temperature": -30}).report.to_dict()
    assert warm["operations"] != cool["operations"]
    assert warm["safety"] != cool["safety"]


class Broken:
    """An engine whose LUTs need repair."""

    name, summary, serves, rank = "broken", "", frozenset({"prompt"}), 9

    def candidates(self, request):
        noise = np.random.default_rng(request.seed).random((33, 33, 33, 3)) * 0.6
        return [Candidate(Lut(np.clip(lattice(33) + noise - 0.3, 0, 1)))]


def test_no_unsafe_lut_leaves(monkeypatch):
    monkeypatch.setattr("gradewright.core.grader.engines", lambda: [Broken()])
    grade = Grader().grade(prompt="ruin it")
    assert safety.verdict(safety.measure(grade.lut)).ok
    assert grade.warnings, "the repair is said"
    assert not safety.verdict(safety.measure(Broken().candidates(Request(prompt="x"))[0].lut)).ok


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({}, "nothing was asked for"),
        ({"prompt": "   "}, "nothing was asked for"),
        ({"auto": True}, "automatic grading looks at the photo: give one"),
        ({"params": {"exposure": 9}}, "exposure"),
        ({"params": {"exposure": 1}, "strength": 2}, r"strength 2 is out of range: 0\.\.1"),
        ({"params": {"exposure": 1}, "luma": -1}, "luma -1 is out of range"),
    ],
)
def test_unusable_requests(grader, wishes, message):
    with pytest.raises(BadInput, match=message):
        grader.grade(**wishes)


def test_contradictions_are_refused(grader, picture):
    with pytest.raises(BadInput, match="a reference and a before/after pair were given"):
        grader.grade(picture, reference=picture, pair=(picture, picture))
    with pytest.raises(BadInput, match="no installed engine works from pair and prompt together"):
        grader.grade(picture, prompt="warmer", pair=(picture, picture))


def test_unknown_engines_and_unfit_ones():
    with pytest.raises(BadInput, match="engine 'pear' is not installed; did you mean 'pair'"):
        Grader("pear")
    with pytest.raises(BadInput, match="engine 'pair' cannot work from params"):
        Grader("pair").grade(params={"exposure": 1})


@pytest.mark.parametrize("count", [0, 17])
def test_too_many_variations(grader, count):
    with pytest.raises(BadInput, match=rf"{count} variations are out of range: 1\.\.16"):
        grader.variations(params={"exposure": 1}, n=count)


@settings(max_examples=20)
@given(st.floats(0, 1), st.floats(0, 1), st.floats(-1, 1), st.floats(-60, 60))
def test_every_grade_is_displayable_and_safe(strength, chroma, exposure, temperature):
    grade = Grader().grade(
        params={"exposure": exposure, "temperature": temperature}, strength=strength, chroma=chroma
    )
    assert grade.lut.table.min() >= 0
    assert grade.lut.table.max() <= 1
    assert safety.verdict(safety.measure(grade.lut)).ok


class TestOrder:
    """What comes after the engine's first is as the judge would have it."""

    @pytest.fixture
    def asked(self, monkeypatch):
        from gradewright.core.critic import Critic

        seen = []

        def order(self, grades, photo, prompt):
            seen.append((len(grades), prompt))
            return list(reversed(grades))

        monkeypatch.setattr(Critic, "order", order)
        return seen

    def test_of_a_prompt(self, grader, asked):
        ordered = grader.variations(prompt="cinematic", n=4)
        assert asked == [(3, "cinematic")]
        assert [grade.score for grade in ordered[1:]] == sorted(grade.score for grade in ordered[1:])
        assert ordered[0].score > max(grade.score for grade in ordered[1:])

    def test_not_of_one_or_two_or_on_top_of_a_look(self, grader, asked):
        grader.variations(prompt="cinematic", n=2)
        grader.variations(prompt="cinematic", n=3, base=Recipe(exposure=0.2).to_lut())
        assert asked == []

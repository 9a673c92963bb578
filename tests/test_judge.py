"""The judge of edits: it names what matters for a request, and rewards what was asked for."""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from gradewright.core import Lut, Recipe
from gradewright.core.attributes import Colours
from gradewright.core.critic import Critic
from gradewright.core.critic.judge import METRICS, STEPS, Expectation, changes, unit_of
from gradewright.core.errors import BadInput
from gradewright.core.recipe.points import photo_colours


@pytest.fixture(scope="module")
def critic():
    return Critic()


@pytest.fixture(scope="module")
def photo():
    return photo_colours(64 * 64).reshape(64, 64, 3).astype(np.float32)


def edited(photo, **values):
    return Recipe(**values).apply(photo).astype(np.float32)


@pytest.mark.parametrize(
    ("prompt", "right", "wrong"),
    [
        ("warmer", {"temperature": 25}, {"temperature": -25}),
        ("brighter", {"exposure": 0.6}, {"exposure": -0.6}),
        ("less saturated", {"saturation": -35}, {"saturation": 35}),
        ("black and white", {"saturation": -100}, {"saturation": 20}),
        ("more contrast", {"contrast": 30}, {"contrast": -30}),
        ("cooler", {"temperature": -25}, {"tint": 40}),
    ],
)
def test_what_was_asked_for_is_rewarded_more(critic, photo, prompt, right, wrong):
    good = critic.judge(photo, edited(photo, **right), prompt)
    bad = critic.judge(photo, edited(photo, **wrong), prompt)
    assert 0 <= bad.reward < good.reward <= 1


def test_doing_nothing_is_not_what_was_asked_for(critic, photo):
    done = critic.judge(photo, edited(photo, temperature=28), "much warmer")
    assert done.reward > critic.judge(photo, photo, "much warmer").reward


def test_the_metrics_are_named_with_what_was_measured(critic, photo):
    found = critic.judge(photo, edited(photo, temperature=20), "warmer")
    assert 1 <= len(found.metrics) <= 6
    assert all(m.name in METRICS and 0 <= m.score <= 1 for m in found.metrics)
    weights = [m.weight for m in found.metrics]
    assert weights == sorted(weights, reverse=True)
    assert sum(weights) <= 1 + 1e-6
    assert list(found.to_dict()) == ["metrics", "reward"]
    json.dumps(found.to_dict())
    assert found.text.splitlines()[-1] == f"Reward: {found.reward:.2f}"


def test_measured_changes_are_in_units(photo):
    start = Colours(photo)
    moved, there = changes(start, Colours(edited(photo, temperature=20), like=start))
    place = METRICS.index("temperature")
    assert moved[place] * STEPS[place] == pytest.approx(20, abs=3)
    assert unit_of("temperature") == "mired"
    assert unit_of("skin_a") == "a*"
    assert there[: METRICS.index("red_light")].all()


def test_what_the_photo_has_not_does_not_count(photo):
    grey = np.full((40, 40, 3), 0.5)
    moved, there = changes(Colours(grey), Colours(grey * 0.8, like=Colours(grey)))
    assert not there[METRICS.index("skin_light")]
    ones = np.ones(len(METRICS), np.float32)
    wish = Expectation(moved, ones, ones)
    assert wish.reward(moved, there) == pytest.approx(1)
    assert wish.reward(moved + 1, there) == pytest.approx(0.5)


def test_order_puts_the_fitting_grade_first(critic, photo):
    class Grade:
        def __init__(self, lut):
            self.lut = lut

    cold, warm, same = (Grade(Recipe(temperature=t).to_lut(17)) for t in (-30, 25, 0))
    for where in (photo, None):
        assert critic.order([cold, same, warm], where, "warmer")[0] is warm
        assert critic.order([warm, same, cold], where, "warmer")[-1] is cold
    assert critic.order([Grade(Lut.identity())], photo, "warmer")


def test_what_cannot_be_judged_is_refused(critic, photo):
    with pytest.raises(BadInput, match="an edit has the picture's own shape"):
        critic.judge(photo, photo[:32], "warmer")
    with pytest.raises(BadInput, match="nothing to judge by"):
        critic.judge(photo, photo, "  ")


def test_it_reads_with_the_prompt_network_that_it_was_trained_on():
    """Another prompt network has other hidden states: the judge must be fitted again then."""
    folder = Path(str(resources.files("gradewright.core.weights")))
    trained_on = json.loads((folder / "judge.json").read_text())["reads_with"]
    for name, digest in trained_on.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest

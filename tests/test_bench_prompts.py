"""The prompt benchmark's own arithmetic: figures, checks, triples, retrieval, and its prompt files."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from gradewright.core import Lut, Recipe
from gradewright.core.colour import srgb_to_lab
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parent.parent / "benchmarks"))

from checks import HUES, CheckError, holds, in_order, is_hue, shown
from measures import PATCHES, Scene
from prompt_bench import Prompt, Session, read_prompts, run, shares
from prompts import normal
from retrieval import ranks


def recipe(**values: float) -> Lut:
    return Recipe.parse(values).to_lut(17)


@pytest.fixture(scope="module")
def photo():
    y, x = np.mgrid[0:40, 0:60] / [[[40]], [[60]]]
    grey = np.repeat(x[..., None], 3, axis=-1)
    tint = 0.12 * np.stack([np.sin(9 * x), np.sin(7 * y), np.cos(8 * x * y)], axis=-1) * (y > 0.4)[..., None]
    return np.clip(grey + tint, 0, 1).astype(np.float32)


@pytest.fixture(scope="module")
def scene(photo):
    return Scene.of(photo)


def nobody(prompt):
    raise AssertionError(f"nobody should ask for {prompt}")


def check(text, seen):
    return holds(text, seen, nobody)


# -- figures


def test_doing_nothing_has_no_figures(scene):
    seen = scene.measure(Lut.identity(17))
    for name, value in seen.items():
        if name not in ("chroma", "mono"):
            assert value == pytest.approx(0, abs=0.05), name
    assert seen["chroma"] == pytest.approx(np.hypot(*srgb_to_lab(scene.rgb).T[1:]).mean(), abs=0.05)


@pytest.mark.parametrize(
    ("values", "true", "false"),
    [
        ({"exposure": 0.7}, ["light up", "ev 0.5..0.9", "mids up", "clip < 5"], ["light down", "light flat"]),
        ({"exposure": -1.0}, ["light down", "ev < -0.5"], ["light not down"]),
        ({"temperature": 30}, ["warm up", "tint is orange", "mids.warm up"], ["warm flat", "tint is blue"]),
        ({"temperature": -30}, ["warm down", "tint is blue"], ["warm not down"]),
        ({"tint": 40}, ["magenta up", "tint is magenta"], ["tint is green", "magenta flat"]),
        ({"contrast": 40}, ["contrast up"], ["contrast flat", "contrast down"]),
        ({"saturation": 40}, ["sat up 10", "light flat"], ["sat up 80", "sat flat"]),
        ({"saturation": -100}, ["mono < 3", "sat down 90", "chroma < 3"], ["mono > 3"]),
        ({"black_fade": 50}, ["black up", "white flat"], ["black not up"]),
        (
            {"shadow_hue": 195, "shadow_amount": 40},
            ["shadows is teal", "highlights.warm flat"],
            ["shadows not teal"],
        ),
        ({"highlight_hue": 60, "highlight_amount": 40}, ["highlights is orange", "highlights.warm up"], []),
        (
            {"blue_chroma": 60, "blue_lightness": -30},
            ["sky.C up", "sky.L down", "red.C flat 1"],
            ["sky.C down"],
        ),
        ({"orange_chroma": -60}, ["skin.C down", "skin.de > 1"], ["skin.C not down"]),
    ],
)
def test_figures_say_what_a_recipe_did(scene, values, true, false):
    seen = scene.measure(recipe(**values))
    assert [text for text in true if not check(text, seen)] == []
    assert [text for text in false if check(text, seen)] == []


def test_toned_monochrome_is_one_tone(scene):
    toned = dict.fromkeys(("shadow_hue", "mid_hue", "highlight_hue"), 80.0)
    toned |= dict.fromkeys(("shadow_amount", "mid_amount", "highlight_amount"), 30.0)
    seen = scene.measure(recipe(saturation=-100, **toned))
    assert seen["mono"] < 1.5
    assert seen["chroma"] > 3
    assert is_hue(seen, "tint", "amber")


def test_clip_counts_new_clipping_only(scene):
    assert scene.measure(Lut.from_function(lambda p: np.clip(p * 1.3, 0, 1), 17))["clip"] > 5
    assert abs(scene.measure(Lut.identity(17))["clip"]) < 0.2


def test_a_colourless_photo_is_measured():
    seen = Scene.of(np.full((8, 8, 3), 0.5, np.float32)).measure(recipe(temperature=20))
    assert seen["warm"] > 1
    assert np.isfinite(list(seen.values())).all()


def test_a_photo_without_neutrals_is_measured():
    picture = np.broadcast_to(np.array([0.9, 0.2, 0.1], np.float32), (20, 20, 3))
    assert np.isfinite(list(Scene.of(picture).measure(recipe(exposure=0.5)).values())).all()


def test_patches_carry_the_colours_they_are_named_after():
    for name in sorted(PATCHES.keys() & HUES.keys()):
        for colour in PATCHES[name]:
            _, a, b = srgb_to_lab(np.array(colour) / 255)
            assert is_hue({"tint.magenta": a, "tint.warm": b}, "tint", name), (name, colour)


# -- the language of checks

SEEN = {
    "warm": 3.0,
    "sat": -6.0,
    "change": 4.0,
    "ev": 0.5,
    "shadows.warm": -9.0,
    "shadows.magenta": -9.0,
    "tint.warm": 0.5,
    "tint.magenta": 0.5,
}


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("warm up", True),
        ("warm up 3.5", False),
        ("warm down", False),
        ("sat down", True),
        ("sat flat", True),
        ("sat flat 5", False),
        ("sat not down", True),
        ("sat not down 5", False),
        ("warm not up", False),
        ("change < 5", True),
        ("change > 5", False),
        ("ev 0.4..0.6", True),
        ("ev -1..0.4", False),
        ("shadows is teal", True),
        ("shadows not teal", False),
        ("tint is red", False),  # hue fits, but too weak to speak of a hue
        ("tint not red", True),
        ("warm down or sat down", True),
        ("warm down or sat up", False),
    ],
)
def test_checks(text, truth):
    assert check(text, SEEN) is truth


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("warm upward", "cannot read the check 'warm upward'"),
        ("warmth up", "no figure is called 'warmth' (in 'warmth up')"),
        ("change up", "'change' has no direction (in 'change up'): use a bound"),
        ("shadows is mauvish", "cannot read the check 'shadows is mauvish'"),
        ("warm up or glow up", "no figure is called 'glow' (in 'glow up')"),
    ],
)
def test_unreadable_checks_are_refused(text, message):
    with pytest.raises(CheckError, match=re.escape(message)):
        check(text, SEEN)


@pytest.mark.parametrize(("other", "below"), [(5.0, True), (-5.0, True), (3.1, False), (1.0, False)])
def test_below_compares_with_the_other_prompt(other, below):
    asked = []

    def others(prompt):
        asked.append(prompt)
        return {"warm": other}

    assert holds('warm below "very warm, really"', SEEN, others) is below
    assert holds('warm above "very warm, really"', SEEN, others) is (other == 1.0)
    assert asked == ["very warm, really"] * 2


@given(st.floats(-50, 50), st.sampled_from(["warm", "sat", "light", "sky.C", "shadows.warm"]))
def test_a_figure_moves_one_way_at_most(value, figure):
    seen = {figure: value}
    up, down, flat = (check(f"{figure} {how}", seen) for how in ("up", "down", "flat"))
    assert not (up and down)
    assert up or down or flat
    assert check(f"{figure} not up", seen) or up
    assert check(f"{figure} not down", seen) or down


@pytest.mark.parametrize(
    ("order", "values", "truth"),
    [
        ("+warm", [1, 3, 8], True),
        ("+warm", [3, 3, 8], False),
        ("+warm", [3, 1, 8], False),
        ("-sat", [-5, -20, -90], True),
        ("-sat", [-20, -5, -90], False),
        ("+light", [8, 3, 1], False),
        ("+light", [2, 9, 9.1], False),  # plain and strong the same
    ],
)
def test_order_within_triples(order, values, truth):
    assert in_order(order, values) is truth


def test_shown_names_the_values_a_check_speaks_of():
    assert shown("warm up or shadows is teal", SEEN) == "warm=3.0, shadows C*=12.7 h=225"


# -- sessions


def words_to_look(picture, prompt):
    degrees = {"a bit": 8, "warm": 25, "very": 60}
    amount = next((value for word, value in degrees.items() if word in prompt), 0)
    return recipe(temperature=amount), 0 if amount else 1


def triple(prompts, order="+warm"):
    return [
        Prompt(str(n), "degree", text, (f"{order[1:]} up 0.2",), 1, level, order)
        for n, (text, level) in enumerate(zip(prompts, ("weak", "plain", "strong"), strict=True))
    ]


def test_a_session_grades_each_prompt_once_a_photo(photo):
    calls = []

    def grade(picture, prompt):
        calls.append(prompt)
        return words_to_look(picture, prompt)

    session = Session([photo, photo[::-1]], grade)
    prompts = [
        Prompt("1", "direction", "warm", ("warm up", "light flat")),
        Prompt("2", "negation", "a bit warm", ('warm below "warm"',)),
        Prompt("3", "no colour", "a cat", ("change < 5", "notes > 0")),
    ]
    outcomes = run(prompts, session)
    assert [one.passed for one in outcomes] == [True] * 5
    assert sorted(calls) == sorted(["warm", "a bit warm", "a cat"] * 2)


def test_triples_are_ordered_and_wrong_ones_are_found(photo):
    session = Session([photo], words_to_look)
    good = run(triple(["a bit warm", "warm", "very"]), session)[-1]
    bad = run(triple(["warm", "a bit warm", "very"]), session)[-1]
    assert (good.passed, bad.passed) == (True, False)
    assert good.prompt.kind == "degree order"


def test_shares_count_checks_prompts_and_languages(photo):
    session = Session([photo], words_to_look)
    prompts = [
        Prompt("1", "direction", "warm", ("warm up", "warm down")),
        Prompt("2", "German", "a bit", ("warm up 0.1",)),
    ]
    rows = {row[0]: row[1:] for row in shares(run(prompts, session))}
    assert rows["direction"] == [1, 2, "0.500", "0.000", "0.500"]
    assert rows["all other languages"] == rows["German"] == [1, 1, "1.000", "1.000", "1.000"]
    assert rows["overall"] == [2, 3, "0.667", "0.500", "0.667"]


def test_ranks_count_ties_against():
    errors = np.array([[1.0, 2, 3], [5, 4, 4], [1, 2, 0.5]])
    assert ranks(errors).tolist() == [1, 2, 1]


# -- the prompt files


@pytest.fixture(scope="module")
def files():
    return {split: read_prompts(split) for split in ("val", "test")}


def test_there_are_enough_prompts_of_every_kind(files):
    assert len(files["val"]) >= 150
    assert len(files["test"]) >= 360
    kinds = {split: {one.kind for one in rows} for split, rows in files.items()}
    assert kinds["val"] == kinds["test"]
    assert len(kinds["test"]) >= 20


def test_every_check_can_be_read(files, scene):
    seen = {**scene.measure(Lut.identity(17)), "notes": 0.0}
    for one in (one for rows in files.values() for one in rows):
        assert one.checks, one
        for text in one.checks:
            holds(text, seen, lambda prompt: seen)


def test_ids_and_wordings_are_unique(files):
    rows = [one for split in files.values() for one in split]
    assert len({one.id for one in rows}) == len(rows)
    assert len({normal(one.prompt) for one in rows}) == len(rows)


def test_val_and_test_share_no_long_run_of_words(files):
    def runs(rows):
        words = (normal(one.prompt).split() for one in rows)
        return {tuple(line[i : i + 5]) for line in words for i in range(len(line) - 4)}

    assert runs(files["val"]) & runs(files["test"]) == set()


def test_triples_are_complete(files):
    for rows in files.values():
        triples = {}
        for one in rows:
            if one.triple is not None:
                triples.setdefault(one.triple, []).append(one)
        assert triples
        for parts in triples.values():
            assert [one.level for one in parts] == ["weak", "plain", "strong"]
            assert len({one.order for one in parts}) == 1
            assert in_order(parts[0].order, [0, 50, 100]) is (parts[0].order[0] == "+")

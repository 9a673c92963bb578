"""Inverse degradation: plausible flaws, graded severity, a way back, words that say so."""

from __future__ import annotations

import json

import numpy as np
import pytest
from gradewright.core.colour import delta_e_srgb, srgb_to_oklab
from gradewright.core.errors import FileError
from gradewright.core.lut import Lut
from gradewright.core.photo import load, save_pixels
from gradewright.core.recipe import Recipe
from gradewright.core.train import degrade
from gradewright.core.train.data.triples import triples, write
from gradewright.core.train.degrade import FAMILIES, KINDS, UNSEEN, Flaw, draw
from gradewright.core.train.degrade_words import SEEN


def photo(seed=0, side=40):
    """Smooth colours, most of them in the middle of the range."""
    rng = np.random.default_rng(seed)
    coarse = rng.beta(2, 2, (5, 5, 3)) * 0.8 + 0.1
    rows = np.linspace(0, 4, side)
    low = np.clip(rows.astype(int), 0, 3)
    part = (rows - low)[:, None]
    tall = coarse[low] * (1 - part[..., None]) + coarse[low + 1] * part[..., None]
    wide = tall[:, low] * (1 - part[None]) + tall[:, low + 1] * part[None]
    return wide.astype(np.float32)


def mean_lab(picture):
    return srgb_to_oklab(picture.reshape(-1, 3).astype(np.float64)).mean(0)


@pytest.mark.parametrize("kind", [*KINDS, "mixed"])
def test_every_kind_harms_and_more_of_it_harms_more(kind):
    good = photo()
    flaw = draw(np.random.default_rng(3), kind)
    distances = [
        float(delta_e_srgb(good, flaw.at(severity).apply(good)).mean()) for severity in (0, 0.25, 0.5, 1)
    ]
    assert distances[0] < 0.01
    assert distances == sorted(distances)
    assert distances[-1] > 1.5


@pytest.mark.parametrize(
    ("kind", "axis", "sign"),
    [
        ("underexposed", 0, -1),
        ("overexposed", 0, 1),
        ("warm cast", 2, 1),
        ("cool cast", 2, -1),
        ("green cast", 1, -1),
        ("magenta cast", 1, 1),
    ],
)
def test_a_kind_does_what_its_name_says(kind, axis, sign):
    good = photo(1)
    for seed in range(6):
        spoilt = draw(np.random.default_rng(seed), kind, 0.8).apply(good)
        assert sign * (mean_lab(spoilt) - mean_lab(good))[axis] > 0


@pytest.mark.parametrize(
    ("kind", "sign"),
    [("flat", -1), ("harsh", 1), ("washed blacks", -1), ("haze", -1), ("grey highlights", -1)],
)
def test_contrast_goes_where_the_name_says(kind, sign):
    good = photo(2)
    spoilt = draw(np.random.default_rng(1), kind, 0.9).apply(good)
    spread = [srgb_to_oklab(x.astype(np.float64))[..., 0].std() for x in (good, spoilt)]
    assert sign * (spread[1] - spread[0]) > 0


def test_same_seed_same_flaw():
    one, other = (draw(np.random.default_rng(9)) for _ in range(2))
    assert (one.kind, one.severity, one.stops, one.values) == (
        other.kind,
        other.severity,
        other.stops,
        other.values,
    )


def test_all_kinds_are_drawn_mixed_ones_most_often():
    rng = np.random.default_rng(0)
    kinds = [draw(rng).kind for _ in range(600)]
    assert set(kinds) == {*KINDS, "mixed"}
    assert max(set(kinds), key=kinds.count) == "mixed"


def test_severities_are_drawn_where_they_are_visible():
    rng = np.random.default_rng(0)
    severities = [draw(rng).severity for _ in range(200)]
    assert degrade.LEAST <= min(severities) < 0.45
    assert 0.9 < max(severities) <= degrade.MOST


def test_unretouched_photos_are_plainly_off_and_mostly_in_several_ways():
    rng, look = np.random.default_rng(0), Lut.identity(5)
    flaws = [degrade.unretouched(rng, [look]) for _ in range(300)]
    kinds = [flaw.kind for flaw in flaws]
    assert 0.5 < kinds.count("mixed") / 300 < 0.7
    assert 0.05 < kinds.count("look") / 300 < 0.16
    assert min(flaw.severity for flaw in flaws) >= degrade.CLEAR
    assert "look" not in {degrade.unretouched(rng).kind for _ in range(100)}


def test_recipes_stay_within_their_ranges_whatever_is_mixed():
    rng = np.random.default_rng(1)
    for _ in range(200):
        assert isinstance(draw(rng, "mixed", 1.0).recipe, Recipe)  # an out-of-range value would raise


def test_no_more_is_lost_than_may_be():
    bright = photo(4) * 0.7 + 0.25
    flaw = Flaw("overexposed", 1.0, stops=(2.0, 2.0, 2.0))
    sample = degrade.degrade(bright, flaw, most_lost=0.05)
    assert sample.lost <= 0.05
    assert sample.flaw.severity < 1
    assert degrade.lost(bright, np.clip(flaw.apply(bright), 0, 1)) > 0.05


def test_what_is_lost_is_what_is_newly_clipped():
    good = np.array([[[0.5, 0.5, 0.5], [1.0, 1.0, 1.0], [0.2, 0.3, 0.4], [0.9, 0.1, 0.1]]])
    spoilt = np.array([[[1.0, 0.5, 0.5], [1.0, 1.0, 1.0], [0.2, 0.3, 0.4], [0.9, 0.0, 0.1]]])
    assert degrade.lost(good, spoilt) == 0.5


def test_a_sample_is_rounded_to_8_bits_and_says_how_far_it_is():
    good = photo(5)
    sample = degrade.degrade(good, draw(np.random.default_rng(2), "cool cast"))
    levels = sample.degraded * 255
    assert np.abs(levels - np.rint(levels)).max() < 1e-4
    assert sample.distance == pytest.approx(float(delta_e_srgb(good, sample.degraded).mean()))
    assert sample.good.dtype == sample.degraded.dtype == np.float32


@pytest.mark.parametrize("kind", ["underexposed", "warm cast", "haze"])
def test_the_undo_undoes(kind):
    good = photo(6)
    sample = degrade.degrade(good, draw(np.random.default_rng(4), kind, 0.7))
    back = np.clip(sample.flaw.undo.sample(sample.degraded), 0, 1)
    assert float(delta_e_srgb(good, back).mean()) < 0.2 * sample.distance + 0.4


def test_the_recipe_that_undoes_comes_near():
    good = photo(7)
    sample = degrade.degrade(good, draw(np.random.default_rng(5), "underexposed", 0.6))
    assert sample.flaw.undoing.exposure > 0.3
    back = sample.flaw.undoing.apply(sample.degraded)
    assert float(delta_e_srgb(good, back).mean()) < 0.4 * sample.distance


def test_inverse_looks_are_put_in_by_severity():
    look = Recipe(temperature=30, contrast=20).to_lut(17)
    flaw = draw(np.random.default_rng(0), "look", 1.0, looks=[look])
    good = photo(8)
    assert flaw.kind == "look"
    assert np.allclose(flaw.apply(good), look.sample(good), atol=1e-6)
    half = flaw.at(0.5).apply(good)
    assert np.allclose(half, good + 0.5 * (look.sample(good) - good), atol=1e-6)


def test_looks_are_drawn_where_they_are_given():
    rng = np.random.default_rng(0)
    kinds = {draw(rng, looks=[Lut.identity(5)]).kind for _ in range(200)}
    assert "look" in kinds


def test_the_reasoning_names_the_fault_its_degree_and_the_remedy():
    good = photo(9)
    mild, strong = (
        degrade.degrade(good, Flaw("cool cast", severity, values=(("temperature", -60.0),))).reasoning
        for severity in (0.4, 1.0)
    )
    assert SEEN["cool cast"] in mild
    assert "(slightly)" in mild
    assert "(strongly)" in strong
    assert "warm" in strong.partition("Plan: ")[2]
    assert mild.startswith("Measured: lightness from ")


def test_every_kind_has_words_and_the_families_hold_them_all():
    assert set(SEEN) == {*KINDS, "mixed", "look"}
    assert {kind for family in FAMILIES for kind in family} == set(KINDS)
    assert set(UNSEEN) < set(KINDS)


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """A triple of a photo in a file."""
    folder = tmp_path_factory.mktemp("photos")
    save_pixels(photo(2, 64), folder / "a.png")
    return next(triples([folder / "a.png"], 3))


class TestTriples:
    """(degraded, recipe that undoes it, reasoning), as files."""

    def test_the_recipe_leads_back(self, one):
        assert one.name == "a.png"
        assert one.record["distance"] > 3
        assert one.record["left"] < 0.6 * one.record["distance"]
        back = np.clip(one.recipe.apply(one.degraded), 0, 1)
        assert float(delta_e_srgb(back, one.good).mean()) == pytest.approx(one.record["left"], abs=0.01)
        assert one.recipe.describe(6) in one.reasoning

    def test_they_are_written_and_read_back(self, one, tmp_path):
        assert write(tmp_path, [one]) == 1
        line = json.loads((tmp_path / "triples.jsonl").read_text())
        assert np.abs(load(tmp_path / line["degraded"]) - one.degraded).max() < 0.5 / 255
        assert np.abs(load(tmp_path / line["good"]) - one.good).max() < 1.01 / 255
        assert Recipe(**line["recipe"]) == one.recipe
        assert line["reasoning"] == one.reasoning
        assert line["kind"] == one.record["kind"]

    def test_nothing_is_overwritten(self, one, tmp_path):
        write(tmp_path, [one])
        with pytest.raises(FileError, match=r"00000\.png"):
            write(tmp_path, [one])
        assert write(tmp_path, [one], overwrite=True) == 1

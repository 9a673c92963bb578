"""``gradewright looks``."""

from __future__ import annotations

import json
import shlex

import numpy as np
import pytest
from cli_runner import Runner
from gradewright import lutio
from gradewright.core import Recipe

WARM = Recipe(temperature=30, black_fade=30)
COLD = Recipe(temperature=-30)


@pytest.fixture
def cli(capsys, tmp_path, monkeypatch) -> Runner:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADEWRIGHT_LIBRARY", str(tmp_path / "my.sqlite"))
    (tmp_path / "luts" / "deep").mkdir(parents=True)
    lutio.write(WARM.to_lut(17).titled("Golden hour"), "luts/warm.cube")
    lutio.write(COLD.to_lut(17).titled(""), "luts/deep/cold.cube")
    return Runner(capsys)


@pytest.fixture
def filled(cli) -> Runner:
    cli.ok("looks", "add", "luts", "--tag", "mine")
    return cli


def first_words(text):
    return [line.split("  ")[0] for line in text.splitlines()]


def test_a_folder_is_added_with_names_from_titles_and_files(cli, tmp_path):
    said = cli.ok("looks", "add", "luts").err.splitlines()
    assert said[0].startswith("added 'cold': cool")
    assert said[1].startswith("added 'Golden hour': warm")
    assert said[2] == f"added 2 of 2 looks to {tmp_path / 'my.sqlite'}"
    assert first_words(cli.ok("looks", "list").out) == ["cold", "Golden hour"]


def test_one_lut_with_name_and_tags(cli):
    cli.ok("looks", "add", "luts/warm.cube", "--name", "Portra fade", "--tag", "film", "--tag", "Portrait")
    assert cli.ok("looks", "list").out.rstrip().endswith("[film, portrait]")
    assert first_words(cli.ok("looks", "list", "--tag", "Film").out) == ["Portra fade"]
    assert cli.ok("looks", "list", "--tag", "none").err == "no looks with tag 'none'\n"


def test_near_duplicates_are_said(filled):
    said = filled.ok("looks", "add", "luts/warm.cube", "--name", "twin").err
    assert said.startswith("added 'twin': warm")
    assert said.endswith("; looks like 'Golden hour' (0.0 dE)\n")
    said = filled.ok("looks", "add", "luts", "--skip-duplicates").err
    assert "skipped 'cold': looks like 'cold' (0.0 dE)" in said
    assert "added 0 of 2 looks" in said
    assert len(filled.ok("looks", "list").out.splitlines()) == 3


def test_names_are_refused_when_taken(filled):
    assert filled.refused("looks", "add", "luts/warm.cube") == (
        "luts/warm.cube: there is a look 'Golden hour' already: choose another name, or remove that one first"
    )
    result = filled("looks", "add", "luts")
    assert result.code == 2
    assert result.err.splitlines()[-1] == "gradewright: 2 of 2 LUTs failed"


def test_a_title_that_another_file_has_taken(filled):
    lutio.write(Recipe(exposure=1).to_lut(9).titled("Golden hour"), "bright.cube")
    assert filled.ok("looks", "add", "bright.cube").err.startswith("added 'bright': bright")


def test_a_bad_file_does_not_stop_the_others(cli, tmp_path):
    (tmp_path / "luts" / "broken.cube").write_text("LUT_3D_SIZE 2\n0 0\n")
    result = cli("looks", "add", "luts")
    assert result.code == 2
    assert "luts/broken.cube:2" in result.err
    assert "added 2 of 3 looks" in result.err
    assert result.err.splitlines()[-1] == "gradewright: 1 of 3 LUTs failed"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["add", "luts", "--name", "x"], "--name is for one LUT, and here are 2: leave it out"),
        (["add", "empty"], "empty: has no LUTs in it: looked for .cube .3dl .clf .ctf"),
        (["add", "gw1:AAAA"], "a gw1:... text has no name of its own: add --name NAME"),
        (["add", "nothing.cube"], "nothing.cube"),
        (["show", "golden huor"], "there is no look 'golden huor'; did you mean 'Golden hour'?"),
        (["rename", "cold", "golden hour"], "there is a look 'Golden hour' already"),
        (["export", "nope", "-o", "x.cube"], "there is no look 'nope'; see 'gradewright looks list'"),
        (["export", "cold", "-o", "luts/warm.cube"], "luts/warm.cube: already exists"),
        (["list", "--library", "luts/warm.cube"], "luts/warm.cube: is no look library, or damaged"),
        (["list", "--library", "luts"], "luts: is a folder: name a file"),
    ],
)
def test_refusals_are_one_line(filled, tmp_path, args, message):
    (tmp_path / "empty").mkdir()
    assert message in filled.refused("looks", *args)


def test_search(filled):
    assert first_words(filled.ok("looks", "search", "warm", "faded").out) == ["Golden hour"]
    assert first_words(filled.ok("looks", "search", "cold").out)[0].strip() == "cold"
    result = filled.ok("looks", "search", "monochrome")
    assert (result.out, result.err) == ("", "no look is all of: monochrome; try fewer words\n")
    assert [look["name"] for look in json.loads(filled.ok("looks", "search", "mine", "--json").out)] == [
        "cold",
        "Golden hour",
    ]


def test_similar_to_a_file_a_text_or_an_entry(filled):
    lines = filled.ok("looks", "similar", "luts/warm.cube").out.splitlines()
    assert "Golden hour" in lines[0]
    assert float(lines[0].split(" dE")[0]) < 1 < float(lines[1].split(" dE")[0])
    text = filled.ok("look", "encode", "luts/warm.cube").out.strip()
    nearest = json.loads(filled.ok("looks", "similar", text, "-n", "1", "--json").out)
    assert [look["name"] for look in nearest] == ["Golden hour"]
    assert nearest[0]["de"] == 0
    others = json.loads(filled.ok("looks", "similar", "golden hour", "--json").out)
    assert [look["name"] for look in others] == ["cold"]


def test_show(filled):
    text = filled.ok("looks", "show", "GOLDEN hour").out
    assert text.startswith("Golden hour\n  tags: mine\n  attributes: warm")
    assert "source: warm.cube" in text
    facts = json.loads(filled.ok("looks", "show", "cold", "--json").out)
    assert len(facts["tokens"]) == 64
    assert facts["look"].startswith("gw1:")
    assert facts["figures"]["warmth"] < -2
    assert 0 < facts["residual_de"] < 1


def test_export(filled):
    assert filled.ok("looks", "export", "cold", "-o", "out.clf").err.startswith("wrote out.clf (33^3, ")
    filled.ok("looks", "export", "cold", "-o", "out.clf", "--force")
    filled.ok("looks", "export", "golden hour", "-o", "out.cube")
    made = lutio.read("out.cube")
    assert made.title == "Golden hour"
    assert np.abs(made.table - WARM.to_lut().table).mean() < 0.01


def test_what_was_removed_can_be_had_back(filled):
    filled.ok("looks", "rename", "cold", "it's cold")
    said = filled.ok("looks", "remove", "it's cold").err
    assert said.startswith("removed 'it's cold'; to have it back: gradewright looks add")
    assert first_words(filled.ok("looks", "list").out) == ["Golden hour"]
    filled.ok(*shlex.split(said.partition("gradewright ")[2]))
    assert "it's cold" in filled.ok("looks", "list").out


def test_rename(filled):
    assert filled.ok("looks", "rename", "COLD", "Winter").err == "'cold' is now 'Winter'\n"
    assert "Winter" in filled.ok("looks", "list").out


def test_tags_are_edited(filled):
    said = filled.ok("looks", "tag", "COLD", "winter", "Snow day", "--remove", "mine").err
    assert said == "'cold' is tagged snow day, winter\n"
    assert first_words(filled.ok("looks", "list", "--tag", "snow day").out)[0].strip() == "cold"
    assert (
        filled.ok("looks", "tag", "golden hour", "--remove", "mine").err == "'Golden hour' has no tags now\n"
    )
    assert filled.refused("looks", "tag", "cold") == "nothing to do: name tags to add, or --remove TAG"
    assert "'cold' has no tag 'mine': its tags are snow day, winter" in filled.refused(
        "looks", "tag", "cold", "--remove", "mine"
    )


def test_removing_keeps_the_tags_in_the_command_that_brings_it_back(filled):
    filled.ok("looks", "tag", "cold", "snow day")
    said = filled.ok("looks", "remove", "cold").err
    filled.ok(*shlex.split(said.partition("gradewright ")[2]))
    assert filled.ok("looks", "list", "--tag", "snow day").out.rstrip().endswith("[mine, snow day]")


def test_an_empty_library_says_how_to_fill_it(cli, tmp_path):
    for args in (["list"], ["search", "warm"], ["similar", "luts/warm.cube"]):
        result = cli.ok("looks", *args)
        assert result.err.endswith("is empty: fill it with 'gradewright looks add LUT...'\n")
    assert json.loads(cli.ok("looks", "list", "--json").out) == []
    assert not (tmp_path / "my.sqlite").exists()


def test_another_library_by_option(filled, tmp_path):
    filled.ok("looks", "add", "luts/warm.cube", "--library", "other.sqlite", "--name", "x")
    assert first_words(filled.ok("looks", "list", "--library", "other.sqlite").out) == ["x"]
    assert "x" not in first_words(filled.ok("looks", "list").out)


def test_a_lut_with_a_shaper_is_added_with_a_note(cli):
    from gradewright.core import Lut, Shaper

    ramp = np.linspace(0, 1, 64)[:, None].repeat(3, axis=1)
    lutio.write(Lut(WARM.to_lut(17).table, shaper=Shaper(ramp**0.9)), "shaped.cube")
    said = cli.ok("looks", "add", "shaped.cube").err
    assert "note: shaped: the LUT's shaper is baked into the cube" in said

"""The look library and ``gradewright looks``."""

from __future__ import annotations

import json

import numpy as np
import pytest
from cli_runner import Runner
from gradewright import lutio
from gradewright.core import Lut, Recipe
from gradewright.core.codec.library import Library
from gradewright.core.errors import BadInput, FileError

WARM = Recipe(temperature=30, contrast=10)
COLD = Recipe(temperature=-30, saturation=-20)


@pytest.fixture
def library(tmp_path):
    with Library(tmp_path / "looks.sqlite") as made:
        made.add(WARM.to_lut(), "Golden hour", ["warm", "Film"])
        made.add(COLD.to_lut(), "Winter")
        yield made


def test_looks_are_found_by_name_tag_and_words(library):
    assert [look.name for look in library.search()] == ["Golden hour", "Winter"]
    assert [look.name for look in library.search("golden")] == ["Golden hour"]
    assert [look.name for look in library.search("film, WARM")] == ["Golden hour"]
    assert library.search("film nothing") == []
    word = library.get("Winter").words.split()[0]
    assert "Winter" in [look.name for look in library.search(word)]


def test_similar_looks_come_nearest_first(library):
    found = library.similar(Recipe(temperature=28, contrast=9).to_lut())
    assert [look.name for look in found] == ["Golden hour", "Winter"]
    assert 0 <= found[0].distance < found[1].distance


def test_near_duplicates_are_named(library):
    assert [twin.name for twin in library.add(WARM.to_lut(), "Copy")] == ["Golden hour"]
    assert library.add(Recipe(exposure=1).to_lut(), "Bright") == []


def test_a_look_comes_back_after_reopening(library):
    tokens = library.get("Golden hour").tokens
    with Library(library.path) as again:
        assert again.get("Golden hour").tokens == tokens
        lut = again.lut("Golden hour")
    assert lut.title == "Golden hour"
    assert np.abs(lut.table - WARM.to_lut().table).mean() < 0.01


def test_names_are_unique_until_replaced(library):
    with pytest.raises(BadInput, match="a look named 'Winter' already"):
        library.add(WARM.to_lut(), "Winter")
    library.add(WARM.to_lut(), "Winter", replace=True)
    assert len(library) == 2
    assert library.get("Winter").tokens == library.get("Golden hour").tokens


def test_unknown_and_empty_names_are_refused(library):
    with pytest.raises(BadInput, match="no look named 'Nope'"):
        library.lut("Nope")
    with pytest.raises(BadInput, match="no look named 'Nope'"):
        library.remove("Nope")
    with pytest.raises(BadInput, match="needs a name"):
        library.add(Lut.identity(), "  ")
    library.remove("Winter")
    assert len(library) == 1


def test_a_file_that_is_no_library_is_refused(tmp_path):
    (tmp_path / "x.sqlite").write_bytes(b"this is no database" * 100)
    with pytest.raises(FileError, match="no look library"):
        Library(tmp_path / "x.sqlite")


def test_an_empty_library_has_nothing_similar(tmp_path):
    with Library(tmp_path / "e.sqlite") as empty:
        assert empty.similar(Lut.identity()) == []


def test_commands(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lutio.write(WARM.to_lut(), "warm.cube")
    cli = Runner(capsys)
    base = ("looks", "--library", "my.sqlite")
    assert cli.ok(*base, "add", "warm.cube", "--name", "A", "--tag", "film").err == "added A\n"
    assert "nearly the same as A" in cli.ok(*base, "add", "warm.cube", "--name", "B").err
    assert cli.ok(*base, "search", "film").out.startswith("A [film]: ")
    rows = json.loads(cli.ok(*base, "similar", "warm.cube", "--json").out)
    assert {row["name"] for row in rows} == {"A", "B"}
    assert rows[0]["look"].startswith("gw1:")
    assert rows[0]["distance"] == 0
    cli.ok(*base, "export", "A", "-o", "a.cube")
    assert lutio.read("a.cube").title == "A"
    assert cli.ok(*base, "remove", "B").err == "removed B\n"
    assert cli.refused(*base, "export", "B", "-o", "b.cube") == "there is no look named 'B' in my.sqlite"
    assert "  0.00  A" in cli.ok(*base, "similar", "warm.cube").out

"""The look library: in, found, out."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from gradewright.core import Lut, Recipe
from gradewright.core.errors import BadInput
from gradewright.core.looks import Library, default_path
from gradewright.core.looks.facade import DUPLICATE
from gradewright.core.looks.intake import difference
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

WARM = Recipe(temperature=30, black_fade=30)
COLD = Recipe(temperature=-30, saturation=-30)
PUNCHY = Recipe(contrast=40, saturation=30)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Three looks; not to be changed."""
    library = Library(tmp_path_factory.mktemp("library") / "looks.sqlite")
    library.add(WARM.to_lut(), "Golden hour", ["Film", "portrait "], "golden.cube")
    library.add(COLD.to_lut(), "Winter", ["film"])
    library.add(PUNCHY.to_lut(), "Pop")
    return library


@pytest.fixture
def library(tmp_path):
    return Library(tmp_path / "looks.sqlite")


def names(looks):
    return [look.name for look in looks]


def test_what_an_entry_holds(filled):
    look = filled.get("golden HOUR")
    assert (look.name, look.codec, look.source) == ("Golden hour", "gw1", "golden.cube")
    assert look.tags == ("film", "portrait")
    assert len(look.tokens) == 64
    assert "warmer" in look.words
    assert {"warm", "faded"} <= set(look.attributes)
    assert look.figures["warmth"] > 2
    assert look.added.endswith("+00:00")
    measured = difference(WARM.to_lut(), filled.lut(look))
    assert look.residual_de == pytest.approx(measured, abs=1e-3)
    assert look.residual_de < 1


def test_it_is_all_there_in_another_process(filled):
    again = Library(filled.path)
    assert again.looks() == filled.looks()
    assert filled.path.stat().st_size < 100_000


def test_a_warmed_look_is_found_by_warm_and_a_cooled_one_not(filled):
    assert names(filled.search("warm")) == ["Golden hour"]
    assert names(filled.search("cold")) == ["Winter"]
    assert names(filled.search("warm, faded")) == ["Golden hour"]
    assert names(filled.search("warm contrasty")) == []


def test_search_by_name_and_tag_and_description(filled):
    assert names(filled.search("winter")) == ["Winter"]
    assert names(filled.search("HOUR film")) == ["Golden hour"]
    assert set(names(filled.search("film"))) == {"Golden hour", "Winter"}
    assert names(filled.search("grey")) == ["Golden hour"]  # "black faded to grey"
    assert filled.search(" ") == []


def test_the_stronger_look_comes_first(library):
    library.add(Recipe(temperature=15).to_lut(), "a")
    library.add(Recipe(temperature=45).to_lut(), "b")
    assert names(library.search("warm")) == ["b", "a"]


def test_the_word_of_an_attribute_is_not_looked_for_in_descriptions(library):
    """Reds are darkened: the description says so, but the look is not dark."""
    library.add(Recipe(temperature=-40, exposure=0.8, shadows=-30).to_lut(), "x")
    assert "dark" in library.get("x").words
    assert library.search("dark") == []


def test_tags(filled):
    assert names(filled.looks("FILM")) == ["Golden hour", "Winter"]
    assert filled.looks("no such") == []


def test_similar_is_measured_and_sorted(filled):
    lut = Recipe(temperature=27, black_fade=28).to_lut()
    matches = filled.similar(lut)
    assert matches[0].look.name == "Golden hour"
    assert [match.de for match in matches] == sorted(match.de for match in matches)
    for match in matches:
        assert match.de == pytest.approx(difference(lut, filled.lut(match.look)), rel=0.1)
    assert len(filled.similar(lut, 1)) == 1


def test_near_duplicates_are_named_and_added(library):
    assert library.add(WARM.to_lut(), "first").duplicate is None
    nearly = Recipe(temperature=31, black_fade=30).to_lut()
    added = library.add(nearly, "second")
    assert added.stored
    assert added.duplicate.look.name == "first"
    assert added.duplicate.de < DUPLICATE
    skipped = library.add(nearly, "third", skip_duplicates=True)
    assert (skipped.stored, skipped.duplicate.de) == (False, 0)
    assert library.add(COLD.to_lut(), "other", skip_duplicates=True).stored
    assert names(library.looks()) == ["first", "other", "second"]


def test_of_several_that_add_the_same_look_one_stores_it(library, monkeypatch):
    """Another process comes first while this one is still describing the look."""
    from gradewright.core.looks import facade

    fit = Recipe.fit

    def slow_fit(lut):
        monkeypatch.setattr(facade.Recipe, "fit", fit)
        assert Library(library.path).add(WARM.to_lut(), "theirs", skip_duplicates=True).stored
        return fit(lut)

    monkeypatch.setattr(facade.Recipe, "fit", slow_fit)
    added = library.add(WARM.to_lut(), "ours", skip_duplicates=True)
    assert (added.stored, added.duplicate.look.name, added.look.id) == (False, "theirs", 0)
    assert names(library.looks()) == ["theirs"]


def test_the_identity_comes_back_to_the_last_bit(library):
    added = library.add(Lut.identity(), "nothing")
    assert added.look.residual_de == 0
    assert np.array_equal(library.lut(added.look).table, Lut.identity().table)


def test_names_are_never_taken_twice(library):
    library.add(WARM.to_lut(), "Golden  hour")
    with pytest.raises(BadInput, match=r"^there is a look 'Golden hour' already: choose another name"):
        library.add(COLD.to_lut(), " golden hour")
    assert names(library.looks()) == ["Golden hour"]
    assert "warm" in library.get("golden hour").attributes


@pytest.mark.parametrize("name", ["", "  ", "a" * 121, "a\x00b", "a\x1b[31m"])
def test_wrong_names_are_refused(library, name):
    with pytest.raises(BadInput, match=r"is no name for a look: use 1..120 printable characters"):
        library.add(Lut.identity(), name)
    assert not library.path.exists()


def test_wrong_tags_are_refused(library):
    with pytest.raises(BadInput, match=r"is no tag for a look: use 1..40"):
        library.add(Lut.identity(), "x", ["fine", ""])


def test_rename_and_remove(library):
    library.add(WARM.to_lut(), "a", ["tag"])
    library.add(COLD.to_lut(), "b")
    assert library.rename("A", "c").name == "c"
    assert library.rename("c", "C").name == "C"  # its own name in another case
    with pytest.raises(BadInput, match="there is a look 'b' already"):
        library.rename("C", "B")
    assert library.get("c").tags == ("tag",)
    assert library.remove("c").name == "C"
    assert names(library.looks()) == ["b"]
    assert library.looks("tag") == []


def test_tags_are_added_and_taken_off(library):
    library.add(WARM.to_lut(), "a", ["film", "old"])
    assert library.tag("A", add=[" Wedding ", "film"], remove=["OLD"]).tags == ("film", "wedding")
    assert library.get("a").tags == ("film", "wedding")
    assert library.tag("a", remove=["film", "wedding"]).tags == ()
    assert library.looks("film") == []


@pytest.mark.parametrize(
    ("add", "remove", "message"),
    [
        ([], ["no such"], r"^'Golden hour' has no tag 'no such': its tags are film, portrait$"),
        (["x"], ["X"], r"^tag 'x' is to be added and removed: choose one$"),
        (["fine", "a\nb\x00"], [], r"is no tag for a look: use 1..40"),
    ],
)
def test_wrong_changes_of_tags_change_nothing(filled, add, remove, message):
    with pytest.raises(BadInput, match=message):
        filled.tag("golden hour", add, remove)
    assert filled.get("golden hour").tags == ("film", "portrait")


def test_tagging_what_is_not_there(filled, library):
    with pytest.raises(BadInput, match=r"^'Pop' has no tag 'x': it has none$"):
        filled.tag("pop", remove=["x"])
    with pytest.raises(BadInput, match="there is no look 'nothing'"):
        library.tag("nothing", ["x"])


@pytest.mark.parametrize("act", ["get", "remove"])
def test_unknown_names_come_with_a_hint(filled, act):
    with pytest.raises(BadInput, match=r"^there is no look 'Wintr'; did you mean 'Winter'\?$"):
        getattr(filled, act)("Wintr")
    with pytest.raises(BadInput, match=r"there is no look 'zzz'; see 'gradewright looks list'"):
        getattr(filled, act)("zzz")


def test_a_removed_look_comes_back_from_its_text(library):
    library.add(PUNCHY.to_lut(), "pop")
    text = library.text(library.get("pop"))
    before = library.lut(library.remove("pop"))
    library.add(library.from_text(text), "pop")
    assert difference(before, library.lut(library.get("pop"))) < 1


def test_a_look_of_another_codec_is_listed_but_not_decoded(library):
    import sqlite3

    library.add(WARM.to_lut(), "old")
    with contextlib.closing(sqlite3.connect(library.path)) as database, database:
        database.execute("UPDATE looks SET codec = 'gw0'")
    database.close()
    assert names(library.looks()) == ["old"]
    assert library.similar(WARM.to_lut()) == []
    with pytest.raises(BadInput, match="'old' was stored with codec gw0; here is gw1"):
        library.lut(library.get("old"))


def test_names_from_files(library):
    assert library.name_for("A title", "x.cube") == "A title"
    assert library.name_for("  ", "x.cube") == "x"
    library.add(WARM.to_lut(), "A title", source="x.cube")
    assert library.name_for("a title", "x.cube") == "a title"  # the same file again: refused later
    assert library.name_for("A title", "y.cube") == "y"


def test_an_empty_library_makes_no_file(library):
    assert library.looks() == library.search("warm") == library.similar(Lut.identity()) == []
    assert not library.path.exists()


def test_default_path(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADEWRIGHT_LIBRARY", str(tmp_path / "mine.sqlite"))
    assert default_path() == Library().path == tmp_path / "mine.sqlite"
    monkeypatch.delenv("GRADEWRIGHT_LIBRARY")
    assert default_path().name == "looks.sqlite"
    assert "gradewright" in default_path().parts


_NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=_NAMES,
    tags=st.lists(_NAMES, max_size=3),
    temperature=st.floats(-60, 60),
    contrast=st.floats(-50, 50),
    saturation=st.floats(-100, 60),
)
def test_any_look_under_any_name_comes_back(tmp_path_factory, name, tags, **values):
    library = Library(tmp_path_factory.mktemp("any") / "looks ü.sqlite")
    lut = Recipe(**values).to_lut()
    added = library.add(lut, name, tags)
    stored = library.get(name)
    assert stored == added.look
    assert {tag.casefold() for tag in stored.tags} == set(stored.tags)
    assert np.array_equal(library.lut(stored).table, library.codec.decode(library.codec.encode(lut)).table)
    assert difference(lut, library.lut(stored)) == pytest.approx(stored.residual_de, abs=1e-3)
    assert stored in library.search(stored.name.split()[0]) or not stored.name.split()[0].strip(",;")

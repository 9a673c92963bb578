"""The library's file: two processes, damage, strangers."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from gradewright.core.errors import BadInput, FileError
from gradewright.core.looks.store import APPLICATION, VERSION, Look, Store, key
from hypothesis import given
from hypothesis import strategies as st

LOOK = Look(
    name="one",
    codec="gw1",
    tokens=bytes(range(64)),
    words="warmer",
    source="one.cube",
    added="2026-11-21T00:00:00+00:00",
    residual_de=0.5,
    tags=("a", "b"),
    attributes={"warm": 2.0, "soft": 1.1},
    figures={"warmth": 4.5},
)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "looks.sqlite")


def test_entries_come_back_as_they_were(store):
    row = store.insert(LOOK)
    assert store.looks() == [replace(LOOK, id=row)]


def test_order_of_names(store):
    for name in ("b", "A", "c"):
        store.insert(replace(LOOK, name=name))
    assert [look.name for look in store.looks()] == ["A", "b", "c"]


def test_deleting_takes_tags_and_attributes_along(store):
    row = store.insert(LOOK)
    assert store.delete(row)
    assert not store.delete(row)
    with contextlib.closing(sqlite3.connect(store.path)) as database, database:
        for table in ("looks", "tags", "attributes"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    database.close()


def test_whether_an_entry_is_wanted_is_asked_with_all_that_are_there(store):
    seen = []
    assert store.insert(LOOK, lambda others: seen.append(others) or True)
    assert store.insert(replace(LOOK, name="two"), lambda others: seen.append(others) or False) is None
    assert [[look.name for look in others] for others in seen] == [[], ["one"]]
    assert len(store.looks()) == 1


def test_what_is_not_wanted_is_refused_before_its_name_is(store):
    store.insert(LOOK)
    assert store.insert(LOOK, lambda others: False) is None


def test_tags_change_in_one_step(store):
    row = store.insert(LOOK)
    assert store.retag(row, ["c", "a"], ["b", "no such"]) == ("a", "c")
    assert store.looks()[0].tags == ("a", "c")
    assert store.retag(99, ["x"], []) is None


def test_renaming_what_is_gone(store):
    store.insert(LOOK)
    assert not store.rename(99, "other")


def test_a_failed_insert_leaves_nothing(store):
    store.insert(LOOK)
    with pytest.raises(FileError, match=r"looks.sqlite: is no look library, or damaged"):
        store.insert(replace(LOOK, name="two", tokens=bytes(65)))  # the table's own check
    with pytest.raises(BadInput, match="there is a look 'one' already"):
        store.insert(replace(LOOK, name="ONE"))
    assert len(store.looks()) == 1


def test_the_header_names_owner_and_version(store):
    store.insert(LOOK)
    data = store.path.read_bytes()
    assert data.startswith(b"SQLite format 3\0")
    assert int.from_bytes(data[68:72], "big") == APPLICATION
    assert int.from_bytes(data[60:64], "big") == VERSION
    assert [path.name for path in store.path.parent.iterdir()] == ["looks.sqlite"]  # one file, no WAL


@given(st.text(max_size=20))
def test_keys_do_not_depend_on_spaces_and_case(name):
    assert key(f"  {name}\t") == key(name)
    assert key(key(name)) == key(name)


# -- several at once


WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, {tests!r})
from gradewright.core.looks.store import Store
from test_library_store import LOOK
store = Store(Path({path!r}))
for number in range(25):
    store.insert(replace(LOOK, name=f"{{sys.argv[1]}}-{{number}}"))
    assert len(store.looks()) > number
"""


def test_two_processes_make_and_fill_one_library(store):
    from pathlib import Path

    code = WRITER.format(tests=str(Path(__file__).parent), path=str(store.path))
    running = [subprocess.Popen([sys.executable, "-c", code, who], stderr=subprocess.PIPE) for who in "ab"]
    for process in running:
        assert process.communicate()[1] == b""
        assert process.returncode == 0
    assert {look.name for look in store.looks()} == {f"{who}-{n}" for who in "ab" for n in range(25)}


def test_of_many_who_want_one_name_one_gets_it(store):
    def insert(_: int) -> bool:
        try:
            return store.insert(LOOK) > 0
        except BadInput:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(insert, range(8))) == 1
    assert len(store.looks()) == 1


def test_of_many_who_skip_duplicates_one_stores(store):
    def insert(number: int) -> bool:
        return store.insert(replace(LOOK, name=f"n{number}"), lambda others: not others) is not None

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(insert, range(8))) == 1
    assert len(store.looks()) == 1


def test_a_library_that_stays_locked_says_so(store, monkeypatch):
    store.insert(LOOK)
    monkeypatch.setattr("gradewright.core.looks.store._PATIENCE", 0.05)
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(FileError, match="is in use by another program: try again later"):
        store.insert(replace(LOOK, name="two"))
    other.close()
    store.insert(replace(LOOK, name="two"))


def test_a_crash_in_the_middle_changes_nothing(store):
    store.insert(LOOK)
    code = (
        "import os, sqlite3, sys\n"
        "d = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "d.execute('PRAGMA cache_size = 1'); d.execute('BEGIN IMMEDIATE')\n"
        "for n in range(2000): d.execute('INSERT INTO tags VALUES (1, ?)', [f'{n:0200}'])\n"
        "os._exit(1)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(store.path)], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b"")
    assert store.path.with_name("looks.sqlite-journal").exists()  # half-written pages are in the file
    assert store.looks()[0].tags == LOOK.tags


# -- wrong files


def refused(store: Store) -> str:
    """The message that reading and writing give alike."""
    with pytest.raises(FileError) as reading:
        store.looks()
    with pytest.raises(FileError) as writing:
        store.insert(LOOK)
    assert str(reading.value) == str(writing.value)
    assert str(reading.value).startswith(str(store.path))
    assert "\n" not in str(reading.value)
    return str(reading.value)


def test_a_text_file_is_no_library(store):
    store.path.write_text("TITLE a cube\nLUT_3D_SIZE 2\n" * 100)
    before = store.path.read_bytes()
    assert "is no look library, or damaged (file is not a database)" in refused(store)
    assert store.path.read_bytes() == before


def test_a_foreign_database_is_left_alone(store):
    with contextlib.closing(sqlite3.connect(store.path)) as database, database:
        database.execute("CREATE TABLE bookmarks (url TEXT)")
    database.close()
    before = store.path.read_bytes()
    assert "is another program's database: name a look library" in refused(store)
    assert store.path.read_bytes() == before


def test_a_newer_library_is_left_alone(store):
    store.insert(LOOK)
    with contextlib.closing(sqlite3.connect(store.path)) as database, database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()
    assert "was made by a newer gradewright: update gradewright" in refused(store)


@pytest.mark.parametrize("keep", [20, 100, 3000, 4096, 9000])
def test_a_truncated_library_is_one_line(store, keep):
    store.insert(LOOK)
    store.path.write_bytes(store.path.read_bytes()[:keep])
    with pytest.raises(FileError, match=r"looks.sqlite: (is no look library|cannot be used)"):
        store.looks()


@given(st.integers(100, 30000), st.binary(min_size=1, max_size=400))
def test_damage_anywhere_is_an_error_or_an_answer(tmp_path_factory, where, junk):
    store = Store(tmp_path_factory.mktemp("damage") / "looks.sqlite")
    store.insert(LOOK)
    data = bytearray(store.path.read_bytes())
    data[where % len(data) : where % len(data) + len(junk)] = junk
    store.path.write_bytes(data)
    with contextlib.suppress(FileError):  # anything else is a fault
        assert all(isinstance(look, Look) for look in store.looks())


@pytest.mark.parametrize("column", ["tokens", "figures", "name", "residual_de"])
def test_values_of_the_wrong_kind_are_damage(store, column):
    store.insert(LOOK)
    with contextlib.closing(sqlite3.connect(store.path)) as database, database:
        wrong = "'[1]'" if column == "figures" else "'text'" if column != "name" else "x'00'"
        database.execute(f"UPDATE looks SET {column} = {wrong}")
    database.close()
    with pytest.raises(FileError, match=r"damaged \(an entry has values of the wrong kind\)"):
        store.looks()


def test_a_folder_and_a_missing_folder(tmp_path):
    assert "is a folder: name a file" in refused(Store(tmp_path))
    made = Store(tmp_path / "new" / "deeper" / "looks.sqlite")
    made.insert(LOOK)
    assert len(made.looks()) == 1


def test_a_file_in_the_place_of_the_folder(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileError, match=r"looks.sqlite: cannot be used"):
        Store(tmp_path / "file" / "looks.sqlite").insert(LOOK)


def test_an_empty_file_becomes_a_library(store):
    store.path.touch()
    assert store.looks() == []
    store.insert(LOOK)
    assert len(store.looks()) == 1

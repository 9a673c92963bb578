"""The SQLite file: one transaction per change, safe for several processes at once.

The rollback journal is kept (no WAL): the library is then a single file that can be copied, and
SQLite's locks do what is needed at these sizes.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import BadInput, FileError

APPLICATION = 0x47574C4B  # "GWLK", in the file's header: whose database this is
VERSION = 1
_PATIENCE = 30.0  # seconds to wait for another process
_SCHEMA = """
CREATE TABLE looks (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    codec TEXT NOT NULL,
    tokens BLOB NOT NULL CHECK (length(tokens) BETWEEN 1 AND 64),
    words TEXT NOT NULL,
    source TEXT NOT NULL,
    added TEXT NOT NULL,
    residual_de REAL NOT NULL,
    figures TEXT NOT NULL
);
CREATE TABLE tags (
    look INTEGER NOT NULL REFERENCES looks ON DELETE CASCADE, tag TEXT NOT NULL, PRIMARY KEY (look, tag)
);
CREATE TABLE attributes (
    look INTEGER NOT NULL REFERENCES looks ON DELETE CASCADE,
    attribute TEXT NOT NULL,
    strength REAL NOT NULL,
    PRIMARY KEY (look, attribute)
);
"""
_COLUMNS = ("name", "codec", "tokens", "words", "source", "added", "residual_de")


@dataclass(frozen=True)
class Look:
    """One entry.

    Parameters
    ----------
    name : unique in the library, whatever the case
    codec, tokens : what the tokens (64 bytes) mean, and the tokens
    words : the look as a recipe in words
    source : name of the file it came from
    added : time, ISO 8601, UTC
    residual_de : mean CIEDE2000 between the source and what the tokens decode to
    tags : lower case, sorted
    attributes : words with their strength, strongest first
    figures : the measurements behind the attributes
    id : the row; 0 before it is stored
    """

    name: str
    codec: str
    tokens: bytes
    words: str
    source: str
    added: str
    residual_de: float
    tags: tuple[str, ...] = ()
    attributes: dict[str, float] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    id: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The entry for JSON, without figures and with the tokens as numbers."""
        return {
            "name": self.name,
            "tags": list(self.tags),
            "attributes": self.attributes,
            "words": self.words,
            "codec": self.codec,
            "tokens": list(self.tokens),
            "residual_de": self.residual_de,
            "source": self.source,
            "added": self.added,
        }


def key(name: str) -> str:
    """What makes two names the same."""
    return " ".join(name.split()).casefold()


class Store:
    """Rows in and out of the file; nothing here knows colour.

    A file that does not exist reads as an empty library and is made by the first change.

    Every method raises FileError for a file that is no library, damaged, locked for more than
    half a minute, or not writable.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def looks(self) -> list[Look]:
        """All entries, by name."""
        if not self.path.exists():
            self._refuse_folder()
            return []
        with self._transaction(write=False) as database:
            # without tables another process is about to make them
            return _looks(database) if _tables(database) else []

    def insert(self, look: Look, wanted: Callable[[list[Look]], bool] = lambda others: True) -> int | None:
        """Store a new entry; its id, or None when ``wanted`` says no.

        ``wanted`` sees all entries that are there at that moment: no other process comes between
        its answer and the insertion.

        Raises
        ------
        BadInput : the name is taken
        """
        with self._transaction(write=True) as database:
            if not wanted(_looks(database)):
                return None
            self._refuse_taken(database, look.name)
            values = [getattr(look, name) for name in _COLUMNS]
            marks = ", ".join("?" * (len(_COLUMNS) + 2))
            done = database.execute(
                f"INSERT INTO looks ({', '.join(_COLUMNS)}, name_key, figures) VALUES ({marks})",
                [*values, key(look.name), json.dumps(look.figures)],
            )
            row = int(done.lastrowid or 0)
            database.executemany("INSERT INTO tags VALUES (?, ?)", [(row, tag) for tag in set(look.tags)])
            database.executemany(
                "INSERT INTO attributes VALUES (?, ?, ?)", [(row, *pair) for pair in look.attributes.items()]
            )
            return row

    def delete(self, row: int) -> bool:
        """Remove an entry with its tags and attributes; False when another process was first."""
        with self._transaction(write=True) as database:
            return database.execute("DELETE FROM looks WHERE id = ?", [row]).rowcount > 0

    def rename(self, row: int, name: str) -> bool:
        """Give an entry another name; False when it is gone.

        Raises
        ------
        BadInput : the name is another entry's
        """
        with self._transaction(write=True) as database:
            self._refuse_taken(database, name, besides=row)
            done = database.execute(
                "UPDATE looks SET name = ?, name_key = ? WHERE id = ?", [name, key(name), row]
            )
            return done.rowcount > 0

    def retag(self, row: int, add: Iterable[str], remove: Iterable[str]) -> tuple[str, ...] | None:
        """Change an entry's tags; all that it has then, sorted, or None when it is gone."""
        with self._transaction(write=True) as database:
            if not database.execute("SELECT 1 FROM looks WHERE id = ?", [row]).fetchone():
                return None
            database.executemany(
                "DELETE FROM tags WHERE look = ? AND tag = ?", [(row, tag) for tag in remove]
            )
            database.executemany("INSERT OR IGNORE INTO tags VALUES (?, ?)", [(row, tag) for tag in add])
            found = database.execute("SELECT tag FROM tags WHERE look = ? ORDER BY tag", [row])
            return tuple(tag for (tag,) in found)

    def _refuse_taken(self, database: sqlite3.Connection, name: str, besides: int = 0) -> None:
        taken = database.execute(
            "SELECT name FROM looks WHERE name_key = ? AND id != ?", [key(name), besides]
        ).fetchone()
        if taken:
            raise BadInput(
                f"there is a look '{taken['name']}' already: choose another name, or remove that one first"
            )

    @contextlib.contextmanager
    def _transaction(self, write: bool) -> Iterator[sqlite3.Connection]:
        self._refuse_folder()
        with self._errors():
            if write:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            # "rw" for reading too: SQLite must be able to undo what a crashed writer left.
            where = f"{self.path.absolute().as_uri()}?mode={'rwc' if write else 'rw'}"
            database = sqlite3.connect(where, timeout=_PATIENCE, isolation_level=None, uri=True)
            with contextlib.closing(database):
                database.row_factory = sqlite3.Row
                database.execute("PRAGMA foreign_keys = ON")
                database.execute("BEGIN IMMEDIATE" if write else "BEGIN")
                with database:  # commits, or rolls back
                    self._check(database)
                    if write and not _tables(database):
                        _create(database)
                    yield database

    def _check(self, database: sqlite3.Connection) -> None:
        """Whose file it is, and which version."""
        application = database.execute("PRAGMA application_id").fetchone()[0]
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if application == APPLICATION and version > VERSION:
            raise FileError(self.path, "was made by a newer gradewright", "update gradewright")
        if (application, version) != (APPLICATION, VERSION) and (application or version or _tables(database)):
            raise FileError(self.path, "is another program's database", "name a look library")

    def _refuse_folder(self) -> None:
        if self.path.is_dir():
            raise FileError(self.path, "is a folder", "name a file")

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """SQLite's errors as one line that names the file."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise FileError(self.path, "is in use by another program", "try again later") from error
            raise FileError(self.path, f"cannot be used ({error})") from error
        except (sqlite3.DatabaseError, UnicodeDecodeError, json.JSONDecodeError, TypeError) as error:
            raise FileError(
                self.path, f"is no look library, or damaged ({error})", "name another, or move it away"
            ) from error
        except OSError as error:
            raise FileError(self.path, f"cannot be used ({error.strerror or error})") from error


def _looks(database: sqlite3.Connection) -> list[Look]:
    rows = database.execute("SELECT * FROM looks ORDER BY name_key").fetchall()
    tags: dict[int, list[str]] = {}
    for look, tag in database.execute("SELECT look, tag FROM tags ORDER BY tag"):
        tags.setdefault(look, []).append(tag)
    attributes: dict[int, dict[str, float]] = {}
    for look, word, strength in database.execute(
        "SELECT look, attribute, strength FROM attributes ORDER BY strength DESC, attribute"
    ):
        attributes.setdefault(look, {})[word] = strength
    return [_look(row, tags.get(row["id"], []), attributes.get(row["id"], {})) for row in rows]


def _look(row: sqlite3.Row, tags: list[str], attributes: dict[str, float]) -> Look:
    """A row as an entry. SQLite holds any type in any column, and damage makes use of it: TypeError."""
    figures = json.loads(row["figures"])
    texts = [row[name] for name in _COLUMNS if name not in ("tokens", "residual_de")]
    numbers = [row["residual_de"], *attributes.values()]
    if not (
        all(isinstance(text, str) for text in [*texts, *tags, *attributes])
        and all(isinstance(number, float) for number in numbers)
        and isinstance(row["tokens"], bytes)
        and isinstance(figures, dict)
    ):
        raise TypeError("an entry has values of the wrong kind")
    values = {name: row[name] for name in _COLUMNS}
    return Look(**values, tags=tuple(tags), attributes=attributes, figures=figures, id=row["id"])


def _tables(database: sqlite3.Connection) -> int:
    return int(database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def _create(database: sqlite3.Connection) -> None:
    for statement in _SCHEMA.split(";"):
        database.execute(statement)
    database.execute(f"PRAGMA application_id = {APPLICATION}")
    database.execute(f"PRAGMA user_version = {VERSION}")

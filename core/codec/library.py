"""A local library of looks: one SQLite file, 64 bytes a look.

What is kept is the encoding, not the LUT: a look that comes back is the decoded one.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput, FileError
from ..lut import Lut
from .codec import LutCodec

F32 = NDArray[np.float32]
DUPLICATE = 0.6  # distance of decoded coefficients below which two looks are called the same
_TABLE = """CREATE TABLE IF NOT EXISTS looks (
    name TEXT PRIMARY KEY, tags TEXT NOT NULL, words TEXT NOT NULL, codec TEXT NOT NULL,
    tokens BLOB NOT NULL, added TEXT NOT NULL)"""


@dataclass(frozen=True)
class Look:
    """One entry. ``distance`` is to what was searched for, about 1 for a just visible difference."""

    name: str
    tags: tuple[str, ...]
    words: str
    tokens: bytes
    distance: float | None = None

    @property
    def text(self) -> str:
        """``gw1:...``"""
        from .text import to_text

        return to_text(np.frombuffer(self.tokens, np.uint8))


class Library:
    """Looks by name, by similarity and by words.

    Raises
    ------
    FileError : the file is not a library, or cannot be opened
    """

    def __init__(self, path: str | Path, codec: LutCodec | None = None) -> None:
        self.path, self.codec = Path(path), codec or LutCodec.load()
        try:
            self._db = sqlite3.connect(self.path)
            with contextlib.ExitStack() as unless_it_works:
                unless_it_works.callback(self._db.close)
                self._db.execute(_TABLE)
                unless_it_works.pop_all()
        except sqlite3.Error as error:
            raise FileError(self.path, f"no look library ({error})", "name a .sqlite file") from error

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __len__(self) -> int:
        return int(self._db.execute("SELECT COUNT(*) FROM looks").fetchone()[0])

    def add(self, lut: Lut, name: str, tags: Iterable[str] = (), replace: bool = False) -> list[Look]:
        """Keep a look under a name; returns those that it nearly duplicates.

        Raises
        ------
        BadInput : no name, or one that is taken (unless ``replace``)
        """
        if not name.strip():
            raise BadInput("a look needs a name")
        if not replace and self._db.execute("SELECT 1 FROM looks WHERE name = ?", (name,)).fetchone():
            raise BadInput(f"there is a look named {name!r} already: choose another name, or replace it")
        from ..recipe import Recipe

        tokens = self.codec.encode(lut)
        twins = [
            twin for twin in self.similar(lut, 5) if twin.name != name and (twin.distance or 0) < DUPLICATE
        ]
        row = (
            name,
            " ".join(sorted({tag.lower() for tag in tags})),
            Recipe.fit(lut).describe(),
            self.codec.name,
            tokens.tobytes(),
            datetime.now(UTC).isoformat(timespec="seconds"),
        )
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO looks VALUES (?, ?, ?, ?, ?, ?)", row)
        return twins

    def remove(self, name: str) -> None:
        """Forget a look.

        Raises
        ------
        BadInput : there is none of that name
        """
        self.get(name)
        with self._db:
            self._db.execute("DELETE FROM looks WHERE name = ?", (name,))

    def get(self, name: str) -> Look:
        """The look of a name.

        Raises
        ------
        BadInput : there is none
        """
        row = self._db.execute(
            "SELECT name, tags, words, tokens FROM looks WHERE name = ?", (name,)
        ).fetchone()
        if row is None:
            raise BadInput(f"there is no look named {name!r} in {self.path}")
        return _look(row)

    def lut(self, name: str) -> Lut:
        """The decoded look of a name, titled with it."""
        return self.codec.decode(np.frombuffer(self.get(name).tokens, np.uint8)).titled(name)

    def search(self, query: str = "") -> list[Look]:
        """Looks whose name, tags or words hold every word of the query; all of them for an empty one."""
        rows = self._db.execute("SELECT name, tags, words, tokens FROM looks ORDER BY name")
        asked = query.lower().replace(",", " ").split()
        return [_look(row) for row in rows if all(word in " ".join(row[:3]).lower() for word in asked)]

    def similar(self, lut: Lut, count: int = 10) -> list[Look]:
        """The nearest looks, nearest first, with their distances."""
        rows = self._db.execute("SELECT name, tags, words, tokens FROM looks").fetchall()
        if not rows:
            return []
        decoded = np.stack([self.codec.dequantise(np.frombuffer(row[3], np.uint8)) for row in rows])
        asked = self.codec.dequantise(self.codec.encode(lut))
        away = np.linalg.norm(decoded - asked, axis=1)
        return [_look(rows[i], float(away[i])) for i in np.argsort(away, kind="stable")[:count]]


def _look(row: tuple[str, str, str, bytes], distance: float | None = None) -> Look:
    return Look(row[0], tuple(row[1].split()), row[2], row[3], distance)

"""The library: looks in, found again, out."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..codec import LutCodec, from_text
from ..errors import BadInput, nearest
from ..lut import Lut
from ..recipe import Recipe
from .attributes import attributes
from .figures import measure
from .intake import difference, plain_look
from .search import found
from .store import Look, Store, key

Floats = NDArray[np.floating]

DUPLICATE = 1.0  # mean dE below which two looks are the same to the eye
_NAME, _TAG = 120, 40  # characters
_COLOURS = 512  # photo-like colours over which looks are compared


def default_path() -> Path:
    """``$GRADEWRIGHT_LIBRARY``, or ``looks.sqlite`` in the user's data folder."""
    import platformdirs

    named = os.environ.get("GRADEWRIGHT_LIBRARY")
    return Path(named) if named else platformdirs.user_data_path("gradewright") / "looks.sqlite"


@dataclass(frozen=True)
class Match:
    """A look and its mean CIEDE2000 from what was asked for."""

    look: Look
    de: float


@dataclass(frozen=True)
class Added:
    """What :meth:`Library.add` did: the entry, what it nearly duplicates, whether it was stored."""

    look: Look
    duplicate: Match | None
    stored: bool
    notes: tuple[str, ...] = ()


class Library:
    """Looks in one SQLite file, 64 tokens each.

    >>> library = Library("looks.sqlite")
    >>> library.add(lut, "Portra fade", tags=["film"])
    >>> [look.name for look in library.search("warm faded")]

    The file is made by the first :meth:`add`. Several processes may use it at once. Methods raise
    FileError for a file that is no library or cannot be used.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = Path(path) if path is not None else default_path()
        self._store = Store(self.path)
        self._vectors: dict[tuple[int, bytes], Floats] = {}

    @cached_property
    def codec(self) -> LutCodec:
        """The codec that the tokens are in."""
        return LutCodec.load()

    # -- in

    def add(
        self,
        lut: Lut,
        name: str,
        tags: Iterable[str] = (),
        source: str = "",
        skip_duplicates: bool = False,
    ) -> Added:
        """Encode, measure, describe and store a display-referred LUT (about 0.3 s).

        A look within ``DUPLICATE`` dE of one that is there is named in the answer, and with
        ``skip_duplicates`` not stored.

        Raises
        ------
        BadInput : the name is taken (entries are never replaced), or name or tag is not one
        """
        name, cleaned = _checked_name(name), tuple(sorted({_checked_tag(tag) for tag in tags}))
        plain, notes = plain_look(lut)
        tokens = self.codec.encode(plain)
        decoded = self.codec.decode(tokens)
        figures = measure(plain)
        look = Look(
            name=name,
            codec=self.codec.name,
            tokens=tokens.tobytes(),
            words="",
            source=source,
            added=datetime.now(UTC).isoformat(timespec="seconds"),
            residual_de=round(difference(plain, decoded), 3),
            tags=cleaned,
            attributes=attributes(figures),
            figures=figures.to_dict(),
        )
        duplicate = self._duplicate(self._store.looks(), tokens)
        if not (duplicate and skip_duplicates):
            look = replace(look, words=Recipe.fit(plain).describe())
            look, duplicate = self._insert(look, tokens, skip_duplicates)
        return Added(look, duplicate, look.id > 0, tuple(notes))

    def _insert(
        self, look: Look, tokens: NDArray[np.uint8], skip_duplicates: bool
    ) -> tuple[Look, Match | None]:
        """Store it unless another process has just added its like; the entry (id 0: not stored), the like."""
        duplicate: Match | None = None

        def wanted(others: list[Look]) -> bool:
            nonlocal duplicate
            duplicate = self._duplicate(others, tokens)
            return not (duplicate and skip_duplicates)

        row = self._store.insert(look, wanted)
        return replace(look, id=row or 0), duplicate

    def _duplicate(self, others: list[Look], tokens: NDArray[np.uint8]) -> Match | None:
        """The nearest of ``others`` when it is the same to the eye."""
        decoded = self.codec.decode(tokens)
        near = self._nearest(others, decoded, self.codec.dequantise(tokens), 1)
        return near[0] if near and near[0].de < DUPLICATE else None

    def name_for(self, title: str, source: str) -> str:
        """A name for a file's look: its title; its stem when it has none, or another file's look has it."""
        stem = Path(source).stem
        if not title.strip():
            return stem
        taken = next((look for look in self._store.looks() if key(look.name) == key(title)), None)
        return stem if taken and taken.source != source else title

    # -- finding

    def looks(self, tag: str | None = None) -> list[Look]:
        """All looks by name, or those with a tag."""
        looks = self._store.looks()
        return looks if tag is None else [look for look in looks if tag.casefold().strip() in look.tags]

    def get(self, name: str) -> Look:
        """The look of a name, whatever the case.

        Raises
        ------
        BadInput : there is none; the nearest name is suggested
        """
        looks = self._store.looks()
        for look in looks:
            if key(look.name) == key(name):
                return look
        hint = nearest(name, [look.name for look in looks]) or "; see 'gradewright looks list'"
        raise BadInput(f"there is no look '{name}'{hint}")

    def search(self, text: str) -> list[Look]:
        """Looks that all words of a text speak of, best first: in name, tags, attributes, description."""
        return found(self._store.looks(), text)

    def similar(self, lut: Lut, count: int = 10) -> list[Match]:
        """The ``count`` looks that come nearest to a display-referred LUT, nearest first.

        Candidates by distance in the codec's coefficients, then measured: mean CIEDE2000 between
        the LUT and the stored looks over photo-like colours.
        """
        plain, _ = plain_look(lut)
        return self._nearest(self._store.looks(), plain, self.codec.coefficients(plain), count)

    def _nearest(self, looks: list[Look], lut: Lut, vector: Floats, count: int) -> list[Match]:
        looks = [look for look in looks if look.codec == self.codec.name]
        if not looks:
            return []
        away = np.linalg.norm(np.stack([self._vector(look) for look in looks]) - vector, axis=1)
        chosen = np.argsort(away, kind="stable")[: 2 * count + 4]
        matches = [Match(looks[i], difference(lut, self.lut(looks[i]), _COLOURS)) for i in chosen]
        return sorted(matches, key=lambda match: match.de)[:count]

    def _vector(self, look: Look) -> Floats:
        """The look's coefficients, computed once per library object."""
        where = (look.id, look.tokens)
        if where not in self._vectors:
            self._vectors[where] = self.codec.dequantise(np.frombuffer(look.tokens, np.uint8))
        return self._vectors[where]

    # -- out

    def lut(self, look: Look) -> Lut:
        """The look as a 33^3 cube with its name for a title.

        Raises
        ------
        BadInput : it was stored with a codec that is not here
        """
        if look.codec != self.codec.name:
            raise BadInput(f"'{look.name}' was stored with codec {look.codec}; here is {self.codec.name}")
        return self.codec.decode(np.frombuffer(look.tokens, np.uint8)).titled(look.name)

    def text(self, look: Look) -> str:
        """The look as one line (``gw1:...``), which :meth:`from_text` reads."""
        self.lut(look)
        return self.codec.to_text(np.frombuffer(look.tokens, np.uint8))

    def from_text(self, text: str) -> Lut:
        """The LUT of a ``gw1:...`` line. Raises BadInput for anything else."""
        return self.codec.decode(from_text(text))

    def remove(self, name: str) -> Look:
        """Take a look out; the entry that was. Raises BadInput when there is none."""
        look = self.get(name)
        if not self._store.delete(look.id):
            raise BadInput(f"'{look.name}' has just been removed by another program")
        return look

    def rename(self, name: str, new: str) -> Look:
        """Give a look another name; the entry as it is now.

        Raises
        ------
        BadInput : there is no such look, or the new name is taken
        """
        look, new = self.get(name), _checked_name(new)
        if not self._store.rename(look.id, new):
            raise BadInput(f"'{look.name}' has just been removed by another program")
        return replace(look, name=new)

    def tag(self, name: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Look:
        """Give a look tags and take tags off it; the entry as it is now.

        Raises
        ------
        BadInput : there is no such look, it has not the tag to be removed, or a tag is not one
        """
        look = self.get(name)
        added, removed = ({_checked_tag(tag) for tag in tags} for tags in (add, remove))
        if both := sorted(added & removed):
            raise BadInput(f"tag '{both[0]}' is to be added and removed: choose one")
        if missing := sorted(removed - set(look.tags)):
            has = f"its tags are {', '.join(look.tags)}" if look.tags else "it has none"
            raise BadInput(f"'{look.name}' has no tag '{missing[0]}': {has}")
        tags = self._store.retag(look.id, added, removed)
        if tags is None:
            raise BadInput(f"'{look.name}' has just been removed by another program")
        return replace(look, tags=tags)


def _checked_name(name: str) -> str:
    return _checked_text(name, "name", _NAME)


def _checked_tag(tag: str) -> str:
    return _checked_text(tag, "tag", _TAG).casefold()


def _checked_text(text: str, what: str, most: int) -> str:
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if not 1 <= len(text) <= most or any(unicodedata.category(letter)[0] == "C" for letter in text):
        raise BadInput(f"{text[:most]!r} is no {what} for a look: use 1..{most} printable characters")
    return text

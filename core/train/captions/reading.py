"""Reading TOML with errors of one line that name the file and the entry."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import BadInput, FileError, nearest
from ...recipe.parse import checked, find

Table = Mapping[str, Any]


def read(path: Path) -> dict[str, Any]:
    """A TOML file. Raises FileError when it is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise FileError(path, f"is not valid TOML: {error}") from None
    except UnicodeDecodeError:
        raise FileError(path, "is not UTF-8") from None


class Entry:
    """One table of a file, with its place for messages.

    Parameters
    ----------
    path, place : where it stands: the file, and the id or the table's name
    allowed : the keys it may have
    """

    def __init__(self, path: Path, place: str, table: Any, allowed: tuple[str, ...] | None = None) -> None:
        self.path, self.place, self.table = path, place, table
        if not isinstance(table, dict):
            raise self.error("is not a table", "write key = value pairs")
        for key in table:
            if allowed is not None and key not in allowed:
                raise self.error(
                    f"unknown key {key!r}", f"known: {', '.join(allowed)}{nearest(key, allowed)}"
                )

    def error(self, what: str, remedy: str = "") -> FileError:
        """An error about this entry."""
        return FileError(self.path, f"{self.place}: {what}", remedy)

    def text(self, key: str) -> str:
        """A required string."""
        value = self.table.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"{key} is missing", f'write {key} = "..."')
        return value

    def number(self, key: str, low: float, high: float) -> float:
        """A required number within bounds."""
        value = self.table.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.error(f"{key} is {value!r}", f"a number within {low:g}..{high:g}")
        return float(value)

    def texts(self, key: str, slot: str = "") -> tuple[str, ...]:
        """A list of strings, empty when absent; each must hold ``slot``."""
        value = self.table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.error(f"{key} is not a list of texts", f'write {key} = ["...", "..."]')
        for item in value:
            if slot and slot not in item:
                raise self.error(f"{key} has {item!r} without {slot}", "show where the wording goes")
        return tuple(value)

    def params(self, key: str = "params") -> dict[str, float]:
        """Recipe parameters, every one known and within its range."""
        values = self.table.get(key, {})
        if not isinstance(values, dict):
            raise self.error(f"{key} is not a table", f"write {key} = {{ temperature = 28 }}")
        try:
            out = {name: checked(find(name, aliases=False), value) for name, value in values.items()}
        except BadInput as error:
            raise self.error(str(error)) from None
        for name in out:
            if name.endswith("_amount") and name.replace("_amount", "_hue") not in out:
                raise self.error(f"{name} has no hue", f"add {name.replace('_amount', '_hue')}")
        return out

    def inner(self, key: str, allowed: tuple[str, ...] | None = None) -> Entry:
        """A table inside; an empty one when it is absent."""
        return Entry(
            self.path, f"{self.place}.{key}" if self.place else key, self.table.get(key, {}), allowed
        )

    def many(self, key: str, allowed: tuple[str, ...] | None = None) -> list[Entry]:
        """An array of tables; the place of each is its id, or its number."""
        rows = self.table.get(key, [])
        if not isinstance(rows, list):
            raise self.error(f"{key} is not an array of tables", f"write [[{key}]]")
        return [
            Entry(self.path, _named(row, f"{key} number {number}"), row, allowed)
            for number, row in enumerate(rows, 1)
        ]


def _named(row: Any, otherwise: str) -> str:
    name = row.get("id") if isinstance(row, dict) else None
    return name if isinstance(name, str) and name else otherwise

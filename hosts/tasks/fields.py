"""Checks of the plain values that a request is made of. Each says in one line what would be right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gradewright.core.errors import BadInput, nearest

Check = Callable[[str, Any], Any]

MAX_TEXT = 4000
MAX_PATH = 4096
MAX_NAME = 255  # bytes of one part of a path
MAX_PARAMS = 200
_MOST = 1e300


def checked(request: Any, fields: Mapping[str, Check], what: str) -> dict[str, Any]:
    """The request's values after their checks; fields that are absent or null stay away.

    Parameters
    ----------
    request : what was received
    fields : name -> check
    what : the kind of request, for messages

    Raises
    ------
    BadInput : not an object, an unknown field, or a value that its check refuses
    """
    if not isinstance(request, dict):
        raise BadInput(f"a {what} request is an object of fields, not {kind_of(request)}")
    for name in request:
        if name not in fields:
            hint = nearest(str(name), list(fields)) or f"; it has {', '.join(fields)}"
            raise BadInput(f"a {what} request has no field '{short(name)}'{hint}")
    return {name: fields[name](name, value) for name, value in request.items() if value is not None}


def text(name: str, value: Any) -> str:
    """A string of at most MAX_TEXT characters that can be encoded."""
    if not isinstance(value, str):
        raise BadInput(f"{name}: a text is needed, not {kind_of(value)}")
    if len(value) > MAX_TEXT:
        raise BadInput(f"{name}: {len(value)} characters are too many: at most {MAX_TEXT}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadInput(f"{name}: holds half a character (a lone surrogate)") from None
    return value


def path(name: str, value: Any) -> Path:
    """An absolute path."""
    if not isinstance(value, str) or not value or "\0" in value or len(value) > MAX_PATH:
        raise BadInput(f"{name}: a path is needed, not {kind_of(value)}")
    if not Path(value).is_absolute():
        raise BadInput(f"{name} '{short(value)}': an absolute path is needed")
    if any(len(part.encode(errors="replace")) > MAX_NAME for part in Path(value).parts):
        raise BadInput(f"{name} '{short(value)}': a name in it is longer than {MAX_NAME} bytes")
    return Path(value)


def pair(name: str, value: Any) -> tuple[Path, Path]:
    """Two paths."""
    if not isinstance(value, list) or len(value) != 2:
        raise BadInput(f"{name}: two paths are needed: [before, after]")
    return path(name, value[0]), path(name, value[1])


def flag(name: str, value: Any) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise BadInput(f"{name}: true or false is needed, not {kind_of(value)}")
    return value


def weight(name: str, value: Any) -> float:
    """A number 0..1."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadInput(f"{name}: a number 0..1 is needed, not {kind_of(value)}")
    if not 0 <= value <= 1:
        raise BadInput(f"{name} {short(value)} is out of range: 0..1")
    return float(value)


def integer(low: int, high: int) -> Check:
    """A whole number within bounds."""

    def check(name: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadInput(f"{name}: a whole number {low}..{high} is needed, not {kind_of(value)}")
        if not low <= value <= high:
            raise BadInput(f"{name} {short(value)} is out of range: {low}..{high}")
        return value

    return check


def one_of(*choices: Any) -> Check:
    """One of a few values."""

    def check(name: str, value: Any) -> Any:
        if isinstance(value, bool) or value not in choices:
            known = ", ".join(map(str, choices))
            raise BadInput(f"{name}: {short(value)} is not possible: use one of {known}")
        return value

    return check


def many(check: Check, most: int) -> Check:
    """A list of 1..most values that ``check`` accepts."""

    def check_all(name: str, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or not 1 <= len(value) <= most:
            raise BadInput(f"{name}: a list of 1..{most} is needed, not {kind_of(value)}")
        return tuple(dict.fromkeys(check(name, item) for item in value))

    return check_all


def parameters(name: str, value: Any) -> dict[str, float | str]:
    """Recipe parameters: name -> number, or a text that the recipe parses."""
    if not isinstance(value, dict) or len(value) > MAX_PARAMS:
        raise BadInput(f"{name}: an object of parameters is needed, not {kind_of(value)}")
    return {text(name, key): _parameter(key, item) for key, item in value.items()}


def _parameter(name: str, value: Any) -> float | str:
    if isinstance(value, str):
        return text(name, value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadInput(f"{short(name)}: a number is needed, not {kind_of(value)}")
    if not abs(value) < _MOST:  # an integer may be larger than any float
        raise BadInput(f"{short(name)} {short(value)} is out of range")
    return value


def kind_of(value: Any) -> str:
    """A value's JSON type in words, with the value where it is short."""
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value)) or f"the number {short(value)}"


def short(value: Any) -> str:
    """A value for a message: at most 80 characters, one line."""
    try:
        written = " ".join(str(value).split())
    except ValueError:  # an integer of more than 4300 digits
        written = "with thousands of digits"
    return (written if len(written) <= 80 else f"{written[:77]}...").encode(errors="replace").decode()

"""Keyword options of the writers, checked by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from gradewright.core.errors import BadInput, nearest


def checked(function: Callable[..., Any], options: dict[str, Any], kind: str) -> dict[str, Any]:
    """``options`` if ``function`` takes them all as keywords.

    Raises
    ------
    BadInput : naming the unknown option, the known ones and the nearest
    """
    parameters = inspect.signature(function).parameters.values()
    known = [p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY]
    for name in options:
        if name not in known:
            listed = ", ".join(known) or "none"
            raise BadInput(f"unknown {kind} option {name!r}: known are {listed}{nearest(name, known)}")
    return options


def one_of(value: Any, allowed: tuple[Any, ...], what: str) -> Any:
    """``value`` if it is allowed.

    Raises
    ------
    BadInput : naming the value and what would be right
    """
    if isinstance(value, bool) or value not in allowed:
        raise BadInput(f"{what} {value!r}: use {' or '.join(str(a) for a in allowed)}")
    return value

"""The operations path (RetouchIQ): a reasoning trace, then parameters as one JSON object -> Recipe.

Malformed JSON is mended once, mechanically; an unknown name or a value out of range is the model's fault and
goes back to it with the reason. What cannot be used after that is refused.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from ...errors import BadInput
from ...recipe import Recipe

_OBJECT = re.compile(r"\{[^{}]*\}?")
_FENCE = re.compile(r"(```(json)?|\{)?\s*(\"?\w+\"?\s*:\s*)?$")  # what may stand around the object
MOST = 4096  # characters of JSON; 49 parameters need 1200
_MOST_TEXT = 20000


@dataclass(frozen=True)
class Operations:
    """What the model wrote: its reasoning, the recipe, and whether the JSON had to be mended."""

    reasoning: str
    recipe: Recipe
    mended: bool = False


def read(text: str) -> Operations:
    """Read an answer.

    Raises
    ------
    BadInput : there is no JSON object in it, it is malformed beyond mending, it sets nothing, or it names a
        parameter or value that :meth:`Recipe.parse` refuses
    """
    start = text.rfind("{") if len(text) <= _MOST_TEXT else -1
    if start < 0:
        raise BadInput("the answer holds no JSON object of parameters")
    reasoning = " ".join(_FENCE.sub("", text[:start]).split())
    found = _OBJECT.match(text, start)
    body = (found.group() if found else "")[:MOST]
    try:
        values, mended = _strict(body), False
    except (json.JSONDecodeError, RecursionError) as error:
        values, mended = _mended(body, str(error)), True
    if not values:
        raise BadInput("the answer sets no parameter")
    return Operations(reasoning, Recipe.parse(values), mended)


def _strict(body: str) -> dict[str, float | str]:
    values = json.loads(body, parse_constant=_no_constant, object_pairs_hook=_once)
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise BadInput(f"parameter {name!r} is no number: {json.dumps(value)[:40]}")
    return dict(values)


def _mended(body: str, fault: str) -> dict[str, float | str]:
    """What people and models mean by almost-JSON: ``{exposure=+0.9; 'contrast': -30,``."""
    inside = body.strip().strip("{}").replace("'", '"').replace(";", ",").replace("−", "-")
    pairs = [part for part in re.split(r"[,\n]", inside) if part.strip()]
    values: dict[str, float | str] = {}
    for part in pairs:
        match = re.fullmatch(r'\s*"?([A-Za-z_][\w .-]*?)"?\s*[:=]\s*"?([+-]?[\d.]+(?:e[+-]?\d+)?)"?\s*', part)
        if match is None or match[1] in values:
            raise BadInput(f"the parameters are no JSON ({fault.partition(':')[0]}): {body[:60]!r}")
        values[match[1]] = match[2]
    return values


def _no_constant(constant: str) -> Any:
    raise BadInput(f"{constant} is no value of a parameter")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise BadInput("a parameter is set twice")
    return dict(pairs)


def written(reasoning: str, recipe: Recipe) -> str:
    """A completion of this path, as training has it."""
    values = {name: round(value, 2) for name, value in recipe.to_dict().items()}
    return f"{reasoning.strip()}\n{json.dumps(values)}"

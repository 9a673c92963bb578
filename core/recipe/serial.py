"""Recipes as JSON.

``{"gradewright_recipe": 1, "values": {"exposure": 0.4}, "residual_de": 1.2, "residual_p95": 3.1}``;
the residuals only where a fit measured them. Reading is strict.
"""

from __future__ import annotations

import json
import math
from typing import Any

from ..errors import BadInput, nearest
from .recipe import Recipe

VERSION = 1
_KEYS = ("gradewright_recipe", "values", "residual_de", "residual_p95")


def dumps(recipe: Recipe) -> str:
    """The recipe as JSON text with a final newline."""
    document: dict[str, Any] = {"gradewright_recipe": VERSION, "values": recipe.to_dict()}
    for key in _KEYS[2:]:
        value = getattr(recipe, key)
        if value is not None:
            document[key] = value
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def loads(text: str) -> Recipe:
    """Read a recipe. Raises BadInput naming the fault and what would be right."""
    try:
        document = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_duplicates)
    except json.JSONDecodeError as error:
        raise BadInput(f"recipe line {error.lineno}: not JSON ({error.msg})") from None
    except RecursionError:
        raise BadInput("recipe: nested too deeply; a recipe holds one object of values") from None
    if not isinstance(document, dict) or "gradewright_recipe" not in document:
        raise BadInput('not a recipe: a JSON object with "gradewright_recipe" and "values" is wanted')
    version = document["gradewright_recipe"]
    if version != VERSION or isinstance(version, bool):
        raise BadInput(f"recipe version {version!r} is not known; this release reads version {VERSION}")
    for key in document:
        if key not in _KEYS:
            raise BadInput(f"recipe: unknown key '{key}'{nearest(key, _KEYS)}")
    values = document.get("values")
    if not isinstance(values, dict):
        raise BadInput('recipe: "values" must be an object of parameter values')
    mean, p95 = (_residual(document, key) for key in _KEYS[2:])
    return Recipe(residual_de=mean, residual_p95=p95, **_plain(values))


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    for name in values:
        if name in _KEYS:
            raise BadInput(f"recipe: '{name}' does not belong among the values")
    return values


def _residual(document: dict[str, Any], key: str) -> float | None:
    value = document.get(key)
    if value is None:
        return None
    good = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not (good and math.isfinite(value) and value >= 0):
        raise BadInput(f"recipe: {key} {value!r} is not a colour difference; a number from 0 is wanted")
    return float(value)


def _no_constant(constant: str) -> float:
    raise BadInput(f"recipe: {constant} is not a number; values are finite")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadInput(f"recipe: '{twice}' is set twice; give it once")
    return document

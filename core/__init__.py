"""Prediction of colour grades; knows no host and no file format.

>>> from gradewright.core import Grader, Lut, Recipe
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .grader import Grader
    from .lut import Lut, Shaper
    from .recipe import Recipe
    from .request import Grade, Report, Request

__all__ = ["Grade", "Grader", "Lut", "Recipe", "Report", "Request", "Shaper"]

_HOME = {
    "Grade": "request",
    "Grader": "grader",
    "Lut": "lut",
    "Recipe": "recipe",
    "Report": "request",
    "Request": "request",
    "Shaper": "lut",
}


def __getattr__(name: str) -> object:
    # Lazy, so that `gradewright --help` does not pay for numpy and OpenColorIO.
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(f".{_HOME[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

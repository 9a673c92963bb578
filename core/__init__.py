"""Prediction of colour grades; knows no host and no file format.

>>> from gradewright.core import Grader, Lut, Recipe
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lazy import attributes

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


__getattr__ = attributes(__name__, _HOME)

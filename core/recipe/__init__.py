"""The editable half of a grade: a :class:`Recipe` of light, colour and bands.

>>> from gradewright.core.recipe import PARAMETERS, Recipe
"""

from __future__ import annotations

from .parameters import BANDS, GROUPS, PARAMETERS, ZONES, Parameter
from .recipe import Recipe

__all__ = ["BANDS", "GROUPS", "PARAMETERS", "ZONES", "Parameter", "Recipe"]

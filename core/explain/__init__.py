"""Explained edits: reports of grades in statements that were measured.

>>> from gradewright.core.explain import explain
>>> print(explain(grade).text)
"""

from __future__ import annotations

from .explanation import Explanation, explain

__all__ = ["Explanation", "explain"]

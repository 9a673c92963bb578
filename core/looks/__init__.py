"""A local library of looks: 64 tokens each, in one SQLite file.

>>> from gradewright.core.looks import Library
"""

from __future__ import annotations

from .facade import Added, Library, Match, default_path
from .store import Look

__all__ = ["Added", "Library", "Look", "Match", "default_path"]

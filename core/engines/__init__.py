"""Prediction engines, each behind the hook ``gradewright_engines``."""

from __future__ import annotations

from collections.abc import Sequence

from ..hookspecs import Engine, hookimpl


@hookimpl
def gradewright_engines() -> Sequence[Engine]:
    """The built-in engines: prompts, references, explicit parameters, a before/after pair, a shot match."""
    from .compact import CompactEngine
    from .match import MatchEngine
    from .pair import PairEngine
    from .recipe import RecipeEngine

    return [RecipeEngine(), PairEngine(), MatchEngine(), CompactEngine()]

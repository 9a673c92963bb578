"""Prediction engines, each behind the hook ``gradewright_engines``."""

from __future__ import annotations

from collections.abc import Sequence

from ..hookspecs import Engine, hookimpl


@hookimpl
def gradewright_engines() -> Sequence[Engine]:
    """The built-in engines: prompts, references, parameters, a pair, a shot match, auto, a large model."""
    from .auto import AutoEngine
    from .compact import CompactEngine
    from .match import MatchEngine
    from .pair import PairEngine
    from .recipe import RecipeEngine
    from .vlm import VlmEngine

    return [RecipeEngine(), PairEngine(), MatchEngine(), AutoEngine(), CompactEngine(), VlmEngine()]

"""docs/recipe.md says what the code does."""

from __future__ import annotations

from pathlib import Path

import pytest
from gradewright.core import Recipe
from gradewright.core.recipe import GROUPS, PARAMETERS
from gradewright.core.recipe.parse import ALIASES

PAGE = Path(__file__).parents[1] / "docs" / "recipe.md"


def rows(group):
    """The table of a group as it must stand in the page."""
    lines = ["| parameter | unit | range | step | a positive value |", "|---|---|---|---|---|"]
    lines += [
        f"| `{p.name}` | {p.unit} | {p.low:g} .. {p.high:g} | {p.step:g} | {p.meaning} |"
        for p in PARAMETERS
        if p.group == group
    ]
    return "\n".join(lines)


@pytest.mark.parametrize("group", GROUPS)
def test_the_tables_are_those_of_the_code(group):
    assert rows(group) in PAGE.read_text(encoding="utf-8"), f"put this into docs/recipe.md:\n{rows(group)}"


def test_the_aliases_named_exist():
    text = PAGE.read_text(encoding="utf-8")
    for alias in ("temp", "ev", "sat", "orange_sat", "fade"):
        assert f"`{alias}`" in text
        assert alias in ALIASES


def test_the_example_is_true():
    text = PAGE.read_text(encoding="utf-8")
    recipe = Recipe.parse(
        {"ev": "+0.4", "shadows": "25", "shadow_hue": 195, "shadow_amount": "15%", "orange_sat": 8}
    )
    assert recipe.describe() in text

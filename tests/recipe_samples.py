"""Recipes that the recipe tests share."""

from __future__ import annotations

import numpy as np
from gradewright.core.recipe import PARAMETERS, Recipe
from hypothesis import strategies as st

PORTRAIT = Recipe(
    exposure=0.4,
    contrast=18,
    shadows=22,
    highlights=-15,
    temperature=9,
    vibrance=20,
    shadow_hue=200,
    shadow_amount=12,
    highlight_hue=70,
    highlight_amount=9,
    orange_chroma=8,
    green_hue=-12,
    blue_lightness=-20,
)
MATTE = Recipe(black_fade=40, white_fade=15, contrast=35, saturation=-30, tint=8, curve_darks=-20)
STRONG = Recipe(
    exposure=-0.8,
    contrast=60,
    temperature=-35,
    saturation=45,
    mid_hue=140,
    mid_amount=25,
    red_hue=20,
    blue_chroma=-50,
)


def in_range(
    share: float = 1.0, groups: tuple[str, ...] = ("light", "colour", "bands")
) -> st.SearchStrategy[Recipe]:
    """Recipes with any parameters of the groups, within a share of their range."""
    fields = {p.name: st.floats(p.low * share, p.high * share) for p in PARAMETERS if p.group in groups}
    return st.fixed_dictionaries({}, optional=fields).map(lambda values: Recipe(**values))


def cube(size: int = 9) -> np.ndarray:
    """Lattice colours (size**3, 3)."""
    axis = np.linspace(0, 1, size)
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)


def greys(count: int = 257) -> np.ndarray:
    """A grey ramp (count, 3)."""
    return np.linspace(0, 1, count)[:, None].repeat(3, axis=1)

"""Recipes for training, many at once, as coefficients of the renderer."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ...recipe.knobs import TONING
from ...recipe.parameters import GROUPS, PARAMETERS

# Standard deviation of a control that is used, as a share of its range; fades come one-sided.
SPREAD = {"light": 0.30, "colour": 0.30, "bands": 0.35}
DENSITY = {"light": 0.5, "colour": 0.5, "bands": 0.4}
_TINTS = {index for pair in TONING for index in pair}
GROUP_OF = torch.tensor([GROUPS.index(p.group) for p in PARAMETERS])


def _limits() -> tuple[Tensor, Tensor, Tensor]:
    low = torch.tensor([p.low for p in PARAMETERS])
    high = torch.tensor([p.high for p in PARAMETERS])
    spread = torch.tensor([SPREAD[p.group] * p.high for p in PARAMETERS])
    for index in _TINTS:
        low[index], high[index], spread[index] = -100, 100, 15
    return low, high, spread


LOW, HIGH, SIGMA = _limits()
_USED = torch.tensor([DENSITY[p.group] for p in PARAMETERS])


def draw(count: int, generator: torch.Generator) -> Tensor:
    """Coefficients (count, K): Gaussian controls, some used and some not, stronger and weaker recipes."""
    shape = (count, len(PARAMETERS))
    used = torch.rand(shape, generator=generator) < _USED
    strength = 0.35 + 1.05 * torch.rand((count, 1), generator=generator)
    found = torch.randn(shape, generator=generator) * SIGMA * strength * used
    return torch.minimum(torch.maximum(found, LOW), HIGH)


def only(coefficients: Tensor, mask: Tensor) -> Tensor:
    """Coefficients (B, K) with the groups that ``mask`` (B, 3) does not keep at neutral."""
    return coefficients * mask[:, GROUP_OF]


def draw_masks(count: int, generator: torch.Generator, whole: float = 0.4) -> Tensor:
    """(count, 3) of 0 and 1; a share of ``whole`` keeps every group, the others lose one or two."""
    kept = (torch.rand((count, len(GROUPS)), generator=generator) < 0.5).float()
    one = torch.randint(len(GROUPS), (count,), generator=generator)
    kept[torch.arange(count), one] = 1.0
    kept[torch.rand(count, generator=generator) < whole] = 1.0
    return kept


def to_units(coefficients: Tensor) -> Tensor:
    """Coefficients in units of their spread, for a network to predict."""
    return coefficients / SIGMA


def share_of_range(coefficients: Tensor) -> float:
    """Root mean square of the controls over their ranges: how strong recipes are."""
    return math.sqrt(float((coefficients / HIGH).square().mean()))

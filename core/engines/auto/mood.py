"""What keeps a mood: a photo that reaches from black to white is dark, bright or soft on purpose."""

from __future__ import annotations

import numpy as np

from ...colour import srgb_to_lab
from ...request import Pixels

_WHITE, _BLACK = 0.8, 0.1  # encoded levels that a photo reaches if its tones are complete
_RARE = 0.005  # share of pixels that may lie beyond
_LIGHT = 7.0  # most by which its mean L* may move then
_CONTRAST = 0.22  # and most by which the spread of its L* may change, as a share


def complete(colours: Pixels) -> bool:
    """Whether colours (n, 3), sRGB 0..1, reach from black to white: then their exposure is no accident."""
    brightest, darkest = np.quantile(colours.max(-1), 1 - _RARE), np.quantile(colours.min(-1), _RARE)
    return bool(brightest >= _WHITE and darkest <= _BLACK)


def allowed(before: Pixels, after: Pixels) -> float:
    """The share 0..1 of a change of colours (n, 3) at which a complete photo keeps its mood; 1 for others."""
    if not complete(before):
        return 1.0
    one, other = (srgb_to_lab(x.astype(np.float64))[:, 0] for x in (before, after))
    moved = abs(float(other.mean() - one.mean()))
    spread = abs(float(other.std() / max(one.std(), 1.0) - 1))
    return min(1.0, _LIGHT / max(moved, 1e-6), _CONTRAST / max(spread, 1e-6))

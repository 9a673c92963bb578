"""How much of the network's retouch to carry out, by its size and the network's doubt; chosen on val.

Chosen so that degraded photos gain most while good ones hardly change, and few are made worse.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import torch
from torch import nn

from ...engines.auto.gate import gate
from .auto_fit import Held, Pictures, Rendering, errors

DOUBTS, TOPS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5), (0.9, 0.95, 1.0, 1.05, 1.1)
GOOD_WEIGHT = 0.2  # what a dE of change costs on a good photo, against one left on a degraded one
MOST_CHANGE = 2.6  # mean dE on good photos; the goal is 3


def calibrate(net: nn.Module, render: Rendering, held: Held) -> dict[str, Any]:
    """``doubt`` and ``top`` of the gate, and what they bring on the held-out photos."""
    sets = [_Set(net, render, pictures) for pictures in (held.degraded, held.untouched)]
    before, best = float(held.before.mean()), dict[str, Any]()
    for doubt, top in product(DOUBTS, TOPS):
        after, changed = (one.errors(doubt, top) for one in sets)
        cost = float(
            after.mean() + GOOD_WEIGHT * changed.mean() + 10 * max(0.0, changed.mean() - MOST_CHANGE)
        )
        if not best or cost < best["cost"]:
            best = {
                "doubt": doubt,
                "top": top,
                "cost": round(cost, 4),
                "recovered": round(1 - float(after.mean()) / before, 4),
                "worse": round(float((after > held.before).mean()), 4),
                "good_changed": round(float(changed.mean()), 3),
            }
    return best


class _Set:
    """Pictures, what the network makes of them at full strength, and what it thinks of them."""

    def __init__(self, net: nn.Module, render: Rendering, pictures: Pictures) -> None:
        some = slice(None, None, 4)  # enough of the pixels
        self.shown, self.good = pictures.shown[:, some], pictures.good[:, some]
        with torch.no_grad():
            found, doubt = net(pictures.figures)
            self.made = render(self.shown, found).clamp(0, 1)
        self.left, self.change = doubt[:, 1].exp().tolist(), errors(self.shown, self.made).tolist()

    def errors(self, doubt: float, top: float) -> np.ndarray:
        """dE (n,) when the gate decides how much is done."""
        shares = [gate(change, left, doubt, top) for change, left in zip(self.change, self.left, strict=True)]
        share = torch.tensor(shares)[:, None, None]
        return errors((self.shown + share * (self.made - self.shown)).clamp(0, 1), self.good)

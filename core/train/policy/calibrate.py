"""How far to trust the reference network: its looks scaled by a line in their own size, chosen on val.

Trained on real looks and weaker ones alike, the mean holds back strong looks too much (what it is unsure
of it shrinks) and weak ones too little. The line is chosen on the val triplets at full strength and at
a third of it, so that subtle grades do not pay for strong ones.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...colour import delta_e_srgb
from ...engines.compact.networks import TRUST
from .basis import Basis
from .photos import through
from .reference_fit import Triplets, pixels
from .reference_net import ReferenceNet

STRENGTHS = (1.0, 0.35)
_WEIGHTS = (0.7, 0.3)
_HARM = 5.0  # weight of what subtle grades lose against doing nothing
_STARTS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2)
_SLOPES = (0.0, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08)  # per unit of size


def size_of(mean: Tensor, scale: Tensor) -> Tensor:
    """(B,) length of predicted looks in codec units, about dE2000."""
    return (mean * scale).square().sum(1).sqrt()


def factor(size: Tensor, start: float, slope: float) -> Tensor:
    """(B, 1) what a look of that size is multiplied by."""
    return (start + slope * size).clamp(*TRUST)[:, None]


def calibrate(net: ReferenceNet, basis: Basis, root: Path, split: str = "val") -> dict[str, Any]:
    """``start`` and ``slope`` with the least error, and what they bring."""
    sets = [Triplets(root, split, strength=strength) for strength in STRENGTHS]
    means = []
    with torch.no_grad():
        for one in sets:
            means.append(net(one.photo, one.reference, torch.ones(len(one.photo), dtype=torch.bool))[0])
    best: dict[str, Any] = {}
    for start, slope in product(_STARTS, _SLOPES):
        found = [
            _errors(one, basis, mean * factor(size_of(mean, basis.scale), start, slope))
            for one, mean in zip(sets, means, strict=True)
        ]
        loss = sum(w * e.mean() for w, e in zip(_WEIGHTS, found, strict=True))
        loss += _HARM * max(0.0, float((found[-1] - sets[-1].identity).mean()))
        if not best or loss < best["loss"]:
            figures = {
                f"dE at {strength}": [
                    float(e.mean()),
                    float(one.identity.mean()),
                    float((e < one.identity).mean()),
                ]
                for strength, one, e in zip(STRENGTHS, sets, found, strict=True)
            }
            best = {"start": start, "slope": slope, "loss": float(loss)} | figures
    return best


def _errors(one: Triplets, basis: Basis, mean: Tensor) -> np.ndarray:
    with torch.no_grad():
        graded = (one.points + through(basis(mean), one.points)).clamp(0, 1)
    return np.asarray(delta_e_srgb(pixels(graded), one.truth)).mean(1)

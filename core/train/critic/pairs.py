"""Strong and weak edits for a request: the order is known, which is all that the judge is taught.

The strong edit is what the caption asks for, rendered. A weak one is that edit perturbed (too little, too
much, reversed, another request's, half of it, something unasked on top, nothing at all), or what the compact
engine itself made of the caption (policy-guided reward training, RetouchIQ section 4.2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ...engines.compact.variations import TEMPERATURES
from ..attributes import Twin
from ..policy import colour
from ..policy.basis import Basis
from ..policy.photos import through
from ..policy.prompt_data import Captions, Scenes, batch_of
from ..policy.prompt_net import PromptNet
from .reward import moved_by, state_of

WEAK = (
    "too little", "too much", "reversed", "another's", "light only", "colour only", "unasked", "swapped",
    "nothing",
)  # fmt: skip
POLICY = ("the engine's answer", "a variation of it")
KINDS = (*WEAK, *POLICY)
VISIBLE = 1.0  # mean dE between the two from which the order counts
_READ, _RENDERED = 96, 256  # captions at a time
_FLOOR, _CEILING = -5.0, 3.0


@dataclass(frozen=True)
class Pairs:
    """Everything about captions and their edits that does not depend on the judge.

    ``hidden`` (n, 512) : the captions as the prompt network reads them. ``state`` (n, 15) : the photos'
    attributes. ``moved`` (n, 1 + len(KINDS), K) : what the strong edit moves, then each weak one, in visible
    steps; ``there`` (n, K). ``apart`` (n, len(KINDS)) : mean dE between the strong edit and each weak one.
    """

    hidden: Tensor
    state: Tensor
    there: Tensor
    moved: Tensor
    apart: Tensor

    def __len__(self) -> int:
        return len(self.hidden)

    def save(self, path: Path) -> None:
        """One .npz without pickles."""
        np.savez(path, **{f.name: getattr(self, f.name).numpy() for f in fields(self)})  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: Path) -> Pairs:
        """What :meth:`save` wrote."""
        with np.load(path, allow_pickle=False) as file:
            return cls(**{name: torch.from_numpy(file[name]) for name in file.files})


def make_pairs(
    captions: Captions,
    scenes: Scenes,
    basis: Basis,
    net: PromptNet,
    gain: float,
    seed: int,
    tick: Callable[[], None] = lambda: None,
) -> Pairs:
    """Read captions with a prompt network, lay their edits on their photos and measure.

    Parameters
    ----------
    gain : factor of the network's mean in the compact engine
    """
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    with torch.no_grad():
        hidden = read(captions, scenes, net, tick)
        parts = []
        for start in range(0, len(captions), _RENDERED):
            rows = torch.arange(start, min(start + _RENDERED, len(captions)))
            others = torch.from_numpy(rng.integers(len(captions), size=len(rows)))
            looks = [basis(captions.target[rows])]
            looks += weakened(looks[0], basis(captions.target[others]), generator)
            looks += policy_looks(net, hidden[rows], basis, gain, generator)
            parts.append(_measured(looks, _points(captions, scenes, rows, rng)))
            tick()
    state, there, moved, apart = (torch.cat(part) for part in zip(*parts, strict=True))
    return Pairs(hidden.half(), state, there, moved.half(), apart.half())


def read(captions: Captions, scenes: Scenes, net: PromptNet, tick: Callable[[], None]) -> Tensor:
    """(n, 512) captions as a prompt network reads them, each with its photo if it has one."""
    found = torch.zeros(len(captions), net.mean.in_features)
    for start in range(0, len(captions), _READ):
        rows = captions.by_length[start : start + _READ]
        found[torch.from_numpy(rows)] = net.read(*batch_of(captions, scenes, rows.tolist()))
        tick()
    return found


def weakened(strong: Tensor, other: Tensor, generator: torch.Generator) -> list[Tensor]:
    """One weak version of looks (B, 3, n, n, n), lattice differences, for each of WEAK.

    Parameters
    ----------
    other : looks of other requests, of the same shape
    """
    part = torch.rand(len(strong), generator=generator)[:, None, None, None, None]
    mean = strong.mean(1, keepdim=True).expand_as(strong)
    return [
        strong * (0.45 * part),
        strong * (1.7 + part),
        -strong * (0.5 + 0.5 * part),
        other,
        mean,
        strong - mean,
        strong + other * (0.5 + 0.5 * part),
        strong.roll(1, 1),
        torch.zeros_like(strong),
    ]


def policy_looks(
    net: PromptNet, hidden: Tensor, basis: Basis, gain: float, generator: torch.Generator
) -> list[Tensor]:
    """What the engine's network makes of captions: its mean, and a draw as variations are drawn."""
    mean, spread, *_ = net.heads(hidden)
    noise = TEMPERATURES[0] * torch.randn(mean.shape, generator=generator)
    drawn = gain * mean + noise * spread.clamp(_FLOOR, _CEILING).exp()
    return [basis(gain * mean), basis(drawn)]


def _points(captions: Captions, scenes: Scenes, rows: Tensor, rng: np.random.Generator) -> Tensor:
    scene = captions.scene[rows.numpy()]
    anything = rng.integers(len(scenes), size=len(scene))
    return scenes.pixels[torch.from_numpy(np.where(scene >= 0, scene, anything))].float()


def _measured(looks: list[Tensor], points: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """State, what there is, what each look moves, and how far each is from the first in dE."""
    before, moved, labs = Twin(points.flatten(2)), [], []
    for look in looks:
        values, there = moved_by(look, points, before)
        moved.append(values)
        labs.append(colour.lab((points + through(look, points)).clamp(0, 1)).flatten(2))
    apart = [colour.difference(labs[0], lab).mean(1) for lab in labs[1:]]
    return state_of(before), there, torch.stack(moved, 1), torch.stack(apart, 1)

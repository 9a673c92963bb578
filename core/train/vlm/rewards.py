"""What an answer of the large engine is worth: the compact engine's rewards, the critic's, and the format's.

similarity, attributes, safety : as for the compact engine (AceTone section 3.3 and SmartPhotoCrafter),
against the grade that was meant. aesthetics : the critic's score of the graded picture, for LUT tokens and
automatic retouches (VeraRetouch's R_a). instruction : the critic's judge, where there is a prompt. format :
R_f, where there is reasoning. Each is 0..1, and so is their weighted mean over those that apply.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ...codec import LutCodec
from ...critic import Critic
from ...engines.vlm import operations, reasoning
from ...errors import BadInput
from ...interp import lattice
from ...lut import Lut
from ..policy.rewards import Judge, Shares
from .examples import Example

_SIZE = 17  # lattice that grades are compared on
_SHOWN = 96  # pixels along the longer side of what the critic sees


@dataclass(frozen=True)
class Made:
    """One answer: ``codes`` of the LUT path; else the ``text``, with ``latents`` (56,) and how many retouch
    tokens ended it on the retouch path.
    """

    codes: NDArray[np.uint8] | None = None
    text: str = ""
    latents: Tensor | None = None
    retouch_tokens: int = 0


@dataclass(frozen=True)
class Weights:
    """Of the parts of a reward."""

    similarity: float = 0.5
    attributes: float = 0.2
    safety: float = 0.1
    aesthetics: float = 0.2
    instruction: float = 0.0
    format: float = 0.2

    def __post_init__(self) -> None:
        values = [getattr(self, one.name) for one in fields(self)]
        if min(values) < 0 or not any(values[:3]):
            raise BadInput("reward weights are 0 or more, and similarity, attributes, safety not all 0")


class CompositeReward:
    """Rewards of answers to examples."""

    def __init__(self, weights: Weights, renderer: nn.Module | None = None) -> None:
        self.weights, self.renderer = weights, renderer
        whole = weights.similarity + weights.attributes + weights.safety
        shares = (value / whole for value in (weights.similarity, weights.attributes, weights.safety))
        self._judge, self._whole = Judge(Shares(*shares)), whole
        self._codec, self._critic = LutCodec.load(), Critic()
        self._lattice = lattice(_SIZE)

    def __call__(self, examples: Sequence[Example], made: Sequence[Made]) -> Tensor:
        """(B,) 0..1, of one answer an example."""
        looks = [self.look(one) for one in made]
        plain = [Lut.identity(_SIZE) if look is None else look for look in looks]
        judged = self._judged(examples, plain)
        rewards = []
        for example, answer, look, good in zip(examples, made, looks, judged.tolist(), strict=True):
            parts = [(self._whole, good if look is not None else 0.0), *self._critics(example, look)]
            if example.wish.path != "lut":
                parts.append((self.weights.format, _format(example, answer)))
            weight = sum(part[0] for part in parts)
            rewards.append(sum(w * value for w, value in parts) / weight)
        return torch.tensor(rewards)

    def look(self, made: Made) -> Lut | None:
        """The grade of an answer, _SIZE^3; None where it cannot be read."""
        if made.codes is not None:
            return self._codec.decode(made.codes).resample(_SIZE)
        if made.latents is not None:
            return self._rendered(made.latents)
        try:
            return operations.read(made.text).recipe.to_lut(_SIZE)
        except BadInput:
            return None

    def _rendered(self, latents: Tensor) -> Lut | None:
        if self.renderer is None:
            raise BadInput("rewards of the retouch path need the renderer")
        colours = torch.from_numpy(self._lattice.reshape(1, -1, 3))
        with torch.no_grad():
            table = self.renderer(colours, latents.detach().float().cpu()[None])[0].clamp(0, 1).numpy()
        return Lut(table.reshape(_SIZE, _SIZE, _SIZE, 3)) if np.isfinite(table).all() else None

    def _judged(self, examples: Sequence[Example], looks: Sequence[Lut]) -> Tensor:
        made = torch.stack([self._difference(look) for look in looks])
        truth = torch.stack([self._difference(one.truth.resample(_SIZE)) for one in examples])
        points = torch.from_numpy(np.stack([one.before.T.reshape(3, 16, -1) for one in examples]))
        with torch.no_grad():
            return self._judge(made, truth, points.float())

    def _difference(self, look: Lut) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray((look.table - self._lattice).transpose(3, 0, 1, 2)))

    def _critics(self, example: Example, look: Lut | None) -> list[tuple[float, float]]:
        w, wish = self.weights, example.wish
        asked = bool(w.instruction and wish.text and wish.task in ("instruct", "style", "operations"))
        liked = bool(w.aesthetics and (wish.path == "lut" or wish.task == "auto"))
        if not (asked or liked):
            return []
        before, after = self._shown(example, look)
        found = []
        if liked:
            found.append((w.aesthetics, self._critic.score(after) / 100 if look is not None else 0.0))
        if asked:
            found.append((w.instruction, self._judgement(before, after, wish.text, look)))
        return found

    def _judgement(self, before: Any, after: Any, text: str, look: Lut | None) -> float:
        return float(self._critic.judge(before, after, text).reward) if look is not None else 0.0

    def _shown(self, example: Example, look: Lut | None) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        picture = example.pictures[0]
        step = max(1, -(-max(picture.shape[:2]) // _SHOWN))
        before = np.ascontiguousarray(picture[::step, ::step], np.float32) / np.float32(255)
        return before, before if look is None else np.clip(look.apply(before), 0, 1)


def _format(example: Example, made: Made) -> float:
    if example.wish.path == "retouch":
        return reasoning.format_reward(made.text, made.retouch_tokens)
    try:
        found = operations.read(made.text)
    except BadInput:
        return 0.0
    return 0.5 if found.mended else 1.0

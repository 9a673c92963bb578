"""From examples to the batches that trainers take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from ...engines.vlm.batching import Speaker, encode
from ...engines.vlm.local import retouch_places
from .examples import Example, Source


class Examples(Dataset):
    """A source as torch's data loaders know it."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, index: int) -> Example:
        return self.source[index]


@dataclass(frozen=True)
class Supervised:
    """Collates examples with their completions."""

    speaker: Speaker

    def __call__(self, examples: Sequence[Example]) -> dict[str, Any]:
        """``inputs``, ``labels``, and for rows with retouch tokens (mask ``told``) where their states are and
        the colours before and after.
        """
        batch = encode(
            self.speaker,
            [one.wish.prompt for one in examples],
            [one.pictures for one in examples],
            [one.completion(self.speaker) for one in examples],
        )
        told = torch.tensor([one.wish.path == "retouch" for one in examples])
        places = torch.zeros((len(examples), 3), dtype=torch.long)
        if bool(told.any()):
            retouch = self.speaker.vocabulary.retouch
            places[told] = retouch_places(batch.inputs["input_ids"][told], retouch)
        colours = {name: colours_of(examples, name) for name in ("before", "after")}
        return {"inputs": batch.inputs, "labels": batch.labels, "told": told, "states_at": places, **colours}


def colours_of(examples: Sequence[Example], name: str) -> Tensor:
    """(B, POINTS, 3)."""
    return torch.from_numpy(np.stack([getattr(one, name) for one in examples]))


@dataclass(frozen=True)
class Plain:
    """Leaves examples as they are: rewards need all of them."""

    def __call__(self, examples: Sequence[Example]) -> dict[str, Any]:
        """One list."""
        return {"examples": list(examples)}

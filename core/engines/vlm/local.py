"""A model that runs here, in transformers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...errors import BadInput
from ...request import Pixels
from .answers import Look, Retouch
from .batching import Batch, Speaker, encode
from .loading import Loaded, load
from .net import IGNORED, GradingNet
from .sampling import draw_looks, draw_texts
from .wording import Wish

_LONGEST = {"retouch": 320, "operations": 512}  # tokens


@dataclass(frozen=True)
class Local:
    """Answers of a loaded model; see :class:`~.answers.Model`."""

    loaded: Loaded

    @classmethod
    def load(cls, folder: Path) -> Local:
        """Load a folder. Raises FileError."""
        return cls(load(folder))

    def look(self, wish: Wish, pictures: Sequence[Pixels], seed: int, temperature: float) -> Look:
        """Exactly 64 LUT tokens."""
        net, speaker = self.loaded.net, self.loaded.speaker
        batch = self._batch(wish.prompt, pictures)
        with _memory():
            drawn = draw_looks(net, speaker, batch, seed, temperature)
        return Look(drawn.codes[0].cpu().numpy().astype(np.uint8), float(drawn.score[0]))

    def retouch(self, wish: Wish, pictures: Sequence[Pixels], seed: int, temperature: float) -> Retouch:
        """Reasoning, then latents from the states of the retouch tokens."""
        net, speaker = self.loaded.net, self.loaded.speaker
        if net.adaptor is None:
            raise BadInput("this model has no retouch adaptor: train it with vlm_align")
        batch, longest = self._batch(wish.prompt, pictures), _LONGEST["retouch"]
        with _memory():
            [said] = draw_texts(net, speaker, batch, seed, temperature, longest, retouch=True)
            latents = latents_of(net, speaker, [wish.prompt], [pictures], [said], batch.labels.device)
        text = str(speaker.tokenizer.decode(said, skip_special_tokens=True))
        return Retouch(latents[0].cpu().numpy(), text, len(said) >= longest)

    def text(self, prompt: str, pictures: Sequence[Pixels], seed: int, temperature: float) -> str:
        """A text."""
        net, speaker = self.loaded.net, self.loaded.speaker
        longest = _LONGEST["operations"]
        with _memory():
            [said] = draw_texts(net, speaker, self._batch(prompt, pictures), seed, temperature, longest)
        return str(speaker.tokenizer.decode(said, skip_special_tokens=True))

    def _batch(self, prompt: str, pictures: Sequence[Pixels]) -> Batch:
        device = next(self.loaded.net.parameters()).device
        return encode(self.loaded.speaker, [prompt], [pictures]).to(device)


def latents_of(
    net: GradingNet,
    speaker: Speaker,
    prompts: Sequence[str],
    pictures: Sequence[Sequence[Any]],
    said: Sequence[Sequence[int]],
    device: Any,
) -> Tensor:
    """(B, 56) latents after texts that were said: the retouch tokens are put after each."""
    retouch = speaker.vocabulary.retouch
    batch = encode(speaker, prompts, pictures, [[*row, *retouch] for row in said]).to(device)
    with torch.no_grad():
        none = torch.full_like(batch.labels, IGNORED)
        none[:, -1] = batch.labels[:, -1]
        answer = net(batch.inputs, none, states_at=retouch_places(batch.inputs["input_ids"], retouch))
    assert answer.latents is not None
    return answer.latents


def retouch_places(ids: Tensor, retouch: Sequence[int]) -> Tensor:
    """(B, 3) the last position of each retouch token in rows (B, T). Raises BadInput where one is missing."""
    marks = torch.stack([ids == token for token in retouch], 1)  # B, 3, T
    if not bool(marks.any(-1).all()):
        raise BadInput("a row lacks its retouch tokens")
    from_end = marks.flip(-1).int().argmax(-1)
    return ids.shape[1] - 1 - from_end


class _memory:  # noqa: N801 - a context manager, read as a word
    """Out of memory on the GPU is the user's matter, in one line."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, _trace: Any) -> None:
        if isinstance(error, torch.OutOfMemoryError):
            raise BadInput(
                "the model does not fit the GPU's memory: use a smaller one, or serve it (--endpoint)"
            ) from None

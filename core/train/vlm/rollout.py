"""Drawing groups of answers to examples, and the batches that an update reads them from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ...engines.vlm.batching import Batch, Speaker, encode
from ...engines.vlm.local import latents_of
from ...engines.vlm.net import IGNORED, GradingNet
from ...engines.vlm.sampling import draw_looks, draw_texts, unsayable
from .examples import Example
from .rewards import Made


@dataclass(frozen=True)
class Drawing:
    """``group`` answers an example; ``temperature``; ``length`` LUT tokens; ``longest`` tokens of a text;
    ``rows`` go through the model at once.
    """

    group: int = 8
    temperature: float = 1.0
    length: int = 64
    longest: int = 256
    rows: int = 8


@dataclass(frozen=True)
class Answers:
    """Rows of answers, an example's group in a row: ``made``, and the ids said after each prompt."""

    examples: list[Example]
    made: list[Made]
    said: list[list[int]]

    def __len__(self) -> int:
        return len(self.said)


def answers(
    net: GradingNet,
    speaker: Speaker,
    examples: Sequence[Example],
    how: Drawing,
    seed: int,
    device: torch.device,
) -> Answers:
    """A group of answers to each example, all of one path."""
    repeated = [one for one in examples for _ in range(how.group)]
    made: list[Made] = []
    said: list[list[int]] = []
    for start in range(0, len(repeated), how.rows):
        part = repeated[start : start + how.rows]
        batch = encode(speaker, [one.wish.prompt for one in part], [one.pictures for one in part]).to(device)
        draw = _looks if part[0].wish.path == "lut" else _texts
        more, ids = draw(net, speaker, batch, part, how, seed + start)
        made += more
        said += ids
    return Answers(repeated, made, said)


def _looks(
    net: GradingNet, speaker: Speaker, batch: Batch, _part: list[Example], how: Drawing, seed: int
) -> tuple[list[Made], list[list[int]]]:
    codes = draw_looks(net, speaker, batch, seed, how.temperature, how.length).codes.tolist()
    v = speaker.vocabulary
    made = [Made(np.array(row, np.uint8)) for row in codes]
    return made, [[v.begin, *(v.lut[code] for code in row)] for row in codes]


def _texts(
    net: GradingNet, speaker: Speaker, batch: Batch, part: list[Example], how: Drawing, seed: int
) -> tuple[list[Made], list[list[int]]]:
    """What follows the text is no choice of the policy's unless it made it: it learns to end, not how."""
    retouch = part[0].wish.path == "retouch"
    rows = draw_texts(net, speaker, batch, seed, how.temperature, how.longest, retouch)
    texts = [str(speaker.tokenizer.decode(row, skip_special_tokens=True)) for row in rows]
    if not retouch:
        return [Made(text=text) for text in texts], [_ended(row, speaker.stop, how) for row in rows]
    v = speaker.vocabulary
    prompts, pictures = [one.wish.prompt for one in part], [one.pictures for one in part]
    latents = latents_of(net, speaker, prompts, pictures, rows, batch.labels.device).cpu()
    made = [
        Made(text=text, latents=z, retouch_tokens=3 if len(row) < how.longest else 0)
        for text, z, row in zip(texts, latents, rows, strict=True)
    ]
    return made, [_ended(row, v.retouch[0], how) for row in rows]


def _ended(row: list[int], end: int, how: Drawing) -> list[int]:
    return [*row, end] if len(row) < how.longest else row


@dataclass(frozen=True)
class Scored:
    """Rows to be scored: the batch, the answers' ``lengths`` (n,), the ids that could alone, or never, be
    said.
    """

    batch: Batch
    lengths: Tensor
    only: Tensor | None
    never: Tensor | None

    def to(self, device: torch.device) -> Scored:
        """On a device."""
        only, never = (None if ids is None else ids.to(device) for ids in (self.only, self.never))
        return Scored(self.batch.to(device), self.lengths.to(device), only, never)


def encoded(answers: Answers, speaker: Speaker, rows: slice) -> Scored:
    """Some rows with their answers as labels; ``<|lut_begin|>`` was given, so it is not learnt from."""
    examples, said = answers.examples[rows], answers.said[rows]
    pictures = [one.pictures for one in examples]
    batch = encode(speaker, [one.wish.prompt for one in examples], pictures, said)
    if examples[0].wish.path != "lut":
        never = torch.tensor(unsayable(speaker, examples[0].wish.path == "retouch"))
        return Scored(batch, torch.tensor([len(row) for row in said]), None, never)
    batch.labels[batch.labels == speaker.vocabulary.begin] = IGNORED
    lengths = torch.tensor([len(row) - 1 for row in said])
    return Scored(batch, lengths, torch.tensor(speaker.vocabulary.lut), None)

"""From wishes and pictures to a batch of tokens, padded on the left, with pictures' tensors beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ...errors import BadInput
from .net import IGNORED
from .pictures import Family, features, image_token
from .shown import Picture, shown
from .vocabulary import Vocabulary

START, STOP = "<|im_start|>", "<|im_end|>"


@dataclass(frozen=True)
class Speaker:
    """What turns wishes into tokens: the checkpoint's tokenizer and image processor, and the added tokens."""

    tokenizer: Any
    processor: Any
    config: Any
    family: Family
    vocabulary: Vocabulary
    side: int

    @property
    def stop(self) -> int:
        """The id that ends an answer."""
        return int(self.tokenizer.convert_tokens_to_ids(STOP))

    def text_ids(self, text: str) -> list[int]:
        """The ids of a text, nothing added."""
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def look_ids(self, tokens: Sequence[int]) -> list[int]:
        """A look's 64 codec tokens as a completion: begin, the tokens, end, stop."""
        v = self.vocabulary
        return [v.begin, *(v.lut[int(code)] for code in tokens), v.end, self.stop]

    def answer_ids(self, text: str) -> list[int]:
        """A text as a completion."""
        return [*self.text_ids(text), self.stop]


@dataclass(frozen=True)
class Batch:
    """``inputs`` : for the model, token rows (B, T). ``labels`` (B, T) : of the completions."""

    inputs: dict[str, Tensor]
    labels: Tensor

    def to(self, device: Any) -> Batch:
        """The batch on a device."""
        return Batch({k: v.to(device) for k, v in self.inputs.items()}, self.labels.to(device))


def encode(
    speaker: Speaker,
    prompts: Sequence[str],
    pictures: Sequence[Sequence[Picture]],
    completions: Sequence[Sequence[int]] | None = None,
) -> Batch:
    """A batch of prompts after their pictures, with completions to learn or to score, if any.

    Raises
    ------
    BadInput : image tokens cannot be placed, which would be a broken tokenizer
    """
    images = [[shown(one, speaker.side) for one in row] for row in pictures]
    tensors = features(speaker.processor, speaker.family, [one for row in images for one in row])
    rows, marks, used = [], [], 0
    for i, prompt in enumerate(prompts):
        ids = _prompt_ids(speaker, prompt, tensors, used, len(images[i]))
        used += len(images[i])
        rest = list(completions[i]) if completions is not None else []
        rows.append([*ids, *rest])
        marks.append(len(ids))
    return _padded(speaker, rows, marks, tensors)


def _prompt_ids(
    speaker: Speaker, prompt: str, tensors: dict[str, Tensor], first: int, count: int
) -> list[int]:
    token = image_token(speaker.config)
    family = speaker.family
    one = family.begin + speaker.tokenizer.convert_ids_to_tokens(token) + family.end
    text = f"{START}user\n{one * count}{prompt}{STOP}\n{START}assistant\n"
    found: list[int] = []
    seen = 0
    for piece in speaker.text_ids(text):
        if piece == token:
            found += [token] * family.count(tensors, speaker.config, first + seen)
            seen += 1
        else:
            found.append(piece)
    if seen != count:
        raise BadInput(f"the tokenizer gives {seen} image tokens for {count} pictures")
    return found


def _padded(speaker: Speaker, rows: list[list[int]], marks: list[int], tensors: dict[str, Tensor]) -> Batch:
    longest = max(len(row) for row in rows)
    pad = speaker.tokenizer.pad_token_id
    ids = torch.full((len(rows), longest), speaker.stop if pad is None else pad)
    mask, labels = torch.zeros_like(ids), torch.full_like(ids, IGNORED)
    for i, (row, mark) in enumerate(zip(rows, marks, strict=True)):
        start = longest - len(row)
        ids[i, start:], mask[i, start:] = torch.tensor(row), 1
        labels[i, start + mark :] = ids[i, start + mark :]
    inputs = {"input_ids": ids, "attention_mask": mask, **tensors}
    if "image_grid_thw" in tensors:  # the position code of the Qwen families asks for it
        inputs["mm_token_type_ids"] = ((ids == image_token(speaker.config)) & (mask == 1)).to(torch.int32)
    return Batch(inputs, labels)

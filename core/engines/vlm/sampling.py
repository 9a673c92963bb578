"""Decoding: exactly 64 LUT tokens, or a text that ends in retouch tokens or in JSON."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import GenerationConfig, LogitsProcessor, LogitsProcessorList

from .batching import Batch, Speaker
from .net import GradingNet
from .pictures import image_token
from .vocabulary import LENGTH


class Only(LogitsProcessor):  # type: ignore[misc]
    """Nothing but these ids can be said."""

    def __init__(self, ids: Tensor) -> None:
        self.ids = ids

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:  # type: ignore[override]
        """(B, V) scores with the others at minus infinity."""
        kept = torch.full_like(scores, -torch.inf)
        kept[:, self.ids] = scores[:, self.ids]
        return kept


@dataclass(frozen=True)
class Drawn:
    """Codes of looks (B, length) 0..255, and the mean log probability of each (B,)."""

    codes: Tensor
    score: Tensor


def draw_looks(
    net: GradingNet,
    speaker: Speaker,
    batch: Batch,
    seed: int,
    temperature: float = 0.0,
    length: int = LENGTH,
    use_cache: bool = True,
) -> Drawn:
    """A look a row, by constrained decoding after ``<|lut_begin|>``.

    Parameters
    ----------
    batch : prompts without completions
    temperature : 0 takes the likeliest token at every step
    """
    ids = torch.tensor(speaker.vocabulary.lut, device=batch.labels.device)
    inputs = _begun(batch, speaker.vocabulary.begin)
    settings = _settings(speaker, length, temperature, use_cache)
    settings.min_new_tokens = length
    settings.output_scores = settings.return_dict_in_generate = True
    with torch.no_grad(), seeded(seed):
        found = net.generate(
            **inputs,
            generation_config=settings,
            logits_processor=LogitsProcessorList([Only(ids)]),
        )
    said = found.sequences[:, -length:]
    logp = torch.stack([step.float().log_softmax(-1) for step in found.scores], 1)
    score = logp.gather(2, said[..., None])[..., 0].mean(1)
    return Drawn((said[..., None] == ids).int().argmax(-1), score)


def draw_texts(
    net: GradingNet,
    speaker: Speaker,
    batch: Batch,
    seed: int,
    temperature: float = 0.0,
    longest: int = 256,
    retouch: bool = False,
) -> list[list[int]]:
    """The ids of a text a row, without what ended it; on the retouch path a retouch token ends it."""
    v = speaker.vocabulary
    ends = [speaker.stop, *(v.retouch if retouch else ())]
    settings = _settings(speaker, longest, temperature, True)
    settings.eos_token_id = ends
    settings.suppress_tokens = unsayable(speaker, retouch)
    with torch.no_grad(), seeded(seed):
        found = net.generate(**batch.inputs, generation_config=settings)
    rows = found[:, batch.labels.shape[1] :].tolist()
    return [_before(row, set(ends)) for row in rows]


def _before(row: list[int], ends: set[int]) -> list[int]:
    at = next((i for i, one in enumerate(row) if one in ends), len(row))
    return row[:at]


def unsayable(speaker: Speaker, retouch: bool) -> list[int]:
    """Ids that have no place in a text: LUT tokens, the image token (it would break the position code)."""
    v = speaker.vocabulary
    return [*v.lut, v.begin, v.end, image_token(speaker.config), *(() if retouch else v.retouch)]


def _begun(batch: Batch, begin: int) -> dict[str, Tensor]:
    """The prompts with ``<|lut_begin|>`` said already."""
    inputs = dict(batch.inputs)
    for name, value in (("input_ids", begin), ("attention_mask", 1), ("mm_token_type_ids", 0)):
        if name in inputs:
            more = torch.full_like(inputs[name][:, :1], value)
            inputs[name] = torch.cat([inputs[name], more], 1)
    return inputs


def _settings(speaker: Speaker, longest: int, temperature: float, use_cache: bool) -> GenerationConfig:
    """Everything said: what a checkpoint's own generation_config.json holds (penalties) is for chats."""
    pad = speaker.tokenizer.pad_token_id
    how: dict[str, Any] = {"do_sample": False}
    if temperature > 0:
        how = {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0}
    return GenerationConfig(
        max_new_tokens=longest,
        use_cache=use_cache,
        repetition_penalty=1.0,
        num_beams=1,
        pad_token_id=speaker.stop if pad is None else pad,
        eos_token_id=speaker.stop,
        **how,
    )


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """A random stream of its own; the global one goes on afterwards as if nothing had been drawn."""
    devices = [torch.cuda.current_device()] if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        yield

"""One module around any supported model: log probabilities where they are asked for, and retouch latents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from .adaptor import Adaptor

IGNORED = -100  # a label that is not learnt


@dataclass
class Answer:
    """``logp`` (N,) of the labels that count, in reading order; ``hit`` (N,) whether each was the likeliest;
    ``entropy`` (N,) of the distributions, without a gradient; ``latents`` (B, 56), or None.
    """

    logp: Tensor
    hit: Tensor
    entropy: Tensor
    latents: Tensor | None


class GradingNet(nn.Module):
    """A vision-language model with a retouch adaptor beside it.

    The language head runs on the positions that count alone: over 150,000 tokens at every image patch are
    gigabytes of logits that nobody asks for.
    """

    def __init__(self, vlm: Any, adaptor: Adaptor | None = None) -> None:
        super().__init__()
        self.vlm, self.adaptor = vlm, adaptor

    @property
    def core(self) -> Any:
        """The transformers model, whether LoRA is around it or not."""
        return self.vlm.get_base_model() if hasattr(self.vlm, "get_base_model") else self.vlm

    @property
    def _no_split_modules(self) -> Any:
        """The layers that FSDP shards one by one."""
        return self.core._no_split_modules

    @property
    def config(self) -> Any:
        """The transformers config."""
        return self.core.config

    def forward(
        self,
        inputs: dict[str, Tensor],
        labels: Tensor,
        only: Tensor | None = None,
        temperature: float = 1.0,
        states_at: Tensor | None = None,
        never: Tensor | None = None,
    ) -> Answer:
        """Read a batch.

        Parameters
        ----------
        inputs : what :func:`~.batching.encode` makes; rows of (B, T)
        labels : (B, T) ids, IGNORED where nothing is learnt
        only : ids that can be said at all (constrained decoding), or None for all of them
        temperature : of the distribution that was drawn from
        states_at : (B, 3) positions of the retouch tokens, whose states become latents
        never : ids that could not be said
        """
        hidden = self.core.model(**inputs, use_cache=False).last_hidden_state
        wanted = labels[:, 1:]
        counts = wanted != IGNORED
        logits = self.core.lm_head(hidden[:, :-1][counts]).float() / temperature
        target = wanted[counts]
        if only is not None:
            logits, target = logits[:, only], position_in(only, target)
        if never is not None:
            logits = logits.index_fill(1, never, -torch.inf)
        spread = logits.log_softmax(-1)
        with torch.no_grad():
            entropy = -(spread.exp() * spread.clamp_min(-60)).sum(-1)
            hit = spread.argmax(-1) == target
        logp = spread.gather(1, target[:, None]).sum(1)  # no view: FSDP hooks what comes out
        return Answer(logp, hit, entropy, self._latents(hidden, states_at))

    def generate(self, **settings: Any) -> Any:
        """transformers' own, by a name that FSDP can be told to gather the shards for."""
        return self.core.generate(**settings)

    def _latents(self, hidden: Tensor, states_at: Tensor | None) -> Tensor | None:
        if states_at is None or self.adaptor is None:
            return None
        rows = torch.arange(len(hidden), device=hidden.device)[:, None]
        return self.adaptor(hidden[rows, states_at])  # type: ignore[no-any-return]

    def activation_checkpointing_enable(
        self, activation_checkpointing_kwargs: Any = None, **more: Any
    ) -> None:
        """As transformers' Trainer calls it."""
        self.core.activation_checkpointing_enable(
            activation_checkpointing_kwargs=activation_checkpointing_kwargs, **more
        )
        self.core.enable_input_require_grads()


def position_in(only: Tensor, ids: Tensor) -> Tensor:
    """(N,) where each id stands in ``only``."""
    order = only.argsort()
    return order[torch.searchsorted(only[order].contiguous(), ids.contiguous())]

"""Supervised stages: next token prediction, and for retouches the pixels too.

AceTone eq. 3 to 5 (pretraining on pairs, transfer, instructions); VeraRetouch eq. 3: alpha times the
cross-entropy of the text, plus the L1 distance of the photo's colours as the frozen renderer makes them from
the latents.
"""

from __future__ import annotations

from typing import Any

import torch
import transformers
from torch import Tensor, nn

from ...engines.vlm.net import Answer, GradingNet
from .feeding import Examples, Supervised
from .trainer import GradingTrainer


class SupervisedTrainer(GradingTrainer):
    """Cross-entropy of the completions, weighted by ``alpha``, plus L1 of the retouched colours."""

    def __init__(
        self,
        net: GradingNet,
        args: transformers.TrainingArguments,
        data: Examples,
        collate: Supervised,
        renderer: nn.Module | None = None,
        alpha: float = 1.0,
    ) -> None:
        self.renderer, self.alpha = renderer, alpha
        super().__init__(net, args, train_dataset=data, data_collator=collate)

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Tensor | tuple[Tensor, Any]:
        """The loss of a batch as its share in the whole step's mean over tokens, so that processes and
        accumulation change nothing.
        """
        told = inputs["told"]
        places = inputs["states_at"] if bool(told.any()) else None
        answer: Answer = model(inputs["inputs"], inputs["labels"], states_at=places)
        world = self.accelerator.num_processes
        tokens = len(answer.logp) * world if num_items_in_batch is None else num_items_in_batch
        loss = -self.alpha * answer.logp.sum() * world / tokens
        self.note("accuracy", float(answer.hit.float().mean()))
        if answer.latents is not None and self.renderer is not None:
            pixels = self.pixel_loss(answer.latents, inputs)
            self.note("pixels", float(pixels.detach()))
            loss = loss + pixels / self.args.gradient_accumulation_steps
        return (loss, answer) if return_outputs else loss

    def pixel_loss(self, latents: Tensor, inputs: dict[str, Any]) -> Tensor:
        """Mean L1 over the batch's rows; rows without retouch tokens count as zero.

        On the CPU, where the renderer's constants are: it is 256 colours a row.
        """
        assert self.renderer is not None
        before, after, told = (inputs[name].cpu().float() for name in ("before", "after", "told"))
        with torch.autocast("cpu", enabled=False):
            made = self.renderer(before, latents.cpu().float())
            off = (made - after).abs().mean((1, 2))
        return (off * told).mean().to(latents.device)

"""Reward training: GRPO and DAPO over the tokens of drawn answers.

TRL's GRPOTrainer is not used: it scores completions over the whole vocabulary while ours are drawn from the
256 LUT tokens alone (the ratio would not be that of the policy), it has no place for a logits processor, for
dynamic sampling or for latents beside the tokens, and it needs AutoProcessor. Everything around the objective
is transformers' Trainer, as it is in TRL.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
import transformers
from torch import Tensor, nn

from ...engines.vlm.batching import Speaker
from ...engines.vlm.net import GradingNet
from ...errors import BadInput
from .examples import Example
from .feeding import Examples, Plain
from .losses import Objective, advantages, token_losses, uneven, weights
from .rewards import Made
from .rollout import Answers, Drawing, answers, encoded
from .trainer import GradingTrainer, total

Reward = Callable[[Sequence[Example], Sequence[Made]], Tensor]


@dataclass(frozen=True)
class Round:
    """Answers to learn from: per row an advantage, per chunk of rows (N,) log probabilities."""

    answers: Answers
    advantage: Tensor
    old: list[Tensor]
    start: list[Tensor | None]


@dataclass(frozen=True)
class Policy:
    """How a policy is trained.

    ``updates`` : steps on the same answers before new ones are drawn. ``redraws`` : times that even groups
    are replaced, at most.
    """

    objective: Objective
    drawing: Drawing
    updates: int = 1
    redraws: int = 3

    def __post_init__(self) -> None:
        if self.drawing.group < 2:
            raise BadInput(f"group = {self.drawing.group}: an answer is compared with others, so 2 or more")
        if self.updates < 1 or self.redraws < 0 or self.drawing.temperature <= 0:
            raise BadInput("updates are 1 or more, redraws 0 or more, temperature above 0")


def first_policy(net: GradingNet, objective: Objective) -> GradingNet | None:
    """A copy of the policy that training begins with, for the KL term; to be made before anything is learnt.

    None where there is no such term, and with LoRA: there it is the model with its adapters off, at no cost.
    """
    if not objective.divergence or hasattr(net.vlm, "disable_adapter"):
        return None
    return copy.deepcopy(net).requires_grad_(False).eval()


class PolicyTrainer(GradingTrainer):
    """One optimiser step a batch of examples; answers are drawn every ``updates`` steps.

    ``first`` : see :func:`first_policy`
    """

    def __init__(
        self,
        net: GradingNet,
        args: transformers.TrainingArguments,
        data: Examples,
        speaker: Speaker,
        reward: Reward,
        policy: Policy,
        first: GradingNet | None = None,
    ) -> None:
        if args.gradient_accumulation_steps != 1:
            raise BadInput("accumulate is 1 here: a step reads its answers 'rows' at a time by itself")
        if args.save_steps % policy.updates:
            raise BadInput(f"save must be a multiple of updates ({policy.updates}): answers are not kept")
        self.speaker, self.reward, self.policy = speaker, reward, policy
        self._round: Round | None = None
        self._first = first
        self._gathering = False
        super().__init__(net, args, train_dataset=data, data_collator=Plain())
        self.loss_is_scaled_for_ga = True

    # -- a step

    def training_step(
        self, model: nn.Module, inputs: dict[str, Any], num_items_in_batch: Tensor | int | None = None
    ) -> Tensor:
        """Draw answers if it is time, then one update; the loss, without a gradient."""
        if self._first is not None:
            self._first.to(self.args.device)
        if self.state.global_step % self.policy.updates == 0 or self._round is None:
            self._round = self._drawn(model, inputs["examples"])
        return self._update(model, self._round)

    def _drawn(self, model: nn.Module, examples: list[Example]) -> Round:
        model.eval()
        self._let_generate(model)
        found, rewards = self._rewarded(model, examples, 0)
        self.note("reward", float(rewards.mean()))
        self.note("reward_spread", float(rewards.std(1, correction=0).mean()))
        if self.policy.objective.drop_even:
            found, rewards = self._redrawn(model, examples, found, rewards)
        old, start = self._before(model, found)
        return Round(found, advantages(rewards).flatten(), old, start)

    def _rewarded(self, model: nn.Module, examples: list[Example], attempt: int) -> tuple[Answers, Tensor]:
        how, device = self.policy.drawing, self.args.device
        place = (self.state.global_step * 64 + attempt) * self.accelerator.num_processes
        seed = (self.args.seed * 1_000_003 + place + self.accelerator.process_index) % 2**31 * 4096
        found = answers(self.net, self.speaker, examples, how, seed, device)
        return found, self.reward(found.examples, found.made).float().view(-1, how.group)

    def _redrawn(
        self, model: nn.Module, examples: list[Example], found: Answers, rewards: Tensor
    ) -> tuple[Answers, Tensor]:
        """Dynamic sampling: groups that are even make room for ones that are not, as far as redraws go.

        Every process goes on until the last is done, since sharded models are only run together. What is even
        still stays in its place: its advantages are zero.
        """
        group, groups = self.policy.drawing.group, _groups(found, self.policy.drawing.group)
        for attempt in range(1, self.policy.redraws + 1):
            even = (~uneven(rewards)).nonzero()[:, 0].tolist()
            self.note("even_groups", len(even) / len(rewards))
            if not int(total(torch.tensor(len(even), device=self.args.device), self)):
                break
            fresh, scores = self._rewarded(model, self._others(examples, attempt), attempt)
            good = uneven(scores).nonzero()[:, 0].tolist()
            replacements = _groups(fresh, group)
            for place, other in zip(even, good, strict=False):
                groups[place], rewards[place] = replacements[other], scores[other]
        rows = [row for one in groups for row in one]
        return Answers(*(list(column) for column in zip(*rows, strict=True))), rewards

    def _others(self, examples: list[Example], attempt: int) -> list[Example]:
        """More examples of the same path, from behind those that steps take in turn."""
        source, path = self.train_dataset.source, examples[0].wish.path  # type: ignore[union-attr]
        world, count = self.accelerator.num_processes, len(examples)
        turn = self.state.global_step * self.policy.redraws + attempt - 1
        index = self.args.max_steps * count * world + (turn * world + self.accelerator.process_index) * count
        found: list[Example] = []
        while len(found) < count:
            one = source[index % len(source)]
            found += [one] if one.wish.path == path else []
            index += 1
        return found

    def _before(self, model: nn.Module, found: Answers) -> tuple[list[Tensor], list[Tensor | None]]:
        """Log probabilities under the policy that drew, and under the first one."""
        old: list[Tensor] = []
        start: list[Tensor | None] = []
        for rows in self._chunks(found):
            with torch.no_grad():
                old.append(self._logp(model, found, rows)[0])
                start.append(self._first_logp(model, found, rows))
        return old, start

    def _first_logp(self, model: nn.Module, found: Answers, rows: slice) -> Tensor | None:
        if not self.policy.objective.divergence:
            return None
        if self._first is not None:
            return self._logp(self._first, found, rows)[0]
        with self.net.vlm.disable_adapter():
            return self._logp(model, found, rows)[0]

    def _logp(self, model: nn.Module, found: Answers, rows: slice) -> tuple[Tensor, Tensor, Tensor]:
        s = encoded(found, self.speaker, rows).to(self.args.device)
        heat = self.policy.drawing.temperature
        answer = model(s.batch.inputs, s.batch.labels, s.only, heat, never=s.never)
        return answer.logp, s.lengths, answer.entropy

    def _chunks(self, found: Answers) -> list[slice]:
        rows = self.policy.drawing.rows
        return [slice(start, min(start + rows, len(found))) for start in range(0, len(found), rows)]

    def _update(self, model: nn.Module, turn: Round) -> Tensor:
        model.train()
        objective = self.policy.objective
        lengths = torch.tensor([len(row) for row in turn.answers.said], device=self.args.device)
        lengths = lengths - int(turn.answers.examples[0].wish.path == "lut")
        share = weights(lengths, objective.by_token).to(self.args.device)
        if objective.by_token:  # every token of every process alike
            tokens = lengths.sum().float()
            share = share * tokens * self.accelerator.num_processes / total(tokens, self)
        found, used = torch.zeros((), device=self.args.device), 0
        chunks = self._chunks(turn.answers)
        for number, rows in enumerate(chunks):
            last = number == len(chunks) - 1
            with nullcontext() if last else self.accelerator.no_sync(model):
                now, counts, entropy = self._logp(model, turn.answers, rows)
                each = torch.repeat_interleave(turn.advantage[rows].to(now.device), counts)
                start = turn.start[number]
                costs = token_losses(now, turn.old[number], each, objective, start)
                loss = (costs * share[used : used + len(now)]).sum()
                used += len(now)
                self.accelerator.backward(loss)
            found = found + loss.detach()
            self.note("entropy", float(entropy.mean()))
            self.note("clipped", _clipped(now, turn.old[number], objective))
        return found

    def _let_generate(self, model: nn.Module) -> None:
        if self.is_fsdp_enabled and not self._gathering:
            from torch.distributed.fsdp import register_fsdp_forward_method

            register_fsdp_forward_method(model, "generate")
            self._gathering = True


def _groups(found: Answers, group: int) -> list[list[tuple[Example, Made, list[int]]]]:
    rows = list(zip(found.examples, found.made, found.said, strict=True))
    return [rows[start : start + group] for start in range(0, len(rows), group)]


def _clipped(now: Tensor, old: Tensor, objective: Objective) -> float:
    ratio = (now.detach() - old).exp()
    return float(((ratio < 1 - objective.low) | (ratio > 1 + objective.high)).float().mean())

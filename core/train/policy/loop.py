"""The training loop of every stage of the compact engine: budget, schedule, averaging, checkpoints."""

from __future__ import annotations

import copy
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from ...errors import BadInput
from ..progress import progress

Net = TypeVar("Net", bound=nn.Module)


@dataclass
class Budget:
    """How long to train. ``minutes`` counts over all sittings of a resumed run; ``steps`` ends it sooner."""

    minutes: float
    steps: int | None = None


@dataclass
class Run(Generic[Net]):
    """One training run in a folder: ``last.pt`` to go on from, ``metrics.jsonl`` to look at.

    ``step_loss(model, rng, generator)`` draws a batch and returns its loss; ``evaluate(model)`` returns
    figures for the averaged weights. Same seed, same machine, same number of steps: same weights,
    resumed or not, since the random streams are kept in the checkpoint. ``start`` is another run's
    checkpoint, whose averaged weights this one begins with.
    """

    folder: Path
    model: Net
    step_loss: Callable[[nn.Module, np.random.Generator, torch.Generator], Tensor]
    evaluate: Callable[[nn.Module], dict[str, float]]
    budget: Budget
    seed: int
    rate: float = 1e-3
    decay: float = 0.02
    averaging: float = 0.998
    every: int = 500
    bfloat: bool = True
    start: Path | None = None
    state: dict[str, Any] = field(default_factory=lambda: {"step": 0, "seconds": 0.0})

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.rng = np.random.default_rng(self.seed)
        self.generator = torch.Generator().manual_seed(self.seed)
        torch.manual_seed(self.seed)
        if self.start is not None:
            begun = torch.load(self.start, weights_only=True)
            self.model.load_state_dict(begun["average"])
        groups = [
            {"params": [p for p in self.model.parameters() if p.ndim > 1], "weight_decay": self.decay},
            {"params": [p for p in self.model.parameters() if p.ndim <= 1], "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.AdamW(groups, self.rate, betas=(0.9, 0.98))
        self.average = copy.deepcopy(self.model).eval()
        self._resume()

    def train(self) -> Net:
        """Train until the budget is spent; the averaged model."""
        started = time.monotonic() - self.state["seconds"]
        losses: list[float] = []
        with progress(self.folder.name) as show:
            while (done := self._done()) < 1:
                losses.append(self._step(done))
                self.state["seconds"] = time.monotonic() - started
                show(done, f"step {self.state['step']}, loss {np.mean(losses[-50:]):.3f}")
                if self.state["step"] % self.every == 0:
                    self._report(losses)
                    losses = []
        self._report(losses)
        return self.average

    def _done(self) -> float:
        if self.budget.steps is not None:
            return float(self.state["step"] / self.budget.steps)
        return float(self.state["seconds"] / 60 / self.budget.minutes)

    def _step(self, done: float) -> float:
        warm = min(1.0, (self.state["step"] + 1) / 200)
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(done, 1))))
        self.model.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat):
            loss = self.step_loss(self.model, self.rng, self.generator)
        self.optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.state["step"] += 1
        keep = min(self.averaging, self.state["step"] / (self.state["step"] + 10))
        with torch.no_grad():
            for mean, now in zip(self.average.parameters(), self.model.parameters(), strict=True):
                mean.lerp_(now, 1 - keep)
        return float(loss.detach())

    def _report(self, losses: list[float]) -> None:
        figures = self.evaluate(self.average)
        row = {
            "step": self.state["step"],
            "minutes": round(self.state["seconds"] / 60, 2),
            "loss": float(np.mean(losses)) if losses else None,
            **figures,
        }
        with open(self.folder / "metrics.jsonl", "a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")
        self._save()

    def _save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "generator": self.generator.get_state(),
            "torch": torch.get_rng_state(),
            "numpy": json.dumps(self.rng.bit_generator.state),
            "state": self.state,
        }
        torch.save(state, self.folder / "last.tmp")
        os.replace(self.folder / "last.tmp", self.folder / "last.pt")

    def _resume(self) -> None:
        path = self.folder / "last.pt"
        if not path.exists():
            return
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.generator.set_state(state["generator"])
        torch.set_rng_state(state["torch"])
        self.rng.bit_generator.state = json.loads(state["numpy"])
        self.state = state["state"]


def checkpoint_of(run: Path) -> Path:
    """The checkpoint of a run folder's last stage.

    Raises
    ------
    BadInput : there is none
    """
    for stage in ("rewarded", "supervised"):
        if (path := run / stage / "last.pt").exists():
            return path
    raise BadInput(f"{str(run)!r}: there is no finished run in this folder")

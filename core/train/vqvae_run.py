"""A VQ-VAE in training and the checkpoint that holds all of it.

A run that was interrupted and resumed equals one that was not, bit for bit, where the arithmetic
itself is repeatable: on the CPU, with the same number of threads and a budget in steps (with a
budget in minutes the learning rate follows the clock). Every random number of the training comes
from one generator on the CPU, whose state is in the checkpoint; recipes are drawn again from the seed.
"""

from __future__ import annotations

import io
import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from ..errors import BadInput, FileError
from ..files import write_bytes
from .vqvae import SPREAD, VqVae

PRECISIONS = ("float32", "bfloat16")


@dataclass(frozen=True)
class Settings:
    """What a run is made of; codec_vqvae.toml says what each is."""

    seed: int = 1
    minutes: float = 20.0
    steps: int = 0
    batch: int = 16
    rate: float = 1e-3
    warm_up: int = 100
    commitment: float = 0.25
    precision: str = "float32"
    recipes: int = 600
    every: int = 250

    def __post_init__(self) -> None:
        for field in fields(self):
            value, low = getattr(self, field.name), 0 if field.name in ("seed", "steps") else 1
            kind = type(field.default)
            if kind is float and (not _is_number(value) or value <= 0):
                raise BadInput(f"{field.name} = {value!r}: needs a number above 0")
            if kind is int and (type(value) is not int or value < low):
                raise BadInput(f"{field.name} = {value!r}: needs a whole number from {low} on")
        if self.precision not in PRECISIONS:
            raise BadInput(f"precision = {self.precision!r}: needs {' or '.join(PRECISIONS)}")

    def essence(self) -> dict[str, Any]:
        """What must not change when a run goes on; the budget may."""
        return {k: v for k, v in asdict(self).items() if k not in ("minutes", "steps", "every")}


class Run:
    """Network, optimiser, generator, and how far they are."""

    def __init__(self, settings: Settings, device: str) -> None:
        torch.manual_seed(settings.seed)
        self.settings, self.device = settings, device
        self.model = VqVae()
        self.model.to(device=device, memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
        self.optimiser = torch.optim.Adam(self.model.parameters(), settings.rate)
        self.generator = torch.Generator().manual_seed(settings.seed)
        self.step, self.minutes, self.cpu_minutes = 0, 0.0, 0.0
        self.sums: dict[str, Tensor] = {}

    def save(self, path: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        state = {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "generator": self.generator.get_state(),
            "step": self.step,
            "minutes": self.minutes,
            "cpu_minutes": self.cpu_minutes,
            "sums": self.sums,
            "settings": self.settings.essence(),
        }
        torch.save(state, memory := io.BytesIO())
        write_bytes(path, memory.getvalue(), overwrite=True)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint, made on any device.

        Raises
        ------
        FileError : it is damaged, or of a run with other settings
        """
        try:
            data = io.BytesIO(path.read_bytes())
        except OSError as error:
            raise FileError(path, error.strerror or "cannot be read") from None
        try:
            state = torch.load(data, weights_only=True, map_location="cpu")
            begun = state["settings"]
        except Exception:  # damaged pickles fail in many ways
            raise FileError(path, "is no checkpoint of this version", "begin again with --force") from None
        for name, value in self.settings.essence().items():
            if begun.get(name) != value:
                raise FileError(
                    path,
                    f"was begun with {name} = {begun.get(name)!r}, not {value!r}",
                    "resume with the same config, or begin again with --force",
                )
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])  # moves what it has to to the device
        self.generator.set_state(state["generator"])
        self.step, self.minutes, self.cpu_minutes = (state[k] for k in ("step", "minutes", "cpu_minutes"))
        self.sums = {name: value.to(self.device) for name, value in state["sums"].items()}

    def progress(self) -> float:
        """Share of the budget that is used up: of steps if they are given, else of minutes."""
        limit = self.settings.steps
        return min(1.0, self.step / limit if limit else self.minutes / self.settings.minutes)

    def rate(self) -> float:
        """Learning rate: linear warm-up, then half a cosine to 0 over the budget."""
        warm = min(1.0, (self.step + 1) / self.settings.warm_up)
        return self.settings.rate * warm * (0.5 + 0.5 * math.cos(math.pi * self.progress()))

    def advance(self, luts: Tensor) -> None:
        """One step on (n, 3, 32, 32, 32) looks minus the identity. Nothing here waits for a GPU."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate()
        luts = luts.contiguous(memory_format=torch.channels_last_3d)
        with torch.autocast(self.device, torch.bfloat16, enabled=self.settings.precision == "bfloat16"):
            made, commitment, revived = self.model(luts, self.generator)
        error = functional.mse_loss(made, luts) / SPREAD**2
        self.optimiser.zero_grad()
        (error + self.settings.commitment * commitment).backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        figures = {"error": error, "commitment": commitment, "revived": revived, "steps": torch.ones(())}
        for name, value in figures.items():
            value = value.detach().to(self.device, torch.float32)
            self.sums[name] = self.sums[name] + value if name in self.sums else value

    def means(self) -> dict[str, float]:
        """Means of losses and revived words since the last call."""
        sums = {name: value.item() for name, value in self.sums.items()}
        self.sums = {}
        steps = sums.pop("steps", 1)
        return {name: value / steps for name, value in sums.items()}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)

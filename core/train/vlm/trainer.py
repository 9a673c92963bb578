"""What supervised and reward training share on top of transformers' Trainer: order, checkpoints, metrics.

The Trainer brings mixed precision, accumulation, schedules, DDP and FSDP (through accelerate) and resuming.
Ours: examples come in the order of their index; a checkpoint holds what learns and nothing else, as
safetensors; metrics go to a file.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import torch
import transformers
from accelerate import DistributedType, FullyShardedDataParallelPlugin
from accelerate.state import AcceleratorState
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.utils.data import Sampler, SequentialSampler

from ...engines.vlm.net import GradingNet
from ...files import write_bytes
from ..progress import progress
from .parts import learnt, restore

WEIGHTS = "learnt.safetensors"


class GradingTrainer(transformers.Trainer):  # type: ignore[misc]
    """Trains a :class:`GradingNet`."""

    def __init__(self, net: GradingNet, args: transformers.TrainingArguments, **more: Any) -> None:
        self._figures: dict[str, list[float]] = {}
        super().__init__(model=net, args=args, **more)
        self.model_accepts_loss_kwargs = True  # the loss is divided by the tokens of the whole step
        self.remove_callback(transformers.PrinterCallback)
        self.add_callback(_Progress(Path(args.output_dir).name))

    def create_accelerator_and_postprocess(self) -> None:
        """As transformers does; and FSDP on several CPUs, for which accelerate would leave the model whole.

        (It asks for FSDP where there is an accelerator only, though torch shards over gloo just as well.)
        """
        super().create_accelerator_and_postprocess()
        plugin, state = self.args.fsdp_plugin_args, self.accelerator.state
        if plugin is not None and self.accelerator.distributed_type == DistributedType.MULTI_CPU:
            AcceleratorState._shared_state["distributed_type"] = DistributedType.FSDP
            state.fsdp_plugin = FullyShardedDataParallelPlugin(**plugin)
            self.is_fsdp_enabled = True

    @property
    def net(self) -> GradingNet:
        """The model without what distributes it."""
        found: GradingNet = self.accelerator.unwrap_model(self.model, keep_fp32_wrapper=False)
        return found

    def note(self, name: str, value: float) -> None:
        """A figure of this step, for the next line of metrics."""
        self._figures.setdefault(name, []).append(value)

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Into ``metrics.jsonl``, with the means of what was noted."""
        noted = {name: sum(values) / len(values) for name, values in self._figures.items() if values}
        self._figures = {}
        if self.args.should_save and "loss" in logs:
            row = {"step": self.state.global_step, **logs, **noted}
            with open(Path(self.args.output_dir) / "metrics.jsonl", "a", encoding="utf-8") as file:
                file.write(json.dumps({name: _rounded(value) for name, value in row.items()}) + "\n")
        super().log({**logs, **noted}, start_time)

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler:
        return SequentialSampler(self.train_dataset if train_dataset is None else train_dataset)  # type: ignore[arg-type]

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """What learns, gathered from all processes (which must all come here), written by the first."""
        found = learnt(self.net)
        if not self.args.should_save:
            return
        folder = Path(output_dir or str(self.args.output_dir))
        folder.mkdir(parents=True, exist_ok=True)
        save_file(found, folder / (WEIGHTS + ".part"))
        os.replace(folder / (WEIGHTS + ".part"), folder / WEIGHTS)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        """Nothing: :func:`resumed` has put the weights back before the model was wrapped."""


class _Progress(transformers.TrainerCallback):  # type: ignore[misc]
    """A bar on a terminal, a line now and then elsewhere; the main process only."""

    def __init__(self, what: str) -> None:
        self.what, self._bar, self._show, self._text = what, None, None, ""

    def on_train_begin(self, args: Any, state: Any, control: Any, **_more: Any) -> None:
        if state.is_world_process_zero:
            self._bar = progress(self.what)  # type: ignore[assignment]
            self._show = self._bar.__enter__()  # type: ignore[attr-defined]

    def on_step_end(self, args: Any, state: Any, control: Any, **_more: Any) -> None:
        if self._show is not None:
            self._show(state.global_step / max(1, state.max_steps), self._text)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_more: Any) -> None:
        if logs and "loss" in logs:
            self._text = f"step {state.global_step}, loss {logs['loss']:.3f}"

    def on_train_end(self, args: Any, state: Any, control: Any, **_more: Any) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)


def resumed(net: GradingNet, folder: Path) -> str | None:
    """Put the last checkpoint's weights into the net; its folder, or None where there is none."""
    last = _last_whole(folder)
    if last is None:
        return None
    restore(net, load_file(last / WEIGHTS))
    if int(os.environ.get("RANK", "0")) == 0:
        _forget(folder / "metrics.jsonl", _step(last))
    return str(last)


def _last_whole(folder: Path) -> Path | None:
    """The newest checkpoint; one that was being written when the run was killed lacks its last file."""
    found = [path for path in folder.glob("checkpoint-*") if (path / "trainer_state.json").is_file()]
    return max(found, key=_step, default=None)


def _step(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def _forget(path: Path, step: int) -> None:
    """Drop the lines of steps that will be done again."""
    if path.is_file():
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = "".join(line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= step)
        write_bytes(path, kept.encode(), overwrite=True)


def _rounded(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value


def total(value: Tensor, trainer: transformers.Trainer) -> Tensor:
    """The sum over processes, without a gradient."""
    found = trainer.accelerator.reduce(value.detach().clone(), "sum")
    assert isinstance(found, torch.Tensor)
    return found

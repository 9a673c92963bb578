"""``gradewright train vlm-sft``, ``vlm-grpo``, ``vlm-dapo``: the large engine. Needs the "vlm" extra."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .output import note
from .train_options import check_folder, needs, run_options

EPILOG = """\b
Examples:
  GRADEWRIGHT_DATA=data gradewright train vlm-sft --config vlm_pretrain --model Qwen2.5-VL-3B --out 1/
  GRADEWRIGHT_DATA=data gradewright train vlm-sft --model 1/model --out 2/
  GRADEWRIGHT_DATA=data gradewright train vlm-grpo --model 2/model --out 3/ --resume
  torchrun --nproc-per-node 2 -m gradewright.cli train vlm-sft --model 1/model --out 2/
See docs/vlm.md.
"""
WHAT = {
    "vlm-sft": "Train a vision-language model to grade, supervised.",
    "vlm-grpo": "Refine a vision-language model by rewards, with GRPO.",
    "vlm-dapo": "Refine a vision-language model by rewards, with DAPO.",
}


def command(kind: str) -> click.Command:
    """The command of one training."""
    shipped = kind.replace("-", "_")

    @click.command(kind, epilog=EPILOG, help=WHAT[kind])
    @run_options(
        shipped,
        "vlm_sft, vlm_pretrain, vlm_align, vlm_rsft" if kind == "vlm-sft" else "",
        kept="checkpoints, metrics.jsonl, and at the end the model",
        example="training.steps=200",
    )
    @click.option(
        "--model",
        metavar="DIR",
        type=click.Path(path_type=Path),
        required=True,
        help="Checkpoint to begin with (Qwen2.5-VL, Qwen3-VL, LLaVA; safetensors), or a run's model.",
    )
    def run(path: Path, model: Path, out: Path, resume: bool, settings: tuple[str, ...]) -> None:
        _run(kind, path, settings, model, out, resume)

    return run


def _run(kind: str, path: Path, settings: tuple[str, ...], model: Path, out: Path, resume: bool) -> None:
    needs("train,vlm", "torch", "transformers", "accelerate", "peft", "onnx")
    from gradewright.core.train import configs
    from gradewright.core.train.codec_fit import data_root

    config = configs.read_vlm(configs.find(path), kind, settings)
    check_folder(out, resume or _rank() > 0)
    root = None if config["data"] else data_root()
    from gradewright.core.train.vlm import fit

    train: Callable[..., Any] = fit.sft if kind == "vlm-sft" else fit.policy
    train(config, model, root, out)
    if _rank() == 0:
        note(f"wrote {out / 'model'}")


def _rank() -> int:
    """Which of torchrun's processes this is: the first makes the folder, the others find it made."""
    import os

    return int(os.environ.get("RANK", "0"))

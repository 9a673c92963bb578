"""``gradewright train vlm-sft``, ``vlm-grpo``, ``vlm-dapo``: the large engine. Needs the "vlm" extra."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .output import note

EPILOG = """\b
Examples:
  GRADEWRIGHT_DATA=data gradewright train vlm-sft --config vlm_pretrain --model Qwen2.5-VL-3B --out 1/
  GRADEWRIGHT_DATA=data gradewright train vlm-sft --model 1/model --out 2/
  GRADEWRIGHT_DATA=data gradewright train vlm-grpo --model 2/model --out 3/ --resume
  torchrun --nproc-per-node 2 -m gradewright.cli train vlm-sft --model 1/model --out 2/
Also for --config of vlm-sft: vlm_pretrain, vlm_align, vlm_rsft. See docs/vlm.md.
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
    @click.option(
        "--config",
        "path",
        metavar="FILE",
        type=click.Path(path_type=Path),
        default=shipped,
        show_default=True,
        help="TOML file of the training, or the name of a shipped one.",
    )
    @click.option(
        "--model",
        metavar="DIR",
        type=click.Path(path_type=Path),
        required=True,
        help="Checkpoint to begin with (Qwen2.5-VL, Qwen3-VL, LLaVA; safetensors), or a run's model.",
    )
    @click.option(
        "--out",
        metavar="FOLDER",
        type=click.Path(path_type=Path),
        required=True,
        help="Run folder: checkpoints, metrics.jsonl, and at the end the model.",
    )
    @click.option("--resume", is_flag=True, help="Go on from the last checkpoint in FOLDER.")
    @click.option(
        "--set",
        "settings",
        metavar="SECTION.KEY=VALUE",
        multiple=True,
        help="Override a value of the config, such as training.steps=200. Repeatable.",
    )
    def run(path: Path, model: Path, out: Path, resume: bool, settings: tuple[str, ...]) -> None:
        _run(kind, path, settings, model, out, resume)

    return run


def _run(kind: str, path: Path, settings: tuple[str, ...], model: Path, out: Path, resume: bool) -> None:
    _needs_extra()
    from gradewright.core.train import configs
    from gradewright.core.train.codec_fit import data_root

    from .train import check_folder

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


def _needs_extra() -> None:
    from importlib.util import find_spec

    from gradewright.core.errors import BadInput

    for name in ("torch", "transformers", "accelerate", "peft", "onnx"):
        if find_spec(name) is None:
            raise BadInput(f"training the large engine needs {name}: pip install 'gradewright[train,vlm]'")

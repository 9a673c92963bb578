"""What each of two processes does in the test of distributed training: the same small runs, shared out.

torchrun --nproc-per-node 2 tests/vlm_worker.py MODEL OUT
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import vlm_models
from accelerate.state import AcceleratorState
from gradewright.core.train.vlm import fit
from gradewright.core.train.vlm.rollout import Drawing


def run(model: Path, out: Path, batch: int, mode: str, steps: int = 3) -> None:
    """One run; ``batch`` is a process's part."""
    sharded = mode.endswith("fsdp")
    fit.source = lambda config, root, times, block=1: vlm_models.Few(("instruct", "style"), 8)
    changes = {"training__steps": steps, "training__batch": batch, "training__fsdp": sharded}
    if mode.startswith("grpo"):
        fit.source = lambda config, root, times, block=1: vlm_models.Few(("instruct",), 8)
        fit.Drawing = lambda *a, **k: Drawing(*a, **{**k, "length": 4})
        more = {"policy__group": 4, "policy__rows": 4, "training__save": 4, "policy__divergence": 0.1}
        trainer = fit.policy(vlm_models.config("vlm_grpo", **changes, **more), model, None, out, reward)
    else:
        trainer = fit.sft(vlm_models.config("vlm_rsft", **changes, bottleneck=8), model, None, out)
    assert sharded == all(hasattr(p, "full_tensor") for p in trainer.model.parameters())


def reward(examples, made):
    """Something that every answer differs in."""
    import torch

    return torch.tensor([float(one.codes.astype(int).sum() % 97) / 97 for one in made])


def main() -> None:
    """Every mode after the other: starting Python with torch takes longer than training."""
    model, out = Path(sys.argv[1]), Path(sys.argv[2])
    for mode in ("ddp", "fsdp", "grpo", "grpo-fsdp"):
        os.environ.pop("ACCELERATE_USE_FSDP", None)
        run(model, out / mode, 1 if mode.startswith("grpo") else 2, mode)
        AcceleratorState._reset_state()


if __name__ == "__main__":
    main()

"""Evidence on a CPU that the large engine's training works: tiny random models, known optima.

    python benchmarks/vlm_evidence.py [overfit] [rewards] [--seeds 3] [--steps 24]

overfit : 32 examples by heart, share of tokens right. rewards : GRPO and DAPO on a toy whose optimum is 1
(every code below 64), mean reward of the first and the last five rounds for each seed. These models know
nothing about colour: what is shown is that gradients, decoding, advantages and checkpoints do what they
should.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from common import ROOT, table

sys.path.insert(0, str(ROOT / "tests"))
import vlm_models
from accelerate.state import AcceleratorState
from gradewright.core.engines.vlm import loading
from gradewright.core.train.vlm import fit
from gradewright.core.train.vlm.feeding import Supervised
from gradewright.core.train.vlm.rollout import Drawing

LENGTH = 6  # tokens of a toy answer


def overfit(folder: Path, steps: int) -> None:
    """32 examples, until the model says them by itself."""
    source = vlm_models.Few(("instruct",), 32)
    fit.source = lambda *_a, **_k: source
    wanted = vlm_models.config("vlm_sft", training__steps=steps, training__batch=32, training__save=steps)
    wanted["training"] |= {"rate": 5e-3, "report": steps, "warmup": 10}
    start = time.process_time()
    fit.sft(wanted, vlm_models.checkpoint(folder, "llava"), None, folder / "overfit")
    model = loading.load(folder / "overfit" / "model")
    batch = Supervised(model.speaker)([source[i] for i in range(32)])
    with torch.no_grad():
        hit = model.net(batch["inputs"], batch["labels"]).hit.float().mean()
    print(table(["examples", "steps", "CPU s", "tokens right"],
                [(32, steps, round(time.process_time() - start), f"{float(hit):.1%}")]))  # fmt: skip


def toy(_examples: object, made: list) -> torch.Tensor:
    """1 when every code is below 64; a quarter for codes by chance."""
    return torch.tensor([float((one.codes < 64).mean()) for one in made])


def rewards(folder: Path, seeds: int, steps: int) -> None:
    """Both objectives, each seed from the same random model."""
    fit.source = lambda *_a, **_k: vlm_models.Few(("instruct",), 8)
    fit.Drawing = lambda *a, **k: Drawing(*a, **{**k, "length": LENGTH})
    model, rows = vlm_models.graded_folder(folder, "qwen3_vl"), []
    for kind in ("vlm_grpo", "vlm_dapo"):
        for seed in range(seeds):
            wanted = vlm_models.config(kind, training__steps=steps, training__batch=2, policy__rows=16)
            wanted["training"] |= {"rate": 3e-3, "save": steps}
            wanted["seed"] = seed
            start, run = time.process_time(), folder / f"{kind}-{seed}"
            fit.policy(wanted, model, None, run, toy)
            AcceleratorState._reset_state()
            lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
            found = [line["reward"] for line in lines if "reward" in line]
            ends = (float(np.mean(part)) for part in (found[:5], found[-5:]))
            rows.append((kind[4:].upper(), seed, steps, *ends, round(time.process_time() - start)))
    print(table(["objective", "seed", "steps", "reward, first 5", "reward, last 5", "CPU s"], rows))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", nargs="*", default=["overfit", "rewards"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--overfit-steps", type=int, default=120)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        if "overfit" in options.what:
            overfit(Path(place), options.overfit_steps)
            AcceleratorState._reset_state()
        if "rewards" in options.what:
            rewards(Path(place), options.seeds, options.steps)


if __name__ == "__main__":
    main()

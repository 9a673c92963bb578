"""What each stage of the prompt network's training brings, and how its error falls with data and steps.

    GRADEWRIGHT_DATA=... python benchmarks/stages.py RUN [--out FOLDER] [--steps 1000] [--described 4000]

RUN is a folder of ``gradewright train policy --config policy_prompt``: its captions are used, and its
held-out captions judge. Needs torch. Small runs from random weights, all of one size and seed; the shipped
network saw some forty times as many steps. "visible difference" is that between the look and what the
caption asks for, about CIEDE2000.
"""

from __future__ import annotations

import argparse
import copy
import tempfile
from pathlib import Path

import numpy as np
import torch
from ablations import first
from common import data_root, table
from gradewright.core.codec import LutCodec
from gradewright.core.train import captions as language
from gradewright.core.train import codec_data
from gradewright.core.train.policy.basis import Basis, coefficient_scale
from gradewright.core.train.policy.looks import load_looks
from gradewright.core.train.policy.loop import Budget, Run
from gradewright.core.train.policy.photos import load_photos
from gradewright.core.train.policy.prompt_data import STEP, Captions, described_captions, make_scenes
from gradewright.core.train.policy.prompt_fit import Task, evaluate
from gradewright.core.train.policy.prompt_net import PromptNet
from gradewright.core.train.policy.reward_fit import RewardTask

SIZE, BATCH, SEED = 96, 64, 1


class Stages:
    """Small runs on one set of captions."""

    def __init__(self, run: Path, out: Path, root: Path) -> None:
        self.out, self.root = out, root
        codec = LutCodec.load()
        self.basis = Basis(codec, SIZE, coefficient_scale(codec, root, SIZE), STEP)
        photos = load_photos(codec_data.photo_paths(root, "train"))
        self.scenes = make_scenes(photos, 4000, torch.Generator().manual_seed(SEED))
        self.captions = Captions.load(run / "captions.npz")
        self.held = Task(Captions.load(run / "held_out.npz"), self.scenes, self.basis, BATCH)
        self.rows: list[list[object]] = []

    def described(self, count: int) -> Captions:
        """Captions of real LUTs, from what was measured on photos."""
        looks, lexicon = load_looks(self.root, "train"), language.load(data=self.root)
        rng = np.random.default_rng([SEED, 9])
        return described_captions(count, lexicon, self.scenes, looks, self.basis, rng)

    def learn(self, name: str, net: PromptNet, captions: Captions, steps: int) -> PromptNet:
        """Supervised steps; a row of the table."""
        task = Task(captions, self.scenes, self.basis, BATCH, noise=0.08, away=0.3)
        found = self._run(name, net, task.loss, steps, 1e-3, True)
        return self.judged(name, found, len(captions), steps)

    def reward(self, name: str, net: PromptNet, steps: int) -> PromptNet:
        """Steps of reward fine-tuning; a row of the table."""
        task = Task(self.captions, self.scenes, self.basis, BATCH)
        frozen = copy.deepcopy(net)
        tuned = RewardTask(task, frozen, 8, 0.1, 0.3)
        found = self._run(name, net.requires_grad_(True), tuned.loss, steps, 1e-4, False)
        return self.judged(name, found, len(self.captions), steps)

    def judged(self, name: str, net: PromptNet, captions: int, steps: int) -> PromptNet:
        """Note the error and the reward on held-out captions."""
        reward = RewardTask(self.held, net, 1, 0.0, 0.0).reward(net)
        self.rows.append([name, captions, steps, evaluate(net, self.held)["dE"], reward])
        return net

    def _run(self, name: str, net: PromptNet, loss, steps: int, rate: float, bfloat: bool) -> PromptNet:  # type: ignore[no-untyped-def]
        folder = self.out / name.replace(" ", "-")
        budget, every = Budget(0.0, steps), max(steps // 4, 1)
        return Run(
            folder,
            copy.deepcopy(net),
            loss,
            lambda model: evaluate(model, self.held),
            budget,
            SEED,
            rate,
            every=every,
            bfloat=bfloat,
        ).train()


def fresh() -> PromptNet:
    """Random weights, always the same."""
    torch.manual_seed(SEED)
    return PromptNet(SIZE, dropout=0.05)


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--out", type=Path, help="keep the runs here, and go on with those that are there")
    parser.add_argument("--steps", type=int, default=1000, help="of the supervised stage")
    parser.add_argument("--described", type=int, default=4000, help="captions of the pretraining stage")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stages = Stages(args.run, args.out or Path(folder), data_root())
        half = args.steps // 2
        everything = stages.captions
        stages.judged("random weights", fresh().eval(), 0, 0)
        before = stages.learn("pretraining", fresh(), stages.described(args.described), half)
        after = stages.learn("pretraining, supervised", before.requires_grad_(True), everything, args.steps)
        stages.reward("pretraining, supervised, rewarded", after, args.steps // 10)
        stages.learn("supervised, a quarter of the steps", fresh(), everything, args.steps // 4)
        stages.learn("supervised", fresh(), everything, args.steps)
        stages.learn("supervised, as many steps as with pretraining", fresh(), everything, args.steps + half)
        for share in (10, 100):
            some = first(everything, len(everything) // share)
            stages.learn(f"supervised, captions to a {share}th", fresh(), some, args.steps)
    heads = ["stage", "captions", "steps", "visible difference", "reward"]
    print(f"## Stages, on {len(stages.held.captions)} held-out captions\n\n{table(heads, stages.rows)}")


if __name__ == "__main__":
    main()

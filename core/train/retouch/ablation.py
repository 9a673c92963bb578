"""Predicting latents against predicting parameters (VeraRetouch's Table 4), on equal terms.

    GRADEWRIGHT_DATA=... python -m gradewright.core.train.retouch.ablation --run RUN --out FOLDER
        [--steps 700] [--rounds 3] [--split val]

One network, the same samples, batches and steps; what differs is what its numbers mean:

    params             a recipe, learnt from the recipe that undoes the flaw; no pixel is looked at
    params, pixels     a recipe, through the torch twin of the renderer
    latents, pixels    latents, through the trained renderer
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ...recipe import PARAMETERS
from ..policy.loop import Budget, Run
from ..policy.photos import load_photos, through
from . import auto_fit, latents_fit, recipes, samples
from .auto_net import AutoNet
from .flaws import flaw_tables
from .good import good_photos
from .latents import LATENT
from .render import render as twin

FLAWS, SEED, BATCH = 240, 3, 96
_DESCENT, _RATE, _COLOURS = 150, 0.12, 160


def through_recipe(colours: Tensor, units: Tensor) -> Tensor:
    """A network's numbers as a recipe, within its ranges, on colours."""
    found = units * recipes.SIGMA
    return twin(torch.minimum(torch.maximum(found, recipes.LOW), recipes.HIGH), colours)


@dataclass
class Task:
    """The same draws for every arm; ``wanted`` (n, K) recipes that undo the flaws, or None for pixels."""

    drawn: samples.Samples
    wanted: Tensor | None
    render: auto_fit.Rendering

    def loss(self, model: nn.Module, rng: np.random.Generator, _: torch.Generator) -> Tensor:
        """On pixels, or on the parameters."""
        index = torch.from_numpy(rng.integers(len(self.drawn.figures), size=BATCH))
        found = model(self.drawn.figures[index])[0]
        if self.wanted is not None:
            return (found - self.wanted[torch.from_numpy(self.drawn.flaw)[index]]).abs().mean() * 10
        pixels = self.drawn.pixels[index][..., ::6].float() / 255
        shown, good = (pixels[:, i].transpose(1, 2) for i in range(2))
        return latents_fit.difference(self.render(shown, found), good).mean()


def undoing(flaws: Tensor, photos: Tensor, generator: torch.Generator) -> tuple[Tensor, float]:
    """Recipes (n, K), in units of their spread, that undo flaws (n, 3, s, s, s), and the dE that they leave.

    By descent through the torch twin, all at once, on colours of the photos.
    """
    index = torch.randint(len(photos), (len(flaws),), generator=generator)
    good = latents_fit.points(photos, index, _COLOURS, generator)
    shown = through(flaws, good.transpose(1, 2)[..., None])[..., 0].transpose(1, 2)
    units = torch.zeros(len(flaws), len(PARAMETERS), requires_grad=True)
    optimiser = torch.optim.Adam([units], _RATE)
    for _ in range(_DESCENT):
        loss = latents_fit.difference(through_recipe(shown, units), good).mean()
        optimiser.zero_grad()
        torch.autograd.backward(loss + 0.05 * units.abs().mean())
        optimiser.step()
    return units.detach(), float(loss.detach())


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, required=True, help="run folder of 'gradewright train auto'")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=700)
    parser.add_argument("--rounds", type=int, default=3, help="times that every photo is drawn")
    parser.add_argument("--split", choices=["val", "test"], default="val")
    options = parser.parse_args()
    root, generator = Path(os.environ["GRADEWRIGHT_DATA"]), torch.Generator().manual_seed(SEED)
    paths = good_photos(root, "train")
    tables = np.ascontiguousarray(flaw_tables(FLAWS, [], SEED).transpose(0, 4, 1, 2, 3))
    flaws = torch.from_numpy(tables).float()
    samples.write(options.out / "samples", paths, flaws, options.rounds, 0.0, SEED)
    wanted, left = undoing(flaws, load_photos(paths[::20], 64), generator)
    print(json.dumps({"dE left by the recipes that are learnt from": round(left, 3)}), flush=True)
    held = auto_fit.Held(good_photos(root, options.split), [], 9, 2)
    _compare(options.out, samples.load(options.out / "samples"), wanted, held, options.run, options.steps)


def _compare(
    out: Path, drawn: samples.Samples, wanted: Tensor, held: auto_fit.Held, run: Path, steps: int
) -> None:
    renderer = _renderer(run)
    arms: dict[str, tuple[int, Tensor | None, auto_fit.Rendering]] = {
        "params": (len(PARAMETERS), wanted, through_recipe),
        "params, pixels": (len(PARAMETERS), None, through_recipe),
        "latents, pixels": (LATENT, None, renderer),
    }
    for name, (outputs, goal, render) in arms.items():
        torch.manual_seed(SEED)
        net = AutoNet(outputs=outputs)
        net.fit_scale(drawn.figures)

        def judge(model: nn.Module, render: auto_fit.Rendering = render) -> dict[str, float]:
            return held.score(model, render)

        task, budget = Task(drawn, goal, render), Budget(60.0, steps)
        trained = Run(
            out / name.replace(", ", "_"), net, task.loss, judge, budget, SEED, 1.5e-3, 0.05,
            every=10**6, bfloat=False,
        ).train()  # fmt: skip
        print(json.dumps({"predicts": name} | judge(trained)), flush=True)


def _renderer(run: Path) -> auto_fit.Rendering:
    config = json.loads((run / "auto.json").read_text(encoding="utf-8"))["config"]["latents"]
    retouch = latents_fit.Retouch(config["renderer_width"], config["encoder_width"])
    state = torch.load(run / "latents" / "last.pt", weights_only=True)
    retouch.load_state_dict(state["average"])
    renderer = retouch.renderer.eval().requires_grad_(False)
    return lambda colours, z: renderer(colours, z)


if __name__ == "__main__":
    main()

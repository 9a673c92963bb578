"""``gradewright train auto``: from a config and the data pack to the auto engine's weights.

A run folder holds the drawn flaws, a folder with the checkpoint and the metrics of each stage, and at the end
the exported networks and ``auto.json``. Everything is resumed from where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import platform
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...files import write_bytes
from .. import codec_data
from ..policy.loop import Budget, Run
from ..policy.photos import load_photos
from ..progress import counting
from . import auto_fit, latents_fit, samples
from .auto_net import AutoNet, Several
from .calibrate import calibrate
from .export import export_encoder, export_renderer, export_tower
from .flaws import flaw_tables, inverse_looks
from .good import good_photos

HELD_SEED, HELD_ROUNDS, HELD_LOOKS = 7, 3, 20
_SCALED = 6000  # samples that the figures' means and spreads are taken from


def train(config: dict[str, Any], root: Path, folder: Path) -> None:
    """Both stages, calibration, export into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    retouch = latents(config, root, folder)
    held = auto_fit.Held(
        good_photos(root, "val"), inverse_looks(root, "val", HELD_LOOKS, HELD_SEED), HELD_SEED, HELD_ROUNDS
    )
    renderer = retouch.renderer.requires_grad_(False)

    def render(colours: Tensor, z: Tensor) -> Tensor:
        return renderer(colours, z)

    net = auto(config, root, folder, render, held)
    found = calibrate(net, render, held)
    export_tower(net, folder / "auto_tower.onnx")
    export_renderer(retouch.renderer, folder / "auto_renderer.onnx")
    export_encoder(retouch.encoder, folder / "auto_encoder.onnx")
    _record(config, root, folder, found)


def latents(config: dict[str, Any], root: Path, folder: Path) -> latents_fit.Retouch:
    """The first stage: encoder and renderer, on recipes drawn for the purpose."""
    wish = config["latents"]
    task = latents_fit.Task(load_photos(good_photos(root, "train")), wish["batch"], wish["undo"])
    held = load_photos(good_photos(root, "val"))
    torch.manual_seed(config["seed"])
    return Run(
        folder / "latents",
        latents_fit.Retouch(wish["renderer_width"], wish["encoder_width"]),
        task.loss,
        lambda model: latents_fit.evaluate(model, held),
        Budget(60.0, wish["steps"]),
        config["seed"],
        wish["rate"],
        wish["decay"],
        every=wish["every"],
    ).train()


def auto(
    config: dict[str, Any], root: Path, folder: Path, render: auto_fit.Rendering, held: auto_fit.Held
) -> Several:
    """The second stage: the networks that decide, through a renderer that stays as it is."""
    wish, seed = config["auto"], config["seed"]
    with counting("samples", wish["rounds"]) as tick:
        samples.write(
            folder / "samples", good_photos(root, "train"), drawn_flaws(config, root, folder),
            wish["rounds"], wish["good"], seed, tick,
        )  # fmt: skip
    drawn = samples.load(folder / "samples")
    task = auto_fit.Task(drawn, render, wish["batch"], wish["worse"])
    members = []
    for number in range(wish["members"]):
        torch.manual_seed(seed + number)
        net = AutoNet(wish["width"], wish["dropout"])
        net.fit_scale(drawn.figures[:_SCALED])
        members.append(
            Run(
                folder / f"auto_{number}",
                net,
                task.loss,
                lambda model: held.score(model, render),
                Budget(60.0, wish["steps"]),
                seed + number,
                wish["rate"],
                wish["decay"],
                every=wish["every"],
                bfloat=False,
            ).train()
        )
    return Several(members)


def drawn_flaws(config: dict[str, Any], root: Path, folder: Path) -> Tensor:
    """(n, 3, 17, 17, 17) float16, kept in the run folder."""
    wish, path = config["auto"], folder / "flaws.npy"
    if not path.exists():
        looks = inverse_looks(root, "train", wish["looks"], config["seed"])
        with counting("flaws", wish["flaws"]) as tick:
            np.save(path, flaw_tables(wish["flaws"], looks, config["seed"], tick))
    return torch.from_numpy(np.ascontiguousarray(np.load(path).transpose(0, 4, 1, 2, 3)))


def _record(config: dict[str, Any], root: Path, folder: Path, gate: dict[str, Any]) -> None:
    inputs = [root / "luts" / "luts_train.npz", *good_photos(root, "train")]
    described = {
        "config": config,
        "gate": gate,
        "data_sha256": codec_data.manifest(inputs, root),
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "torch": torch.__version__,
        },
        "threads": torch.get_num_threads(),
        "stages": {path.parent.name: _last(path) for path in sorted(folder.glob("*/metrics.jsonl"))},
        "weights_sha256": {path.name: _digest(path) for path in sorted(folder.glob("*.onnx"))},
    }
    text = json.dumps(described, indent=1) + "\n"
    write_bytes(folder / "auto.json", text.encode(), overwrite=True)


def _last(path: Path) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return rows[-1]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

"""``gradewright train critic``: from a config and the data pack to the weights of the critic.

A run folder holds the ladders, a checkpoint and metrics for each stage, and at the end the exported network.
Everything is resumed from where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import platform
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...critic.model import GAPS, SIDE
from ...files import write_bytes
from .. import codec_data
from ..degrade import UNSEEN
from ..policy.export import write_onnx
from ..policy.loop import Budget, Run
from ..policy.photos import load_photos
from ..progress import counting
from ..retouch.good import good_photos
from .ladders import SEEN, Ladders, make_ladders, of_kind
from .net import CriticGraph, CriticNet
from .rank_fit import Climbs, RankTask, calibrate, climb, climbed, seen_copies
from .typical import typical


def train(config: dict[str, Any], root: Path, folder: Path) -> None:
    """Train the ranking network of a config and export it into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    photos, held = (load_photos(good_photos(root, split)) for split in ("train", "val"))
    climbs = kept_climbs(config, folder, photos)
    copies = seen_copies(good_photos(root, "train")[:: config["copies"]])
    tests = {"seen": _test(held, make_ladders(120, config["seed"] + 1))}
    tests |= {kind: _test(held, make_ladders(40, config["seed"] + 2, of_kind(kind))) for kind in UNSEEN}

    def evaluate(model: torch.nn.Module) -> dict[str, float]:
        found = {name: climbed(model, one) for name, one in tests.items()}
        figures = {f"order {name}": one.accuracy() for name, one in found.items()}
        return figures | {"across photos": found["seen"].discrimination()}

    net = Run(
        folder / "rank",
        CriticNet(config["width"], config["dropout"]),
        RankTask(climbs, config["batch"], copies).loss,
        evaluate,
        Budget(config["minutes"], config["steps"] or None),
        config["seed"],
        config["rate"],
        config["decay"],
        every=config["every"],
        bfloat=False,
    ).train()
    export_critic(net, folder / "critic.onnx")
    _describe(config, root, folder, calibrate(climbed(net, tests["seen"])), evaluate(net))


def kept_climbs(config: dict[str, Any], folder: Path, photos: torch.Tensor) -> Climbs:
    """Those of the run folder, made if they are not there: every photo ``rounds`` times on a new ladder."""
    path = folder / "climbs.npz"
    if not path.exists():
        with counting("ladders", config["ladders"]) as tick:
            ladders = make_ladders(config["ladders"], config["seed"], tick=tick)
        generator = torch.Generator().manual_seed(config["seed"])
        with counting("photos on ladders", config["rounds"] * -(-len(photos) // 32)) as tick:
            made = [climb(photos, ladders, generator, tick=tick) for _ in range(config["rounds"])]
        np.savez(
            path,
            sight=torch.cat([one.sight for one in made]).numpy(),
            gaps=torch.cat([one.gaps for one in made]).numpy(),
        )
    with np.load(path, allow_pickle=False) as file:
        return Climbs(torch.from_numpy(file["sight"]), torch.from_numpy(file["gaps"]))


def _test(photos: torch.Tensor, ladders: Ladders) -> Climbs:
    return climb(photos, ladders, torch.Generator().manual_seed(0), crop=False)


def export_critic(net: CriticNet, path: Path) -> None:
    """Input photo (1, 3, 64, 64); outputs rank (1,), gap and log_sigma (1, K)."""
    names = ["rank", "gap", "log_sigma"]
    write_onnx(CriticGraph(net).eval(), (torch.rand(1, 3, SIDE, SIDE),), path, ["photo"], names, {})


def _describe(
    config: dict[str, Any], root: Path, folder: Path, calibration: dict[str, float], figures: dict[str, float]
) -> None:
    described = {
        "calibration": calibration,
        "typical": typical(good_photos(root, "train")[::3]),
        "gaps": list(GAPS),
        "config": config,
        "kinds": {"seen": list(SEEN), "unseen": list(UNSEEN)},
        "validation": {name: round(value, 4) for name, value in figures.items()},
        "data_sha256": codec_data.manifest(codec_data.photo_paths(root, "train"), root),
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "torch": torch.__version__,
        },
        "threads": torch.get_num_threads(),
        "weights_sha256": hashlib.sha256((folder / "critic.onnx").read_bytes()).hexdigest(),
    }
    text = json.dumps(described, indent=1) + "\n"
    write_bytes(folder / "critic.json", text.encode(), overwrite=True)

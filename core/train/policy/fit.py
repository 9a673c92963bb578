"""``gradewright train policy``: from a config and the data pack to the compact engine's weights.

A run folder holds what was drawn (looks or captions), a folder with the checkpoint and the metrics of
each stage, and at the end the exported networks. Everything is resumed from where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...codec import LutCodec
from ...files import write_bytes
from .. import captions as language
from .. import codec_data
from ..critic.reward import JudgeReward
from ..progress import counting
from . import reference_fit
from .basis import Basis, coefficient_scale
from .calibrate import calibrate
from .export import export_prompt, export_reference, to_codec
from .looks import load_looks, made_looks
from .loop import Budget, Run, checkpoint_of
from .photos import load_photos
from .prompt_data import STEP, Captions, Films, Scenes, described_captions, make_captions, make_scenes
from .prompt_fit import Task, evaluate
from .prompt_net import PromptNet
from .reward_fit import RewardTask


def train(config: dict[str, Any], root: Path, folder: Path) -> None:
    """Train a network of a config and export it into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    (reference if config["kind"] == "reference" else prompt)(config, root, folder)
    inputs = [root / "luts" / name for name in ("luts_train.npz", "luts_train.jsonl")]
    described = {
        "config": config | {"start": Path(config["start"]).name},
        "begun_with": _begun(config),
        "data_sha256": codec_data.manifest(inputs + codec_data.photo_paths(root, "train"), root),
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "torch": torch.__version__,
        },
        "lexicon_sha256": _digest(sorted(language.FOLDER.glob("*.toml"))),
        "threads": torch.get_num_threads(),
        "stages": {path.parent.name: _last(path) for path in sorted(folder.glob("*/metrics.jsonl"))},
        "weights_sha256": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.onnx"))
        },
    }
    text = json.dumps(described, indent=1) + "\n"
    write_bytes(folder / f"compact_{config['kind']}.json", text.encode(), overwrite=True)


def reference(config: dict[str, Any], root: Path, folder: Path) -> None:
    """The reference network: one stage."""
    path = folder / "looks.npy"
    if not path.exists():
        with counting("looks", config["made_looks"]) as tick:
            np.save(path, made_looks(root, config["made_looks"], config["seed"], tick))
    codec = LutCodec.load()
    basis = Basis(codec, config["size"], coefficient_scale(codec, root, config["size"]))
    run = reference_fit.make_run(config, root, folder / "supervised", np.load(path), basis, _start(config))
    net = run.train()
    export_reference(net, folder / "compact_reference.onnx")
    found = calibrate(net, basis, root)
    write_bytes(folder / "calibration.json", (json.dumps(found, indent=1) + "\n").encode(), overwrite=True)
    _save_table(folder, "reference_to_codec", to_codec(basis, codec))


def prompt(config: dict[str, Any], root: Path, folder: Path) -> None:
    """The prompt network: supervised, then rewarded."""
    codec = LutCodec.load()
    scale = coefficient_scale(codec, root, config["size"])
    basis = Basis(codec, config["size"], scale, STEP)
    photos = load_photos(codec_data.photo_paths(root, "train"))
    scenes = make_scenes(photos, config["scenes"], torch.Generator().manual_seed(config["seed"]))
    sets = drawn_captions(config, root, folder, scenes, basis)
    task = Task(
        sets["captions"],
        scenes,
        basis,
        config["batch"],
        sets["light_captions"],
        config["light_share"],
        config["noise"],
        config["away"],
    )
    held = Task(sets["held_out"], scenes, basis, config["batch"])
    net = PromptNet(
        config["size"],
        width=config["width"],
        layers=config["layers"],
        dropout=config["dropout"],
        stream_dropout=config["stream_dropout"],
    )
    judged = RewardTask(held, net, 1, 0.0, 0.0)
    net = _pretrained(config, root, folder, scenes, basis, net, held)
    supervised = Run(
        folder / "supervised",
        net,
        task.loss,
        lambda model: evaluate(model, held) | {"reward": judged.reward(model)},
        Budget(config["minutes"]),
        config["seed"],
        config["rate"],
        config["decay"],
        every=config["every"],
        start=_start(config),
    ).train()
    rewarded = _rewarded(config, folder, task, held, supervised)
    export_prompt(rewarded, folder / "compact_prompt.onnx")
    _save_table(folder, "prompt_to_codec", to_codec(basis, codec))


def _pretrained(
    config: dict[str, Any],
    root: Path,
    folder: Path,
    scenes: Scenes,
    basis: Basis,
    net: PromptNet,
    held: Task,
) -> PromptNet:
    """The first stage, on real LUTs in words; ``net`` itself where the config gives it no time."""
    stage, path = config["pretraining"], folder / "described.npz"
    if not stage["minutes"]:
        return net
    if not path.exists():
        rng = np.random.default_rng([config["seed"], 9])
        with counting("described", stage["captions"]) as tick:
            looks = load_looks(root, "train")
            lexicon = language.load(data=root)
            described_captions(stage["captions"], lexicon, scenes, looks, basis, rng, tick).save(path)
    task = Task(
        Captions.load(path), scenes, basis, config["batch"], noise=config["noise"], away=config["away"]
    )
    found = Run(
        folder / "pretrained",
        net,
        task.loss,
        lambda model: evaluate(model, held),
        Budget(stage["minutes"]),
        config["seed"],
        config["rate"],
        config["decay"],
        every=config["every"],
    ).train()
    net.load_state_dict(found.state_dict())
    return net


def _rewarded(
    config: dict[str, Any], folder: Path, task: Task, held: Task, supervised: PromptNet
) -> PromptNet:
    reward = config["reward"]
    if not reward["minutes"]:
        return supervised
    task = replace(task, batch=reward["batch"])
    learnt = JudgeReward.load(Path(reward["judge"]) / "judge.pt") if reward.get("judge") else None
    tuned = RewardTask(task, supervised, reward["group"], reward["divergence"], reward["anchor"], learnt)
    judged = RewardTask(held, supervised, 1, 0.0, 0.0)
    return Run(
        folder / "rewarded",
        supervised.requires_grad_(True),
        tuned.loss,
        lambda model: evaluate(model, held) | {"reward": judged.reward(model)},
        Budget(reward["minutes"]),
        config["seed"] + 1,
        reward["rate"],
        config["decay"],
        every=100,
        bfloat=False,  # log densities of neighbouring draws differ in digits that bfloat16 has not
    ).train()


def drawn_captions(
    config: dict[str, Any], root: Path, folder: Path, scenes: Scenes, basis: Basis
) -> dict[str, Captions]:
    """The three sets of captions, kept in the run folder; each has its own seed."""
    lexicon, films, sets = language.load(data=root), Films(root), {}
    for number, name in enumerate(("captions", "light_captions", "held_out")):
        path = folder / f"{name}.npz"
        if not path.exists():
            rng = np.random.default_rng([config["seed"], number])
            drawn = [language.draw(rng, lexicon) for _ in range(config[name])]
            with counting(name, len(drawn)) as tick:
                made = make_captions(drawn, scenes, films, basis, rng, name != "light_captions", tick)
            made.save(path)
        sets[name] = Captions.load(path)
    return sets


def _start(config: dict[str, Any]) -> Path | None:
    """The last checkpoint of the run folder that a config begins with, if it names one."""
    return checkpoint_of(Path(config["start"])) if config["start"] else None


def _begun(config: dict[str, Any]) -> dict[str, Any] | None:
    """Where the run began: what that run's record says, and the hash of the weights."""
    path = _start(config)
    if path is None:
        return None
    record, metrics = (
        Path(config["start"]) / f"compact_{config['kind']}.json",
        path.with_name("metrics.jsonl"),
    )
    return {
        "checkpoint_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "last": _last(metrics) if metrics.exists() else None,  # a network read back has none
        "record": json.loads(record.read_text(encoding="utf-8")) if record.exists() else None,
    }


def _save_table(folder: Path, name: str, table: np.ndarray) -> None:
    np.save(folder / f"{name}.npy", table)


def _last(path: Path) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return rows[-1]


def _digest(paths: list[Path]) -> str:
    """SHA256 over names and contents of files, in order."""
    found = hashlib.sha256()
    for path in paths:
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()

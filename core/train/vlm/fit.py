"""``gradewright train vlm-sft``, ``vlm-grpo``, ``vlm-dapo``: from a checkpoint and a config to a model
folder.

A run folder holds checkpoints (what learns, the optimiser, random states), ``metrics.jsonl`` and at the end
``model``, which ``gradewright grade --engine vlm --model`` takes, and other programs that read safetensors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from ...engines.vlm import loading
from ...engines.vlm.adaptor import Adaptor
from ...engines.vlm.batching import Speaker
from ...engines.vlm.card import ADAPTOR, FILE, Card
from ...engines.vlm.net import GradingNet
from ...engines.vlm.pictures import family_of
from ...engines.vlm.vocabulary import Vocabulary
from ...errors import FileError
from .draws import Drawn
from .examples import Source
from .feeding import Examples, Supervised
from .losses import Objective
from .parts import choose, merged, restore
from .records import Records
from .renderer import load_renderer
from .rewards import CompositeReward, Weights
from .rl import Policy, PolicyTrainer, Reward, first_policy
from .rollout import Drawing
from .settings import arguments, check
from .sft import SupervisedTrainer
from .trainer import WEIGHTS, GradingTrainer, resumed

RESERVE = 4  # times the examples that steps take in turn: dynamic sampling draws from behind them
_TOLD = ("auto", "style", "param")


def sft(config: dict[str, Any], model: Path, root: Path | None, folder: Path) -> SupervisedTrainer:
    """A supervised stage; goes on from the last checkpoint in the folder, if there is one.

    Raises
    ------
    FileError, BadInput : an unusable checkpoint, config or data
    """
    check(config)
    net, speaker, card = build(config, model)
    told = net.adaptor is not None
    args = arguments(config, folder)
    data = Examples(source(config, root, 1))
    renderer = load_renderer() if told else None
    last = resumed(net, folder)
    trainer = SupervisedTrainer(net, args, data, Supervised(speaker), renderer, config["alpha"])
    trainer.train(resume_from_checkpoint=last)
    finish(trainer, config, model, folder, card)
    return trainer


def policy(
    config: dict[str, Any], model: Path, root: Path | None, folder: Path, reward: Reward | None = None
) -> PolicyTrainer:
    """GRPO or DAPO, as the config says; ``reward`` replaces the composite one.

    Raises
    ------
    FileError, BadInput : as for :func:`sft`
    """
    check(config)
    net, speaker, card = build(config, model)
    how = config["policy"]
    objective = Objective(how["low"], how["high"], how["divergence"], how["by_token"], how["drop_even"])
    drawing = Drawing(how["group"], how["temperature"], longest=how["longest"], rows=how["rows"])
    wanted = Policy(objective, drawing, how["updates"], how["redraws"])
    if reward is None:
        reward = CompositeReward(Weights(**config["reward"]), load_renderer() if net.adaptor else None)
    args = arguments(config, folder)
    data = Examples(source(config, root, RESERVE, block=config["training"]["batch"] * args.world_size))
    first = first_policy(net, objective)
    last = resumed(net, folder)
    trainer = PolicyTrainer(net, args, data, speaker, reward, wanted, first)
    trainer.train(resume_from_checkpoint=last)
    finish(trainer, config, model, folder, card)
    return trainer


def source(config: dict[str, Any], root: Path | None, times: int, block: int = 1) -> Source:
    """The examples of a config, ``times`` as many as its steps take in one process of eight."""
    how = config["training"]
    count = how["steps"] * how["batch"] * how["accumulate"] * times * 8
    if config["data"]:
        return Records(Path(config["data"]), config["seed"], config["side"], count)
    if root is None:
        raise FileError(
            "data", "is empty and there is no data pack", "set GRADEWRIGHT_DATA, or data in the config"
        )
    return Drawn(root, config["mix"], config["seed"], config["side"], count, block)


def build(config: dict[str, Any], model: Path) -> tuple[GradingNet, Speaker, Card]:
    """A checkpoint, extended, with what the config lets learn; the card of what will come of it.

    Weights that do not learn are held in bfloat16 where that is the precision and a GPU is there; what learns
    is float32.
    """
    # Rewards reach the language model alone: a connector that moved would move the KL term's policy with it.
    stage = config.get("stage", "rsft")
    known = Card.load(model) if (model / FILE).is_file() else None
    if known is None and "policy" in config:
        raise FileError(model, f"holds no {FILE}: rewards refine a model that has learnt to grade",
                        "train it with 'gradewright train vlm-sft' first")  # fmt: skip
    frozen = config["lora"]["rank"] > 0 or stage == "align"
    vlm, tokenizer, processor = loading.checkpoint(model, _held(config) if frozen else torch.float32)
    new = loading.extend(vlm, tokenizer, config["seed"])
    net = GradingNet(vlm, _adaptor(config, model, known, loading.hidden_size(vlm)))
    speaker = Speaker(tokenizer, processor, vlm.config, family_of(vlm.config),
                      Vocabulary.of_tokenizer(tokenizer, model), config["side"])  # fmt: skip
    choose(net, stage, config["freeze_vision"], new, config["lora"])
    for parameter in net.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return net, speaker, _card(config, known, net)


def _held(config: dict[str, Any]) -> torch.dtype:
    """What weights that do not learn are held in."""
    how = config["training"]
    half = how["precision"] == "bfloat16" and not how["cpu"] and torch.cuda.is_available()
    return torch.bfloat16 if half else torch.float32


def _adaptor(config: dict[str, Any], model: Path, known: Card | None, hidden: int) -> Adaptor | None:
    if known is not None and known.bottleneck:
        adaptor = Adaptor(hidden, known.bottleneck)
        loading.load_adaptor(adaptor, model / ADAPTOR)
        return adaptor
    if not config.get("bottleneck"):
        return None
    torch.manual_seed(config["seed"])
    return Adaptor(hidden, config["bottleneck"])


def _card(config: dict[str, Any], known: Card | None, net: GradingNet) -> Card:
    """Kinds of request keep the path they have, and get one for what is taught now."""
    mix = config["mix"] if not config["data"] else dict.fromkeys(config["mix"], 1.0)
    paths = {} if known is None else dict(known.paths)
    told = net.adaptor is not None and any(mix[kind] for kind in _TOLD)
    offers = {
        "prompt": "lut"
        if mix["instruct"]
        else "operations"
        if mix["operations"]
        else "retouch"
        if told
        else "",
        "reference": "lut" if mix["transfer"] or mix["pair"] else "",
        "auto": "retouch" if told else "",
        "params": "retouch" if told else "",
    }
    paths |= {kind: path for kind, path in offers.items() if path and kind not in paths}
    if config.get("stage") == "sft" and mix["instruct"]:
        paths["prompt"] = "lut"
    width = 0 if net.adaptor is None else net.adaptor.bottleneck
    return Card(config["side"], width, paths or {"reference": "lut"})


def finish(trainer: GradingTrainer, config: dict[str, Any], model: Path, folder: Path, card: Card) -> None:
    """Write ``folder/model``, LoRA merged into the weights.

    Into a model that is read anew, on the CPU and in full precision: the one that was trained may be sharded,
    or partly in bfloat16.
    """
    trainer.save_model(str(folder / "final"))
    if trainer.args.should_save:
        export(config, model, folder / "final", folder / "model", card)
    trainer.accelerator.wait_for_everyone()


def export(config: dict[str, Any], model: Path, learnt: Path, out: Path, card: Card | None = None) -> None:
    """A model folder from the checkpoint ``learnt`` of a run on ``model``."""
    plain = {**config, "training": {**config["training"], "cpu": True}}
    net, speaker, found = build(plain, model)
    restore(net, load_file(learnt / WEIGHTS))
    loading.save(out, merged(net), speaker, card or found)

"""``gradewright train critic --config judge``: first on perturbed pairs, then policy-guided."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...codec import LutCodec
from ...critic.judge import METRICS, WHOLE
from ...errors import BadInput
from ...files import write_bytes
from .. import captions as language
from .. import codec_data
from ..policy.basis import Basis, coefficient_scale
from ..policy.export import write_onnx
from ..policy.loop import Budget, Run, checkpoint_of
from ..policy.photos import load_photos
from ..policy.prompt_data import STEP, Films, make_captions, make_scenes
from ..policy.prompt_net import HIDDEN, PromptNet
from ..progress import counting
from .judge_fit import JudgeTask, accuracy
from .judge_net import JudgeNet
from .pairs import Pairs, make_pairs


def train(config: dict[str, Any], root: Path, folder: Path) -> None:
    """Train the judge of a config; ``judge.pt`` (for fine-tuning) and ``judge.onnx`` go into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    prompt, record = load_prompt_net(Path(config["prompt"]))
    pairs, held = kept_pairs(config, root, folder, prompt)
    net = _run(config, folder / "perturbed", JudgeNet(config["width"], config["dropout"]), pairs, held)
    figures = {"before": accuracy(net, held)}
    if config["guided"]:
        net = _run(config, folder / "guided", net.requires_grad_(True), pairs, held, guided=True)
        figures["after"] = accuracy(net, held)
    torch.save({"width": net.width, "net": net.state_dict()}, folder / "judge.pt")
    export_judge(net, folder / "judge.onnx")
    described = {
        "config": config | {"prompt": Path(config["prompt"]).name},
        "reads_with": record["weights_sha256"],
        "metrics": list(METRICS),
        "accuracy": figures,
        "weights_sha256": hashlib.sha256((folder / "judge.onnx").read_bytes()).hexdigest(),
    }
    text = json.dumps(described, indent=1) + "\n"
    write_bytes(folder / "judge.json", text.encode(), overwrite=True)


def load_prompt_net(folder: Path) -> tuple[PromptNet, dict[str, Any]]:
    """The frozen network of a run of ``gradewright train policy --config policy_prompt``, and its record.

    Raises
    ------
    BadInput : there is none
    """
    described = folder / "compact_prompt.json"
    try:
        path = checkpoint_of(folder)
        record: dict[str, Any] = json.loads(described.read_text(encoding="utf-8"))
    except (BadInput, OSError, ValueError):
        raise BadInput(
            f"prompt = '{folder}': no finished run of the prompt network; make one with 'gradewright train "
            "policy --config policy_prompt', or take what ships with 'python -m "
            "gradewright.core.train.policy.shipped --out FOLDER', and name its folder"
        ) from None
    config = record["config"]
    net = PromptNet(config["size"], width=config["width"], layers=config["layers"])
    net.load_state_dict(torch.load(path, weights_only=True)["average"])
    return net.eval().requires_grad_(False), record


def kept_pairs(config: dict[str, Any], root: Path, folder: Path, prompt: PromptNet) -> list[Pairs]:
    """Pairs to learn from and held-out ones; those of the run folder, or drawn, read and measured."""
    names = ("captions", "held_out")
    missing = [name for name in names if not (folder / f"{name}.npz").exists()]
    if missing:
        codec, size = LutCodec.load(), prompt.mean.out_features
        basis = Basis(codec, size, coefficient_scale(codec, root, size), STEP)
        photos = load_photos(codec_data.photo_paths(root, "train"))
        scenes = make_scenes(photos, config["scenes"], torch.Generator().manual_seed(config["seed"]))
        lexicon, films = language.load(data=root), Films(root)
    for name in missing:
        # Streams of their own: the prompt network is surer of captions that it was trained on.
        number = 20 + names.index(name)
        rng = np.random.default_rng([config["seed"], number])
        drawn = [language.draw(rng, lexicon) for _ in range(config[name])]
        with counting(name, len(drawn)) as tick:
            captions = make_captions(drawn, scenes, films, basis, rng, True, tick)
        with counting(f"{name} read and rendered", len(drawn) // 96 + len(drawn) // 256 + 2) as tick:
            made = make_pairs(captions, scenes, basis, prompt, config["gain"], number, tick)
        made.save(folder / f"{name}.npz")
    return [Pairs.load(folder / f"{name}.npz") for name in names]


def _run(
    config: dict[str, Any], folder: Path, net: JudgeNet, pairs: Pairs, held: Pairs, guided: bool = False
) -> JudgeNet:
    """A stage; the second one is slower, since it starts from what the first has learnt."""
    return Run(
        folder,
        net,
        JudgeTask(pairs, config["batch"], guided).loss,
        lambda model: accuracy(model, held),
        Budget(config["minutes"], config["guided_steps" if guided else "steps"] or None),
        config["seed"],
        config["rate"] * (0.5 if guided else 1.0),
        config["decay"],
        averaging=0.99,
        every=config["every"],
        bfloat=False,
    ).train()


def export_judge(net: JudgeNet, path: Path) -> None:
    """Inputs hidden (1, 512), photo (1, 15); outputs wanted, tolerance, weight (1, K)."""
    example = (torch.randn(1, HIDDEN), torch.randn(1, len(WHOLE)))
    write_onnx(net.eval(), example, path, ["hidden", "photo"], ["wanted", "tolerance", "weight"], {})

"""The mean of the weights of prompt runs, as a run of its own.

    python -m gradewright.core.train.policy.soup RUN RUN ... --out FOLDER

Runs that went on from one another lie in one valley: the mean of their weights is as good as the best of
them on what each was trained for (Wortsman et al. 2022, "Model soups"). All must share their
sizes and the codec. ``--out`` gets the network, its table, its record, and a checkpoint that other runs and
the judge's training can begin with.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...errors import BadInput
from ...files import write_bytes
from .export import export_prompt
from .loop import checkpoint_of
from .prompt_net import PromptNet

_SHARED = ("kind", "size", "width", "layers")


def mean_of(states: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Entry by entry, in double precision."""
    return {
        name: torch.stack([state[name].double() for state in states]).mean(0).to(value.dtype)
        for name, value in states[0].items()
    }


def soup(runs: list[Path], out: Path) -> None:
    """Average finished runs into ``out``.

    Raises
    ------
    BadInput : the runs are not of one kind and size
    """
    records: list[dict[str, Any]] = [json.loads((run / "compact_prompt.json").read_text()) for run in runs]
    config = records[0]["config"]
    for run, record in zip(runs, records, strict=True):
        if any(record["config"][name] != config[name] for name in _SHARED):
            raise BadInput(f"{run}: another size than {runs[0]}: only networks of one size have a mean")
    paths = [checkpoint_of(run) for run in runs]
    net = PromptNet(config["size"], width=config["width"], layers=config["layers"])
    net.load_state_dict(mean_of([torch.load(path, weights_only=True)["average"] for path in paths]))
    (out / "rewarded").mkdir(parents=True, exist_ok=True)
    torch.save({"average": net.state_dict()}, out / "rewarded" / "last.pt")
    export_prompt(net, out / "compact_prompt.onnx")
    shutil.copyfile(runs[-1] / "prompt_to_codec.npy", out / "prompt_to_codec.npy")
    digest = hashlib.sha256((out / "compact_prompt.onnx").read_bytes()).hexdigest()
    found = {"config": config, "mean_of": records, "weights_sha256": {"compact_prompt.onnx": digest}}
    text = json.dumps(found, indent=1) + "\n"
    write_bytes(out / "compact_prompt.json", text.encode(), overwrite=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    soup(options.runs, options.out)


if __name__ == "__main__":
    main()

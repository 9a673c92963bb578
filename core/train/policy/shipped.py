"""The prompt network that ships, as a run folder that other runs and the judge's training can begin with.

    python -m gradewright.core.train.policy.shipped --out FOLDER

What ships is all that is needed to go on: the weights stand in the ONNX file, as float16 where they are
large. The exporter renames and turns some of them, so a network of random weights is exported beside it
and each of its weights looked up: what stands in its place in the shipped file is the wanted one.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from ...engines.compact.networks import WEIGHTS
from ...errors import FileError
from .export import export_prompt
from .prompt_net import PromptNet

_HALF = 1e-3  # relative error of float16, and more

Found = dict[str, tuple[str, bool]]  # initializer -> parameter, and whether it is transposed


def weights_of(path: Path, net: PromptNet) -> dict[str, torch.Tensor]:
    """The state of a network of ``net``'s sizes that :func:`~.export.export_prompt` has written.

    Raises
    ------
    FileError : the file holds a network of other sizes
    """
    with tempfile.TemporaryDirectory() as folder:
        export_prompt(net, Path(folder) / "random.onnx")
        places = _places(_initializers(Path(folder) / "random.onnx"), net)
    found = _initializers(path)
    state = {name: value.clone() for name, value in net.state_dict().items()}
    for name, (parameter, turned) in places.items():
        values = found.get(name)
        if values is not None and turned:
            values = values.T
        if values is None or values.shape != tuple(state[parameter].shape):
            raise FileError(path, f"holds no {parameter} of {tuple(state[parameter].shape)}", "use its sizes")
        state[parameter] = torch.from_numpy(np.array(values, np.float32))
    return state


def _places(exported: dict[str, NDArray[Any]], net: PromptNet) -> Found:
    """Which weight of the network each initializer of its export is."""
    found: Found = {}
    for parameter, tensor in net.state_dict().items():
        values = tensor.numpy()
        for name, written in exported.items():
            for turned in (False, True):
                there = written.T if turned else written
                if there.shape == values.shape and np.allclose(there, values, _HALF, _HALF):
                    found[name] = (parameter, turned)
    return found


def _initializers(path: Path) -> dict[str, NDArray[Any]]:
    graph = onnx.load(str(path)).graph
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}


def _stirred(config: dict[str, Any]) -> PromptNet:
    """A network of a config's sizes in which no two weights are equal, not even zeros and ones."""
    net = PromptNet(config["size"], width=config["width"], layers=config["layers"])
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return net.eval()


def unpack(out: Path, weights: Path = WEIGHTS) -> None:
    """Write a run folder with the network in ``weights``.

    Raises
    ------
    FileError : the weights are of another network than their record says
    """
    record = json.loads((weights / "compact_prompt.json").read_text(encoding="utf-8"))
    net = _stirred(record["config"])
    state = weights_of(weights / "compact_prompt.onnx", net)
    (out / "rewarded").mkdir(parents=True, exist_ok=True)
    torch.save({"average": state}, out / "rewarded" / "last.pt")
    for name in ("compact_prompt.onnx", "compact_prompt.json"):
        shutil.copyfile(weights / name, out / name)
    with np.load(weights / "compact.npz") as tables:
        np.save(out / "prompt_to_codec.npy", tables["prompt_to_codec"])


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    unpack(parser.parse_args().out)


if __name__ == "__main__":
    main()

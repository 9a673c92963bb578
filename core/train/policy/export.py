"""Trained networks -> the ONNX files and the small table that the compact engine loads."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn

from ...codec import LutCodec
from ...engines.compact.networks import SIDE
from ...files import write_bytes
from .basis import Basis
from .colour import oklab
from .prompt_net import PromptNet
from .reference_net import Distribution, ReferenceNet

OPSET = 18
_SMALL = 2048  # weights that stay as they are


class PromptGraph(nn.Module):
    """The prompt network with the photo as a picture (1, 3, 64, 64) instead of its distribution."""

    def __init__(self, net: PromptNet) -> None:
        super().__init__()
        self.net, self.distribution = net, Distribution()

    def forward(
        self, states: Tensor, grams: Tensor, numbers: Tensor, photo: Tensor, given: Tensor
    ) -> tuple[Tensor, ...]:
        """One prompt: nothing is padded, so every piece counts."""
        mask = torch.ones(states.shape[:2], dtype=torch.bool)
        features = self.distribution(photo, oklab(photo))
        hidden = self.net.read(states, mask, grams, numbers, features, given)
        return *self.net.heads(hidden), hidden


def export_prompt(net: PromptNet, path: Path) -> None:
    """Inputs states, grams, numbers, photo, given; outputs mean, log_sigma, controls, intent, hidden.

    ``hidden`` (1, 512) is what the judge of :mod:`gradewright.core.critic` reads.
    """
    example = (
        torch.randn(1, 7, 384),
        torch.randint(1, 100, (1, 5, 24)),
        torch.randn(1, 5, 4),
        torch.rand(1, 3, SIDE, SIDE),
        torch.tensor([True]),
    )
    names = ["states", "grams", "numbers", "photo", "given"]
    dynamic = {"states": {1: "pieces"}, "grams": {1: "words"}, "numbers": {1: "words"}}
    outputs = ["mean", "log_sigma", "controls", "intent", "hidden"]
    write_onnx(PromptGraph(net).eval(), example, path, names, outputs, dynamic)


def export_reference(net: ReferenceNet, path: Path) -> None:
    """Inputs photo, reference (1, 3, 64, 64), given; outputs mean, log_sigma."""
    example = (torch.rand(1, 3, SIDE, SIDE), torch.rand(1, 3, SIDE, SIDE), torch.tensor([True]))
    write_onnx(net.eval(), example, path, ["photo", "reference", "given"], ["mean", "log_sigma"], {})


def to_codec(trained_on: Basis, codec: LutCodec) -> np.ndarray:
    """(size, K): what a network predicts, in units of its training, to coefficients of a codec.

    Through the lattice, by least squares: so a network outlives a refit of the codec.
    """
    size = len(trained_on.cube)
    target = Basis(codec, codec.size, torch.ones(codec.size), trained_on.step)
    return (trained_on.cube.double() @ target.back.double()).numpy().astype(np.float32).reshape(size, -1)


def write_onnx(
    net: nn.Module,
    example: tuple[Tensor, ...],
    path: Path,
    inputs: list[str],
    outputs: list[str],
    dynamic: dict[str, dict[int, str]],
) -> None:
    """Write a network as ONNX, with its larger weights as float16.

    Parameters
    ----------
    example : inputs of the network, whose shapes are fixed but for ``dynamic``
    inputs, outputs : names, in order
    dynamic : input -> axis -> name of the axes whose length is free
    """
    buffer = io.BytesIO()
    with torch.no_grad(), warnings.catch_warnings():
        # torch's newer exporter needs two packages more and makes the same graph slower to load
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", torch.jit.TracerWarning)  # type: ignore[attr-defined]
        torch.onnx.export(
            net,
            example,
            buffer,  # type: ignore[arg-type]  # taken, whatever the stub says
            input_names=inputs,
            output_names=outputs,
            dynamic_axes=dynamic,
            opset_version=OPSET,
            dynamo=False,
        )
    write_bytes(path, halved(buffer.getvalue()), overwrite=True)


def halved(model: bytes) -> bytes:
    """An ONNX model with its larger weights as float16, made float32 again when it is loaded.

    Half the size and quicker to load; what it computes stays float32 and moves in the fourth digit.
    """
    found = onnx.load_from_string(model)
    for tensor in list(found.graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _SMALL:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
        cast = helper.make_node("Cast", [f"{name}_half"], [name], to=onnx.TensorProto.FLOAT)
        found.graph.node.insert(0, cast)
    return bytes(found.SerializeToString())

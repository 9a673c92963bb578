"""Trained networks -> the ONNX files that the auto engine loads, their arrays in float16."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import Tensor

from ...engines.auto.ends import SIZE as ENDS
from ...engines.compact.networks import SIDE
from ...files import write_bytes
from ..policy.export import write_onnx
from .auto_net import AutoGraph, AutoNet, Several
from .latents import LATENT, POINTS, Encoder, Renderer

_LARGE = 256  # numbers in an array above which it is stored in half precision


def export_tower(net: AutoNet | Several, path: Path) -> None:
    """Inputs photo (1, 3, 64, 64), ends (1, ENDS); outputs z, doubt."""
    example = (torch.rand(1, 3, SIDE, SIDE), torch.rand(1, ENDS))
    write_onnx(AutoGraph(net).eval(), example, path, ["photo", "ends"], ["z", "doubt"], {})
    halve(path)


def export_renderer(net: Renderer, path: Path) -> None:
    """Inputs colours (1, n, 3), z; output made (1, n, 3)."""
    example: tuple[Tensor, ...] = (torch.rand(1, 50, 3), torch.randn(1, LATENT))
    dynamic = {"colours": {1: "n"}, "made": {1: "n"}}
    write_onnx(net.eval(), example, path, ["colours", "z"], ["made"], dynamic)
    halve(path)


def export_encoder(net: Encoder, path: Path) -> None:
    """Inputs before, after (1, 192, 3); output z."""
    example = (torch.rand(1, POINTS, 3), torch.rand(1, POINTS, 3))
    write_onnx(net.eval(), example, path, ["before", "after"], ["z"], {})
    halve(path)


def halve(path: Path) -> None:
    """Store large float32 arrays of a model as float16, widened by a cast when it is loaded."""
    model = onnx.load(str(path))
    kept, casts = [], []
    for array in model.graph.initializer:
        values = numpy_helper.to_array(array)
        if values.dtype != np.float32 or values.size < _LARGE:
            kept.append(array)
            continue
        kept.append(numpy_helper.from_array(values.astype(np.float16), f"{array.name}.half"))
        casts.append(
            helper.make_node("Cast", [f"{array.name}.half"], [array.name], to=onnx.TensorProto.FLOAT)
        )
    nodes = list(model.graph.node)
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend([*casts, *nodes])
    write_bytes(path, model.SerializeToString(), overwrite=True)

"""The shipped retouch renderer, back from its ONNX file into torch: latents that training can follow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ...engines.compact.networks import WEIGHTS
from ...errors import FileError
from ..retouch.latents import Renderer, Stage

SHIPPED = WEIGHTS / "auto_renderer.onnx"
_ORDER = ("light", "bands", "colour")  # as the renderer runs them, so as the graph holds their matrices


def load_renderer(path: Path = SHIPPED) -> Renderer:
    """The renderer, frozen. Raises FileError for a file that is not one."""
    import onnx
    from onnx import numpy_helper

    try:
        stored = [(a.name, numpy_helper.to_array(a)) for a in onnx.load(str(path)).graph.initializer]
    except Exception as error:  # onnx has many
        raise FileError(path, f"is no renderer ({error})", "reinstall gradewright") from error
    named = {name.removesuffix(".half"): array for name, array in stored}
    products = [array for name, array in stored if "MatMul" in name]
    renderer = Renderer(len(named.get("light.first.bias", ())) or 1)
    try:
        for number, group in enumerate(_ORDER):
            _fill(getattr(renderer, group), group, named, products[4 * number : 4 * number + 4])
    except (KeyError, ValueError, RuntimeError, IndexError) as error:
        raise FileError(path, f"is no renderer of this release ({error})", "reinstall gradewright") from error
    return renderer.requires_grad_(False).eval()


def _fill(stage: Stage, group: str, named: dict[str, np.ndarray], products: list[np.ndarray]) -> None:
    """Biased layers keep their names in the graph; others are transposed and in running order."""
    first, second, bend, out = products
    with torch.no_grad():
        for layer in ("first", "second", "into_first", "into_second"):
            _copy(getattr(stage, layer).bias, named[f"{group}.{layer}.bias"])
        for layer in ("into_first", "into_second"):
            _copy(getattr(stage, layer).weight, named[f"{group}.{layer}.weight"])
        for name, matrix in (("first", first), ("second", second), ("bend", bend), ("out", out)):
            _copy(getattr(stage, name).weight, matrix.T)


def _copy(into: Tensor, array: np.ndarray) -> None:
    if tuple(into.shape) != array.shape:
        raise ValueError(f"{array.shape} is not {tuple(into.shape)}")
    into.copy_(torch.from_numpy(np.array(array, np.float32)))

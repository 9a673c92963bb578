"""Tiny random vision-language models and examples for the tests of the large engine, made once a session."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from gradewright.core import Lut, Recipe
from gradewright.core.codec import LutCodec
from gradewright.core.engines.vlm import loading
from gradewright.core.engines.vlm.adaptor import Adaptor
from gradewright.core.engines.vlm.batching import Speaker
from gradewright.core.engines.vlm.card import Card
from gradewright.core.engines.vlm.net import GradingNet
from gradewright.core.engines.vlm.pictures import family_of
from gradewright.core.engines.vlm.vocabulary import Vocabulary
from gradewright.core.engines.vlm.wording import Wish
from gradewright.core.train.vlm import tiny
from gradewright.core.train.vlm.examples import Example, lut_example, told_example

torch.set_num_threads(1)  # the matrices are tiny, and tests run beside one another

ROOT = Path(__file__).resolve().parents[1]
SIDE = 56
PATHS = {"prompt": "lut", "reference": "lut", "auto": "retouch", "params": "retouch"}
REASONING = "Measured: dark. Seen: too dark by far. Plan: brighter."


@cache
def checkpoint(folder: Path, family: str) -> Path:
    """A random checkpoint, as a hub would have it: without our tokens."""
    return tiny.make(family, folder / family)


def sharpened(net: GradingNet, seed: int = 0) -> GradingNet:
    """With opinions that depend on what it has read: a random model's distributions are all but even."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        head = net.core.get_output_embeddings().weight
        head += 0.2 * torch.randn(head.shape, generator=generator)
        for name, weight in net.core.named_parameters():
            if "language_model.layers" in name and weight.ndim > 1:
                weight *= 10
        if net.adaptor is not None:
            for part in net.adaptor.parts:
                part[-1].weight += 0.2 * torch.randn(part[-1].weight.shape, generator=generator)
    return net


def extended(folder: Path, family: str = "qwen2_5_vl", bottleneck: int = 8) -> tuple[GradingNet, Speaker]:
    """A checkpoint with our tokens, sharpened."""
    vlm, tokenizer, processor = loading.checkpoint(checkpoint(folder, family))
    loading.extend(vlm, tokenizer)
    torch.manual_seed(0)
    net = GradingNet(vlm, Adaptor(loading.hidden_size(vlm), bottleneck) if bottleneck else None).eval()
    words = Vocabulary.of_tokenizer(tokenizer)
    return sharpened(net), Speaker(tokenizer, processor, vlm.config, family_of(vlm.config), words, SIDE)


@cache
def graded_folder(folder: Path, family: str = "qwen2_5_vl") -> Path:
    """A model folder that the engine takes."""
    net, speaker = extended(folder, family)
    out = folder / f"{family}-graded"
    loading.save(out, net, speaker, Card(SIDE, 8, PATHS))
    return out


def picture(seed: int, high: int = 40, wide: int = 56) -> np.ndarray:
    """A smooth picture (high, wide, 3), 0..1."""
    rng = np.random.default_rng(seed)
    coarse = Lut(rng.random((4, 4, 4, 3)).astype(np.float32))
    y, x = np.mgrid[0 : 1 : high * 1j, 0 : 1 : wide * 1j]
    return np.clip(coarse.sample(np.stack([x, y, 0.5 + 0 * x], -1)), 0, 1).astype(np.float32)


@dataclass
class Few:
    """``kinds`` of example, one after the other; ``distinct`` of them, then the same again."""

    kinds: tuple[str, ...] = ("instruct",)
    distinct: int = 32
    count: int = 10_000

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Example:
        return example(self.kinds[index % len(self.kinds)], index % self.distinct)


@cache
def example(kind: str, number: int) -> Example:
    """An example of a kind; the text says which look it wants."""
    photo = picture(number)
    recipe = Recipe(exposure=round(-1 + number / 16, 2), temperature=float(number % 5 * 10 - 20))
    truth = recipe.to_lut(33)
    if kind == "instruct":
        wish = Wish("lut", kind, 1, f"look number {number}")
        return lut_example(wish, (photo,), truth, LutCodec.load().encode(truth), photo)
    if kind == "transfer":
        shown = np.clip(truth.apply(picture(number + 100)), 0, 1)
        return lut_example(Wish("lut", kind, 2), (photo, shown), truth, LutCodec.load().encode(truth), photo)
    return told_example(Wish("retouch", kind, 1, f"look {number}"), photo, truth, REASONING)


def config(name: str, **changes: object) -> dict:
    """A shipped config made small; ``training__steps=3`` changes what stands in a section."""
    found = tomllib.loads((ROOT / "core" / "train" / f"{name}.toml").read_text())
    small = {"batch": 2, "accumulate": 1, "workers": 0, "report": 1, "warmup": 0, "steps": 4, "save": 2}
    found["training"] |= {**small, "precision": "float32", "cpu": True, "checkpointing": False, "rate": 1e-3}
    found |= {"side": SIDE}
    found["lora"]["rank"] = 0
    for key, value in changes.items():
        *sections, leaf = key.split("__")
        target = found
        for section in sections:
            target = target[section]
        target[leaf] = value
    return found

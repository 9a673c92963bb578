"""What the shipped codec is compared with, over the same coefficients and fitted on the same samples.

Product quantisation with bits by reverse water-filling, residual quantisation without gains and
without a beam, and a small neural decoder on top of the shipped codes. ``benchmarks/codec.py``
fits and measures them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..codec.weights import Weights
from .codec_data import load_luts
from .codec_fit import cached_cores
from .codec_rvq import fit_codebooks, k_means

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
WORD = 8  # bits a token


def sample_coefficients(
    config: dict[str, Any], weights: Weights, root: Path, cache: Path
) -> tuple[Tensor, Tensor]:
    """Coefficients (n, K) of the real LUTs and the augmented samples of a config; their weights (n,)."""
    real, _ = load_luts(root, "train", config["licensed_only"])
    _, *sets = cached_cores(config, real, cache)
    parts = [part for cores in sets for part in np.array_split(cores, 32)]
    vectors = np.concatenate([part[:, weights.kept] @ weights.analysis for part in parts])
    counts = np.ones(len(vectors), np.float32)
    counts[: len(sets[0])] = config["data"]["real_weight"]
    return torch.from_numpy(vectors), torch.from_numpy(counts)


@dataclass(frozen=True)
class ProductCode:
    """Token g describes the coefficients ``groups[g]`` by one of ``words[g]`` (256, len(group))."""

    size: int
    groups: list[NDArray[np.int64]]
    words: list[F32]

    def encode(self, vector: F32) -> NDArray[np.int64]:
        """(K,) -> the nearest word of each group, (tokens,)."""
        pairs = zip(self.groups, self.words, strict=True)
        return np.array([((words - vector[group]) ** 2).sum(1).argmin() for group, words in pairs])

    def decode(self, row: NDArray[np.int64]) -> F32:
        """(tokens,) -> (K,); coefficients without bits are 0."""
        vector = np.zeros(self.size, np.float32)
        for group, words, word in zip(self.groups, self.words, row, strict=True):
            vector[group] = words[word]
        return vector


def fit_product(vectors: Tensor, weights: Tensor, tokens: int, generator: torch.Generator) -> ProductCode:
    """Neighbouring coefficients that together deserve 8 bits share a token; k-means in each group."""
    variance = (vectors**2 * weights[:, None]).sum(0) / weights.sum()
    groups = allotted(variance.numpy().astype(np.float64), tokens)
    words = [
        k_means(vectors[:, group].contiguous(), weights, 256, generator, (12, 1))[0].numpy()
        for group in groups
    ]
    return ProductCode(vectors.shape[1], groups, words)


def allotted(variance: F64, tokens: int) -> list[NDArray[np.int64]]:
    """Groups of coefficients, one a token, by reverse water-filling; none gets more than 8 bits.

    A coefficient gets max(0, log2(variance / level) / 2) bits, the level being such that they sum
    up to 8 a token (Cover & Thomas, Elements of Information Theory, 10.3.3).
    """
    low, high = np.log2(variance.min()) - 4 * WORD, np.log2(variance.max())
    for _ in range(60):
        level = (low + high) / 2
        bits = np.clip((np.log2(variance) - level) / 2, 0, WORD)
        low, high = (level, high) if bits.sum() > WORD * tokens else (low, level)
    middle = np.cumsum(bits) - bits / 2
    token = np.minimum(middle / WORD, tokens - 1).astype(np.int64)
    return [np.flatnonzero((token == t) & (bits > 0)) for t in np.unique(token[bits > 0])]


@dataclass(frozen=True)
class PlainCode:
    """Residual quantisation, every stage the nearest word: ``words`` (stages, 256, K)."""

    words: F32

    def encode(self, vector: F32) -> NDArray[np.int64]:
        """(K,) -> (stages,)."""
        left, row = vector.copy(), []
        for words in self.words:
            row.append(int(((words - left) ** 2).sum(1).argmin()))
            left -= words[row[-1]]
        return np.array(row)

    def decode(self, row: NDArray[np.int64]) -> F32:
        """(1..stages,) -> (K,)."""
        return self.words[np.arange(len(row)), row].sum(0)


def fit_plain(
    vectors: Tensor, weights: Tensor, stages: int, generator: torch.Generator, tick: Callable[[], None]
) -> PlainCode:
    """The stages of the codec, without gains."""
    return PlainCode(fit_codebooks(vectors, weights, stages, 1, stages, generator, tick).words.numpy())


class ResidualDecoder(nn.Module):
    """Quantised coefficients (n, K) -> better ones: q + a small network's guess at what is missing.

    Parameters
    ----------
    spread : (K,) standard deviation of the coefficients
    missing : (K,) root mean square of what quantisation left of them
    """

    spread: Tensor
    missing: Tensor

    def __init__(self, spread: Tensor, missing: Tensor, hidden: int = 384, dropout: float = 0.3) -> None:
        super().__init__()
        self.register_buffer("spread", spread)
        self.register_buffer("missing", missing)
        last = nn.Linear(hidden, len(spread))
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.body = nn.Sequential(
            nn.Linear(len(spread), hidden),
            nn.SiLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.SiLU(),
            nn.Dropout(dropout),
            last,
        )

    def forward(self, quantised: Tensor) -> Tensor:
        return quantised + self.body(quantised / self.spread) * self.missing


def fit_residual(
    train: tuple[Tensor, Tensor],
    val: tuple[Tensor, Tensor],
    generator: torch.Generator,
    epochs: int = 60,
    patience: int = 8,
) -> tuple[ResidualDecoder, list[float]]:
    """A decoder for pairs (quantised, coefficients); the mean error on ``val`` before and after each epoch.

    The loss is the mean distance, not its square: so are the figures of merit. Weight decay,
    dropout, and the epoch that was best on ``val``.
    """
    quantised, wanted = train
    torch.manual_seed(int(torch.randint(2**31, (1,), generator=generator)))
    missing = (wanted - quantised).square().mean(0).sqrt().clamp_min(1e-6)
    model = ResidualDecoder(wanted.std(0).clamp_min(1e-6), missing)
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3, weight_decay=0.05)
    best, history = {k: v.clone() for k, v in model.state_dict().items()}, [_distance(model, *val)]
    for _ in range(epochs):
        for batch in torch.split(torch.randperm(len(wanted), generator=generator), 256):
            optimiser.zero_grad()
            torch.autograd.backward(_loss(model(quantised[batch]), wanted[batch]))
            optimiser.step()
        history.append(_distance(model, *val))
        if history[-1] == min(history):
            best = {k: v.clone() for k, v in model.state_dict().items()}
        elif len(history) - history.index(min(history)) > patience:
            break
    model.load_state_dict(best)
    return model.eval(), history


def _loss(made: Tensor, wanted: Tensor) -> Tensor:
    return (made - wanted).square().sum(1).add(1e-6).sqrt().mean()


def _distance(model: ResidualDecoder, quantised: Tensor, wanted: Tensor) -> float:
    model.eval()
    with torch.no_grad():
        distance = float(_loss(model(quantised), wanted))
    model.train()
    return distance

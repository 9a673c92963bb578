"""Which tokens describe a vector best: beam search through the stages, one beam per gain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .weights import GAIN_BITS, STILL, Weights

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]


class Search:
    """Encoder over one set of weights.

    Parameters
    ----------
    width : hypotheses kept per gain
    finalists : gains that are searched at full width, after a narrow search of all of them
    """

    def __init__(self, weights: Weights, width: int = 32, finalists: int = 2) -> None:
        self.words = weights.words_float
        self.norms = np.einsum("skd,skd->sk", self.words, self.words)
        self.gains = (weights.gains * 2.0**-GAIN_BITS).astype(np.float32)
        self.gain_from, self.width, self.finalists = weights.gain_from, width, finalists
        self.prototypes = self.words.shape[1] // len(self.gains)
        self.first_norms = self.norms[0, : self.prototypes].copy()
        if len(self.gains) == 1:
            self.first_norms[STILL] = np.inf

    def __call__(self, vector: F32) -> tuple[NDArray[np.uint8], float]:
        """(K,) coefficients -> tokens (S,) and the squared error that they leave.

        Zeros, which are the identity, when no other row comes nearer.
        """
        tokens, error = self._nearest(vector)
        size = float(vector @ vector)
        return (np.zeros_like(tokens), size) if size <= error else (tokens, error)

    def _nearest(self, vector: F32) -> tuple[NDArray[np.uint8], float]:
        start = _Beams(vector[None, None].astype(np.float32))
        start.step(self.words[0, : self.prototypes], self.first_norms, self.width)
        for stage in range(1, self.gain_from):
            start.step(self.words[stage], self.norms[stage], self.width)
        levels = np.arange(len(self.gains))
        if len(levels) > self.finalists:
            rough = self._finish(start, levels, 1)
            levels = levels[np.argsort(rough, kind="stable")[: self.finalists]]
        beams = self._branch(start, levels, None)
        self._run(beams, self.width)
        errors = beams.errors[:, 0] * self.gains[levels] ** 2
        best = int(np.argmin(errors))
        tokens, error = self._polish(beams.codes[best, 0], beams.left[best, 0], self.gains[levels[best]])
        tokens[0] += levels[best] * self.prototypes
        return tokens.astype(np.uint8), error

    def _polish(self, codes: I64, left: F32, gain: np.float32, sweeps: int = 2) -> tuple[I64, float]:
        """Choose each token anew while the others stand; ``left`` is in units of the gain."""
        codes, left = codes.copy(), left.copy()
        for stage in [*range(len(codes))] * sweeps:
            count = self.prototypes if stage == 0 else len(self.words[stage])
            scale = gain if stage < self.gain_from else np.float32(1)  # coarse words do not follow the gain
            left += self.words[stage, codes[stage]] / scale
            costs = self.norms[stage, :count] / scale - 2 * (self.words[stage, :count] @ left)
            if stage == 0 and gain == self.gains[0]:
                costs[STILL] = np.inf
            codes[stage] = costs.argmin()
            left -= self.words[stage, codes[stage]] / scale
        return codes, float(left @ left * gain**2)

    def _branch(self, start: _Beams, levels: I64, keep: int | None) -> _Beams:
        """A copy of the shared beam for each gain, without what would begin with the reserved token."""
        beams = start.branch(self.gains[levels], keep)
        beams.errors[(levels == 0)[:, None] & (beams.codes[:, :, 0] == STILL)] = np.inf
        return beams

    def _finish(self, start: _Beams, levels: I64, width: int) -> F32:
        beams = self._branch(start, levels, width)
        self._run(beams, width)
        return beams.errors[:, 0] * self.gains[levels] ** 2

    def _run(self, beams: _Beams, width: int) -> None:
        for stage in range(self.gain_from, len(self.words)):
            beams.step(self.words[stage], self.norms[stage], width)


class _Beams:
    """Hypotheses, B for each of G gains: residuals (G, B, K), codes (G, B, stages), squared errors (G, B)."""

    def __init__(self, left: F32, codes: I64 | None = None) -> None:
        self.left = left
        self.codes = np.zeros((*left.shape[:2], 0), np.int64) if codes is None else codes
        self.errors = np.einsum("gbk,gbk->gb", left, left)

    def branch(self, gains: F32, keep: int | None = None) -> _Beams:
        """One copy of the only beam for each gain, residuals in units of the gain."""
        left, codes = self.left[:, :keep], self.codes[:, :keep]
        repeated = np.repeat(codes, len(gains), axis=0)
        return _Beams(left / gains[:, None, None], repeated)

    def step(self, words: F32, norms: F32, width: int) -> None:
        """Extend every hypothesis by every word, and keep the ``width`` best of each gain."""
        gains, beam, size = self.left.shape
        costs = self.left.reshape(-1, size) @ words.T
        costs *= -2
        costs += norms
        costs = (costs.reshape(gains, beam, -1) + self.errors[:, :, None]).reshape(gains, -1)
        width = min(width, costs.shape[1])
        chosen = np.stack([_smallest(row, width, beam) for row in costs])
        parent, word = np.divmod(chosen, len(words))
        row = np.arange(gains)[:, None]
        self.left = self.left[row, parent] - words[word]
        self.errors = np.take_along_axis(costs, chosen, 1)
        self.codes = np.concatenate([self.codes[row, parent], word[..., None]], axis=-1)


def _smallest(costs: F32, width: int, beam: int) -> I64:
    """Indices of the ``width`` smallest of (beam * words,), ascending."""
    if width == 1:
        return np.array([costs.argmin()])
    places = np.arange(len(costs))
    if beam >= width:  # each hypothesis has one extension at or below the bound: look only at those below it
        places = np.flatnonzero(costs <= costs.reshape(beam, -1).min(1).max())
    some = costs[places]
    nearest = np.argpartition(some, width - 1)[:width] if len(some) > width else np.arange(len(some))
    return places[nearest[np.argsort(some[nearest], kind="stable")]]

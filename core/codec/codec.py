"""The LUT codec: a transform code under a joint perceptual metric, 64 tokens of 8 bits.

A look minus the identity is projected on a separable basis (33 points -> 12 terms per axis,
learned), then on its principal components under a metric that weighs CIEDE2000 on the colours
of real photographs against plain error on the lattice, then quantised by residual vector
quantisation in 64 stages. The first token also chooses a gain for the later stages. Decoding
adds the words up and runs the projections backwards in exact arithmetic.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import BadInput
from ..interp import lattice
from ..lut import Lut
from .neighbour import follow
from .search import Search
from .text import NAME, TOKENS, checked, from_text, to_text
from .weights import AXIS_BITS, CORE_BITS, GAIN_BITS, SIZE, STILL, WORD_BITS, Weights, load

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
NOTHING = 0.5 / 255 + 1e-6  # a cube within this of the identity shows nothing in 8 bits


class LutCodec:
    """Looks as short rows of tokens.

    >>> codec = LutCodec.load()
    >>> tokens = codec.encode(lut)          # uint8 (64,)
    >>> codec.decode(tokens)                # Lut, 33^3
    >>> codec.to_text(tokens)               # 'gw1:...'
    """

    name = NAME
    tokens = TOKENS

    def __init__(self, weights: Weights, width: int = 32, finalists: int = 2) -> None:
        self._weights = weights
        self._width, self._finalists = width, finalists
        self._identity = lattice(SIZE, np.float64)

    @classmethod
    def load(cls, path: str | Path | None = None) -> LutCodec:
        """The shipped codec, or the weights in a file.

        Raises
        ------
        FileError : the file is missing or is no codec
        """
        return cls(load(None if path is None else Path(path)))

    @cached_property
    def _search(self) -> Search:
        """Made when something is encoded: decoding alone starts faster."""
        return Search(self._weights, self._width, self._finalists)

    # -- tokens

    def encode(self, lut: Lut, like: ArrayLike | str | None = None) -> NDArray[np.uint8]:
        """The 64 tokens, uint8, that come nearest to a display-referred look.

        Shaper and domain are baked in, any size is resampled to 33^3, values are clipped to 0..1.
        A LUT that nowhere leaves the identity by more than half an 8-bit step gives 64 zeros, which
        decode to exactly the identity.

        ``like`` is the row of a neighbouring look, from :meth:`encode`: its tokens are kept where that
        costs little (at most a tenth more error before the last projections, in all).

        Raises
        ------
        BadInput : ``like`` is no row of 64 tokens
        """
        row, stages = None if like is None else self._row(like), len(self._weights.words)
        if row is not None and len(row) != stages:
            raise BadInput(f"like has {len(row)} tokens: a whole row has {stages}")
        difference = self._difference(lut)
        if np.abs(difference).max() <= NOTHING:
            return np.full(stages, STILL, np.uint8)
        vector = self._project(difference)
        return self._search(vector)[0] if row is None else follow(self._search, vector, row)

    def decode(self, tokens: ArrayLike | str) -> Lut:
        """The look of 1..64 tokens, or of a ``gw1:...`` string: 33^3, values 0..1.

        Any tokens decode to a finite cube, the same to the last bit on every machine. Fewer than
        64 give the look in coarser form. A first token of 0 is the identity, to the last bit.

        Raises
        ------
        BadInput : not 1..64 integers 0..255, or a string that is damaged or another codec's
        """
        return self._cube(self._sum(tokens))

    def dequantise(self, tokens: ArrayLike | str) -> F64:
        """The coefficients (K,) of 1..64 tokens, the nearest relative of what :meth:`coefficients` gave."""
        return self._sum(tokens) / self._weights.steps

    def to_text(self, tokens: ArrayLike) -> str:
        """``gw1:`` and base64url; 90 characters for 64 tokens."""
        return to_text(tokens)

    def from_text(self, text: str) -> NDArray[np.uint8]:
        """The tokens of a ``gw1:...`` string."""
        return from_text(text)

    # -- the continuous space behind the tokens

    def coefficients(self, lut: Lut) -> F32:
        """(K,) float32: the look before quantisation; Euclidean distance approximates visible difference."""
        return self._project(self._difference(lut))

    def _difference(self, lut: Lut) -> F32:
        """What the look adds to the identity, (33, 33, 33, 3)."""
        return np.clip(lut.flatten(SIZE).table, 0, 1) - self._identity.astype(np.float32)

    def _project(self, difference: F32) -> F32:
        axes = self._weights.axes_float
        core = difference.reshape(SIZE, -1).T @ axes[0]  # g b c | x
        core = core.reshape(SIZE, -1).T @ axes[1]  # b c x | y
        core = core.reshape(SIZE, -1).T @ axes[2]  # c x y | z
        flat = core.reshape(3, -1).T.ravel()  # x y z c
        return flat[self._weights.kept] @ self._weights.analysis

    def from_coefficients(self, coefficients: ArrayLike) -> Lut:
        """The look of coefficients (K,), not quantised.

        Raises
        ------
        BadInput : another length, or values that are not finite
        """
        vector = np.asarray(coefficients, np.float64)
        if vector.shape != (self.size,) or not np.isfinite(vector).all():
            raise BadInput(f"coefficients are {self.size} finite numbers, not {vector.shape}")
        return self._cube(np.rint(vector * self._weights.steps))

    def quantise(self, coefficients: ArrayLike) -> NDArray[np.uint8]:
        """The 64 tokens nearest to coefficients (K,)."""
        return self._search(np.asarray(coefficients, np.float32))[0]

    @property
    def size(self) -> int:
        """K, the number of coefficients."""
        return self._weights.synthesis.shape[1]

    def _sum(self, tokens: ArrayLike | str) -> F64:
        """Words of the tokens added up, the later ones scaled by the gain: integers, (K,)."""
        w, row = self._weights, self._row(tokens)
        if row[0] == STILL:
            return np.zeros(self.size)
        words = w.words[np.arange(len(row)), row]
        coarse, fine = words[: w.gain_from].sum(0), words[w.gain_from :].sum(0)
        gain = w.gains[int(row[0]) * w.levels // 256]
        return (coarse + (fine * gain >> GAIN_BITS)).astype(np.float64)

    def _row(self, tokens: ArrayLike | str) -> NDArray[np.uint8]:
        return from_text(tokens) if isinstance(tokens, str) else checked(tokens, len(self._weights.words))

    def _cube(self, scaled: F64) -> Lut:
        """Integers in 2**-WORD_BITS -> the cube. Every sum is of integers below 2**53: exact in any order."""
        w = self._weights
        flat = np.zeros(w.terms**3 * 3)
        flat[w.kept] = np.rint(w.synthesis @ scaled * 2.0 ** (CORE_BITS - WORD_BITS))
        part = flat.reshape(w.terms, -1)  # x | y z c
        for axis in range(3):
            part = np.rint(w.axes[axis] @ part * 2.0**-AXIS_BITS)
            if axis < 2:  # bring the next axis to the front, the done one to the back
                part = part.reshape(SIZE, w.terms, -1).transpose(1, 2, 0).reshape(w.terms, -1)
        # now b | c r g
        difference = part.reshape(SIZE, 3, SIZE, SIZE).transpose(2, 3, 0, 1) * 2.0**-CORE_BITS
        return Lut(np.clip(self._identity + difference, 0, 1), title=self.name)

"""Rows that stay near another row: for looks that are steps of one another, as on a strength slider.

The search has no memory. Its late tokens describe what little the earlier ones have left, and
that is another matter for every look: a look changed by a fraction of the quantisation error
gets other late tokens. Who has a neighbour's row at hand can ask to keep to it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .search import F32, Search
from .weights import STILL

SLACK = 0.1  # of the error that may be given away
MOST = 24  # tokens that may change; a row that needs more is another look


def follow(search: Search, vector: F32, row: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Tokens for ``vector`` (K,): ``row`` with as few tokens changed as bring its error near the best one.

    ``row`` (S,) as the search gives it. Its gain stays. The best row when ``MOST`` changes are not enough.
    """
    best, error = search(vector)
    if STILL in (row[0], best[0]):
        return best
    level, first = divmod(int(row[0]), search.prototypes)
    codes = np.array([first, *row[1:]], np.int64)
    stages, words, norms = np.arange(len(codes)), search.words, search.norms.copy()
    norms[0, search.prototypes :] = np.inf
    if level == 0:
        norms[0, STILL] = np.inf
    scale = np.where(stages < search.gain_from, np.float32(1), search.gains[level])[:, None]
    left = vector - (words[stages, codes] * scale).sum(0)
    apart = norms + search.norms[stages, codes][:, None] - 2 * _products(words, words[stages, codes])
    for _ in range(MOST + 1):
        if left @ left <= error * (1 + SLACK) ** 2:
            codes[0] += level * search.prototypes
            return codes.astype(np.uint8)
        along = (words.reshape(-1, len(left)) @ left).reshape(norms.shape)
        gained = 2 * scale * (along[stages, codes][:, None] - along) + scale**2 * apart
        stage, word = divmod(int(gained.argmin()), norms.shape[1])
        left = left + scale[stage] * (words[stage, codes[stage]] - words[stage, word])
        codes[stage] = word
        apart[stage] = norms[stage] + search.norms[stage, word] - 2 * words[stage] @ words[stage, word]
    return best


def _products(words: F32, chosen: F32) -> F32:
    """(S, 256): of every word with the chosen one of its stage."""
    return (words @ chosen[:, :, None])[..., 0]

"""Captions for the prompt model: drawn from the lexicon, each with the wish it stands for.

>>> lexicon = load(data=Path("../shared/data"))
>>> draw(np.random.default_rng(0), lexicon)
"""

from __future__ import annotations

from ..lexicon import FOLDER
from .grammar import LANGUAGE_SHARES, SHARES, Caption, Grammar, draw
from .lexicon import Lexicon, load
from .wish import Wish

__all__ = ["FOLDER", "LANGUAGE_SHARES", "SHARES", "Caption", "Grammar", "Lexicon", "Wish", "draw", "load"]

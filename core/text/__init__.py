"""What a prompt says, as numbers: token states of a small language model, and character n-grams.

>>> from gradewright.core.text import TextEncoder, words
>>> TextEncoder.load().states("warm golden hour")        # float32 (T, 384)
>>> words("warm golden hour, +0.7 EV")                   # int32 (W, 24), float32 (W, 4)
"""

from __future__ import annotations

from .encoder import TextEncoder
from .ngrams import words

__all__ = ["TextEncoder", "words"]

"""LUTs as 64 bytes: :class:`LutCodec`.

>>> from gradewright.core.codec import LutCodec
"""

from __future__ import annotations

from .codec import LutCodec
from .text import from_text, to_text

__all__ = ["LutCodec", "from_text", "to_text"]

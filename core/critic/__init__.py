"""The image critic: what is to be seen in a photo, what to do about it, a score; and a judge of edits.

>>> from gradewright.core.critic import Critic
>>> review = Critic().review("photo.jpg")            # findings -> suggestions -> score
>>> Critic().judge(before, after, "warmer").reward   # 0..1
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import attributes

if TYPE_CHECKING:
    from .critic import Critic
    from .judge import Judgement, Metric
    from .review import Finding, Review, Suggestion

__all__ = ["Critic", "Finding", "Judgement", "Metric", "Review", "Suggestion"]

_HOME = {
    "Critic": "critic",
    "Finding": "review",
    "Judgement": "judge",
    "Metric": "judge",
    "Review": "review",
    "Suggestion": "review",
}

__getattr__ = attributes(__name__, _HOME)

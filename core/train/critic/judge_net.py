"""The judge's head: a request as it was read, and a photo's attributes -> what should move, and what matters.

The request is read by the compact engine's prompt network, which is not trained here: reading is the hard
part, and that network has seen a hundred times as many captions as a judge could be taught with.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from ...critic.judge import METRICS, WHOLE
from ..policy.prompt_net import HIDDEN

_LEAST = 0.15  # visible steps that nobody could be exact to


class JudgeNet(nn.Module):
    """(B, K) wanted changes and tolerances in visible steps, and (B, K) weights, all metrics of METRICS."""

    def __init__(self, width: int = 256, dropout: float = 0.1) -> None:
        super().__init__()
        self.width = width
        self.words = nn.Sequential(nn.LayerNorm(HIDDEN), nn.Dropout(dropout), nn.Linear(HIDDEN, width))
        self.photo = nn.Linear(len(WHOLE), width)
        self.body = nn.Sequential(
            nn.GELU(), nn.Dropout(dropout), nn.Linear(width, width),
            nn.GELU(), nn.Dropout(dropout), nn.Linear(width, width), nn.GELU(),
        )  # fmt: skip
        self.wanted, self.exact = nn.Linear(width, len(METRICS)), nn.Linear(width, len(METRICS))
        self.weight = nn.Linear(width, len(METRICS))

    def forward(self, hidden: Tensor, photo: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """hidden (B, 512) of ``PromptNet.read``, photo (B, 15) of :func:`~.reward.state_of`."""
        seen = self.words(hidden) + self.photo(photo)
        seen = seen + self.body(seen)
        tolerance = _LEAST + functional.softplus(self.exact(seen))
        return self.wanted(seen), tolerance, functional.softplus(self.weight(seen) - 1)

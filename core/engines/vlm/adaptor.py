"""VeraRetouch's retouch adaptor: hidden states of the three retouch tokens -> the latents of the renderer."""

from __future__ import annotations

import torch
from torch import Tensor, nn

SIZES = (16, 16, 24)  # light, colour, bands: as the shipped renderer has them


class Adaptor(nn.Module):
    """A three-layer bottleneck MLP for each token: (B, 3, hidden) -> z (B, 56).

    The last layer begins at zero: an untrained adaptor changes no picture.
    """

    def __init__(self, hidden: int, bottleneck: int = 256) -> None:
        super().__init__()
        self.hidden, self.bottleneck = hidden, bottleneck
        self.parts = nn.ModuleList(_part(hidden, bottleneck, size) for size in SIZES)

    def forward(self, states: Tensor) -> Tensor:
        """The latents of light, colour and bands, side by side; float32."""
        float_states = states.to(next(self.parameters()).dtype)
        made = [part(float_states[:, i]) for i, part in enumerate(self.parts)]
        return torch.cat(made, -1).float()


def _part(hidden: int, bottleneck: int, size: int) -> nn.Module:
    last = nn.Linear(bottleneck, size)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(
        nn.LayerNorm(hidden),
        nn.Linear(hidden, bottleneck),
        nn.SiLU(),
        nn.Linear(bottleneck, bottleneck),
        nn.SiLU(),
        last,
    )

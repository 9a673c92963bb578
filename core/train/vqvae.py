"""The tokenizer of AceTone, as far as its paper tells: a 3D-convolutional VQ-VAE, 4x4x4 tokens of 256.

Section 3.1 and 5.1 of the paper: 3x32^3 LUT in, latent grid 4^3, one codebook of K = 256 with
EMA updates as in VQ-VAE 2, commitment 0.25, Adam at 2e-4, batch 64, about 4 M parameters.
Layer widths are not published; these are chosen to meet the parameter count.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Residual(nn.Module):
    """x + conv(act(conv(act(x)))), BxCxDxHxW."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.SiLU(),
            nn.Conv3d(channels, channels // 2, 3, padding=1),
            nn.SiLU(),
            nn.Conv3d(channels // 2, channels, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class Codebook(nn.Module):
    """K vectors of D, moved by exponential averages of what they are nearest to.

    A vector whose average use falls below ``revive`` per batch is replaced by an encoder output.
    """

    vectors: Tensor
    use: Tensor
    sums: Tensor

    def __init__(self, count: int = 256, size: int = 64, decay: float = 0.99, revive: float = 0.9) -> None:
        super().__init__()
        start = torch.randn(count, size) * 0.1
        self.decay, self.revive = decay, revive
        self.register_buffer("vectors", start)
        self.register_buffer("use", torch.ones(count))
        self.register_buffer("sums", start.clone())

    def nearest(self, latent: Tensor) -> Tensor:
        """(n, D) -> indices (n,)."""
        return (latent @ (2 * self.vectors).T - (self.vectors**2).sum(1)).argmax(1)

    @torch.no_grad()
    def update(self, latent: Tensor, code: Tensor) -> int:
        """One EMA step on (n, D); returns how many dead vectors were revived."""
        use = torch.zeros_like(self.use).index_add_(0, code, torch.ones_like(latent[:, 0]))
        self.use.lerp_(use, 1 - self.decay)
        self.sums.lerp_(torch.zeros_like(self.sums).index_add_(0, code, latent), 1 - self.decay)
        dead = (self.use < self.revive).nonzero()[:, 0]
        if len(dead):
            self.sums[dead] = latent[torch.randint(len(latent), (len(dead),), device=latent.device)]
            self.use[dead] = 1.0
        self.vectors.copy_(self.sums / self.use.clamp_min(1e-5)[:, None])
        return len(dead)


class VqVae(nn.Module):
    """Bx3x32x32x32 LUTs (values minus identity) -> 64 tokens -> the same."""

    def __init__(self, width: int = 48, latent: int = 64, count: int = 256) -> None:
        super().__init__()
        a, b, c = width, width * 2, width * 4
        self.encoder = nn.Sequential(
            nn.Conv3d(3, a, 4, 2, 1),
            nn.SiLU(),
            nn.Conv3d(a, b, 4, 2, 1),
            nn.SiLU(),
            nn.Conv3d(b, c, 4, 2, 1),
            Residual(c),
            nn.Conv3d(c, latent, 1),
        )
        self.codebook = Codebook(count, latent)
        self.decoder = nn.Sequential(
            nn.Conv3d(latent, c, 3, padding=1),
            Residual(c),
            nn.ConvTranspose3d(c, b, 4, 2, 1),
            nn.SiLU(),
            nn.ConvTranspose3d(b, a, 4, 2, 1),
            nn.SiLU(),
            nn.ConvTranspose3d(a, 3, 4, 2, 1),
        )

    def encode(self, luts: Tensor) -> Tensor:
        """Tokens (B, 64)."""
        latent = self.encoder(luts)
        return self.codebook.nearest(_rows(latent)).view(len(luts), -1)

    def decode(self, tokens: Tensor) -> Tensor:
        """(B, 64) -> Bx3x32x32x32."""
        grid = self.codebook.vectors[tokens].view(len(tokens), 4, 4, 4, -1)
        return self.decoder(grid.permute(0, 4, 1, 2, 3))

    def forward(self, luts: Tensor) -> tuple[Tensor, Tensor, int]:
        """Reconstruction, commitment loss, revived vectors; moves the codebook while training."""
        latent = self.encoder(luts)
        rows = _rows(latent)
        code = self.codebook.nearest(rows.detach())
        revived = self.codebook.update(rows.detach(), code) if self.training else 0
        chosen = self.codebook.vectors[code].view(len(luts), 4, 4, 4, -1).permute(0, 4, 1, 2, 3)
        commitment = functional.mse_loss(latent, chosen.detach())
        return self.decoder(latent + (chosen - latent).detach()), commitment, revived


def _rows(latent: Tensor) -> Tensor:
    return latent.permute(0, 2, 3, 4, 1).reshape(-1, latent.shape[1])

"""The tokenizer of AceTone, as far as its paper tells: a 3D-convolutional VQ-VAE, 4x4x4 tokens of 256.

Section 3.1 and 5.1 of the paper: 3x32^3 LUT in, latent grid 4^3, one codebook of K = 256 with
EMA updates as in VQ-VAE 2, commitment 0.25, about 4 M parameters. Layer widths are not published;
these meet the parameter count, most of it at 4^3, where it costs least.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

SPREAD = 0.1  # of LUT minus identity: the network sees values of about 1


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

    A vector whose average use falls below ``revive`` of the mean one is replaced by an encoder output.
    """

    vectors: Tensor
    use: Tensor
    sums: Tensor

    def __init__(self, count: int = 256, size: int = 64, decay: float = 0.98, revive: float = 0.06) -> None:
        super().__init__()
        self.decay, self.revive = decay, revive
        self.register_buffer("vectors", torch.zeros(count, size))
        self.register_buffer("use", torch.zeros(count))  # all dead: the first batch fills them
        self.register_buffer("sums", torch.zeros(count, size))

    def nearest(self, latent: Tensor) -> Tensor:
        """(n, D) -> indices (n,)."""
        return (latent @ (2 * self.vectors).T - (self.vectors**2).sum(1)).argmax(1)

    @torch.no_grad()
    def update(self, latent: Tensor, code: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """One EMA step on (n, D); returns how many dead vectors were revived.

        ``generator`` is on the CPU whatever the device; nothing here waits for a GPU.
        """
        use = torch.zeros_like(self.use).index_add_(0, code, torch.ones_like(latent[:, 0]))
        self.use.lerp_(use, 1 - self.decay)
        self.sums.lerp_(torch.zeros_like(self.sums).index_add_(0, code, latent), 1 - self.decay)
        mean = len(latent) / len(self.use)
        dead, trial = self.use < self.revive * mean, mean / 4
        drawn = torch.randint(len(latent), (len(self.use),), generator=generator).to(latent.device)
        self.sums.copy_(torch.where(dead[:, None], latent[drawn] * trial, self.sums))
        self.use.masked_fill_(dead, trial)
        self.vectors.copy_(self.sums / self.use[:, None])
        return dead.sum()


class VqVae(nn.Module):
    """Bx3x32x32x32 LUTs (values minus identity) -> 64 tokens -> the same."""

    def __init__(self, width: int = 32, latent: int = 64, count: int = 256, blocks: int = 2) -> None:
        super().__init__()
        a, b, c = width, width * 2, width * 6
        self.encoder = nn.Sequential(
            nn.Conv3d(3, a, 4, 2, 1),
            nn.SiLU(),
            nn.Conv3d(a, b, 4, 2, 1),
            nn.SiLU(),
            nn.Conv3d(b, c, 4, 2, 1),
            *(Residual(c) for _ in range(blocks)),
            nn.SiLU(),
            nn.Conv3d(c, latent, 1),
        )
        self.codebook = Codebook(count, latent)
        self.decoder = nn.Sequential(
            nn.Conv3d(latent, c, 3, padding=1),
            *(Residual(c) for _ in range(blocks)),
            nn.SiLU(),
            nn.ConvTranspose3d(c, b, 4, 2, 1),
            nn.SiLU(),
            nn.ConvTranspose3d(b, a, 4, 2, 1),
            nn.SiLU(),
            nn.ConvTranspose3d(a, 3, 4, 2, 1),
        )

    def encode(self, luts: Tensor) -> Tensor:
        """Tokens (B, 64)."""
        latent = self.encoder(luts / SPREAD)
        return self.codebook.nearest(_rows(latent)).view(len(luts), -1)

    def decode(self, tokens: Tensor) -> Tensor:
        """(B, 64) -> Bx3x32x32x32."""
        grid = self.codebook.vectors[tokens].view(len(tokens), 4, 4, 4, -1)
        return self.decoder(grid.permute(0, 4, 1, 2, 3)) * SPREAD

    def forward(
        self, luts: Tensor, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Reconstruction, commitment loss, revived vectors; moves the codebook while training."""
        latent = self.encoder(luts / SPREAD).float()
        rows = _rows(latent.detach())
        with torch.autocast(luts.device.type, enabled=False):  # distances need their float32
            code = self.codebook.nearest(rows)
            revived = self.codebook.update(rows, code, generator) if self.training else torch.zeros(())
        chosen = self.codebook.vectors[code].view(len(luts), 4, 4, 4, -1).permute(0, 4, 1, 2, 3)
        commitment = functional.mse_loss(latent, chosen.detach())
        made = self.decoder(latent + (chosen - latent).detach())
        return made.float() * SPREAD, commitment, revived


def _rows(latent: Tensor) -> Tensor:
    return latent.permute(0, 2, 3, 4, 1).reshape(-1, latent.shape[1])

"""What the deciding network is trained on: degraded crops as figures and a few pixels, drawn beforehand.

Figures take longer to compute than the network takes to learn from them, and the network forgets a photo that
it sees often enough: so every photo is drawn several times, each time another crop with another flaw.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ...engines.auto.ends import ends
from ...engines.compact.networks import SIDE
from ..policy.photos import load_photos
from .auto_net import Look
from .flaws import spoil

STORED = 256  # pixels along both edges of the photos that crops are taken from
PIXELS = 192  # of a crop that are kept, before and after
_LEAST = 0.55  # share of an edge that a crop keeps
_TOGETHER = 32


@dataclass(frozen=True, eq=False)
class Samples:
    """``figures`` (n, k) float16; ``pixels`` (n, 2, 3, PIXELS) uint8, shown and good; ``flaw`` (n,)."""

    figures: Tensor
    pixels: Tensor
    flaw: NDArray[np.int64]

    def save(self, path: Path) -> None:
        """As one file."""
        np.savez(path, figures=self.figures.numpy(), pixels=self.pixels.numpy(), flaw=self.flaw)


def load(folder: Path) -> Samples:
    """All parts of a folder, in the order of their names."""
    parts = [np.load(path) for path in sorted(folder.glob("*.npz"))]
    figures, pixels, flaw = (
        np.concatenate([part[name] for part in parts]) for name in ("figures", "pixels", "flaw")
    )
    return Samples(torch.from_numpy(figures), torch.from_numpy(pixels), flaw)


def write(
    folder: Path, paths: list[Path], flaws: Tensor, rounds: int, good: float, seed: int,
    tick: Callable[[], None] = lambda: None,
) -> None:  # fmt: skip
    """Every photo once a round, a round a file; rounds that are there already are kept.

    ``flaws`` (n, 3, 17, 17, 17); a share of ``good`` crops is shown as it is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = [folder / f"{number:03d}.npz" for number in range(rounds)]
    photos = None
    for number, part in enumerate(parts):
        if not part.exists():
            photos = load_photos(paths, STORED) if photos is None else photos
            draw(photos, flaws, good, np.random.default_rng((seed, number))).save(part)
        tick()


def draw(photos: Tensor, flaws: Tensor, good: float, rng: np.random.Generator) -> Samples:
    """One crop of each photo (n, 3, STORED, STORED) uint8."""
    look = Look()
    chosen = np.where(rng.random(len(photos)) < good, -1, rng.integers(len(flaws), size=len(photos)))
    figures, pixels = [], []
    order = rng.permutation(len(photos))
    for start in range(0, len(order), _TOGETHER):
        thumbnails, tones = [], []
        for index in order[start : start + _TOGETHER]:
            crop = _crop(photos[index], rng)[None].float() / 255
            which = chosen[index]
            shown = crop if which < 0 else spoil(flaws[which][None].float(), crop)
            thumbnails.append(functional.adaptive_avg_pool2d(shown, SIDE))
            tones.append(ends(shown[0].permute(1, 2, 0).numpy()))
            where = torch.from_numpy(rng.integers(crop[0, 0].numel(), size=PIXELS))
            pixels.append(torch.stack([x[0].flatten(1)[:, where] for x in (shown, crop)]))
        with torch.no_grad():
            figures.append(look(torch.cat(thumbnails), torch.from_numpy(np.stack(tones))).half())
    return Samples(
        torch.cat(figures),
        (torch.stack(pixels) * 255).round().to(torch.uint8),
        chosen[order].astype(np.int64),
    )


def _crop(photo: Tensor, rng: np.random.Generator) -> Tensor:
    """A window of (3, STORED, STORED), half of them mirrored."""
    height, width = (int(STORED * np.sqrt(share)) for share in rng.uniform(_LEAST**2, 1, 2))
    top, left = int(rng.integers(STORED + 1 - height)), int(rng.integers(STORED + 1 - width))
    window = photo[:, top : top + height, left : left + width]
    return window.flip(2) if rng.random() < 0.5 else window

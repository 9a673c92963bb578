"""Train the VQ-VAE baseline.

    python -m gradewright.core.train.vqvae_fit --out RUN_FOLDER [--minutes M] [--device cpu|cuda]

Resumes from RUN_FOLDER/last.pt; appends to RUN_FOLDER/metrics.jsonl.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ..interp import lattice
from . import codec_data
from .codec_fit import data_root
from .vqvae import VqVae

COMMITMENT, RATE, BATCH = 0.25, 2e-4, 64


def to_32(tables: Tensor) -> Tensor:
    """(B, 33, 33, 33, 3) cubes -> Bx3x32x32x32, minus the identity (trilinear)."""
    small = functional.interpolate(
        tables.permute(0, 4, 1, 2, 3), (32,) * 3, mode="trilinear", align_corners=True
    )
    return small - torch.from_numpy(lattice(32)).permute(3, 0, 1, 2)


def smooth_noise(luts: Tensor, generator: torch.Generator) -> Tensor:
    """Add noise of a 4^3 grid, sigma up to 0.03, to half of the batch."""
    coarse = torch.randn((len(luts), 3, 4, 4, 4), generator=generator)
    sigma = torch.rand((len(luts), 1, 1, 1, 1), generator=generator) * 0.06 - 0.03
    fine = functional.interpolate(coarse, (32,) * 3, mode="trilinear", align_corners=True)
    return luts + fine * sigma.clamp_min(0)


def psnr(model: VqVae, luts: Tensor, device: str) -> float:
    """Mean over LUTs of each one's PSNR in dB; outputs are clipped to 0..1."""
    identity = torch.from_numpy(lattice(32)).permute(3, 0, 1, 2)
    model.eval()
    with torch.no_grad():
        made = torch.cat(
            [model.decode(model.encode(part.to(device))).cpu() for part in torch.split(luts, 16)]
        )
    model.train()
    error = (((made + identity).clamp(0, 1) - (luts + identity)) ** 2).mean((1, 2, 3, 4))
    return float((-10 * error.clamp_min(1e-9).log10()).mean())


def train(out: Path, minutes: float, device: str, seed: int, steps: int | None = None) -> dict[str, float]:
    """Train for a time budget; the last metrics."""
    root = data_root()
    torch.manual_seed(seed)
    model = VqVae().to(device)
    optimiser = torch.optim.Adam(model.parameters(), RATE)
    step = _resume(out / "last.pt", model, optimiser)
    rng, generator = np.random.default_rng(seed + step), torch.Generator().manual_seed(seed + step)
    real, _ = codec_data.load_luts(root, "train")
    val = to_32(torch.from_numpy(codec_data.load_luts(root, "val")[0]))
    recipes = codec_data.recipe_tables(200, rng)
    augmenter = codec_data.Augmenter(real, recipes, [0.35, 0.25, 0.05, 0.2, 0.15], 0.0, rng)
    start, row, going = time.monotonic(), {}, True
    while going:
        luts = to_32(torch.stack([augmenter.draw() for _ in range(BATCH)]))
        luts = smooth_noise(luts, generator).to(device)
        made, commitment, revived = model(luts)
        error = functional.mse_loss(made, luts)
        optimiser.zero_grad()
        (error + COMMITMENT * commitment).backward()
        optimiser.step()
        step += 1
        spent = (time.monotonic() - start) / 60
        going = spent < minutes and (steps is None or step < steps)
        if step % 25 == 0 or not going:
            row = {"step": step, "loss": error.item(), "revived": revived, "minutes": round(spent, 2)}
            row["psnr_val"] = psnr(model, val, device)
            _save(out, model, optimiser, step, row)
    return row


def _resume(path: Path, model: VqVae, optimiser: torch.optim.Optimizer) -> int:
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"])


def _save(
    out: Path, model: VqVae, optimiser: torch.optim.Optimizer, step: int, row: dict[str, float]
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step}
    torch.save(state, out / "partial.pt")
    (out / "partial.pt").replace(out / "last.pt")
    with open(out / "metrics.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    print(row, file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        "gradewright.core.train.vqvae_fit", description="Train the VQ-VAE baseline."
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    train(options.out, options.minutes, options.device, options.seed)


if __name__ == "__main__":
    main()

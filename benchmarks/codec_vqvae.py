"""The VQ-VAE baseline on the codec benchmark's LUTs and pixels (needs torch).

python benchmarks/codec_vqvae.py RUN/last.pt [--split val|test]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from codec import HEADERS, Judge, photo_pixels, summary
from common import cpu_seconds, load_luts, table
from gradewright.core import Lut
from gradewright.core.interp import lattice
from gradewright.core.train.vqvae import VqVae
from gradewright.core.train.vqvae_fit import to_32


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--split", default="val", choices=["val", "test"])
    options = parser.parse_args()
    torch.set_num_threads(1)
    state = torch.load(options.checkpoint, weights_only=True)
    model = VqVae().eval()
    model.load_state_dict(state["model"])
    tables, _ = load_luts(options.split)
    judge = Judge(tables, photo_pixels(options.split, 2048))
    small = to_32(torch.from_numpy(tables))
    with torch.no_grad():
        tokens = torch.cat([model.encode(part) for part in torch.split(small, 16)])
        made = torch.cat([model.decode(part) for part in torch.split(tokens, 16)])
        times = [
            cpu_seconds(lambda: model.encode(small[:1])) * 1e3,
            cpu_seconds(lambda: model.decode(tokens[:1])) * 1e3,
        ]
    cubes = np.clip(made.permute(0, 2, 3, 4, 1).numpy() + lattice(32), 0, 1)
    errors = np.array([judge(i, Lut(cube).resample(33)) for i, cube in enumerate(cubes)])
    print(table(HEADERS, [[f"VQ-VAE, {state['step']} steps, 512 bits", len(errors), *summary(errors)]]))
    used = len(torch.unique(tokens))
    print(f"\n{used} of 256 words used; encode {times[0]:.1f} ms, decode {times[1]:.1f} ms CPU")


if __name__ == "__main__":
    main()

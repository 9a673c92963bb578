"""Train the VQ-VAE baseline; ``gradewright train codec --config codec_vqvae`` calls :func:`train`."""

from __future__ import annotations

import json
import math
import platform
from dataclasses import asdict
from pathlib import Path
from time import monotonic, process_time
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..errors import FileError
from ..files import write_bytes
from . import codec_data
from .codec_fit import data_root
from .progress import progress
from .stopping import stopping
from .vqvae import VqVae
from .vqvae_data import Augmenter, identity_32, to_32
from .vqvae_run import Run, Settings


def psnr(model: VqVae, luts: Tensor, device: str) -> tuple[float, int]:
    """Mean over LUTs of each one's PSNR in dB (outputs clipped to 0..1), and how many words were used."""
    identity = identity_32()
    model.eval()
    with torch.no_grad():
        tokens = torch.cat([model.encode(part.to(device)) for part in torch.split(luts, 16)])
        made = torch.cat([model.decode(part).cpu() for part in torch.split(tokens, 16)])
    model.train()
    error = (((made + identity).clamp(0, 1) - (luts + identity)) ** 2).mean((1, 2, 3, 4))
    return float((-10 * error.clamp_min(1e-9).log10()).mean()), len(torch.unique(tokens))


def train(out: Path, settings: Settings, device: str) -> dict[str, Any]:
    """Train for the budget, going on from OUT/last.pt if there is one; the last line of OUT/metrics.jsonl.

    Ctrl-C ends after the step at hand, with a checkpoint. The budget counts all sittings.

    Raises
    ------
    FileError : there is no data pack, the checkpoint cannot be gone on from, the budget is used up, or
        training diverged
    KeyboardInterrupt : stopped, after the checkpoint was written
    """
    root, run = data_root(), Run(settings, device)
    if (out / "last.pt").exists():
        run.load(out / "last.pt")
    if run.progress() >= 1:
        had = f"its {settings.steps} steps" if settings.steps else f"its {settings.minutes:g} minutes"
        raise FileError(out, f"has had {had} already", "give it more to go on")
    out.mkdir(parents=True, exist_ok=True)
    with progress("loading") as show:
        recipes = np.random.default_rng(settings.seed)
        tables = codec_data.recipe_tables(settings.recipes, recipes, lambda: show(0.5, "recipes"))
        augmenter = Augmenter(codec_data.load_luts(root, "train")[0], tables, run.generator, device)
        val = to_32(torch.from_numpy(codec_data.load_luts(root, "val")[0]))
    _describe(out, run, root)
    return _loop(out, run, augmenter, val)


def _loop(out: Path, run: Run, augmenter: Augmenter, val: Tensor) -> dict[str, Any]:
    start, row = monotonic() - run.minutes * 60, dict[str, Any]()
    cpu_start = process_time() - run.cpu_minutes * 60
    with stopping() as stop_asked, progress("training") as show:
        while run.progress() < 1:
            run.advance(augmenter.batch(run.settings.batch))
            run.minutes, run.cpu_minutes = (monotonic() - start) / 60, (process_time() - cpu_start) / 60
            if run.step % run.settings.every == 0 or run.progress() >= 1:
                row = _measured(run, val)
                if not math.isfinite(row["error"]):  # before the last good checkpoint is replaced
                    raise FileError(out, f"diverged before step {run.step}", "begin again with a lower rate")
                run.save(out / "last.pt")
                with open(out / "metrics.jsonl", "a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")
            show(run.progress(), f"step {run.step}" + (f"  val {row['psnr_val']:.1f} dB" if row else ""))
            if stop_asked() and run.progress() < 1:
                run.save(out / "last.pt")
                raise KeyboardInterrupt
    return row


def _measured(run: Run, val: Tensor) -> dict[str, Any]:
    quality, words = psnr(run.model, val, run.device)
    return {
        "step": run.step,
        "minutes": round(run.minutes, 2),
        "cpu_minutes": round(run.cpu_minutes, 2),  # on a busy machine far fewer
        "rate": run.rate(),
        **run.means(),
        "psnr_val": quality,
        "words": words,
    }


def _describe(out: Path, run: Run, root: Path) -> None:
    """OUT/run.json: settings, data (SHA256) and versions."""
    inputs = [
        root / "luts" / f"luts_{split}.{kind}" for split in ("train", "val") for kind in ("npz", "jsonl")
    ]
    described = {
        "settings": asdict(run.settings),
        "data_sha256": codec_data.manifest([path for path in inputs if path.exists()], root),
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "torch": torch.__version__,
        },
        "device": torch.cuda.get_device_name() if run.device == "cuda" else "cpu",
        "threads": torch.get_num_threads(),
        "parameters": sum(p.numel() for p in run.model.parameters()),
    }
    write_bytes(out / "run.json", (json.dumps(described, indent=1) + "\n").encode(), overwrite=True)

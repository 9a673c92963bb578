"""Fit the LUT codec.

    GRADEWRIGHT_DATA=... python -m gradewright.core.train.codec_fit [--config FILE] [--out FILE] [--cache DIR]

Everything is drawn from the seed of the config; the weights come with a JSON beside them that
names config, data (SHA256), versions and times. A time budget is kept by making fewer samples:
the config in the JSON then holds the numbers there was time for, and fits the same weights again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..codec.weights import pack
from ..errors import FileError
from ..files import atomic_output, refuse_existing, write_bytes
from ..interp import lattice
from . import codec_data, codec_space, configs
from .budget import Budget
from .codec_rvq import Codebooks, fit_codebooks
from .progress import counting

F32 = NDArray[np.float32]
HERE = Path(__file__).resolve().parent
FEWEST = 2000  # samples, however short the time: k-means wants several for each of 256 words
FIXED = 2.0  # minutes of a fit that do not depend on the number of samples, on a slow core


def data_root() -> Path:
    """The data pack: ``$GRADEWRIGHT_DATA``, or ``../shared/data`` beside the repository.

    Raises
    ------
    FileError : there is none
    """
    root = Path(os.environ.get("GRADEWRIGHT_DATA", HERE.parents[2] / "shared" / "data"))
    if not (root / "luts").is_dir():
        raise FileError(root, "no data pack here", "set GRADEWRIGHT_DATA to its folder")
    return root


def draw_cores(config: dict[str, Any], real: F32, budget: Budget) -> tuple[F32, F32, F32]:
    """Axis bases, cores of the real LUTs and cores of the augmented samples.

    Fitting takes half as long as making its samples did, and a minute or two that do not depend
    on them: a time budget is shared out accordingly.
    """
    data, rng = config["data"], np.random.default_rng(config["seed"])
    with counting("recipes", data["recipes"]) as tick:
        recipes = codec_data.recipe_tables(data["recipes"], rng, tick, lambda: budget.past(0.2, FIXED))
    axes = codec_space.axis_bases([real, recipes[:600].astype(np.float32)], config["space"]["terms"])
    identity = lattice(codec_space.SIZE)
    real_cores = np.stack([codec_space.to_core(table - identity, axes) for table in real])
    cores = np.empty((data["samples"], real_cores.shape[1]), np.float32)
    augmenter = codec_data.Augmenter(real, recipes, data["mix"], data["swap"], rng)
    with counting("samples", len(cores)) as tick:
        for i in range(len(cores)):
            if i >= FEWEST and budget.past(0.65, FIXED):
                cores = cores[:i]
                break
            cores[i] = codec_space.to_core(augmenter.draw().numpy() - identity, axes)
            tick()
    budget.made |= {"recipes": len(recipes), "samples": len(cores)}
    return axes, real_cores, cores


def cached_cores(
    config: dict[str, Any], real: F32, cache: Path | None, budget: Budget | None = None
) -> tuple[F32, F32, F32]:
    """:func:`draw_cores`, kept in ``cache`` under a name made from what it depends on."""
    budget = budget or Budget()
    if cache is None:
        return draw_cores(config, real, budget)
    files = _cache_files(config, cache)
    if not all(file.exists() for file in files):
        drawn = draw_cores(config, real, budget)
        cache.mkdir(parents=True, exist_ok=True)
        for file, array in zip(_cache_files(as_made(config, budget), cache), drawn, strict=True):
            with atomic_output(file, overwrite=True) as part, open(part, "wb") as stream:
                np.save(stream, array)
        return drawn
    axes, real_cores, cores = (np.load(file) for file in files)
    return axes, real_cores, cores


def _cache_files(config: dict[str, Any], cache: Path) -> list[Path]:
    del (depends := dict(config["data"]))["real_weight"]
    key = [config["seed"], config["licensed_only"], depends, config["space"]["terms"]]
    name = hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16]
    return [cache / f"{name}-{part}.npy" for part in ("axes", "real", "samples")]


def as_made(config: dict[str, Any], budget: Budget) -> dict[str, Any]:
    """The config with the numbers of recipes and samples that there was time for."""
    return config | {"data": config["data"] | budget.made}


def fit(
    config: dict[str, Any], root: Path, cache: Path | None = None, budget: Budget | None = None
) -> tuple[codec_space.Space, Codebooks]:
    """The continuous space and the codebooks of a config."""
    real, _ = codec_data.load_luts(root, "train", config["licensed_only"])
    axes, real_cores, cores = cached_cores(config, real, cache, budget)
    rng, space = np.random.default_rng(config["seed"] + 1), config["space"]
    pixels = codec_data.photo_pixels(codec_data.photo_paths(root, "train"), space["photo_pixels"], rng)
    looks = real_cores[rng.permutation(len(real_cores))[: space["looks"]]]
    photo = codec_space.photo_metric(pixels, axes, looks)
    metric = codec_space.joint_metric(photo, space["alpha"])
    weights = np.ones(len(real_cores) + len(cores), np.float32)
    weights[: len(real_cores)] = config["data"]["real_weight"]
    cores = np.concatenate([real_cores, cores])
    found = codec_space.karhunen_loeve(
        cores, weights, metric, axes, space["kept"], space["size"], space["emphasis"]
    )
    quantiser = config["quantiser"]
    with counting("stages", quantiser["stages"] - 1) as tick:
        return found, fit_codebooks(
            torch.from_numpy(found.coefficients(cores)),
            torch.from_numpy(weights),
            generator=torch.Generator().manual_seed(config["seed"] + 2),
            tick=tick,
            **quantiser,
        )


def save(path: Path, space: codec_space.Space, books: Codebooks, overwrite: bool = False) -> None:
    """The weights file of :mod:`gradewright.core.codec.weights`, whole or not at all."""
    arrays = pack(
        space.axes,
        space.kept,
        space.analysis,
        space.synthesis,
        books.words.numpy(),
        books.gains.numpy(),
        books.gain_from,
    )
    with atomic_output(path, overwrite) as part, open(part, "wb") as file:
        np.savez(file, allow_pickle=False, **arrays)  # not compressed: loads in a third of the time


def record(config: dict[str, Any], root: Path, weights: Path, budget: Budget) -> dict[str, Any]:
    """What a stranger needs to fit the same weights again."""
    inputs = [root / "luts" / name for name in ("luts_train.npz", "luts_train.jsonl")]
    described = {
        "weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "config": as_made(config, budget),
        "data_sha256": codec_data.manifest(inputs + codec_data.photo_paths(root, "train"), root),
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "torch": torch.__version__,
        },
        "threads": torch.get_num_threads(),
        "machine": platform.machine(),
        "minutes": round(budget.spent(), 1),
    }
    if budget.minutes is not None:
        asked = {name: config["data"][name] for name in ("recipes", "samples")}
        described["budget"] = {"minutes": budget.minutes, "asked_for": asked}
    return described


def make(
    config: dict[str, Any],
    out: Path,
    *,
    cache: Path | None = None,
    minutes: float | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Fit a config and write the weights and the JSON beside them; returns what the JSON says.

    Raises
    ------
    FileError : there is no data pack, or ``out`` or its JSON cannot be written
    """
    described_in = out.with_suffix(".json")
    for path in (out, described_in):
        refuse_existing(path, overwrite)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    root, budget = data_root(), Budget(minutes)
    space, books = fit(config, root, cache, budget)
    save(out, space, books, overwrite)
    described = record(config, root, out, budget)
    write_bytes(described_in, (json.dumps(described, indent=1) + "\n").encode(), overwrite)
    return described


def main(arguments: list[str] | None = None) -> None:
    """Command line for those who refit the shipped weights; it overwrites ``--out``."""
    parser = argparse.ArgumentParser("gradewright.core.train.codec_fit", description="Fit the LUT codec.")
    parser.add_argument("--config", type=Path, default=HERE / "codec_gw1.toml")
    parser.add_argument("--out", type=Path, default=HERE.parent / "weights" / "codec_gw1.npz")
    parser.add_argument("--cache", type=Path, help="folder that keeps the augmented samples between fits")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE")
    options = parser.parse_args(arguments)
    config = configs.read(options.config, tuple(options.set))
    make(config, options.out, cache=options.cache, overwrite=True)


if __name__ == "__main__":
    main()

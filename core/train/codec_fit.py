"""Fit the LUT codec.

    GRADEWRIGHT_DATA=... python -m gradewright.core.train.codec_fit [--config FILE] [--out FILE] [--cache DIR]

Everything is drawn from the seed of the config; the weights come with a JSON beside them that
names config, data (SHA256), versions and times.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..codec.weights import pack
from ..errors import FileError
from ..interp import lattice
from . import codec_data, codec_space
from .codec_rvq import Codebooks, fit_codebooks

F32 = NDArray[np.float32]
HERE = Path(__file__).resolve().parent


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


def progress(what: str, total: int) -> Callable[[], None]:
    """A counter on stderr: call it once per step."""
    start, done = time.monotonic(), 0

    def tick() -> None:
        nonlocal done
        done += 1
        if done % max(1, total // 20) == 0:
            print(f"{what} {done}/{total}  {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)

    return tick


def draw_cores(config: dict[str, Any], real: F32) -> tuple[F32, F32, F32]:
    """Axis bases, cores of the real LUTs and cores of the augmented samples."""
    data, rng = config["data"], np.random.default_rng(config["seed"])
    recipes = codec_data.recipe_tables(data["recipes"], rng, progress("recipes", data["recipes"]))
    axes = codec_space.axis_bases([real, recipes[:600].astype(np.float32)], config["space"]["terms"])
    identity = lattice(codec_space.SIZE)
    real_cores = np.stack([codec_space.to_core(table - identity, axes) for table in real])
    cores = np.empty((data["samples"], real_cores.shape[1]), np.float32)
    tick = progress("samples", data["samples"])
    augmenter = codec_data.Augmenter(real, recipes, data["mix"], data["swap"], rng)
    for i in range(len(cores)):
        cores[i] = codec_space.to_core(augmenter.draw().numpy() - identity, axes)
        tick()
    return axes, real_cores, cores


def cached_cores(config: dict[str, Any], real: F32, cache: Path | None) -> tuple[F32, F32, F32]:
    """:func:`draw_cores`, kept in ``cache`` under a name made from what it depends on."""
    if cache is None:
        return draw_cores(config, real)
    key = [config["seed"], config["licensed_only"], config["data"], config["space"]["terms"]]
    del (depends := dict(config["data"]))["real_weight"]
    key[2] = depends
    name = hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16]
    files = [cache / f"{name}-{part}.npy" for part in ("axes", "real", "samples")]
    if not all(file.exists() for file in files):
        cache.mkdir(parents=True, exist_ok=True)
        for file, array in zip(files, draw_cores(config, real), strict=True):
            np.save(file, array)
    axes, real_cores, cores = (np.load(file) for file in files)
    return axes, real_cores, cores


def fit(config: dict[str, Any], root: Path, cache: Path | None = None) -> tuple[codec_space.Space, Codebooks]:
    """The continuous space and the codebooks of a config."""
    real, _ = codec_data.load_luts(root, "train", config["licensed_only"])
    axes, real_cores, cores = cached_cores(config, real, cache)
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
    return found, fit_codebooks(
        torch.from_numpy(found.coefficients(cores)),
        torch.from_numpy(weights),
        generator=torch.Generator().manual_seed(config["seed"] + 2),
        tick=progress("stages", quantiser["stages"]),
        **quantiser,
    )


def save(path: Path, space: codec_space.Space, books: Codebooks) -> None:
    """The weights file of :mod:`gradewright.core.codec.weights`."""
    arrays = pack(
        space.axes,
        space.kept,
        space.analysis,
        space.synthesis,
        books.words.numpy(),
        books.gains.numpy(),
        books.gain_from,
    )
    with open(path, "wb") as file:
        np.savez(file, allow_pickle=False, **arrays)  # not compressed: loads in a third of the time


def record(config: dict[str, Any], root: Path, weights: Path, minutes: float) -> dict[str, Any]:
    """What a stranger needs to fit the same weights again."""
    inputs = [root / "luts" / name for name in ("luts_train.npz", "luts_train.jsonl")]
    return {
        "weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "config": config,
        "data_sha256": codec_data.manifest(inputs + codec_data.photo_paths(root, "train"), root),
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "torch": torch.__version__,
        },
        "threads": torch.get_num_threads(),
        "machine": platform.machine(),
        "minutes": round(minutes, 1),
    }


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser("gradewright train codec", description="Fit the LUT codec.")
    parser.add_argument("--config", type=Path, default=HERE / "codec_gw1.toml")
    parser.add_argument("--out", type=Path, default=HERE.parent / "weights" / "codec_gw1.npz")
    parser.add_argument("--cache", type=Path, help="folder that keeps the augmented samples between fits")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE")
    options = parser.parse_args(arguments)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    config = tomllib.loads(options.config.read_text(encoding="utf-8"))
    for assignment in options.set:
        key, _, value = assignment.partition("=")
        *sections, leaf = key.split(".")
        target = config
        for section in sections:
            target = target[section]
        target[leaf] = tomllib.loads(f"v = {value}")["v"]
    start = time.monotonic()
    space, books = fit(config, data_root(), options.cache)
    save(options.out, space, books)
    described = record(config, data_root(), options.out, (time.monotonic() - start) / 60)
    options.out.with_suffix(".json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

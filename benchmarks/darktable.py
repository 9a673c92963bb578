"""darktable's own modules for a look: how near they come, predicted and in darktable's own renders.

    python benchmarks/darktable.py [--split val|test] [--raw] [--recipes 60] [--luts 60] [--render SUITE]

Residuals are mean CIEDE2000 on pixels of photos of the data pack (GRADEWRIGHT_DATA). ``--render`` also
renders some of the looks in the real darktable of a chroot, trixie or forky (as root on Debian, see
tests/realhosts/chroots.py).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import numpy as np
from common import load_luts, photo_files, table
from gradewright.core import Lut
from gradewright.core import photo as photos
from gradewright.core.colour import delta_e_srgb
from gradewright.hosts.darktable import display, fit, looks, scene
from gradewright.hosts.darktable.chain import Chain
from recipe import random_recipe

_SIDE = 96  # pixels of a photo's longer side


def pictures(split: str, count: int) -> list[np.ndarray]:
    """Small photos, (H, W, 3)."""
    files = photo_files(split)
    step = max(len(files) // count, 1)
    return [photos.load(path, max_side=_SIDE) for path in files[::step][:count]]


def predicted(luts: list[Lut], seen: list[np.ndarray], chain: Chain) -> tuple[np.ndarray, float]:
    """Mean dE (n,) of the models against the looks on photos that the fit has not seen; CPU seconds a fit."""
    pixels = np.concatenate([picture.reshape(-1, 3)[::11] for picture in seen])
    errors, spent = [], 0.0
    for lut in luts:
        start = time.process_time()
        found = fit.fit(lut, chain=chain)
        spent += time.process_time() - start
        wanted = np.clip(lut.flatten().sample(pixels), 0, 1)
        errors.append(delta_e_srgb(chain.render(found.settings[None], pixels)[0], wanted).mean())
    return np.array(errors), spent / len(luts)


def rendered(
    luts: list[Lut], seen: list[np.ndarray], suite_name: str, raw: bool
) -> list[tuple[float, float, float]]:
    """(look moves, darktable against the look, darktable against the models): mean dE of each look."""
    from realhosts.chroots import SUITES
    from realhosts.darktable_runs import Render, render_all, write_tiff

    sheet = np.concatenate([picture[:48, :48] for picture in seen if min(picture.shape[:2]) >= 48], axis=1)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        picture = write_tiff(folder / "sheet.tif", sheet)
        made = [looks.native_look(lut, folder, raw=raw) for lut in luts]
        jobs = [Render(picture, f"r{n}", look.path, look.name) for n, look in enumerate(made)]
        found = render_all(SUITES[suite_name], folder, jobs, folder)
    rows = []
    for number, lut in enumerate(luts):
        wanted = np.clip(lut.flatten().sample(sheet.reshape(-1, 3)), 0, 1).reshape(sheet.shape)
        chain = display.CHAIN if raw else scene.CHAIN
        made_own = fit.fit(lut, chain=chain).settings[None]
        own = chain.render(made_own, sheet.reshape(-1, 3))[0].reshape(sheet.shape)
        real = found[f"r{number}"]
        pairs = ((sheet, wanted), (real, wanted), (real, own))
        rows.append(tuple(float(delta_e_srgb(a, b).mean()) for a, b in pairs))
    return rows


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--split", choices=("val", "test"), default="test")
    parser.add_argument("--recipes", type=int, default=60)
    parser.add_argument("--luts", type=int, default=60)
    parser.add_argument("--raw", action="store_true", help="the modules for raw files, after the tone mapper")
    parser.add_argument("--render", choices=("trixie", "forky"))
    parser.add_argument("--renders", type=int, default=6)
    chosen = parser.parse_args()
    seen = pictures(chosen.split, 24)
    rng = np.random.default_rng(7)
    tables, _ = load_luts(chosen.split)
    spread = np.linspace(0, len(tables) - 1, chosen.luts).astype(int)
    groups = {
        "recipe-made looks": [random_recipe(rng).to_lut() for _ in range(chosen.recipes)],
        "LUTs of the data pack": [Lut(tables[n]) for n in spread],
    }
    rows = []
    for name, luts in groups.items():
        errors, seconds = predicted(luts, seen, display.CHAIN if chosen.raw else scene.CHAIN)
        figures = [errors.mean(), np.median(errors), np.quantile(errors, 0.95), errors.max()]
        share = f"{(errors <= 2).mean():.0%}"
        rows.append([name, len(luts), *(f"{v:.2f}" for v in figures), share, f"{seconds:.2f}"])
    print(table(["looks", "n", "mean dE", "median", "p95", "worst", "within 2 dE", "CPU s a fit"], rows))
    if chosen.render:
        each = chosen.renders // 2
        some = [lut for luts in groups.values() for lut in luts[:each]]
        names = [name for name in groups for _ in range(each)]
        measured = rendered(some, seen, chosen.render, chosen.raw)
        cells = [
            [name, *(f"{value:.2f}" for value in row)] for name, row in zip(names, measured, strict=True)
        ]
        heads = ["look", "it moves", "darktable to look", "darktable to model"]
        print(f"\ndarktable of {chosen.render}:\n{table(heads, cells)}")


if __name__ == "__main__":
    main()

"""Looks as GIMP's own filters: the mean CIEDE2000 that remains on photos.

    python benchmarks/gimp_filters.py [--photos 12] [--looks 4]

Photos of the test split get looks made from recipes (drawn from a fixed seed, as strong as presets are)
and test LUTs of the data pack. The filters are fitted to the LUT on the photo's colours and run by the
models of GIMP's filters, which tests/realhosts/test_gimp.py holds against the real GIMP 3.0.4 and 3.2.6
to 2e-5 (colour warp 5e-4). "change" is what the look itself does to the photo.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import numpy as np
from common import load_luts, photo_files, table
from gradewright.core import Lut, Recipe
from gradewright.core import photo as photos
from gradewright.core.colour import delta_e_srgb
from gradewright.hosts.gimp.filters.fit import fit
from gradewright.hosts.gimp.task import HOSTS

_SIDE = 256
_SPREAD = {  # one standard deviation of each parameter of a recipe
    "exposure": 0.35, "contrast": 20, "highlights": 20, "shadows": 20, "whites": 12, "blacks": 12,
    "temperature": 15, "tint": 8, "saturation": 18, "vibrance": 18, "shadow_amount": 12,
    "mid_amount": 6, "highlight_amount": 10, "orange_chroma": 15, "green_hue": 15, "blue_chroma": 20,
    "blue_lightness": 12, "black_fade": 8,
}  # fmt: skip
_POSITIVE = ("shadow_amount", "mid_amount", "highlight_amount", "black_fade")
_HUES = ("shadow_hue", "mid_hue", "highlight_hue")
_ACTIVE = 0.55  # share of the parameters that a recipe uses


def recipes(rng: np.random.Generator) -> Iterator[Lut]:
    """Looks made of parameters."""
    while True:
        drawn = {
            name: spread * float(np.clip(rng.normal(), -2, 2))
            for name, spread in _SPREAD.items()
            if rng.random() < _ACTIVE
        }
        drawn.update({name: abs(drawn[name]) for name in _POSITIVE if name in drawn})
        drawn.update({name: rng.uniform(0, 360) for name in _HUES})
        yield Recipe(**drawn).to_lut(33)


def designed(rng: np.random.Generator) -> Iterator[Lut]:
    """LUTs of the data pack."""
    tables, _ = load_luts("test")
    while True:
        yield Lut(tables[rng.integers(len(tables))])


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--photos", type=int, default=12)
    parser.add_argument("--looks", type=int, default=4)
    asked = parser.parse_args()
    files = photo_files("test")
    chosen = files[:: max(1, len(files) // asked.photos)][: asked.photos]
    rows = []
    for kind, source in (("recipe-made looks", recipes), ("LUTs of the data pack", designed)):
        for host in HOSTS:
            looks, found, tails, before, spent = source(np.random.default_rng(1)), [], [], [], 0.0
            for file in chosen:
                colours = photos.load(file, max_side=_SIDE).reshape(-1, 3).astype(float)
                for _ in range(asked.looks):
                    lut = next(looks)
                    started = time.process_time()
                    chain = fit(lut, host, colours)
                    spent += time.process_time() - started
                    found.append(chain.residual_de)
                    tails.append(chain.residual_p95)
                    before.append(delta_e_srgb(colours, lut.sample(colours)).mean())
            shown = (np.mean(before), np.mean(found), np.quantile(found, 0.9), np.max(found), np.mean(tails))
            rows.append([kind, host, len(found), *map(float, shown), spent / len(found)])
    heads = ["looks", "filters of", "n", "change", "mean", "90 % below", "worst", "mean p95", "CPU s a fit"]
    print(table(heads, rows))


if __name__ == "__main__":
    main()

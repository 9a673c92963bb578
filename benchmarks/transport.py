"""The pair and match engines beside statistics matchers, on real photos and LUTs.

    python benchmarks/transport.py [--split val|test] [--cases 24] [--sheet sheet.jpg]

Two protocols, mean CIEDE2000 and PSNR against the true grade. "pair": one photo before and after
a LUT, the result on three other photos; once clean, once with both as JPEG (quality 90, 4:2:0).
"shot match": left and right 60 % of one photo (20 % in common), the right one
graded; once more with the right one taken at another focal length. References that show something else:
benchmarks/transfer.py. "better" is the share of cases better than doing nothing; CPU is seconds a case,
512 px.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from common import load_luts, photo_files
from gradewright.core.engines.planes import resize
from gradewright.core.interp import tetrahedral
from matchers import STATISTICS, match_engine, pair_engine
from pictures import contact_sheet, eight_bit, jpeg, load
from protocol import Protocol

SHOWN = ("MKL, Oklab", "ours")  # in the contact sheet


def draws(split: str, cases: int) -> list[tuple[np.ndarray, list[np.ndarray]]]:
    """(LUT table, four different photos at 512 px) for each case, the same in every run."""
    luts, _ = load_luts(split)
    files = photo_files(split)
    rng = np.random.default_rng(20261121)
    chosen = [(rng.integers(len(luts)), rng.choice(len(files), 4, replace=False)) for _ in range(cases)]
    return [(luts[number], [load(files[i], 512) for i in photos]) for number, photos in chosen]


def pairs(split: str, cases: int, compress: bool) -> Protocol:
    methods = {name: STATISTICS[name] for name in ("doing nothing", "MKL, RGB", "MKL, Oklab", "histograms")}
    name = "pair, JPEG 90" if compress else "pair"
    run = Protocol(f"{name}: the LUT on three other photos", methods | {"ours": pair_engine}, SHOWN)
    for lut, photos in draws(split, cases):
        graded = tetrahedral(lut, photos[0])
        source, target = (jpeg(photos[0]), jpeg(graded)) if compress else (photos[0], eight_bit(graded))
        run.case(source, target, [(p[::2, ::2], tetrahedral(lut, p[::2, ::2])) for p in photos[1:]])
    return run


def shots(split: str, cases: int, zoom: float = 1.0) -> Protocol:
    name = "shot match: left and right 60 % of one photo" + (
        f", the right one at {zoom:.0%}" if zoom != 1 else ""
    )
    run = Protocol(name, STATISTICS | {"ours": match_engine}, SHOWN)
    for lut, photos in draws(split, cases):
        part = round(0.6 * photos[0].shape[1])
        left, right = photos[0][:, :part], photos[0][:, -part:]
        height, width = (round(side * zoom) for side in right.shape[:2])
        reference = eight_bit(tetrahedral(lut, resize(right, height, width)))
        run.case(left, reference, [(left, tetrahedral(lut, left))])
    return run


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--split", choices=("val", "test"), default="val")
    parser.add_argument("--cases", type=int, default=24)
    parser.add_argument("--sheet", type=Path, help="write a contact sheet here")
    args = parser.parse_args()
    runs = []
    for start in (
        lambda: pairs(args.split, args.cases, compress=False),
        lambda: pairs(args.split, args.cases, compress=True),
        lambda: shots(args.split, args.cases),
        lambda: shots(args.split, args.cases, zoom=0.83),
    ):
        runs.append(start())
        print(runs[-1].report(), flush=True)
    if args.sheet:
        contact_sheet([row for run in (runs[0], runs[2]) for row in run.shown[:4]], args.sheet)


if __name__ == "__main__":
    main()

"""The pair and match engines beside statistics matchers, on real photos and LUTs.

    python benchmarks/transport.py [--split val|test] [--cases 24] [--sheet sheet.jpg]

Three protocols, mean CIEDE2000 and PSNR against the true grade. "pair": one photo before and after
a LUT, the result on three other photos; once clean, once with both as JPEG (quality 90, 4:2:0).
"shot match": left and right 60 % of one photo (20 % in common), the right one
graded; once more with the right one taken at another focal length. "other content":
the pack's reference triplets, content and reference unrelated: here every statistics matcher loses to
doing nothing. "better" is the share of cases better than doing nothing; CPU is seconds a case, 512 px.
"""

from __future__ import annotations

import argparse
import io
import json
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from common import data_root, load_luts, photo_files, table
from gradewright.core.colour import delta_e_srgb, oklab_to_srgb, srgb_to_lab, srgb_to_oklab
from gradewright.core.engines.match import MatchEngine
from gradewright.core.engines.pair import PairEngine
from gradewright.core.engines.planes import resize
from gradewright.core.engines.transport import linear_transport, mean_and_spread
from gradewright.core.interp import tetrahedral
from gradewright.core.lut import Lut
from gradewright.core.request import Request
from PIL import Image

Apply = Callable[[np.ndarray], np.ndarray]


def load(path: Path, side: int) -> np.ndarray:
    """Float32 (H, W, 3), longer side at most ``side``."""
    image = Image.open(path).convert("RGB")
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return np.asarray(image, np.float32) / 255


def eight_bit(image: np.ndarray) -> np.ndarray:
    return (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8).astype(np.float32) / 255


def jpeg(image: np.ndarray, quality: int = 90) -> np.ndarray:
    """The picture after one JPEG compression."""
    buffer = io.BytesIO()
    Image.fromarray((eight_bit(image) * 255).round().astype(np.uint8)).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer), np.float32) / 255


def flat(image: np.ndarray) -> np.ndarray:
    return image.reshape(-1, 3).astype(np.float64)


# -- methods: (source picture, target picture) -> colours to colours


def doing_nothing(source: np.ndarray, target: np.ndarray) -> Apply:
    return lambda rgb: rgb


def reinhard_lab(source: np.ndarray, target: np.ndarray) -> Apply:
    move = mean_and_spread(srgb_to_lab(flat(source)), srgb_to_lab(flat(target)))
    return lambda rgb: lab_to_srgb(move(srgb_to_lab(flat(rgb)))).reshape(rgb.shape)


def mkl_rgb(source: np.ndarray, target: np.ndarray) -> Apply:
    move = linear_transport(flat(source), flat(target))
    return lambda rgb: move(flat(rgb)).reshape(rgb.shape)


def mkl_lab(source: np.ndarray, target: np.ndarray) -> Apply:
    move = linear_transport(srgb_to_lab(flat(source)), srgb_to_lab(flat(target)))
    return lambda rgb: lab_to_srgb(move(srgb_to_lab(flat(rgb)))).reshape(rgb.shape)


def mkl_oklab(source: np.ndarray, target: np.ndarray) -> Apply:
    move = linear_transport(srgb_to_oklab(flat(source)), srgb_to_oklab(flat(target)))
    return lambda rgb: oklab_to_srgb(move(srgb_to_oklab(flat(rgb)))).reshape(rgb.shape)


def histograms(source: np.ndarray, target: np.ndarray) -> Apply:
    levels = np.linspace(0, 1, 257)
    ends = [np.quantile(flat(picture), levels, axis=0) for picture in (source, target)]
    return lambda rgb: np.stack(
        [np.interp(rgb[..., c], ends[0][:, c], ends[1][:, c]) for c in range(3)], axis=-1
    )


def sliced_transport(source: np.ndarray, target: np.ndarray, rounds: int = 20) -> Apply:
    """Iterative distribution transfer (Pitié, Kokaram, Dahyot, 2007): 1D matches along random axes."""
    rng, levels = np.random.default_rng(0), np.linspace(0, 1, 129)
    cloud, aim, steps = flat(source), flat(target), []
    for _ in range(rounds):
        axes = np.linalg.qr(rng.normal(size=(3, 3)))[0]
        ends = [np.quantile(points @ axes, levels, axis=0) for points in (cloud, aim)]
        steps.append((axes, *ends))
        cloud = _along(cloud, *steps[-1])

    def run(rgb: np.ndarray) -> np.ndarray:
        points = flat(rgb)
        for step in steps:
            points = _along(points, *step)
        return points.reshape(rgb.shape)

    return run


def _along(points: np.ndarray, axes: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    turned = points @ axes
    moved = [np.interp(turned[:, c], start[:, c], end[:, c]) for c in range(3)]
    return np.stack(moved, axis=-1) @ axes.T


def match_engine(source: np.ndarray, target: np.ndarray) -> Apply:
    lut = MatchEngine().candidates(Request(photo=source, reference=target))[0].lut
    return lambda rgb: lut.apply(rgb.astype(np.float32))


def pair_engine(source: np.ndarray, target: np.ndarray) -> Apply:
    lut = PairEngine().candidates(Request(pair=(source, target)))[0].lut
    return lambda rgb: lut.apply(rgb.astype(np.float32))


def lab_to_srgb(lab: np.ndarray) -> np.ndarray:
    """CIE Lab (D65) to sRGB; the package needs only the other direction."""
    from gradewright.core.colour import WHITE_D65, XYZ_TO_RGB, srgb_encode

    y = (lab[..., 0] + 16) / 116
    f = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * WHITE_D65
    return srgb_encode(xyz @ XYZ_TO_RGB.T)


STATISTICS = {
    "doing nothing": doing_nothing,
    "Reinhard, Lab": reinhard_lab,
    "MKL, RGB": mkl_rgb,
    "MKL, Lab": mkl_lab,
    "MKL, Oklab": mkl_oklab,
    "histograms": histograms,
    "sliced transport": sliced_transport,
}


class Protocol:
    """Runs methods over cases of one protocol and keeps what they reach."""

    def __init__(self, name: str, methods: dict[str, Callable[..., Apply]]) -> None:
        self.name, self.methods = name, methods
        self.error, self.psnr, self.cpu = defaultdict(list), defaultdict(list), defaultdict(list)
        self.shown: list[list[np.ndarray]] = []

    def case(
        self, source: np.ndarray, target: np.ndarray, judged: list[tuple[np.ndarray, np.ndarray]]
    ) -> None:
        """Learn from source and target, judge on (picture, its true grade)."""
        row = [source, target]
        for name, method in self.methods.items():
            start = time.process_time()
            apply = method(source, target)
            self.cpu[name].append(time.process_time() - start)
            graded = [np.clip(apply(picture), 0, 1) for picture, _ in judged]
            pairs = list(zip(graded, (truth for _, truth in judged), strict=True))
            self.error[name].append(np.mean([delta_e_srgb(a, b).mean() for a, b in pairs]))
            self.psnr[name].append(np.mean([-10 * np.log10(np.mean((a - b) ** 2) + 1e-10) for a, b in pairs]))
            if name in ("MKL, Oklab", "ours"):
                row.append(graded[0])
        self.shown.append([*row, judged[0][1]])

    def report(self) -> str:
        nothing = np.array(self.error["doing nothing"])
        rows = []
        for name in self.methods:
            error = np.array(self.error[name])
            spread = (error.mean(), np.median(error), np.percentile(error, 90))
            better = f"{np.mean(error < nothing):.0%}"
            psnr, cpu = np.mean(self.psnr[name]), np.mean(self.cpu[name])
            rows.append([name, *(f"{v:.2f}" for v in spread), f"{psnr:.1f}", better, f"{cpu:.2f}"])
        heads = ["method", "mean dE2000", "median", "p90", "PSNR dB", "better", "CPU s"]
        return f"## {self.name}, {len(nothing)} cases\n\n{table(heads, rows)}\n"


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
    run = Protocol(f"{name}: the LUT on three other photos", methods | {"ours": pair_engine})
    for lut, photos in draws(split, cases):
        graded = tetrahedral(lut, photos[0])
        source, target = (jpeg(photos[0]), jpeg(graded)) if compress else (photos[0], eight_bit(graded))
        run.case(source, target, [(p[::2, ::2], tetrahedral(lut, p[::2, ::2])) for p in photos[1:]])
    return run


def shots(split: str, cases: int, zoom: float = 1.0) -> Protocol:
    name = "shot match: left and right 60 % of one photo" + (
        f", the right one at {zoom:.0%}" if zoom != 1 else ""
    )
    run = Protocol(name, STATISTICS | {"ours": match_engine})
    for lut, photos in draws(split, cases):
        part = round(0.6 * photos[0].shape[1])
        left, right = photos[0][:, :part], photos[0][:, -part:]
        height, width = (round(side * zoom) for side in right.shape[:2])
        reference = eight_bit(tetrahedral(lut, resize(right, height, width)))
        run.case(left, reference, [(left, tetrahedral(lut, left))])
    return run


def other_content(split: str, cases: int) -> Protocol:
    run = Protocol("other content: unrelated reference", STATISTICS | {"ours": match_engine})
    tables, described = load_luts(split, group=None)
    by_id = {row["id"]: lut for row, lut in zip(described, tables, strict=True)}
    triplets = json.loads((data_root() / "bench" / f"ref_triplets_{split}.json").read_text(encoding="utf-8"))
    for triplet in triplets[:cases]:
        look = Lut(by_id[triplet["lut"]]).blend(triplet["strength"]).table
        content, reference = (
            load(data_root() / "photos" / triplet[kind], 192) for kind in ("content", "reference")
        )
        run.case(content, eight_bit(tetrahedral(look, reference)), [(content, tetrahedral(look, content))])
    return run


def sheet(runs: list[Protocol], path: Path, rows: int = 4, side: int = 240) -> None:
    """Contact sheet: source, target, MKL, ours, truth; one row a case."""
    canvas = Image.new("RGB", (5 * side, len(runs) * rows * side), (64, 64, 64))
    for number, row in enumerate(row for run in runs for row in run.shown[:rows]):
        for column, picture in enumerate(row):
            image = Image.fromarray((eight_bit(picture) * 255).round().astype(np.uint8))
            image.thumbnail((side - 6, side - 6))
            canvas.paste(image, (column * side + 3, number * side + 3))
    canvas.save(path, quality=92)


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
        lambda: other_content(args.split, 4 * args.cases),
    ):
        runs.append(start())
        print(runs[-1].report(), flush=True)
    if args.sheet:
        sheet([runs[0], runs[2], runs[4]], args.sheet)


if __name__ == "__main__":
    main()

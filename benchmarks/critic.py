"""The image critic and its judge: does it rank as it should, and does it say the same twice?

    python benchmarks/critic.py [--split val|test] [--every N] [--judge] [--sheet PICTURE] [--json OUT]

"order": photos of the split on ladders of degradation (one flaw, rising severity, three rungs); share of
neighbouring rungs, and of photo against worst rung, that the score orders rightly. Kinds marked * had no part
in training; the last three are of a kind that training knows nothing of. "photo, worst": how often a photo
scores above its own worst rung; "photo first": above that of any photo. "faults": per picture, on photos as
they are and on spoilt ones. "camera JPEGs": those of the split that nobody retouched; no other part has them.
Calibration: score against the share of pictures that are unspoilt, half of them being so. Stability: change
of the score of mirrored, resized and recompressed copies. Choose on val; test is reported once.
--judge adds the judge of edits: perturbed edits and the compact engine's own, from held-out captions.
--sheet draws photos of the split with the highest and the lowest scores, and ladders with their scores.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from common import data_root, photo_files, table
from gradewright.core.critic import Critic
from gradewright.core.critic.model import look_at, thumbnail
from gradewright.core.train.degrade import KINDS, UNRETOUCHED, UNSEEN, Flaw, draw
from pictures import contact_sheet, jpeg, load, to_image
from PIL import Image

RUNGS = (0.3, 0.6, 0.9)
SIDE, LADDER = 320, 112  # pixels along the longer side; ladders are judged as thumbnails anyway


def _split_tone(rng: np.random.Generator) -> Flaw:
    hues = rng.uniform(0, 360, 2)
    values = {
        "shadow_hue": hues[0], "shadow_amount": rng.uniform(60, 100),
        "highlight_hue": hues[1], "highlight_amount": rng.uniform(60, 100),
    }  # fmt: skip
    return Flaw("split tone", 1.0, values=tuple((name, float(value)) for name, value in values.items()))


def _turned_hues(rng: np.random.Generator) -> Flaw:
    bands = rng.choice(["red", "orange", "yellow", "green", "blue"], 3, replace=False)
    values = {f"{band}_hue": float(rng.choice([-1, 1]) * rng.uniform(30, 45)) for band in bands}
    return Flaw("turned hues", 1.0, values=tuple(values.items()))


def _bent_curve(rng: np.random.Generator) -> Flaw:
    side = float(rng.choice([-1, 1]))
    values = {
        "curve_darks": 100 * side,
        "curve_lights": -100 * side,
        "curve_mids": float(rng.uniform(-50, 50)),
    }
    return Flaw("bent curve", 1.0, values=tuple(values.items()))


FOREIGN = {"split tone": _split_tone, "turned hues": _turned_hues, "bent curve": _bent_curve}


def ladder(kind: str, rng: np.random.Generator) -> Flaw:
    """A flaw of a kind at full severity."""
    return FOREIGN[kind](rng) if kind in FOREIGN else draw(rng, kind, 1.0)


def climbed(photos: list[np.ndarray], kind: str, seed: int) -> np.ndarray:
    """Scores (n, 4) of photos, the photo itself first, then three rungs of a flaw drawn for each."""
    rng, rows = np.random.default_rng(seed), []
    for photo in photos:
        flaw = ladder(kind, rng)
        rungs = [photo, *(flaw.at(severity).apply(photo) for severity in RUNGS)]
        rows.append(look_at(np.stack([thumbnail(_rounded(one)) for one in rungs])).score)
    return np.array(rows)


def _rounded(picture: np.ndarray) -> np.ndarray:
    return (np.rint(np.clip(picture, 0, 1) * 255) / 255).astype(np.float32)


def ranking(scores: dict[str, np.ndarray]) -> list[list[Any]]:
    """Rows: kind, order, photo above its own and above any worst rung, mean scores."""
    rows, photos = [], next(iter(scores.values()))[:, 0]
    for kind, found in scores.items():
        mark = " *" if kind in UNSEEN or kind in FOREIGN else ""
        rows.append(
            [
                kind + mark,
                _order(found),
                float((found[:, 0] > found[:, 3]).mean()),
                float((photos[:, None] > found[:, 3][None]).mean()),
                *found.mean(0).astype(float).tolist(),
            ]
        )
    groups = {
        "all seen kinds": [k for k in scores if k not in UNSEEN and k not in FOREIGN],
        "all unseen kinds *": [*UNSEEN, *FOREIGN],
    }
    for name, kinds in groups.items():
        chosen = [row[1:] for row in rows if row[0].removesuffix(" *") in kinds]
        rows.append([name, *np.mean(chosen, axis=0).tolist()])
    return rows


def _order(found: np.ndarray) -> float:
    better, worse = [0, 1, 2, 0], [1, 2, 3, 3]
    return float((found[:, better] > found[:, worse]).mean())


def calibration(scores: dict[str, np.ndarray]) -> tuple[list[list[Any]], float]:
    """Rows: bin, mean score, share unspoilt, weight; and the expected calibration error in points."""
    seen = [found for kind, found in scores.items() if kind not in UNSEEN and kind not in FOREIGN]
    good, spoilt = seen[0][:, 0], np.concatenate([found[:, 1:].ravel() for found in seen])
    values = np.concatenate([good, spoilt])
    truth = np.concatenate([np.ones(len(good)), np.zeros(len(spoilt))])
    weight = np.concatenate([np.full(len(good), 0.5 / len(good)), np.full(len(spoilt), 0.5 / len(spoilt))])
    rows, error = [], 0.0
    for low in range(0, 100, 20):
        inside = (values >= low) & (values < low + 20 + (low == 80))
        if inside.any():
            share = weight[inside].sum()
            mean, true = (float(np.average(x[inside], weights=weight[inside])) for x in (values, 100 * truth))
            rows.append([f"{low}-{low + 20}", mean, true, f"{share:.0%}"])
            error += share * abs(mean - true)
    return rows, error


def stability(photos: list[np.ndarray]) -> list[list[Any]]:
    """Rows: what was done to the copy; mean and largest change of score, share below 2 points."""
    copies = {
        "mirrored": lambda p: p[:, ::-1],
        "half the size": lambda p: _resized(p, 0.5),
        "three quarters": lambda p: _resized(p, 0.75),
        "JPEG quality 75": lambda p: jpeg(p, 75),
        "JPEG quality 40": lambda p: jpeg(p, 40),
    }
    start = np.array([Critic().score(photo) for photo in photos])
    rows = []
    for name, copy in copies.items():
        moved = np.abs([Critic().score(copy(photo)) for photo in photos] - start)
        rows.append([name, float(moved.mean()), float(moved.max()), f"{(moved < 2).mean():.0%}"])
    return rows


def _resized(photo: np.ndarray, factor: float) -> np.ndarray:
    image = to_image(photo)
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS), np.float32) / 255


def findings(photos: list[np.ndarray], camera: list[np.ndarray]) -> list[list[Any]]:
    """Rows: what; faults a picture, share with any, suggestions, score before and with them."""
    rng, kinds = np.random.default_rng(4), [*KINDS]
    worst = [_rounded(draw(rng, kinds[i % len(kinds)], 0.9).apply(photo)) for i, photo in enumerate(photos)]
    rows = []
    cases = [("photos as they are", photos), ("spoilt by one flaw", worst)]
    for name, pictures in [*cases, *([("camera JPEGs", camera)] if camera else [])]:
        reviews = [Critic().review(picture) for picture in pictures]
        faults = [len(review.faults) for review in reviews]
        rows.append(
            [
                name,
                float(np.mean(faults)),
                f"{np.mean([count > 0 for count in faults]):.0%}",
                float(np.mean([len(review.suggestions) for review in reviews])),
                float(np.mean([review.score for review in reviews])),
                float(np.mean([review.suggested_score for review in reviews])),
            ]
        )
    return rows


def speed(photos: list[np.ndarray]) -> float:
    """Median CPU milliseconds of a review, warm, on arrays of 512 pixels."""
    Critic().review(photos[0])
    times = []
    for photo in photos[:15]:
        start = time.process_time()
        Critic().review(photo)
        times.append(1e3 * (time.process_time() - start))
    return float(np.median(times))


def sheet(files: list[Path], path: Path) -> None:
    """Best and worst photos, then ladders; their scores are printed."""
    critic = Critic()
    scored = sorted(((critic.score(file), file) for file in files), key=lambda pair: -pair[0])
    rows = [
        [load(file, 150) for _, file in part]
        for part in (scored[:8], scored[8:16], scored[-16:-8], scored[-8:])
    ]
    rng = np.random.default_rng(1)
    print("photos, best first, then worst:")
    for part in (scored[:16], scored[-16:]):
        print("  " + ", ".join(f"{score:.0f} {file.stem[:18]}" for score, file in part))
    for kind in ("underexposed", "warm cast", "flat", "haze", "oversaturated"):
        photo = load(files[int(rng.integers(len(files)))], 150)
        other = load(files[int(rng.integers(len(files)))], 150)
        row = []
        for one in (photo, other):
            flaw = ladder(kind, rng)
            row += [one, *(_rounded(flaw.at(severity).apply(one)) for severity in RUNGS)]
        print(f"  {kind}: " + " ".join(f"{critic.score(picture):.0f}" for picture in row))
        rows.append(row)
    contact_sheet(rows, path, side=156)


def judged() -> list[list[Any]]:
    """Rows: stage of training, then shares of pairs in the right order, from the judge's card."""
    from gradewright.core.critic.model import WEIGHTS

    stages = json.loads((WEIGHTS / "judge.json").read_text(encoding="utf-8"))["accuracy"]
    names = list(dict.fromkeys(name for stage in stages.values() for name in stage))
    return [[name, *(stage.get(name, "") for stage in stages.values())] for name in names]


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--split", choices=("val", "test"), default="val")
    parser.add_argument("--every", type=int, default=1, help="use every n-th photo only")
    parser.add_argument("--judge", action="store_true", help="print what the judge's training measured")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet here")
    parser.add_argument("--json", type=Path, help="write the result here")
    args = parser.parse_args()
    data_root()
    every = photo_files(args.split)[:: args.every]
    files = [path for path in every if path.name.partition("__")[0] not in UNRETOUCHED]
    camera = [load(path, SIDE) for path in every if path not in files]
    photos = [load(file, SIDE) for file in files]
    low = [load(file, LADDER) for file in files]
    scores = {kind: climbed(low, kind, seed) for seed, kind in enumerate([*KINDS, *FOREIGN])}
    rank, (bins, error), steady = ranking(scores), calibration(scores), stability(photos)
    found, milliseconds = findings(photos, camera), speed([load(file, 512) for file in files[:15]])
    heads = [
        "kind",
        "order",
        "photo, worst",
        "photo first",
        "score",
        *(f"at {severity}" for severity in RUNGS),
    ]
    print(f"## Ranking, {args.split}, {len(photos)} photos\n\n{table(heads, rank)}\n")
    heads = ["score", "mean", "unspoilt, %", "of all"]
    print(f"## Calibration: expected error {error:.1f} points\n\n{table(heads, bins)}\n")
    print(f"## Stability\n\n{table(['copy', 'mean', 'largest', 'below 2 points'], steady)}\n")
    heads = ["", "faults", "with any", "suggestions", "score", "with suggestions"]
    print(f"## Findings\n\n{table(heads, found)}\n\nreview: {milliseconds:.0f} ms CPU, warm, 512 px")
    if args.judge:
        heads = ["pairs", "perturbed only", "policy-guided"]
        print(f"\n## Judge, held-out captions\n\n{table(heads, judged())}")
    if args.sheet:
        sheet(files, args.sheet)
    if args.json:
        result = {"split": args.split, "ranking": rank, "calibration": bins, "calibration_error": error,
                  "stability": steady, "findings": found, "review_ms": milliseconds}  # fmt: skip
        args.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

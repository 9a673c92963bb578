"""Does the judge's order of variations bring anything?

    python benchmarks/variations.py [--split val|test] [--photos 2] [--every 4] [--count 4]

Every ``--every``-th prompt of the prompt benchmark is answered with ``--count`` variations a photo;
shares of the checks that hold, photo by photo, for the engine's first and second, the mean over all
variations, the judge's first, its best and last of what follows the engine's first, and for the best that
there is (an oracle that knows the checks).
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from checks import holds
from common import table
from gradewright.core import Grader
from gradewright.core.critic import Critic
from measures import Figures, Scene
from prompt_bench import photos, read_prompts


def refuse(other: str) -> Figures:
    """Checks that compare prompts are left out."""
    raise LookupError(other)


def held(checks: tuple[str, ...], seen: Figures) -> float:
    """Share of the checks that hold."""
    return float(np.mean([holds(check, seen, refuse) for check in checks]))


def comparable(checks: tuple[str, ...], seen: Figures) -> bool:
    """Whether the checks are about one prompt alone."""
    try:
        held(checks, seen)
    except LookupError:
        return False
    return True


def measured(shots: list[np.ndarray], prompts: list, count: int) -> dict[str, list[float]]:
    """Shares by way of choosing, one value a prompt and photo."""
    grader, critic, found = Grader(), Critic(), dict[str, list[float]]()
    for photo in shots:
        scene = Scene.of(photo)
        for prompt in prompts:
            grades = grader.variations(photo, prompt=prompt.prompt, n=count)
            figures = [{**scene.measure(grade.lut), "notes": float(len(grade.warnings))} for grade in grades]
            if len(grades) < 2 or not comparable(prompt.checks, figures[0]):
                continue
            engine = sorted(range(len(grades)), key=lambda i: -grades[i].score)
            ranked = [grades.index(grade) for grade in critic.order(grades, photo, prompt.prompt)]
            rest = [i for i in ranked if i != engine[0]]
            shares = [held(prompt.checks, seen) for seen in figures]
            ways: dict[str, Callable[[], float]] = {
                "engine's first": lambda s=shares, e=engine: s[e[0]],
                "mean of all": lambda s=shares: float(np.mean(s)),
                "judge's first": lambda s=shares, r=ranked: s[r[0]],
                "engine's second": lambda s=shares, e=engine: s[e[1]],
                "judge's best without the engine's first": lambda s=shares, r=rest: s[r[0]],
                "judge's last": lambda s=shares, r=rest: s[r[-1]],
                "best there is": lambda s=shares: max(s),
            }
            for name, share in ways.items():
                found.setdefault(name, []).append(share())
    return found


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--split", choices=("val", "test"), default="val")
    parser.add_argument("--photos", type=int, default=2)
    parser.add_argument("--every", type=int, default=4)
    parser.add_argument("--count", type=int, default=4)
    args = parser.parse_args()
    prompts = read_prompts(args.split)[:: args.every]
    found = measured(photos(args.split, args.photos), prompts, args.count)
    first = np.array(found["engine's first"])
    rows = []
    for name, shares in found.items():
        gain = np.array(shares) - first
        rows.append(
            [name, float(np.mean(shares)), float(gain.mean()), float(gain.std() / np.sqrt(len(gain)))]
        )
    heads = ["chosen", "checks held", "against the engine's first", "standard error"]
    print(f"## Variations, {args.split}, {len(first)} answers of {args.count}\n\n{table(heads, rows)}")


if __name__ == "__main__":
    main()

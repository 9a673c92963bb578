"""What a grade costs: CPU time warm and cold, memory.

    python benchmarks/latency.py [--engine NAME] [--rounds 9] [--json OUT]

CPU time of the whole process, all threads together, medians; every round asks for something else, so that
nothing can be kept from the round before. The 24-megapixel JPEG is generated. "cold" is a whole process,
interpreter included, user + system time. Memory is that of a fresh process: resident after the work, and
the peak.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from common import ROOT, table
from gradewright import lutio
from gradewright.core import Grader
from gradewright.core.errors import BadInput
from PIL import Image
from startup import child_cpu

WISHES = (
    "warm golden hour, lifted teal shadows",
    "less contrast and a bit cooler",
    "like a faded postcard from the seventies, but not too yellow",
    "black and white, deep blacks",
    "brighter, please",
    "moody forest green",
    "the highlights are too hot and skin looks orange",
)
GOALS = {"prompt": 40, "prompt, 24 MP JPEG": 80, "cold: grade --prompt": 700, "resident": 300}
Seconds = float


def big_jpeg(path: Path, seed: int) -> None:
    """A 6000x4000 photo-like JPEG: a shipped photo, enlarged, with grain."""
    media = ROOT / "docs" / "media" / ("rocket.jpg" if seed else "astronaut.jpg")
    image = Image.open(media).convert("RGB").resize((6000, 4000), Image.Resampling.BILINEAR)
    grain = np.random.default_rng(seed).normal(0, 5, (4000, 6000, 1)).astype(np.int8)
    noisy = np.clip(np.asarray(image, np.int16) + grain, 0, 255).astype(np.uint8)
    Image.fromarray(noisy).save(path, quality=92)


def warm(work: Callable[[str], Any], rounds: int) -> Seconds:
    """Median CPU seconds of ``work`` on changing wishes, after two warm-up rounds."""
    wishes, times = cycle(WISHES), []
    for number in range(rounds + 2):
        wish = next(wishes)
        start = time.process_time()
        work(wish)
        if number >= 2:
            times.append(time.process_time() - start)
    return statistics.median(times)


def warm_work(grader: Grader, folder: Path) -> dict[str, Callable[[str], Any]]:
    """Name -> what is timed, given a wish."""
    photo, reference = folder / "photo.jpg", folder / "reference.jpg"
    pictures = [np.asarray(Image.open(file).reduce(12), np.float32) / 255 for file in (photo, reference)]
    small, other = pictures
    return {
        "prompt": lambda wish: grader.grade(prompt=wish).lut,
        "prompt, .cube written": lambda wish: lutio.write(
            grader.grade(prompt=wish).lut, folder / "look.cube", overwrite=True
        ),
        "prompt, 500 px array": lambda wish: grader.grade(small, wish).lut,
        "prompt, 24 MP JPEG": lambda wish: grader.grade(photo, wish).lut,
        "... of which Pillow's decoding, at an eighth": lambda _wish: decoded(photo),
        "prompt, 24 MP JPEG, 4 variations": lambda wish: grader.variations(photo, wish, n=4),
        "reference, 500 px arrays": lambda wish: grader.grade(small, reference=other).lut,
        "reference, two 24 MP JPEGs": lambda wish: grader.grade(photo, reference=reference).lut,
        "reference and prompt, 500 px arrays": lambda wish: grader.grade(small, wish, reference=other).lut,
    }


def decoded(path: Path) -> None:
    """A JPEG as small as its format allows and a prompt needs: the least that reading one costs."""
    with Image.open(path) as image:
        image.draft("RGB", (512, 512))
        image.load()


def cold_commands(engine: str | None) -> dict[str, list[str]]:
    """Name -> command line."""
    start = [sys.executable, "-m", "gradewright.cli", "grade"]
    end = ["-o", "look.cube", "--force", *(["--engine", engine] if engine else [])]
    return {
        "cold: grade --prompt": [*start, "--prompt", WISHES[0], *end],
        "cold: grade PHOTO --prompt": [*start, "photo.jpg", "--prompt", WISHES[0], *end],
        "cold: grade PHOTO --reference": [*start, "photo.jpg", "--reference", "reference.jpg", *end],
    }


def memory(engine: str | None, folder: Path) -> dict[str, float | None]:
    """MB, resident and peak, of fresh processes that grade."""
    found: dict[str, float | None] = {}
    for name, photo in (("prompt", None), ("prompt, 24 MP JPEG", str(folder / "photo.jpg"))):
        command = [sys.executable, __file__, "--measure", json.dumps([engine, photo, WISHES[0]])]
        answer = tried(
            lambda command=command: json.loads(subprocess.check_output(command, stderr=subprocess.PIPE))
        )
        found[f"resident, {name}"], found[f"peak, {name}"] = answer or (None, None)
    return found


def measured_here(engine: str | None, photo: str | None, wish: str) -> tuple[float, float]:
    """MB resident after grading three times in this process, and its peak."""
    grader = Grader(engine)
    for _ in range(3):
        grader.grade(photo, wish)
    status = Path("/proc/self/status")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    if not status.is_file():
        return peak, peak
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1e3, peak


def tried(work: Callable[[], Any]) -> Any:
    """The result, or None where no installed engine serves the request."""
    try:
        return work()
    except (BadInput, subprocess.CalledProcessError) as fault:
        said = getattr(fault, "stderr", None) or str(fault)
        lines = (said.decode() if isinstance(said, bytes) else said).strip().splitlines()
        print(lines[-1], file=sys.stderr)
        return None


def measure(engine: str | None, rounds: int, folder: Path) -> dict[str, float | None]:
    """Milliseconds and megabytes by name."""
    for seed, name in enumerate(("photo.jpg", "reference.jpg")):
        big_jpeg(folder / name, seed)
    found: dict[str, float | None] = {}
    for name, work in warm_work(Grader(engine), folder).items():
        found[name] = tried(lambda work=work: 1e3 * warm(work, rounds))
    for name, line in cold_commands(engine).items():
        found[name] = tried(
            lambda line=line: (
                1e3 * statistics.median(child_cpu(line, folder) for _ in range(max(3, rounds // 3)))
            )
        )
    if found["prompt"] is not None:
        found |= memory(engine, folder)
    return found


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engine", help="the engine to ask; default: the best installed")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path, help="write the result here")
    parser.add_argument("--measure", help=argparse.SUPPRESS)  # the child process of memory()
    args = parser.parse_args()
    if args.measure:
        print(json.dumps(measured_here(*json.loads(args.measure))))
        return
    with tempfile.TemporaryDirectory() as name:
        found = measure(args.engine, args.rounds, Path(name))
    rows = []
    for name, value in found.items():
        memory_row = name.startswith(("resident", "peak"))
        goal = GOALS.get("resident" if name.startswith("resident") else name, "")
        cell = "no engine" if value is None else f"{value:.0f}" if value >= 100 else f"{value:.1f}"
        rows.append([name, cell, "MB" if memory_row else "ms CPU", goal])
    print(table(["", "", "unit", "goal"], rows))
    if args.json:
        args.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

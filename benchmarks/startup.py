"""CPU seconds of whole commands on tiny inputs: what a user waits before any real work.

    python benchmarks/startup.py [--rounds 7]

Every command runs as its own process on a 64x48 photo and a 33^3 LUT; user + system CPU, medians.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from common import table
from gradewright import lutio
from gradewright.core import Lut
from PIL import Image

GOALS = {"--help": 0.15, "apply": 0.3, "inspect": 0.3}
LIBRARIES = "numpy, PyOpenColorIO, Pillow, click imported"


def child_cpu(command: list[str], folder: Path) -> float:
    """CPU seconds of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def commands() -> dict[str, list[str]]:
    """Name -> command line."""
    script = [sys.executable, "-m", "gradewright.cli"]
    return {
        "python -c pass": [sys.executable, "-c", "pass"],
        LIBRARIES: [sys.executable, "-c", "import numpy, PyOpenColorIO, click, PIL.Image"],
        "--help": [*script, "--help"],
        "spaces": [*script, "spaces"],
        "inspect": [*script, "inspect", "look.cube"],
        "convert": [*script, "convert", "look.cube", "out.clf", "--force"],
        "apply": [*script, "apply", "look.cube", "photo.png", "-o", "out.png", "--force"],
        "grade --set": [*script, "grade", "--set", "exposure=0.3", "-o", "new.cube", "--force"],
        "grade --pair": [*script, "grade", "--pair", "photo.png", "after.png", "-o", "new.cube", "--force"],
        "bake --space slog3": [*script, "bake", "look.cube", "--space", "slog3", "-o", "log.cube", "--force"],
    }


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        look = Lut.from_function(lambda p: np.clip(p**0.9 * [1.03, 1, 0.94], 0, 1))
        lutio.write(look, folder / "look.cube")
        pixels = np.random.default_rng(1).integers(0, 256, (48, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / "photo.png")
        Image.fromarray(look.apply(pixels)).save(folder / "after.png")
        costs = {
            label: statistics.median(child_cpu(line, folder) for _ in range(rounds))
            for label, line in commands().items()
        }
    rows = [(label, f"{cost:.3f}", GOALS.get(label, "")) for label, cost in costs.items()]
    print(table(["whole process", "CPU s", "goal"], rows))


if __name__ == "__main__":
    main()

"""CPU cost of one 33^3 LUT on a 24-megapixel picture, ours beside others, in one run.

    python benchmarks/apply.py [--rounds 5]

Every peer gets the same picture (sweeping gradients with noise) and the same LUT. CPU seconds are the
process's own, medians; "ratio" is to numpy's copy of the same float32 buffer. "error" is the largest
distance to a float64 tetrahedral reference on the first 200,000 pixels (8-bit rows: the rounding floor is
1.96e-3). "extra MB" is what our apply allocates beyond input and output. ffmpeg is
measured when it is installed.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
from common import cpu_seconds, table
from gradewright import lutio
from gradewright.core import Lut
from gradewright.core.ocio import default_threads

WIDTH, HEIGHT = 6000, 4000
SAMPLE = 200_000


def picture() -> np.ndarray:
    """Float32 (4000, 6000, 3): sweeping gradients, some noise."""
    rng = np.random.default_rng(24)
    y = np.linspace(0, 4, HEIGHT, dtype=np.float32)[:, None]
    x = np.linspace(0, 4, WIDTH, dtype=np.float32)[None]
    out = np.empty((HEIGHT, WIDTH, 3), np.float32)
    for channel, (a, b, phase) in enumerate([(1.3, 0.4, 0.0), (0.5, 1.1, 1.0), (0.9, 0.7, 2.2)]):
        out[..., channel] = 0.5 + 0.45 * np.sin(a * x + b * y + phase)
    out += rng.normal(0, 2 / 255, out.shape).astype(np.float32)
    return np.clip(out, 0, 1, out=out)


def look() -> Lut:
    """A smooth, strong, asymmetric look."""
    return Lut.from_function(
        lambda p: np.clip(p ** [0.85, 1.0, 1.15] * [1.02, 1, 0.92] + [0.0, 0.02, 0.07] * (1 - p) ** 2, 0, 1)
    )


class Bench:
    """Runs the peers over one picture and collects rows."""

    def __init__(self, rounds: int) -> None:
        self.rounds, self.rows = rounds, []
        self.float32, self.lut = picture(), look()
        self.uint8 = (self.float32 * 255 + 0.5).astype(np.uint8)
        head = self.float32.reshape(-1, 3)[:SAMPLE]
        self.truth = {
            "float32": self.lut.sample(head),
            "uint8": self.lut.sample(self.uint8.reshape(-1, 3)[:SAMPLE] / 255),
        }
        out = np.empty_like(self.float32)
        self.copy_cost = cpu_seconds(lambda: np.copyto(out, self.float32), rounds)

    def add(self, name: str, depth: str, work: Callable[[], np.ndarray], rounds: int | None = None) -> None:
        """Time ``work``, which returns the graded picture."""
        cost = cpu_seconds(work, rounds or self.rounds)
        result = np.asarray(work()).reshape(-1, 3)[:SAMPLE].astype(np.float64) / (
            255 if depth == "uint8" else 1
        )
        self.row(name, depth, cost, f"{np.abs(result - self.truth[depth]).max():.2g}")

    def row(self, name: str, depth: str, cost: float, error: str) -> None:
        """One line of the table."""
        self.rows.append((name, depth, f"{cost:.3f}", f"{cost / self.copy_cost:.1f}", error))
        print(f"  {name}: {cost:.3f} s", file=sys.stderr)

    def ours(self) -> None:
        """Through Lut.apply, one thread."""
        for depth, source in (("float32", self.float32), ("uint8", self.uint8)):
            out = np.empty_like(source)
            self.add(
                "gradewright, 1 thread",
                depth,
                lambda source=source, out=out: self.lut.apply(source, out, threads=1),
            )

    def pillow(self) -> None:
        """Color3DLUT: trilinear, 8 bit."""
        from PIL import Image, ImageFilter

        entries = self.lut.table.transpose(2, 1, 0, 3).reshape(-1, 3)
        image, color_lut = Image.fromarray(self.uint8), ImageFilter.Color3DLUT(33, entries.ravel().tolist())
        self.add("Pillow Color3DLUT (trilinear)", "uint8", lambda: np.asarray(image.filter(color_lut)))

    def colour_science(self) -> None:
        """LUT3D.apply, tetrahedral, in 250-row slabs, one round: it is slow."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import colour

        theirs = colour.LUT3D(self.lut.table.astype(np.float64), size=33)
        interpolate = colour.algebra.table_interpolation_tetrahedral

        def slabs() -> np.ndarray:
            parts = (self.float32[i : i + 250] for i in range(0, HEIGHT, 250))
            return np.concatenate([theirs.apply(part, interpolator=interpolate) for part in parts])

        self.add("colour-science LUT3D", "float32", slabs, rounds=1)

    def ffmpeg(self) -> None:
        """lut3d=tetrahedral on planar float frames; start-up subtracted by timing a copy filter."""
        if shutil.which("ffmpeg") is None:
            print("  ffmpeg is not installed: left out", file=sys.stderr)
            return
        with tempfile.TemporaryDirectory() as folder:
            cube, raw = Path(folder, "look.cube"), Path(folder, "in.raw")
            lutio.write(self.lut, cube)
            raw.write_bytes(np.ascontiguousarray(self.float32[..., [1, 2, 0]].transpose(2, 0, 1)).tobytes())
            frames = ["-f", "rawvideo", "-pix_fmt", "gbrpf32le", "-s", f"{WIDTH}x{HEIGHT}", "-i", str(raw)]
            cost = min(
                _child_cpu(frames, f"lut3d=file={cube}:interp=tetrahedral") - _child_cpu(frames, "null")
                for _ in range(self.rounds)
            )
            self.row("ffmpeg lut3d (process minus null filter)", "float32", cost, "-")


def _child_cpu(frames: list[str], filters: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-threads",
        "1",
        "-filter_threads",
        "1",
        *frames,
        "-vf",
        filters,
        "-f",
        "null",
        "-",
    ]
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def scaling(bench: Bench) -> str:
    """Wall-clock gain of two threads over one, best of the rounds."""
    out = np.empty_like(bench.float32)
    best = {}
    for threads in (1, 2):
        times = []
        for _ in range(bench.rounds):
            start = perf_counter()
            bench.lut.apply(bench.float32, out, threads=threads)
            times.append(perf_counter() - start)
        best[threads] = min(times)
    return f"two threads: {best[1] / best[2]:.2f} times as fast as one ({default_threads()} processors here)"


def extra_memory(bench: Bench) -> str:
    """Growth of the process's peak over one apply with input and output in place."""
    out = np.zeros_like(bench.float32)
    bench.lut.apply(bench.float32[:64], out[:64])
    with open("/proc/self/clear_refs", "w") as reset:
        reset.write("5")  # Linux: reset the peak
    before = _peak_kb("VmRSS")
    bench.lut.apply(bench.float32, out)
    grown = (_peak_kb("VmHWM") - before) / 1024
    return f"extra memory of apply: {grown:.1f} MB (one copy would be {out.nbytes / 2**20:.0f} MB)"


def _peak_kb(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    bench = Bench(parser.parse_args().rounds)
    memory = extra_memory(bench) if sys.platform == "linux" else ""
    bench.row("numpy copy", "float32", bench.copy_cost, "-")
    bench.ours()
    bench.ffmpeg()
    bench.pillow()
    bench.colour_science()
    print(table(["33^3 on 6000x4000", "pixels", "CPU s", "ratio to copy", "error"], bench.rows))
    print(scaling(bench))
    print(memory)


if __name__ == "__main__":
    main()

"""Time a 24-megapixel photo through open, grade and save, beside Pillow's own decode and encode.

    OMP_NUM_THREADS=1 python benchmarks/photo_io.py [--megapixels 24]

CPU seconds of one process, best of three; the picture is made here, so nothing is needed but the package.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from gradewright.core import Lut, photo
from PIL import Image


def picture(megapixels: float) -> np.ndarray:
    """Uint8 (H, W, 3), 3:2: smooth colour with the grain that makes a JPEG realistic."""
    height = round((megapixels * 1e6 / 1.5) ** 0.5)
    width = height * 3 // 2
    rng = np.random.default_rng(1)
    coarse = Image.fromarray(rng.integers(0, 256, (40, 60, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.int16)
    grain = rng.normal(0, 4, (height, width, 1)).astype(np.int16)
    return np.clip(smooth + grain, 0, 255).astype(np.uint8)


def cpu(work: Callable[[], object], repeat: int = 3) -> float:
    """Best CPU seconds of a few runs."""
    times = []
    for _ in range(repeat):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def pillow_round(source: Path, target: Path) -> None:
    """Decode and encode again with Pillow, no pixels touched."""
    with Image.open(source) as image:
        image.save(target, **({"quality": "keep"} if source.suffix == ".jpg" else {}))


def round_trip(source: Path, target: Path, lut: Lut) -> None:
    """The product's own route, one thread."""
    graded = photo.grade_pixels(photo.open_pixels(source), lut, threads=1)
    photo.save(graded, target, overwrite=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megapixels", type=float, default=24)
    pixels = picture(parser.parse_args().megapixels)
    look = Lut.from_function(lambda p: p**1.1 * [0.95, 0.9, 0.85] + [0.0, 0.02, 0.05], 33)
    height, width = pixels.shape[:2]
    print(f"{width} x {height}, LUT 33^3, one thread; CPU seconds, best of three\n")
    print(f"{'what':34}{'s':>8}{'x Pillow':>10}")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.jpg"), Path(folder, "out.jpg")
        Image.fromarray(pixels).save(source, quality=92)
        rows = {
            "Pillow JPEG decode + encode": cpu(lambda: pillow_round(source, target)),
            "JPEG open_pixels": cpu(lambda: photo.open_pixels(source)),
            "JPEG open + grade + save": cpu(lambda: round_trip(source, target, look)),
            "JPEG load(max_side=512)": cpu(lambda: photo.load(source, max_side=512)),
            "JPEG load (whole, float32)": cpu(lambda: photo.load(source), 1),
        }
        base = rows["Pillow JPEG decode + encode"]
        for name, depth in (("out8.png", np.uint8), ("out16.png", np.uint16), ("out16.tif", np.uint16)):
            file = Path(folder, name)
            deep = pixels.astype(depth) * depth(257) if depth is np.uint16 else pixels
            photo.save(photo.Photo(file, "", deep), file)
            target = Path(folder, "graded" + file.suffix)
            rows[f"{name[3:]} open + grade + save"] = cpu(lambda f=file, t=target: round_trip(f, t, look), 1)
    for name, seconds in rows.items():
        print(f"{name:34}{seconds:8.3f}{seconds / base:10.2f}")


if __name__ == "__main__":
    main()

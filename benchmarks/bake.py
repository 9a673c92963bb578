"""Bakes: exactness, accuracy and CPU time, for every working space.

    python benchmarks/bake.py [--sizes 33 65] [SPACE...]

Columns: whether the identity look comes out as the exact lattice; the share of the lattice, and of the
colours a scene would hold, that is clipped; the error of a saturated teal-orange look baked for the space
and then viewed, against the same look applied in display space (largest channel, display code values
0..1, median and 99th percentile); CPU milliseconds of the first bake of a space and of the next one.

The samples: 60,000 scene colours, 0.18 * 2^(-6..3) with each channel scaled by exp(N(0, 0.35)) in ACEScg,
of which those are kept that the view's inverse brings back and the space's range can hold.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from gradewright.core import aces, bake, colour, ocio, space
from gradewright.core.bake_grid import grid, showing
from gradewright.core.lut import Lut


def teal_orange(rgb: np.ndarray) -> np.ndarray:
    """A saturated look: teal shadows, orange highlights, a contrast curve, chroma x 1.25."""
    lab = colour.srgb_to_oklab(rgb)
    light = lab[..., :1]
    warm = np.clip((light - 0.15) / 0.7, 0, 1)
    tint = (1 - warm) * np.array([-0.045, -0.03]) + warm * np.array([0.03, 0.05])
    ab = lab[..., 1:] * 1.25 + tint * np.minimum(1, 4 * light * (1 - light))
    return colour.oklab_to_srgb_in_gamut(
        np.concatenate([light + 0.048 * np.sin(2 * np.pi * (light - 0.5)), ab], axis=-1)
    )


def scene_samples() -> tuple[np.ndarray, np.ndarray]:
    """Scene colours in ACEScg that the view's inverse brings back, and what the display shows of them."""
    rng = np.random.default_rng(7)
    exposure = 0.18 * 2 ** rng.uniform(-6, 3, (60_000, 1))
    light = (exposure * np.exp(rng.normal(0, 0.35, (60_000, 3)))).astype(np.float32)
    shown = ocio.apply(aces.view("ACEScg"), light)
    back = ocio.apply(aces.unview("ACEScg"), shown)
    kept = (np.abs(back - light) / (light + 0.01)).max(axis=1) < 0.01
    return light[kept], shown[kept]


def errors(baked: bake.Baked, look: Lut, light: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Largest channel error per sample, display code values."""
    home = baked.space
    if home.kind == "display":
        values = ocio.apply(aces.convert(aces.DISPLAY, home.ocio), shown)
    else:
        values = ocio.apply(aces.convert("ACEScg", home.ocio), light)
    low, high = (-4.0, 92.0) if home.kind == "scene-linear" else (-1e-6, 1 + 1e-6)
    held = ((values >= low) & (values <= high)).all(axis=1)
    out = baked.lut.apply(np.ascontiguousarray(values[held]))
    viewed = ocio.apply(showing(baked.target), out)
    return np.abs(viewed - look.apply(np.ascontiguousarray(shown[held]))).max(axis=1)


def cpu_ms(run) -> tuple[bake.Baked, float]:
    start = time.process_time()
    result = run()
    return result, (time.process_time() - start) * 1e3


def row(
    home: space.Space, size: int, look: Lut, samples: tuple[np.ndarray, np.ndarray], display: bool
) -> str:
    run = bake.to_display if display else bake.to_space
    grid.cache_clear()
    baked, first = cpu_ms(lambda: run(look, home, size))
    _, again = cpu_ms(lambda: run(look, home, size))
    exact = "-"
    if not display:
        table = bake.to_space(Lut.identity(33), home, size).lut.table
        exact = "yes" if np.array_equal(table.reshape(-1, 3), grid(home, size).points) else "NO"
    error = errors(baked, look, *samples)
    return (
        f"{home.name:<32}{size:>5}{exact:>7}{baked.clipped:>9.1%}{baked.clipped_scene:>9.1%}"
        f"{np.median(error):>9.4f}{np.percentile(error, 99):>9.4f}{first:>9.0f}{again:>9.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("spaces", nargs="*", help="names or aliases; by default all")
    parser.add_argument("--sizes", type=int, nargs="+", default=[33, 65])
    chosen = parser.parse_args()
    homes = [space.find(name) for name in chosen.spaces] or list(space.spaces())
    look, samples = Lut.from_function(teal_orange, 33), scene_samples()
    aces.view("ACEScg"), aces.unview("ACEScg")  # the config is loaded outside the timing
    columns = ("clipped", "scene", "median", "p99", "ms", "again")
    head = f"{'':<32}{'size':>5}{'exact':>7}" + "".join(f"{name:>9}" for name in columns)
    for title, display in (("the look stays in the space", False), ("the look becomes the picture", True)):
        print(f"{title}\n{head}")
        for home in homes:
            if not (display and home.kind == "display"):
                for size in chosen.sizes:
                    print(row(home, size, look, samples, display))
        print()


if __name__ == "__main__":
    main()

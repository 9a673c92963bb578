"""LUT files in and out, beside OpenColorIO, numpy and colour-science: CPU seconds in one run.

``OMP_NUM_THREADS=1 python benchmarks/lut_io.py``. "free form" is the same table with numbers of
varying length, as %g prints them; the others read the six decimals that our writer emits.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio
from common import cpu_seconds, table
from gradewright import lutio
from gradewright.core.lut import Lut


def ocio_read(path: Path) -> None:
    ocio.ClearAllCaches()
    ocio.Config.CreateRaw().getProcessor(ocio.FileTransform(str(path)))


def save_free_form(lut: Lut, path: Path) -> None:
    rows = lut.table.transpose(2, 1, 0, 3).reshape(-1, 3)
    np.savetxt(path, rows, fmt="%.7g", header=f"LUT_3D_SIZE {lut.size}", comments="")


def one_format(lut: Lut, path: Path) -> None:
    values = lut.table.transpose(2, 1, 0, 3).reshape(-1).tolist()
    path.write_text(f"LUT_3D_SIZE {lut.size}\n" + ("%.6f %.6f %.6f\n" * lut.size**3) % tuple(values))


def readers(folder: Path) -> dict[str, Callable[[], Any]]:
    import colour

    cube = folder / "look.cube"
    return {
        "gradewright .cube": lambda: lutio.read(cube),
        "gradewright .cube, free form": lambda: lutio.read(folder / "free.cube"),
        "OpenColorIO .cube": lambda: ocio_read(cube),
        "numpy loadtxt": lambda: np.loadtxt(cube, skiprows=2),
        "colour-science .cube": lambda: colour.read_LUT(str(cube)),
        "gradewright .3dl": lambda: lutio.read(folder / "look.3dl"),
        "gradewright .clf": lambda: lutio.read(folder / "look.clf"),
        "OpenColorIO .clf": lambda: ocio_read(folder / "look.clf"),
        "gradewright Hald 8 (64^3, 16 bit)": lambda: lutio.read(folder / "look.png"),
    }


def writers(lut: Lut, folder: Path) -> dict[str, Callable[[], Any]]:
    import colour

    out = folder / "out"
    theirs = colour.LUT3D(lut.table, "look")
    rows = lut.table.transpose(2, 1, 0, 3).reshape(-1, 3)
    return {
        "gradewright .cube": lambda: lutio.write(lut, out, "cube", overwrite=True),
        "one % format": lambda: one_format(lut, out),
        "numpy savetxt": lambda: np.savetxt(out, rows, fmt="%.6f"),
        "colour-science .cube": lambda: colour.write_LUT(theirs, str(folder / "out.cube")),
        "gradewright .3dl": lambda: lutio.write(lut, out, "3dl", overwrite=True),
        "gradewright .clf": lambda: lutio.write(lut, out, "clf", overwrite=True),
        "gradewright Hald 8 (64^3, 16 bit)": lambda: lutio.write(lut, out, "hald", overwrite=True),
    }


def measure(sizes: tuple[int, ...] = (33, 65)) -> None:
    read: dict[str, list[float]] = {}
    written: dict[str, list[float]] = {}
    for size in sizes:
        lut = Lut.from_function(lambda p: p ** [1.2, 0.9, 1.1] * [0.9, 1, 0.8], size, "look")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for suffix in ("cube", "3dl", "clf", "png"):
                lutio.write(lut, folder / f"look.{suffix}")
            save_free_form(lut, folder / "free.cube")
            for results, work in ((read, readers(folder)), (written, writers(lut, folder))):
                for who, job in work.items():
                    results.setdefault(who, []).append(cpu_seconds(job, 3) * 1e3)
    headers = [f"{size}^3, CPU ms" for size in sizes]
    print(table(["reading", *headers], [[who, *times] for who, times in read.items()]))
    print()
    print(table(["writing", *headers], [[who, *times] for who, times in written.items()]))


if __name__ == "__main__":
    measure()

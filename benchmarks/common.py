"""What the benchmark scripts share: CPU timing, tables, the data pack."""

from __future__ import annotations

import csv
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent


def cpu_seconds(work: Callable[[], Any], repeats: int = 5) -> float:
    """Median CPU seconds of ``work`` over ``repeats`` runs after one warm-up."""
    work()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def table(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table."""
    lines = [headers, ["---"] * len(headers), *([_cell(value) for value in row] for row in rows)]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _cell(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _data_place() -> Path:
    return Path(os.environ.get("GRADEWRIGHT_DATA", ROOT.parent / "shared" / "data"))


def has_data() -> bool:
    """Whether the data pack is there."""
    return (_data_place() / "luts").is_dir()


def data_root() -> Path:
    """The data pack: $GRADEWRIGHT_DATA, or ``../shared/data`` beside the repository; exits without one."""
    root = _data_place()
    if not has_data():
        sys.exit(f"no data pack at {root}: set GRADEWRIGHT_DATA to its folder")
    return root


def load_luts(split: str, group: str | None = "core") -> tuple[np.ndarray, list[dict[str, Any]]]:
    """LUT tables (n, 33, 33, 33, 3) float32 indexed [r, g, b], and their descriptions."""
    folder = data_root() / "luts"
    with np.load(folder / f"luts_{split}.npz") as pack:
        steps = pack["d"]
    for axis in (1, 2, 3):
        steps = np.cumsum(steps, axis, dtype=np.int16)
    with open(folder / f"luts_{split}.jsonl", encoding="utf-8") as lines:
        described = [json.loads(line) for line in lines]
    keep = [i for i, row in enumerate(described) if group in (None, row["group"])]
    tables = (steps[keep].astype(np.float32) / 1023).transpose(0, 3, 2, 1, 4)  # stored b, g, r
    return np.ascontiguousarray(tables), [described[i] for i in keep]


def photo_files(split: str) -> list[Path]:
    """The photos of a split, in a fixed order."""
    root = data_root() / "photos"
    with open(root / "photos.csv", encoding="utf-8", newline="") as rows:
        names = [row["file"] for row in csv.DictReader(rows) if row["split"] == split]
    return [path for name in sorted(names) if (path := _find(root, split, name)).is_file()]


def _find(root: Path, split: str, name: str) -> Path:
    direct = root / name
    return direct if direct.is_file() else root / split / Path(name).name

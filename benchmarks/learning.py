"""Learning curves of the compact engine: what each stage brought, and how error falls with time.

    python benchmarks/learning.py [--picture PNG] [--runs FOLDER]

Reads the metrics that ``gradewright train policy`` writes while it trains; those of the shipped weights
are in benchmarks/data/learning.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from common import ROOT, table
from gradewright.core.canvas import Canvas

STAGES = {
    "reference-supervised": "references, dE2000 on val triplets",
    "prompt-supervised": "prompts, supervised: dE on held-out captions",
    "prompt-rewarded": "prompts, rewarded: dE on held-out captions",
}
_INK, _GRID, _LINE = (40, 40, 44), (210, 210, 214), (0, 110, 150)
_WIDTH, _HEIGHT, _MARGIN = 520, 300, 46


def load(folder: Path, stage: str) -> list[dict[str, Any]]:
    """The rows of a stage, or none."""
    path = folder / f"{stage}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def milestones(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first row, those at an eighth, a quarter and a half of the time, the last."""
    last = rows[-1]["minutes"]
    picked = [
        min(rows, key=lambda row: abs(row["minutes"] - last * share)) for share in (0, 1 / 8, 1 / 4, 1 / 2, 1)
    ]
    return list({row["step"]: row for row in picked}.values())


def curve(rows: list[dict[str, Any]], title: str) -> Canvas:
    """Error against minutes."""
    canvas = Canvas(_WIDTH, _HEIGHT, (255, 255, 255))
    times, errors = [row["minutes"] for row in rows], [row["dE"] for row in rows]
    low, high = min(errors) * 0.97, max(errors) * 1.01

    def at(minutes: float, error: float) -> tuple[float, float]:
        x = _MARGIN + (_WIDTH - 1.5 * _MARGIN) * minutes / max(times)
        return x, _HEIGHT - _MARGIN - (_HEIGHT - 2 * _MARGIN) * (error - low) / (high - low)

    for error in (low, (low + high) / 2, high):
        canvas.line([at(0, error), at(max(times), error)], _GRID)
        canvas.text((_MARGIN - 6, at(0, error)[1]), f"{error:.1f}", 11, _INK, "rm")
    canvas.line([at(*point) for point in zip(times, errors, strict=True)], _LINE, 2)
    canvas.text((_MARGIN, 14), title, 13, _INK)
    canvas.text((_WIDTH - _MARGIN / 2, _HEIGHT - _MARGIN + 14), f"{max(times):.0f} minutes", 11, _INK, "ra")
    return canvas


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=Path, default=ROOT / "benchmarks" / "data" / "learning")
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    drawn = []
    for stage, title in STAGES.items():
        if not (rows := load(options.runs, stage)):
            continue
        drawn.append(curve(rows, title).image())
        keys = [key for key in ("step", "minutes", "loss", "dE", "better", "reward") if key in rows[-1]]
        print(f"{title}\n")
        print(table(keys, [[row.get(key) for key in keys] for row in milestones(rows)]), "\n")
        kinds = [key for key in rows[-1] if key not in (*keys, "identity")]
        if kinds:
            print(
                table(["kind", "first", "last"], [[k, rows[0].get(k), rows[-1].get(k)] for k in kinds]), "\n"
            )
    if options.picture and drawn:
        from PIL import Image

        sheet = Image.new("RGB", (_WIDTH * len(drawn), _HEIGHT), "white")
        for number, image in enumerate(drawn):
            sheet.paste(image, (_WIDTH * number, 0))
        sheet.save(options.picture)


if __name__ == "__main__":
    main()

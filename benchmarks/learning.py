"""Learning curves of the compact engine: what each stage brought, and how error falls with time.

    python benchmarks/learning.py [--picture PNG] [--runs FOLDER]

Reads the metrics that ``gradewright train policy`` writes while it trains; those of the runs that led to the
shipped weights are in benchmarks/data/learning, numbered as they followed one another: each began with the
weights of the one before, on captions of its own, which also judge it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from common import ROOT, table
from gradewright.core.canvas import Canvas

STAGES = {
    "reference-1": "references, fixed looks: dE2000 on val triplets",
    "reference-2": "references, looks drawn anew: dE2000 on val triplets",
    "prompt-1-supervised": "prompts, first run: dE on held-out captions",
    "prompt-2-supervised": "second run, broader captions",
    "prompt-2-rewarded": "second run, rewarded",
    "prompt-3-supervised": "third run, new captions",
    "prompt-3-rewarded": "third run, rewarded",
    "prompt-4-supervised": "fourth run, common words more often",
    "prompt-4-rewarded": "fourth run, rewarded",
    "prompt-5-supervised": "fifth run, more complaints",
}
DRAWN = [stage for stage in STAGES if "rewarded" not in stage]
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
        if stage in DRAWN:
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

        across = 3
        sheet = Image.new("RGB", (_WIDTH * across, _HEIGHT * -(-len(drawn) // across)), "white")
        for number, image in enumerate(drawn):
            sheet.paste(image, (_WIDTH * (number % across), _HEIGHT * (number // across)))
        sheet.save(options.picture)


if __name__ == "__main__":
    main()

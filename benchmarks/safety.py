"""Safety limits on published LUTs: who passes, what a repair costs, how long it takes.

    python benchmarks/safety.py [--splits train val test] [--worst 8]

The limits were chosen on train, looked at on val; test is only reported. "hard" means every limit that
``repair`` guarantees, "all" the reported ones too. Damage is the mean CIEDE2000 between before and after
over a 17^3 lattice. Times are CPU milliseconds of one process.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from common import load_luts, table
from gradewright.core.lut import Lut
from gradewright.core.safety import LIMITS, Repair, damage_de, failures, repair


@dataclass(frozen=True)
class Case:
    """One LUT of the pack, repaired."""

    label: str
    kind: str
    found: Repair
    damage: float
    milliseconds: float

    @property
    def broken(self) -> set[str]:
        return {limit.name for limit in failures(self.found.before)}

    @property
    def passes_hard(self) -> bool:
        return not self.found.changes


def cases(split: str) -> list[Case]:
    """Every LUT of a split, with "special" ones as a kind of their own."""
    tables, meta = load_luts(split, group=None)
    out = []
    for values, about in zip(tables, meta, strict=True):
        lut = Lut(values)
        start = time.process_time()
        found = repair(lut)
        spent = (time.process_time() - start) * 1000
        if failures(found.after, hard=True):
            raise SystemExit(f"{about['id']}: still breaks a hard limit after repair")
        kind = about["category"] if about["group"] == "core" else "special"
        damage = damage_de(lut, found.lut) if found.changes else 0.0
        out.append(Case(about["label"], kind, found, damage, spent))
    return out


def share(group: list[Case], test) -> str:
    return f"{100 * np.mean([bool(test(case)) for case in group]):.1f}"


def pass_rows(groups: dict[str, list[Case]]) -> list[list[str]]:
    rows = [["LUTs", "", *(str(len(group)) for group in groups.values())]]
    for name, limit in LIMITS.items():
        bound = f"{'>=' if limit.floor else '<='} {limit.bound:g} {limit.unit}"
        kept = (share(group, lambda case, n=name: n not in case.broken) for group in groups.values())
        rows.append([name + ("" if limit.hard else " (reported)"), bound, *kept])
    rows.append(["hard", "", *(share(group, lambda case: case.passes_hard) for group in groups.values())])
    rows.append(["all", "", *(share(group, lambda case: not case.broken) for group in groups.values())])
    return rows


def damage_rows(groups: dict[str, list[Case]]) -> list[list[str]]:
    rows = []
    for name, group in groups.items():
        repaired = [case.damage for case in group if not case.passes_hard]
        if repaired:
            p50, p90 = np.percentile(repaired, [50, 90])
            figures = (np.mean(repaired), p50, p90, max(repaired))
            rows.append([name, str(len(repaired)), *(f"{v:.2f}" for v in figures)])
    return rows


def time_rows(everything: list[Case]) -> list[list[str]]:
    rows = []
    for name, group in (
        ("passes (measured only)", [c.milliseconds for c in everything if c.passes_hard]),
        ("repaired", [c.milliseconds for c in everything if not c.passes_hard]),
    ):
        rows.append([name, str(len(group)), *(f"{v:.1f}" for v in np.percentile(group, [50, 95, 100]))])
    return rows


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--splits", nargs="+", default=["train", "val", "test"])
    parser.add_argument("--worst", type=int, default=8, help="how many of the dearest repairs to list")
    options = parser.parse_args()
    everything: list[Case] = []
    groups: dict[str, list[Case]] = defaultdict(list)
    for split in options.splits:
        for case in cases(split):
            everything.append(case)
            core = case.kind != "special"
            groups[f"{split} {'core' if core else 'special'}"].append(case)
    for case in everything:
        if case.kind != "special":
            groups[case.kind].append(case)
    print("Share that keeps to each limit, per cent")
    print(table(["limit", "bound", *groups], pass_rows(groups)))
    print("\nDamage of repairs, mean dE2000")
    print(table(["group", "repaired", "mean", "p50", "p90", "max"], damage_rows(groups)))
    print("\nCPU ms, measure and repair")
    print(table(["what", "LUTs", "p50", "p95", "max"], time_rows(everything)))
    print("\nDearest repairs")
    worst = sorted(everything, key=lambda case: -case.damage)[: options.worst]
    rows = [
        [case.label[:30], case.kind, f"{case.damage:.2f}", "; ".join(case.found.changes)] for case in worst
    ]
    print(table(["LUT", "kind", "dE", "changes"], rows))


if __name__ == "__main__":
    main()

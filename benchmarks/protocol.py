"""Runs matchers over cases and tabulates what they reach."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from common import table
from gradewright.core.colour import delta_e_srgb
from matchers import Method

Pair = tuple[np.ndarray, np.ndarray]
NOTHING = "doing nothing"


class Protocol:
    """One way of testing matchers.

    ``methods`` by name, "doing nothing" among them; ``show`` names those whose results the contact
    sheet has; ``perceptual`` is a further distance of two pictures, such as LPIPS.
    """

    def __init__(
        self,
        name: str,
        methods: dict[str, Method],
        show: Sequence[str] = (),
        perceptual: Callable[[np.ndarray, np.ndarray], float] | None = None,
    ) -> None:
        self.name, self.methods, self.show, self.perceptual = name, methods, show, perceptual
        self.reached: dict[str, list[dict[str, float]]] = defaultdict(list)
        self.shown: list[list[np.ndarray]] = []

    def case(
        self,
        source: np.ndarray,
        target: np.ndarray,
        judged: list[Pair],
        extra: dict[str, Method] | None = None,
    ) -> None:
        """Learn from source and target, judge on (picture, its true grade); ``extra`` methods know more."""
        row = [source, target]
        for name, method in (self.methods | (extra or {})).items():
            start = time.process_time()
            apply = method(source, target)
            cpu = time.process_time() - start
            graded = [np.clip(apply(picture), 0, 1) for picture, _ in judged]
            pairs = list(zip(graded, (truth for _, truth in judged), strict=True))
            self.reached[name].append({"cpu": cpu, **self._judge(pairs)})
            if name in self.show:
                row.append(graded[0])
        self.shown.append([*row, judged[0][1]])

    def _judge(self, pairs: list[Pair]) -> dict[str, float]:
        reached = {
            "error": float(np.mean([delta_e_srgb(a, b).mean() for a, b in pairs])),
            "psnr": float(np.mean([-10 * np.log10(np.mean((a - b) ** 2) + 1e-10) for a, b in pairs])),
        }
        if self.perceptual is not None:
            reached["lpips"] = float(np.mean([self.perceptual(a, b) for a, b in pairs]))
        return reached

    def column(self, method: str, what: str) -> np.ndarray:
        """One figure of one method, case by case."""
        return np.array([case[what] for case in self.reached[method]])

    def summary(self, keep: np.ndarray | None = None) -> list[dict[str, Any]]:
        """Means over the cases in ``keep`` (a mask; default all), one row a method."""
        number = len(self.shown)
        chosen = np.ones(number, bool) if keep is None else keep
        nothing = self.column(NOTHING, "error")[chosen]
        rows = []
        for name in self.reached:
            error = self.column(name, "error")[chosen]
            row = {
                "method": name,
                "mean dE2000": error.mean(),
                "median": np.median(error),
                "p90": np.percentile(error, 90),
                "PSNR dB": self.column(name, "psnr")[chosen].mean(),
                "better": np.mean(error < nothing),
            }
            if self.perceptual is not None:
                row["LPIPS"] = self.column(name, "lpips")[chosen].mean()
            rows.append({**row, "CPU s": self.column(name, "cpu")[chosen].mean()})
        return rows

    def report(self, keep: np.ndarray | None = None, name: str = "") -> str:
        """The summary as a titled Markdown table."""
        rows = self.summary(keep)
        form = {"PSNR dB": "{:.1f}", "better": "{:.0%}", "LPIPS": "{:.3f}"}
        cells = [
            [
                value if isinstance(value, str) else form.get(head, "{:.2f}").format(value)
                for head, value in row.items()
            ]
            for row in rows
        ]
        count = len(self.shown) if keep is None else int(keep.sum())
        return f"## {name or self.name}, {count} cases\n\n{table(list(rows[0]), cells)}\n"

"""Examples from one's own files: JSON lines, pictures beside them, read when they are asked for.

    {"task": "instruct", "photo": "a.jpg", "prompt": "warm, lifted blacks", "look": "gw1:..."}
    {"task": "transfer", "photo": "a.jpg", "reference": "b.jpg", "look": "gw1:..."}
    {"task": "pair", "photo": "a.jpg", "graded": "a-graded.jpg", "look": "gw1:..."}
    {"task": "auto", "photo": "a.jpg", "look": "gw1:...", "reasoning": "Measured: ... Seen: ... Plan: ..."}
    {"task": "style" or "param", ..., "prompt": "..."}
    {"task": "operations", "photo": "a.jpg", "prompt": "...", "reasoning": "...",
     "operations": {"exposure": 0.3}}

``gradewright look`` turns a LUT into its ``gw1:`` text. Only the places of the lines are kept in memory.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...codec import LutCodec
from ...engines.vlm import reasoning
from ...engines.vlm.operations import written
from ...engines.vlm.wording import Wish
from ...errors import BadInput, FileError
from ...lut import Lut
from ...photo import load
from ...recipe import Recipe
from .draws import KINDS
from .examples import Example, lut_example, told_example

_SECOND = {"transfer": "reference", "pair": "graded"}


@dataclass
class Records:
    """The lines of a file, over and over in a new order, ``count`` examples in all."""

    path: Path
    seed: int
    side: int
    count: int

    def __post_init__(self) -> None:
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise FileError(self.path, error.strerror or "cannot be read") from None
        ends = [-1, *(i for i, byte in enumerate(data) if byte == 10), len(data)]
        spans = [(a + 1, b) for a, b in itertools.pairwise(ends)]
        self._spans = [(n, a, b) for n, (a, b) in enumerate(spans, 1) if data[a:b].strip()]
        if not self._spans:
            raise FileError(self.path, "holds no examples", "one JSON object a line")
        self._codec = LutCodec.load()

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Example:
        if not 0 <= index < self.count:
            raise IndexError(index)
        epoch, place = divmod(index, len(self._spans))
        order = np.random.default_rng([self.seed, epoch]).permutation(len(self._spans))
        number, start, end = self._spans[order[place]]
        with open(self.path, "rb") as file:
            file.seek(start)
            line = file.read(end - start)
        try:
            return self._example(json.loads(line))
        except (KeyError, TypeError, AttributeError) as error:
            raise FileError(self.path, f"lacks {error}" if isinstance(error, KeyError) else str(error),
                            "see docs/vlm.md", line=number) from None  # fmt: skip
        except (BadInput, ValueError, RecursionError) as error:
            raise FileError(self.path, str(error), line=number) from None

    def _example(self, row: dict[str, Any]) -> Example:
        task = row["task"]
        if task not in KINDS:
            raise BadInput(f"task {task!r} is unknown: there is {', '.join(KINDS)}")
        photo = self._picture(row["photo"])
        if task == "operations":
            recipe = Recipe.parse(row["operations"])
            wish = Wish(task, task, 1, row["prompt"])
            return told_example(wish, photo, recipe.to_lut(17), written(row["reasoning"], recipe))
        codes = self._codec.from_text(row["look"])
        if len(codes) != self._codec.tokens:
            raise BadInput(f"look has {len(codes)} tokens: needs {self._codec.tokens}")
        truth = self._codec.decode(codes)
        if task in ("auto", "style", "param"):
            return self._retouch(task, row, photo, truth)
        pictures = [photo, *([self._picture(row[_SECOND[task]])] if task in _SECOND else [])]
        wish = Wish("lut", task, len(pictures), row["prompt"] if task == "instruct" else "")
        return lut_example(wish, pictures, truth, codes, photo)

    def _retouch(self, task: str, row: dict[str, Any], photo: NDArray[np.float32], truth: Lut) -> Example:
        if fault := reasoning.read(row["reasoning"]).fault:
            raise BadInput(f"the reasoning is malformed: {fault}")
        text = "" if task == "auto" else row["prompt"]
        return told_example(Wish("retouch", task, 1, text), photo, truth, row["reasoning"])

    def _picture(self, name: str) -> NDArray[np.float32]:
        return load(self.path.parent / name, max_side=self.side)

"""Prompts with attribute checks, graded on a fixed set of photos."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from checks import holds, in_order, shown
from common import ROOT, has_data, photo_files
from gradewright.core import Lut
from measures import Figures, Scene
from pictures import load

LANGUAGES = ("German", "French", "Spanish", "Chinese", "Japanese")
# Photos of the pack's split without a cast of their own: people, sky, foliage, interiors, food.
PHOTOS = {
    "val": (
        "cbsd68__102061",
        "imagenet1000__n02107908-Appenzeller",
        "imagenet1000__n03459775-grille",
        "imagenet1000__n09421951-sandbar",
        "mcmaster__5",
        "mei__FujiFilm-DX-10",
        "mei__FujiFilm-FinePix2650",
        "mei__FujiFilm-MX-1200",
    ),
    "test": (
        "imagenet1000__n02790996-barbell",
        "imagenet1000__n04044716-radio-telescope",
        "kodak24__kodim18",
        "kodak24__kodim21",
        "lomiri__picosdeeuropa-by-Aitzol-Berasategi",
        "mei__Nikon-D1X",
        "mei__Nikon-E995-iptc",
        "mei__Sanyo-VPCSX550",
    ),
}

GradePhoto = Callable[[np.ndarray, str], tuple[Lut, int]]  # photo, prompt -> look, number of warnings


@dataclass(frozen=True)
class Prompt:
    """One line of a prompt file. ``triple`` joins weak, plain and strong wordings of one request."""

    id: str
    kind: str
    prompt: str
    checks: tuple[str, ...]
    triple: int | None = None
    level: str = ""
    order: str = ""


@dataclass
class Outcome:
    """A check that was evaluated: ``passed`` on the mean over the photos, ``share`` of photos alone."""

    prompt: Prompt
    check: str
    passed: bool
    share: float
    seen: str


@dataclass
class Session:
    """Grades every prompt once on every photo."""

    photos: list[np.ndarray]
    grade: GradePhoto
    done: dict[str, list[Figures]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.scenes = [Scene.of(photo) for photo in self.photos]

    def figures(self, prompt: str) -> list[Figures]:
        """Figures of every photo, and how many warnings the grade carries (``notes``)."""
        if prompt not in self.done:
            self.done[prompt] = [
                self._one(*pair, prompt) for pair in zip(self.photos, self.scenes, strict=True)
            ]
        return self.done[prompt]

    def _one(self, photo: np.ndarray, scene: Scene, prompt: str) -> Figures:
        lut, notes = self.grade(photo, prompt)
        return {**scene.measure(lut), "notes": float(notes)}

    def mean(self, prompt: str) -> Figures:
        """Figures as means over the photos."""
        seen = self.figures(prompt)
        return {name: float(np.mean([one[name] for one in seen])) for name in seen[0]}

    def outcomes(self, prompt: Prompt) -> list[Outcome]:
        """All checks of one prompt."""
        return [self._outcome(prompt, check) for check in prompt.checks]

    def _outcome(self, prompt: Prompt, check: str) -> Outcome:
        mean, each = self.mean(prompt.prompt), self.figures(prompt.prompt)
        alone = [
            holds(check, seen, lambda other, number=number: self.figures(other)[number])
            for number, seen in enumerate(each)
        ]
        return Outcome(
            prompt, check, holds(check, mean, self.mean), float(np.mean(alone)), shown(check, mean)
        )

    def order(self, triple: list[Prompt]) -> Outcome:
        """Weak < plain < strong, on the mean and photo by photo."""
        order, figure = triple[0].order, triple[0].order[1:]
        each = np.array([[seen[figure] for seen in self.figures(one.prompt)] for one in triple])
        alone = np.mean([in_order(order, list(column)) for column in each.T])
        means = list(each.mean(axis=1))
        seen = f"{figure}: " + " ".join(f"{value:.1f}" for value in means)
        words = " < ".join(one.prompt for one in triple)
        shown_as = Prompt(triple[1].id, "degree order", words, (f"order {order}",))
        return Outcome(shown_as, f"order {order}", in_order(order, means), float(alone), seen)


def read_prompts(split: str) -> list[Prompt]:
    """The prompts of a split."""
    path = ROOT / "benchmarks" / "data" / f"prompts_{split}.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Prompt(**{**row, "checks": tuple(row["checks"])}) for row in rows]


def photos(split: str, count: int = 8, side: int = 512) -> list[np.ndarray]:
    """The fixed photos, float32 (H, W, 3); without the data pack, those of the documentation."""
    if has_data():
        files = [file for file in photo_files(split) if file.stem in PHOTOS[split]]
    else:
        print("no data pack: two photos of docs/media instead of eight", file=sys.stderr)
        files = [ROOT / "docs" / "media" / name for name in ("astronaut.jpg", "rocket.jpg")]
    return [load(file, side) for file in files[:count]]


def run(
    prompts: list[Prompt], session: Session, progress: Callable[[str], None] = lambda line: None
) -> list[Outcome]:
    """Every check of every prompt, and the order of every complete triple."""
    found, triples = [], {}
    for number, prompt in enumerate(prompts):
        found += session.outcomes(prompt)
        if prompt.triple is not None:
            triples.setdefault(prompt.triple, []).append(prompt)
        if number % 50 == 49:
            progress(f"{number + 1} of {len(prompts)} prompts")
    return found + [session.order(triple) for triple in triples.values() if len(triple) == 3]


def shares(outcomes: list[Outcome]) -> list[list[Any]]:
    """Table rows: kind, prompts, checks; shares: of checks, of prompts with all checks, on single photos."""
    kinds = list(dict.fromkeys(one.prompt.kind for one in outcomes))
    rows = [_row(kind, [one for one in outcomes if one.prompt.kind == kind]) for kind in kinds]
    foreign = [one for one in outcomes if one.prompt.kind in LANGUAGES]
    rows += [_row("all other languages", foreign)] if foreign else []
    return [*rows, _row("overall", outcomes)]


def _row(name: str, outcomes: list[Outcome]) -> list[Any]:
    by_prompt: dict[str, bool] = {}
    for one in outcomes:
        by_prompt[one.prompt.prompt] = by_prompt.get(one.prompt.prompt, True) and one.passed
    return [
        name,
        len(by_prompt),
        len(outcomes),
        f"{np.mean([one.passed for one in outcomes]):.3f}",
        f"{np.mean(list(by_prompt.values())):.3f}",
        f"{np.mean([one.share for one in outcomes]):.3f}",
    ]


def save(path: Path, split: str, engine: str, outcomes: list[Outcome], retrieval: dict[str, Any]) -> None:
    """The result as JSON: shares by kind and, on val only, each check."""
    heads = ("kind", "prompts", "checks", "share", "share_prompts", "share_photos")
    result: dict[str, Any] = {
        "split": split,
        "engine": engine,
        "kinds": [dict(zip(heads, row, strict=True)) for row in shares(outcomes)],
        "retrieval": retrieval,
    }
    if split == "val":
        result["checks"] = [
            {"id": one.prompt.id, "check": one.check, "passed": one.passed, "seen": one.seen}
            for one in outcomes
        ]
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

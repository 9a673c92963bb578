"""From a request to LUT files, previews, recipes and reports: the one place where grades become files."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .step import Step, silent

if TYPE_CHECKING:
    from gradewright.core import Grade
    from gradewright.core.hookspecs import Engine

PREVIEW_SIDE = 1600
_NOTHING = 1 / 510  # a LUT that changes no 8-bit value
_PROXY, _PAIR_PROXY = 512, 2048  # buffers are averaged to about what the grader looks at


@dataclass(frozen=True)
class Targets:
    """The files to write, before they are numbered.

    ``luts`` : role -> path; the suffix chooses the format. ``side`` : of the preview's longer side
    """

    luts: Mapping[str, Path] = field(default_factory=dict)
    preview: Path | None = None
    recipe: Path | None = None
    report: Path | None = None
    side: int = PREVIEW_SIDE
    overwrite: bool = False

    def numbered(self, number: int, count: int) -> dict[str, Path]:
        """Role -> path for one of ``count`` grades: ``look.cube``, or ``look-2.cube`` of several."""
        every = {**self.luts, "preview": self.preview, "recipe": self.recipe, "report": self.report}
        return {role: _numbered(path, number, count) for role, path in every.items() if path}


@dataclass(frozen=True)
class GradeTask:
    """What is wanted; see :meth:`gradewright.core.Grader.grade` for the wishes.

    ``model``, ``endpoint``, ``allow_remote`` : of the vlm engine. ``recipe`` : file with parameters, below
    ``params``. ``base`` : LUT file to start from. ``space``, ``size`` : what the LUT is baked for.
    ``describe`` : work out recipe, residual and report
    """

    photo: Path | None = None
    prompt: str | None = None
    reference: Path | None = None
    pair: tuple[Path, Path] | None = None
    params: Mapping[str, float | str] = field(default_factory=dict)
    recipe: Path | None = None
    auto: bool = False
    base: Path | None = None
    strength: float = 1.0
    luma: float = 1.0
    chroma: float = 1.0
    seed: int = 0
    variations: int = 1
    engine: str | None = None
    model: Path | None = None
    endpoint: str | None = None
    allow_remote: bool = False
    space: str | None = None
    size: int | None = None
    describe: bool = True
    targets: Targets = field(default_factory=Targets)


@dataclass(frozen=True)
class Written:
    """One grade and its files.

    ``files`` : role -> path. ``notes`` : what the user must know. ``lines`` : all that the command
    line says about it, notes included, in order. ``recipe``, ``residual_de`` and ``report`` are None
    unless they were asked for.
    """

    title: str
    engine: str
    files: Mapping[str, str]
    notes: tuple[str, ...]
    lines: tuple[str, ...]
    recipe: Mapping[str, float] | None = None
    residual_de: float | None = None
    report: Mapping[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values; what was not worked out is left out."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in found.items() if value is not None}


def run(task: GradeTask, step: Step = silent) -> Iterator[Written]:
    """Grade, and write the files of one grade after the other, best first.

    Raises
    ------
    BadInput : nothing or too much asked, unusable files or values, files that stand there already
    Cancelled : by ``step``
    """
    check(task)
    step(0.0, "grading")
    grades, lines = _predicted(task)
    for number, grade in enumerate(grades, 1):
        share = 0.5 * (number - 1) / len(grades)
        step(0.5 + share, f"writing {number} of {len(grades)}" if len(grades) > 1 else "writing")
        yield _Writer(task, grade, task.targets.numbered(number, len(grades)), lines).run()
        lines = []


def check(task: GradeTask) -> None:
    """Refuse targets before any work is done for them. Raises FileError."""
    from gradewright.core.files import refuse_existing

    for number in range(1, task.variations + 1):
        for path in task.targets.numbered(number, task.variations).values():
            refuse_existing(path, task.targets.overwrite)


def _engine(task: GradeTask) -> str | Engine | None:
    """The engine's name, or the vlm engine with its model."""
    from gradewright.core.errors import BadInput

    if task.model is None and task.endpoint is None and not task.allow_remote:
        return task.engine
    if task.engine not in (None, "vlm"):
        raise BadInput(f"engine '{task.engine}' takes no --model or --endpoint: they are for --engine vlm")
    from gradewright.core.engines.vlm import VlmEngine

    return VlmEngine(task.model, task.endpoint, task.allow_remote)


def _predicted(task: GradeTask) -> tuple[list[Grade], list[str]]:
    """The grades, and what is to be said before them."""
    from gradewright.core import Grader

    from .pictures import picture

    lines: list[str] = []
    params, base = {**_recipe_params(task.recipe), **task.params}, None
    if task.base is not None:
        from gradewright import lutio
        from gradewright.core.looks.intake import plain_look

        base, notes = plain_look(lutio.read(task.base))
        lines += [f"note: {line}" for line in notes]
    grades = Grader(_engine(task)).variations(
        picture(task.photo, _PROXY) if task.photo else None,
        prompt=task.prompt,
        n=task.variations,
        reference=picture(task.reference, _PROXY) if task.reference else None,
        pair=tuple(picture(side, _PAIR_PROXY) for side in task.pair) if task.pair else None,
        params=params or None,
        auto=task.auto,
        base=base,
        strength=task.strength,
        luma=task.luma,
        chroma=task.chroma,
        seed=task.seed,
    )
    if len(grades) < task.variations:
        engine, wanted = grades[0].engine, task.variations
        answers = "answer" if len(grades) == 1 else "answers"
        lines.append(f"note: the {engine} engine has {len(grades)} {answers} to this, not {wanted}")
    return grades, lines


def _recipe_params(path: Path | None) -> dict[str, float]:
    if path is None:
        return {}
    from gradewright.core import Recipe
    from gradewright.core.errors import BadInput, FileError

    try:
        if not stat.S_ISREG(path.stat().st_mode):  # reading a pipe would wait for its other end
            raise BadInput("is a folder, a pipe or a device: name a file of parameters")
        return Recipe.from_json(path.read_text(encoding="utf-8")).to_dict()
    except OSError as error:
        raise FileError(path, error.strerror or "cannot be read") from None
    except (BadInput, UnicodeDecodeError) as error:
        raise FileError(path, str(error)) from None


def _numbered(path: Path, number: int, count: int) -> Path:
    return path if count == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")


class _Writer:
    """Writes the files of one grade and collects what is to be said about it."""

    def __init__(self, task: GradeTask, grade: Grade, names: dict[str, Path], lines: list[str]) -> None:
        self.task, self.grade, self.names = task, grade, names
        self.lines = list(lines)
        self.notes = [line.removeprefix("note: ") for line in lines]

    def run(self) -> Written:
        self._warn(self.grade.warnings)
        if self.task.auto and self.grade.lut.is_identity(_NOTHING):
            self._warn(["nothing was found that should be corrected: this grade changes nothing"])
        self._write_luts()
        self._write_preview()
        self._write_texts()
        recipe = self.grade.recipe.to_dict() if self.task.describe else None
        report = self.grade.report if self.task.describe else None
        return Written(
            title=self.grade.lut.title,
            engine=self.grade.engine,
            files={role: str(path) for role, path in self.names.items()},
            notes=tuple(self.notes),
            lines=tuple(self.lines),
            recipe=recipe,
            residual_de=None if report is None else round(report.residual_de, 4),
            report=None if report is None else report.to_dict(),
        )

    def _warn(self, texts: tuple[str, ...] | list[str]) -> None:
        self.notes += texts
        self.lines += [f"note: {text}" for text in texts]

    def _write_luts(self) -> None:
        if not self.task.targets.luts:
            return
        from gradewright import lutio

        lut, where = self.grade.lut, "display-referred sRGB"
        if self.task.space is not None:
            from gradewright.core.bake import to_space

            baked = to_space(lut, self.task.space, self.task.size)
            lut, where = baked.lut, baked.space.name
            self._warn(baked.notes)
        elif self.task.size is not None:
            lut = lut.resample(self.task.size)
        for role in self.task.targets.luts:
            path = self.names[role]
            lutio.write(lut.titled(path.stem), path, overwrite=self.task.targets.overwrite)
            self.lines.append(f"look: {path} ({lut.size}^3, {where})")

    def _write_preview(self) -> None:
        if "preview" not in self.names or self.task.photo is None:
            return
        from gradewright.core import photo as photos

        from .pictures import loaded

        pixels, _ = loaded(self.task.photo, self.task.targets.side)
        path, overwrite = self.names["preview"], self.task.targets.overwrite
        self._warn(photos.save_pixels(self.grade.lut.apply(pixels), path, overwrite=overwrite))
        self.lines.append(f"preview: {path}")

    def _write_texts(self) -> None:
        from gradewright.core.files import write_bytes

        overwrite = self.task.targets.overwrite
        if path := self.names.get("recipe"):
            write_bytes(path, self.grade.recipe.to_json().encode(), overwrite=overwrite)
            self.lines.append(f"recipe: {path}: {self.grade.recipe.describe()}")
        if path := self.names.get("report"):
            text = _report(self.grade, path)
            write_bytes(path, text.encode(), overwrite=overwrite)
            self.lines.append(f"report: {path}")


def _report(grade: Grade, path: Path) -> str:
    """JSON, or text for people where the suffix says so."""
    if path.suffix.lower() in (".txt", ".md"):
        return grade.report.text
    return json.dumps(grade.report.to_dict(), indent=2, ensure_ascii=False) + "\n"

"""Grading a folder through darktable: every photo as its own history renders it, with a look on top."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradewright.core.errors import BadInput, FileError
from gradewright.core.files import refuse_existing
from gradewright.core.photo.source import RAW_SUFFIXES

from . import looks
from .grading import grades

if TYPE_CHECKING:
    from .program import DarktableCli

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", *RAW_SUFFIXES})
_PROXY = 640


@dataclass(frozen=True)
class Done:
    """One photo: where it went, or what went wrong."""

    photo: Path
    output: Path
    error: str = ""
    notes: tuple[str, ...] = ()


@dataclass
class Batch:
    """A batch over one darktable-cli.

    ``wishes`` : of a grade request (prompt, reference, auto, strength, ...). ``kind`` : "lut" or
    "modules". ``each`` : every photo its own look, instead of the first one's for all
    """

    darktable: DarktableCli
    wishes: dict[str, Any]
    kind: str = "lut"
    each: bool = False

    def run(self, jobs: Sequence[tuple[Path, Path]]) -> Iterator[Done]:
        """Render (photo, output) pairs; what fails is told and the rest goes on."""
        found: looks.Look | None = None
        for number, (photo, output) in enumerate(jobs):
            try:
                if found is None or self.each:
                    raw = any(map(_is_raw, [photo] if self.each else [photo for photo, _ in jobs]))
                    found, notes = self._look(photo, number, raw)
                self.darktable.render(photo, output, found)
                yield Done(photo, output, notes=notes)
                notes = ()
            except BadInput as error:
                yield Done(photo, output, str(error))

    def _look(self, photo: Path, number: int, raw: bool) -> tuple[looks.Look, tuple[str, ...]]:
        from gradewright import lutio

        folder = self.darktable.folder
        proxy = folder / f"proxy{number}.png"
        self.darktable.render(photo, proxy, side=_PROXY)
        place = {"folder": str(folder), "name": f"look{number}", "formats": ["cube"], "describe": False}
        answer, _ = grades({**self.wishes, "photo": str(proxy), **place})
        lut = lutio.read(answer[0]["files"]["cube"]).titled(answer[0]["title"])
        notes = tuple(answer[0]["notes"])
        words = self.wishes.get("prompt") or ""
        if self.kind == "modules":
            return looks.native_look(lut, folder, proxy, words, raw), notes
        return looks.lut_look(lut, folder, self.darktable.lut_root, words), notes


def _is_raw(photo: Path) -> bool:
    return photo.suffix.lower() in RAW_SUFFIXES


def plan(sources: Sequence[Path], output: Path, suffix: str, overwrite: bool) -> list[tuple[Path, Path]]:
    """Photos, sorted, with the files they go to in the folder ``output``.

    Raises
    ------
    BadInput : no photos, two that would get one name, or one that would be replaced by its render
    FileError : an output exists and ``overwrite`` is false, or the folder cannot be made
    """
    photos = [photo for source in sources for photo in _photos(source)]
    if not photos:
        raise BadInput(f"no photos in {', '.join(map(str, sources))}")
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(output, f"cannot be a folder ({error.strerror})", "name another") from None
    jobs: dict[Path, Path] = {}
    for photo in photos:
        target = output / f"{photo.stem}.{suffix}"
        if target.exists() and any(target.samefile(one) for one in photos):
            raise BadInput(f"{target}: is one of the photos: write into another folder")
        if target in jobs:
            raise BadInput(f"{jobs[target]} and {photo} would both be written to {target}: separate them")
        jobs[refuse_existing(target, overwrite)] = photo
    return [(photo, target) for target, photo in jobs.items()]


def _photos(source: Path) -> list[Path]:
    if not source.is_dir():
        if not source.exists():
            raise BadInput(f"{source}: no such file or folder")
        return [source]
    return sorted(p for p in source.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())

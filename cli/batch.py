"""Working through many images: what goes where, in parallel, resumable."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from gradewright.core.errors import BadInput, FileError

SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp")
_JOURNAL = ".gradewright-apply.json"


@dataclass(frozen=True)
class Job:
    """One image to read and one to write."""

    source: Path
    target: Path


def plan(sources: Sequence[Path], output: Path) -> list[Job]:
    """Decide what is written where.

    One image and an ``output`` with an image suffix: that file. Anything else: files of the same
    name in the folder ``output``, with the tree of a source folder kept.

    Raises
    ------
    BadInput : no images, or two sources that would get one name
    """
    if (
        len(sources) == 1
        and not sources[0].is_dir()
        and output.suffix.lower() in SUFFIXES
        and not output.is_dir()
    ):
        return [Job(sources[0], output)]
    if output.suffix.lower() in SUFFIXES and not output.is_dir():
        raise BadInput(f"{output}: several images need a folder as -o, not one file")
    jobs = [
        Job(found, output / relative) for source in sources for found, relative in _expand(source, output)
    ]
    if not jobs:
        raise BadInput(f"no images in {', '.join(map(str, sources))}: looked for {' '.join(SUFFIXES)}")
    taken: dict[Path, Path] = {}
    for job in jobs:
        if job.target in taken:
            raise BadInput(
                f"{taken[job.target]} and {job.source} would both be written to {job.target}: "
                "apply them separately"
            )
        taken[job.target] = job.source
    return jobs


def _expand(source: Path, output: Path) -> Iterator[tuple[Path, Path]]:
    if not source.is_dir():
        yield source, Path(source.name)
        return
    for found in sorted(source.rglob("*")):
        inside_output = output in found.parents
        hidden = any(part.startswith(".") for part in found.relative_to(source).parts)
        if found.suffix.lower() in SUFFIXES and found.is_file() and not inside_output and not hidden:
            yield found, found.relative_to(source)


class Journal:
    """Remembers, in the output folder, which settings its files were made with.

    ``--resume`` skips files that exist. That is right only when they came from the same LUT and
    weights, so these are written down as a digest; and when a ``--force`` run has come by them, so
    the files that it set out to replace are written down until it has.
    """

    def __init__(self, folder: Path, *settings: object) -> None:
        self.path = folder / _JOURNAL
        self.digest = hashlib.sha256(repr(settings).encode()).hexdigest()

    def to_replace(self) -> set[str]:
        """What an earlier run was to replace and did not come by.

        Raises
        ------
        FileError : the folder's files were made with other settings, or there is no record of them
        """
        try:
            record = json.loads(self.path.read_text())
            made_with, left = record["settings"], {str(name) for name in record["to_replace"]}
        except (OSError, ValueError, KeyError, TypeError):
            made_with, left = None, set()
        if made_with != self.digest:
            raise FileError(
                self.path.parent,
                "was made with another LUT or other settings, or not by this command",
                "choose another folder, or --force to redo all of it",
            )
        return left

    def write(self, to_replace: Sequence[Job]) -> None:
        """Note the settings, and what is still to be replaced."""
        from gradewright.core.files import write_bytes

        record = {"settings": self.digest, "to_replace": [str(job.target) for job in to_replace]}
        write_bytes(self.path, json.dumps(record).encode(), overwrite=True)


def run(
    jobs: Sequence[Job], work: Callable[[Job], None], workers: int, done: Callable[[], None]
) -> list[BadInput]:
    """Do the jobs, ``workers`` at a time; returns what went wrong, job by job.

    Bad images do not stop the others. Ctrl-C and our own faults do: running jobs finish, the rest is
    dropped, and the exception goes on.
    """
    failures: list[BadInput] = []
    pool = ThreadPoolExecutor(workers)
    try:
        # All are queued at once: a job is two paths; the pictures are read by the workers.
        for future in as_completed([pool.submit(work, job) for job in jobs]):
            try:
                future.result()
            except BadInput as error:
                failures.append(error)
            done()
    finally:
        pool.shutdown(cancel_futures=True)
    return failures

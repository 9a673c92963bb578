"""``gradewright apply``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options
from .output import note, progress

if TYPE_CHECKING:
    from gradewright.core import Lut

    from .batch import Job, Journal

EPILOG = """\b
Examples:
  gradewright apply look.cube photo.jpg -o graded.jpg
  gradewright apply look.cube holiday/ -o holiday-graded/ --strength 0.7
  gradewright apply look.cube holiday/ -o holiday-graded/ --resume
"""


@click.command(epilog=EPILOG)
@click.argument("path", metavar="LUT", type=click.Path(path_type=Path))
@click.argument("images", metavar="IMAGE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@options.output("OUT", "File for one image, else a folder.")
@options.weights
@click.option(
    "--jobs", type=click.IntRange(1, 64), metavar="N", help="Images at a time.  [default: one per processor]"
)
@click.option("--resume", is_flag=True, help="Skip images that an earlier run has finished.")
@click.option(
    "--quality",
    type=click.IntRange(1, 100),
    metavar="1..100",
    help="JPEG/WebP quality.  [default: like the input]",
)
@options.force
def command(
    path: Path,
    images: tuple[Path, ...],
    output: Path,
    jobs: int | None,
    resume: bool,
    force: bool,
    **wishes: Any,
) -> None:
    """Run a LUT over images: JPEG, PNG, TIFF, WebP; 8 and 16 bit; folders with everything in them.

    EXIF, ICC profile and bit depth stay. The LUT is applied in sRGB, whatever the photo's profile.
    """
    from gradewright import lutio
    from gradewright.core.errors import BadInput

    from . import batch

    quality = wishes.pop("quality")
    lut = lutio.read(path).blend(**wishes)
    planned = batch.plan(images, output)
    single = planned[0].target == output
    journal = None if single else batch.Journal(output, wishes, quality, lut.fingerprint)
    todo, stale = _unfinished(planned, journal, resume, force)
    if journal:
        _make_folders(todo)
        journal.write(stale)
    work = _worker(lut, quality, stale, None if len(todo) == 1 else 1)
    workers = min(jobs or _processors(), len(todo) or 1)
    try:
        with progress("applying", len(todo)) as advance:
            failures = batch.run(todo, work, workers, advance)
    finally:
        if journal:
            journal.write(stale)  # of which the worker has taken away what it replaced
    _summary(len(planned), len(todo), failures, output)
    if failures:
        raise BadInput(
            f"{len(failures)} of {len(todo)} images failed" if len(planned) > 1 else str(failures[0])
        )


def _unfinished(
    planned: list[Job], journal: Journal | None, resume: bool, force: bool
) -> tuple[list[Job], list[Job]]:
    """What is to be done, and what of that replaces a file; refuses when neither flag allows it."""
    from gradewright.core.errors import FileError

    existing = [job for job in planned if job.target.exists()]
    if force or not existing:
        return planned, existing
    if not resume or journal is None:
        more = f" (and {len(existing) - 1} more)" if len(existing) > 1 else ""
        remedy = "choose another name, or add --force to replace it" + (
            ", or --resume to skip what is done" if journal else ""
        )
        raise FileError(existing[0].target, f"already exists{more}", remedy)
    left = journal.to_replace()
    stale = [job for job in existing if str(job.target) in left]
    return [job for job in planned if job not in existing or job in stale], stale


def _make_folders(jobs: list[Job]) -> None:
    from gradewright.core.errors import FileError

    for folder in sorted({job.target.parent for job in jobs}):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(
                folder, f"the folder cannot be made ({error.strerror})", "choose another -o"
            ) from None


def _worker(lut: Lut, quality: int | None, stale: list[Job], threads: int | None) -> Callable[[Job], None]:
    from gradewright.core import photo

    def work(job: Job) -> None:
        pixels = photo.open_pixels(job.source)
        graded = photo.grade_pixels(pixels, lut, threads=threads)
        for warning in photo.save(graded, job.target, overwrite=job in stale, quality=quality):
            note(f"note: {warning}")
        if job in stale:
            stale.remove(job)

    return work


def _processors() -> int:
    from gradewright.core.ocio import default_threads

    return default_threads()


def _summary(planned: int, tried: int, failures: list[Any], output: Path) -> None:
    if planned == 1:
        if not failures:
            note(f"wrote {output}")
        return
    for failure in failures:
        note(f"gradewright: {failure}")
    skipped = f", {planned - tried} done before" if planned > tried else ""
    note(f"wrote {tried - len(failures)} of {planned} images to {output}{skipped}")

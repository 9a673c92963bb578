"""``gradewright looks add``: LUT files and folders into the library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import options
from .output import note, progress, warn

if TYPE_CHECKING:
    from gradewright.core.looks import Added, Library

_IN_FOLDERS = (".cube", ".3dl", ".clf", ".ctf")  # a .png in a folder is more often a photo than a Hald


@click.command()
@click.argument("sources", metavar="LUT...", nargs=-1, required=True)
@click.option("--name", metavar="NAME", help="Name of the look.  [default: title of the LUT, or file name]")
@click.option("--tag", "tags", metavar="TAG", multiple=True, help="A tag for all that is added. Repeatable.")
@click.option(
    "--skip-duplicates", is_flag=True, help="Leave out what looks like an entry that is there already."
)
@options.looks_file
def add(
    sources: tuple[str, ...],
    name: str | None,
    tags: tuple[str, ...],
    skip_duplicates: bool,
    path: Path | None,
) -> None:
    """Add LUTs: files, folders of them, or gw1:... texts.

    Names are unique and entries are never replaced. A look within 1 dE of one that is there is
    said to look like it.
    """
    from gradewright.core.errors import BadInput
    from gradewright.core.looks import Library

    library, found = Library(path), list(_expand(sources))
    if name and len(found) > 1:
        raise BadInput(f"--name is for one LUT, and here are {len(found)}: leave it out, they have names")
    stored, failures = 0, []
    with progress("adding", len(found)) as advance:
        for source in found:
            try:
                added = _add(library, source, name, tags, skip_duplicates)
                stored += added.stored
                _say(added)
            except BadInput as error:
                failures.append(error)
            advance()
    if len(found) == 1 and failures:
        raise failures[0]
    for failure in failures:
        note(f"gradewright: {failure}")
    if len(found) > 1:
        note(f"added {stored} of {len(found)} looks to {library.path}")
    if failures:
        raise BadInput(f"{len(failures)} of {len(found)} LUTs failed")


def _expand(sources: tuple[str, ...]) -> Iterator[str]:
    """Folders as the LUTs in them."""
    from gradewright.core.errors import FileError

    for source in sources:
        folder = Path(source)
        if not folder.is_dir():
            yield source
            continue
        inside = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _IN_FOLDERS)
        if not inside:
            raise FileError(folder, "has no LUTs in it", f"looked for {' '.join(_IN_FOLDERS)}")
        yield from map(str, inside)


def _add(
    library: Library, source: str, name: str | None, tags: tuple[str, ...], skip_duplicates: bool
) -> Added:
    from gradewright import lutio
    from gradewright.core.errors import BadInput, FileError

    if source.startswith("gw1:"):
        if not name:
            raise BadInput("a gw1:... text has no name of its own: add --name NAME")
        return library.add(library.from_text(source), name, tags, skip_duplicates=skip_duplicates)
    lut, file = lutio.read(source), Path(source).name
    try:
        return library.add(lut, name or library.name_for(lut.title, file), tags, file, skip_duplicates)
    except FileError:
        raise
    except BadInput as error:
        raise FileError(source, str(error)) from None


def _say(added: Added) -> None:
    look, near = added.look, added.duplicate
    words = ", ".join(look.attributes) or "no attributes"
    like = f"looks like '{near.look.name}' ({near.de:.1f} dE)" if near else ""
    warn([f"{look.name}: {text}" for text in added.notes])
    if not added.stored:
        note(f"skipped '{look.name}': {like}")
        return
    note(f"added '{look.name}': {words}{f'; {like}' if like else ''}")

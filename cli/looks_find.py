"""``gradewright looks list``, ``search`` and ``similar``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import options
from .output import emit_json, note, working

if TYPE_CHECKING:
    from gradewright.core import Lut
    from gradewright.core.looks import Library, Look

_WIDEST, _SHOWN = 40, 5  # characters of a name, and attributes, in a table


@click.command("list")
@click.option("--tag", metavar="TAG", help="Only looks with this tag.")
@options.looks_file
@options.as_json
def list_looks(tag: str | None, path: Path | None, as_json: bool) -> None:
    """List the looks by name, with tags and attributes."""
    from gradewright.core.looks import Library

    library = Library(path)
    looks = library.looks(tag)
    _show(looks, as_json)
    if not looks:
        note(f"no looks with tag '{tag}'" if tag and library.looks() else _empty(library))


@click.command()
@click.argument("words", metavar="WORDS...", nargs=-1, required=True)
@options.looks_file
@options.as_json
def search(words: tuple[str, ...], path: Path | None, as_json: bool) -> None:
    """Find looks that all WORDS speak of, best first.

    Words of names, tags and descriptions, and measured attributes: warm, cool, green, magenta, bright,
    dark, contrasty, soft, faded, saturated, muted, monochrome, subtle, strong, split-toned, "teal
    shadows", "golden highlights" and other hues.
    """
    from gradewright.core.looks import Library

    library = Library(path)
    looks = library.search(" ".join(words))
    _show(looks, as_json)
    if not looks:
        note(f"no look is all of: {' '.join(words)}; try fewer words" if library.looks() else _empty(library))


@click.command()
@click.argument("source", metavar="LUT")
@click.option("-n", "count", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many.")
@options.looks_file
@options.as_json
def similar(source: str, count: int, path: Path | None, as_json: bool) -> None:
    """Find the looks nearest to a LUT file, a gw1:... text or a stored look, with mean dE2000.

    Below 1 two looks are the same to the eye; above 5 they are clearly different.
    """
    from gradewright.core.looks import Library

    library = Library(path)
    lut, itself = _wanted(library, source)
    with working("comparing"):
        matches = [match for match in library.similar(lut, count + 1) if match.look.name != itself][:count]
    if as_json:
        emit_json([{**match.look.to_dict(), "de": round(match.de, 2)} for match in matches])
        return
    for match in matches:
        click.echo(f"{match.de:5.1f} dE  {_row(match.look, _width([m.look for m in matches]))}")
    if not matches:
        note(_empty(library) if not library.looks() else "there is no other look")


def _wanted(library: Library, source: str) -> tuple[Lut, str | None]:
    """The LUT of a file, a text or an entry; and which entry not to compare with."""
    if source.startswith("gw1:"):
        return library.from_text(source), None
    if not Path(source).exists() and any(
        look.name.casefold() == source.casefold() for look in library.looks()
    ):
        look = library.get(source)
        return library.lut(look), look.name
    from gradewright import lutio

    return lutio.read(source), None


def _show(looks: list[Look], as_json: bool) -> None:
    if as_json:
        emit_json([look.to_dict() for look in looks])
        return
    width = _width(looks)
    for look in looks:
        click.echo(_row(look, width))


def _width(looks: list[Look]) -> int:
    return min(max((len(look.name) for look in looks), default=0), _WIDEST)


def _row(look: Look, width: int) -> str:
    tags = f" [{', '.join(look.tags)}]" if look.tags else ""
    return f"{look.name:{width}}  {', '.join(list(look.attributes)[:_SHOWN]) or '-'}{tags}"


def _empty(library: Library) -> str:
    return f"the library {library.path} is empty: fill it with 'gradewright looks add LUT...'"


COMMANDS = (list_looks, search, similar)

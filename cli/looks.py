"""``gradewright looks``: a library of looks in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import options
from .output import emit_json, note, working

if TYPE_CHECKING:
    from gradewright.core.codec.library import Library, Look

EPILOG = """\b
Examples:
  gradewright looks add golden.cube --name "Golden hour" --tag warm --tag film
  gradewright looks search warm faded
  gradewright looks similar other.cube
  gradewright looks export "Golden hour" -o golden.cube
"""


def _open(context: click.Context) -> Library:
    from gradewright.core.codec.library import Library

    path: Path | None = context.obj
    if path is None:
        from platformdirs import user_data_path

        path = user_data_path("gradewright", ensure_exists=True) / "looks.sqlite"
    return Library(path)


def _show(looks: list[Look], as_json: bool) -> None:
    if as_json:
        emit_json(
            [
                {"name": x.name, "tags": x.tags, "words": x.words, "look": x.text, "distance": x.distance}
                for x in looks
            ]
        )
        return
    for look in looks:
        away = "" if look.distance is None else f"{look.distance:6.2f}  "
        tags = f" [{', '.join(look.tags)}]" if look.tags else ""
        click.echo(f"{away}{look.name}{tags}: {look.words}")


@click.group(epilog=EPILOG)
@click.option("--library", metavar="FILE", type=click.Path(path_type=Path), help="Another library file.")
@click.pass_context
def command(context: click.Context, library: Path | None) -> None:
    """Keep looks, 64 bytes each, in one file; find them by name, words or similarity.

    What comes back is the decoded look, near the LUT that went in but not the same.
    """
    context.obj = library


@command.command()
@click.argument("path", metavar="LUT", type=click.Path(path_type=Path))
@click.option("--name", metavar="NAME", help="[default: the file's title or name]")
@click.option("--tag", "tags", multiple=True, metavar="WORD", help="May be given several times.")
@click.option("--replace", is_flag=True, help="Replace a look of that name.")
@click.pass_context
def add(context: click.Context, path: Path, name: str | None, tags: tuple[str, ...], replace: bool) -> None:
    """Keep a LUT; near-duplicates are named."""
    from gradewright import lutio

    lut = lutio.read(path)
    with _open(context) as library, working("encoding"):
        name = name or lut.title or path.stem
        twins = library.add(lut, name, tags, replace)
    note(f"added {name}")
    for twin in twins:
        note(f"note: nearly the same as {twin.name} (distance {twin.distance:.2f})")


@command.command()
@click.argument("words", nargs=-1)
@options.as_json
@click.pass_context
def search(context: click.Context, words: tuple[str, ...], as_json: bool) -> None:
    """List looks whose name, tags or description hold all the words; all looks without any."""
    with _open(context) as library:
        _show(library.search(" ".join(words)), as_json)


@command.command()
@click.argument("path", metavar="LUT", type=click.Path(path_type=Path))
@click.option("--count", type=click.IntRange(1, 1000), default=10, show_default=True)
@options.as_json
@click.pass_context
def similar(context: click.Context, path: Path, count: int, as_json: bool) -> None:
    """List the looks nearest to a LUT, with distances (1 is about just visible)."""
    from gradewright import lutio

    lut = lutio.read(path)
    with _open(context) as library:
        _show(library.similar(lut, count), as_json)


@command.command()
@click.argument("name")
@click.option("-o", "--output", metavar="OUT", type=click.Path(path_type=Path), required=True)
@options.force
@click.pass_context
def export(context: click.Context, name: str, output: Path, force: bool) -> None:
    """Write a look as a LUT file."""
    from gradewright import lutio

    with _open(context) as library:
        lut = library.lut(name)
    lutio.write(lut, output, overwrite=force)
    note(f"wrote {output} ({lut.size}^3)")


@command.command()
@click.argument("name")
@click.pass_context
def remove(context: click.Context, name: str) -> None:
    """Forget a look."""
    with _open(context) as library:
        library.remove(name)
    note(f"removed {name}")

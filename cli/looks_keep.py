"""``gradewright looks show``, ``export``, ``remove``, ``rename`` and ``tag``."""

from __future__ import annotations

from pathlib import Path

import click

from . import options
from .output import emit_json, note


@click.command()
@click.argument("name")
@options.looks_file
@options.as_json
def show(name: str, path: Path | None, as_json: bool) -> None:
    """Tell all about a look."""
    from gradewright.core.looks import Library

    library = Library(path)
    look = library.get(name)
    facts = look.to_dict() | {"look": library.text(look), "figures": look.figures}
    if as_json:
        emit_json(facts)
        return
    click.echo(look.name)
    for title, value in (
        ("tags", ", ".join(look.tags)),
        ("attributes", ", ".join(look.attributes)),
        ("in words", look.words),
        ("stored form", f"{look.residual_de:.1f} dE from its source (mean over photo-like colours)"),
        ("source", look.source),
        ("added", look.added),
        ("text", facts["look"]),
    ):
        if value:
            click.echo(f"  {title}: {value}")


@click.command()
@click.argument("name")
@options.output("OUT", "LUT to write; the suffix chooses the format.")
@options.force
@options.looks_file
def export(name: str, output: Path, force: bool, path: Path | None) -> None:
    """Write a look as a LUT file."""
    from gradewright import lutio
    from gradewright.core.looks import Library

    library = Library(path)
    look = library.get(name)
    lut = library.lut(look)
    lutio.write(lut, output, overwrite=force)
    note(f"wrote {output} ({lut.size}^3, {look.residual_de:.1f} dE from the LUT that was added)")


@click.command()
@click.argument("name")
@options.looks_file
def remove(name: str, path: Path | None) -> None:
    """Take a look out of the library; its text is printed, with which it can be added again."""
    import shlex

    from gradewright.core.looks import Library

    library = Library(path)
    text = library.text(library.get(name))
    look = library.remove(name)
    tags = "".join(f"--tag {shlex.quote(tag)} " for tag in look.tags)
    again = f"gradewright looks add --name {shlex.quote(look.name)} {tags}{text}"
    note(f"removed '{look.name}'; to have it back: {again}")


@click.command()
@click.argument("name")
@click.argument("new")
@options.looks_file
def rename(name: str, new: str, path: Path | None) -> None:
    """Give a look another name."""
    from gradewright.core.looks import Library

    library = Library(path)
    before = library.get(name).name
    note(f"'{before}' is now '{library.rename(name, new).name}'")


@click.command()
@click.argument("name")
@click.argument("tags", metavar="[TAG...]", nargs=-1)
@click.option("--remove", "removed", metavar="TAG", multiple=True, help="Take this tag off. Repeatable.")
@options.looks_file
def tag(name: str, tags: tuple[str, ...], removed: tuple[str, ...], path: Path | None) -> None:
    """Add tags to a look, or take them off."""
    from gradewright.core.errors import BadInput
    from gradewright.core.looks import Library

    if not tags and not removed:
        raise BadInput("nothing to do: name tags to add, or --remove TAG")
    look = Library(path).tag(name, tags, removed)
    note(f"'{look.name}' is tagged {', '.join(look.tags)}" if look.tags else f"'{look.name}' has no tags now")


COMMANDS = (show, export, remove, rename, tag)

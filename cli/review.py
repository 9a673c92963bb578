"""``gradewright review``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("photo", type=click.Path(path_type=Path))
def command(photo: Path) -> None:
    """Have an image critic look at PHOTO and print its findings."""
    from gradewright.core.errors import BadInput
    from gradewright.core.photo import load
    from gradewright.core.plugins import collect

    critics = collect("gradewright_critics")
    if not critics:
        raise BadInput("no image critic is installed in this version; 'gradewright doctor' shows what is")
    click.echo(critics[0].review(load(photo)))

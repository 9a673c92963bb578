"""``gradewright convert``."""

from __future__ import annotations

from pathlib import Path

import click

from . import options
from .output import note, working

EPILOG = """\b
Examples:
  gradewright convert look.cube look.clf
  gradewright convert hald.png look.cube --size 33
  gradewright convert look.cube look-ocio/config.ocio
"""


@click.command(epilog=EPILOG)
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@click.option(
    "--from", "source_format", metavar="FORMAT", help="Format of IN, when its suffix does not tell."
)
@click.option("--to", "target_format", metavar="FORMAT", help="Format of OUT, when its suffix does not tell.")
@click.option("--size", type=click.IntRange(2, 129), help="Resample to this lattice (tetrahedral).")
@click.option("--title", metavar="TEXT", help="Title to write.  [default: the one in IN]")
@options.force
def command(
    source: Path,
    target: Path,
    source_format: str | None,
    target_format: str | None,
    size: int | None,
    title: str | None,
    force: bool,
) -> None:
    """Convert a LUT between .cube, .3dl, CLF/CTF, Hald PNG and an OCIO config.

    The transform stays what it is: no colour space is changed (that is 'gradewright bake').
    """
    from gradewright import lutio

    with working("converting"):
        lut = lutio.read(source, format=source_format)
        lut = lut.resample(size) if size else lut
        lutio.write(
            lut.titled(title or lut.title or source.stem), target, format=target_format, overwrite=force
        )
    note(f"wrote {target} ({lut.size}^3)")

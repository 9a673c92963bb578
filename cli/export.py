"""``gradewright export``."""

from __future__ import annotations

from pathlib import Path

import click

from . import options
from .output import note, warn, working

EPILOG = """\b
Examples:
  gradewright export dctl look.cube -o look.dctl
  gradewright export dctl look.cube --space "DaVinci Intermediate" -o look-dwg.dctl
Put the file into Resolve's LUT folder and choose it in the DCTL effect (Color page, ResolveFX Color).
"""


@click.group(epilog=EPILOG)
def command() -> None:
    """Write a look in a host's own language."""


@command.command(epilog=EPILOG)
@click.argument("path", metavar="LUT", type=click.Path(path_type=Path))
@click.option("--space", metavar="NAME", help="Bake the look for this working space first.")
@click.option(
    "--size",
    type=click.Choice(["17", "33", "65"]),
    default="33",
    show_default=True,
    help="Lattice of the table; 65 makes a source of 7 MB.",
)
@options.output("FILE", "The .dctl to write.")
@options.force
def dctl(path: Path, space: str | None, size: str, output: Path, force: bool) -> None:
    """A DCTL for DaVinci Resolve, with live sliders for strength, luma and chroma."""
    from gradewright import lutio
    from gradewright.core.bake import to_space
    from gradewright.core.errors import BadInput
    from gradewright.core.files import refuse_existing, write_bytes
    from gradewright.hosts.resolve.dctl import encode

    if output.suffix.lower() != ".dctl":
        raise BadInput(f"{output}: Resolve finds DCTLs by their suffix: name it {output.stem}.dctl")
    refuse_existing(output, force)
    look, where = lutio.read(path), "display-referred sRGB"
    look = look.titled(look.title or path.stem)
    if space is not None:
        with working(f"baking for {space}"):
            baked = to_space(look, space, int(size))
        look, where = baked.lut.titled(look.title), baked.space.name
        warn(baked.notes)
    else:
        look = look.flatten(int(size))
    write_bytes(output, encode(look, where).encode("ascii"), overwrite=force)
    note(f"wrote {output} ({look.size}^3, {where}); sliders: strength, luma, chroma")

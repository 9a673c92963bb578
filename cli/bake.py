"""``gradewright bake``."""

from __future__ import annotations

from pathlib import Path

import click

from . import options
from .output import note, warn, working

EPILOG = """\b
Examples:
  gradewright bake look.cube --space "S-Log3 S-Gamut3.Cine" -o look-slog3.cube
  gradewright bake look.cube --space ACEScct -o look-acescct.clf
  gradewright bake look.cube --space "ARRI LogC4" --to-display -o logc4-to-display.cube
"""


@click.command(epilog=EPILOG)
@click.argument("path", metavar="LUT", type=click.Path(path_type=Path))
@click.option(
    "--space", required=True, metavar="NAME", help="Working space of the timeline (see 'gradewright spaces')."
)
@click.option(
    "--to-display", is_flag=True, help="Log in, graded display picture out: replaces the output transform."
)
@click.option("--size", type=click.Choice(["17", "33", "65"]), help="Lattice of the written LUT.")
@click.option(
    "-o", "--output", required=True, metavar="LUT", type=click.Path(path_type=Path), help="LUT to write."
)
@options.force
def command(path: Path, space: str, to_display: bool, size: str | None, output: Path, force: bool) -> None:
    """Rewrite a display-referred look for a log or scene-linear timeline.

    Without --to-display the result takes and gives the working space's own values: put it on a node or as a
    look (LMT). An identity look stays exactly identity, and highlights beyond the display are kept.
    """
    from gradewright import lutio
    from gradewright.core import bake
    from gradewright.core.files import refuse_existing

    refuse_existing(output, force)
    look = lutio.read(path)
    lattice = int(size) if size else None
    with working(f"baking for {space}"):
        baked = bake.to_display(look, space, lattice) if to_display else bake.to_space(look, space, lattice)
    warn(baked.notes)
    lutio.write(baked.lut.titled(output.stem), output, overwrite=force)
    note(
        f"wrote {output} ({baked.lut.size}^3, {baked.space.name}; {baked.clipped:.2%} of the lattice clipped)"
    )

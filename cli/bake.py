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
@click.option(
    "--display",
    default="sRGB",
    show_default=True,
    metavar="NAME",
    help="With --to-display: what it is watched on, e.g. rec709-gamma24 for a Resolve timeline.",
)
@options.force
def command(
    path: Path, space: str, to_display: bool, size: str | None, output: Path, display: str, force: bool
) -> None:
    """Rewrite a display-referred look for a log or scene-linear timeline.

    Without --to-display the result takes and gives the working space's own values: put it on a node or as a
    look (LMT). An identity look stays exactly identity, and highlights beyond the display are kept.
    """
    from gradewright import lutio
    from gradewright.core import bake
    from gradewright.core.errors import BadInput
    from gradewright.core.files import refuse_existing

    if display != "sRGB" and not to_display:
        raise BadInput(f"--display {display} needs --to-display")
    refuse_existing(output, force)
    look = lutio.read(path)
    lattice = int(size) if size else None
    with working(f"baking for {space}"):
        if to_display:
            baked = bake.to_display(look, space, lattice, display)
        else:
            baked = bake.to_space(look, space, lattice)
    warn(baked.notes)
    lutio.write(baked.lut.titled(output.stem), output, overwrite=force)
    way = baked.space.name if baked.target == baked.space else f"{baked.space.name} to {baked.target.name}"
    clipped = (
        f"{baked.clipped_scene:.1%} of the colours a scene holds are clipped, {baked.clipped:.1%} of all"
    )
    note(f"wrote {output} ({baked.lut.size}^3, {way}; {clipped})")

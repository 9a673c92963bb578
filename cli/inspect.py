"""``gradewright inspect``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import options
from .output import emit_json, note, working

if TYPE_CHECKING:
    from gradewright.core import Lut


@click.command(epilog="\b\nExample:\n  gradewright inspect look.cube --plot look.png\n")
@click.argument("path", metavar="LUT", type=click.Path(path_type=Path))
@click.option(
    "--plot",
    metavar="PNG",
    type=click.Path(path_type=Path),
    help="Also draw neutral curves, hue drift and gradient strips.",
)
@options.as_json
@options.force
def command(path: Path, plot: Path | None, as_json: bool, force: bool) -> None:
    """Say whether a display-referred LUT is safe to use, and what it does to a picture.

    The verdict is about neutrals, fold-over, banding, clipping and skin. Exit code 0 also for a LUT that is
    not safe; programs read "ok" from --json.
    """
    from gradewright import lutio
    from gradewright.core import Recipe, safety
    from gradewright.core.files import refuse_existing

    if plot is not None:
        refuse_existing(plot, force)
    lut = lutio.read(path)
    with working("measuring"):
        report = safety.measure(lut)
        verdict = safety.verdict(report)
        recipe = Recipe.fit(lut)
    in_words = f"{recipe.describe()} (recipe; mean error {recipe.residual_de:.1f} dE)"
    if as_json:
        emit_json(
            {
                "file": str(path),
                "title": lut.title,
                "size": lut.size,
                "ok": verdict.ok,
                "headline": verdict.headline,
                "lines": list(verdict.lines),
                "figures": report.to_dict(),
                "recipe": recipe.to_dict(),
                "residual_de": recipe.residual_de,
            }
        )
    else:
        click.echo(f"{path}: {_kind(lut)}{f', {lut.title}' if lut.title else ''}")
        if not lut.is_plain and not lut.is_1d:
            note("note: this LUT has its own input range; it is judged as a display look over 0..1")
        click.echo(verdict.headline)
        for line in (*verdict.lines, f"In words: {in_words}"):
            click.echo(f"  {line}")
    if plot is not None:
        _draw(plot, lut.titled(lut.title or path.stem), report, force)


def _kind(lut: Lut) -> str:
    if lut.is_1d and lut.shaper is not None:
        return f"1D, {len(lut.shaper.table)} entries"
    return f"{lut.size}^3" + (" behind a shaper" if lut.shaper is not None else "")


def _draw(plot: Path, lut: object, report: object, force: bool) -> None:
    from gradewright.core.files import atomic_output
    from gradewright.core.plot import inspection_plot

    with working("drawing"), atomic_output(plot, force) as temporary:
        inspection_plot(lut, report).save(temporary, format="PNG")  # type: ignore[arg-type]
    note(f"plot: {plot}")

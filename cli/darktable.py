"""``gradewright darktable``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options
from .output import emit_json, note, progress, warn, working

EPILOG = """\b
Examples:
  gradewright install darktable
  gradewright darktable batch photos/ --prompt "warm, faded blacks" -o graded/
  gradewright darktable style look.cube --as modules -o look.dtstyle
"""


@click.group(epilog=EPILOG)
def command() -> None:
    """Grade with darktable: batches, styles, and what its panel calls."""


@command.command("run")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path, file_okay=False, exists=True))
def run_job(folder: Path) -> None:
    """Do the job that the Lua panel has written into FOLDER."""
    from gradewright.hosts.darktable import job

    emit_json(job.run(folder.absolute()))


@command.command("style")
@click.argument("lut", metavar="LUT", type=click.Path(path_type=Path))
@click.option(
    "--as",
    "kind",
    type=click.Choice(["lut", "modules"]),
    default="lut",
    show_default=True,
    help="LUT 3D, or darktable's own modules fitted to the look.",
)
@click.option("--raw", is_flag=True, help="Modules that come after the tone mapper, for raw files.")
@click.option(
    "--photo", metavar="IMAGE", type=click.Path(path_type=Path), help="Judge the fit on this photo."
)
@click.option(
    "-o", "--output", metavar="STYLE", type=click.Path(path_type=Path), required=True, help="Style to write."
)
@options.as_json
@options.force
def write_style(
    lut: Path, kind: str, raw: bool, photo: Path | None, output: Path, as_json: bool, force: bool
) -> None:
    """Write a look as a darktable style, to be imported in lighttable."""
    from gradewright import lutio

    look = lutio.read(lut)
    facts: dict[str, Any] = {"style": str(output), "kind": kind}
    if kind == "lut":
        lutio.write(look.titled(output.stem), output, format="dtstyle", overwrite=force)
    else:
        with working("fitting darktable's modules"):
            facts |= _native(look, output, raw, photo, force)
        mean, p95 = facts["residual_de"], facts["p95_de"]
        note(f"darktable's modules come within {mean} dE of the look (mean; 95th percentile {p95})")
    if as_json:
        emit_json(facts)
    note(f"style: {output}")


@command.command("batch")
@click.argument("sources", metavar="DIR|PHOTO...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--prompt", metavar="TEXT", help="What you want, in words.")
@click.option(
    "--reference", metavar="IMAGE", type=click.Path(path_type=Path), help="A picture whose grade you want."
)
@click.option("--auto", is_flag=True, help="Decide from the photo alone.")
@click.option("--each", is_flag=True, help="Every photo its own look.  [default: the first one's for all]")
@click.option(
    "--as",
    "kind",
    type=click.Choice(["lut", "modules"]),
    default="lut",
    show_default=True,
    help="LUT 3D, or darktable's own modules fitted to the look.",
)
@options.weights
@click.option(
    "--format",
    "suffix",
    type=click.Choice(["jpg", "png", "tif"]),
    default="jpg",
    show_default=True,
    help="PNG and TIFF have 16 bit.",
)
@options.output("DIR", "Folder to write into.")
@options.force
def batch(
    sources: tuple[Path, ...], kind: str, each: bool, suffix: str, output: Path, force: bool, **wishes: Any
) -> None:
    """Grade photos, raw ones too, through darktable-cli: as their own history renders them, with the look."""
    from gradewright.core import photo as photos
    from gradewright.core.errors import BadInput
    from gradewright.hosts.darktable import batch as batches
    from gradewright.hosts.darktable import program

    if not any(wishes[name] for name in ("prompt", "reference", "auto")):
        raise BadInput("nothing was asked for: give --prompt, --reference or --auto")
    if wishes["reference"]:
        photos.load(wishes["reference"], max_side=64)  # now, not once for every photo
        wishes["reference"] = str(wishes["reference"].absolute())
    asked = {name: value for name, value in wishes.items() if value is not None}
    jobs = batches.plan(sources, output, suffix, force)
    failed = 0
    with program.opened() as darktable, progress("rendering", len(jobs)) as advance:
        for done in batches.Batch(darktable, asked, kind, each).run(jobs):
            advance()
            failed += bool(done.error)
            warn(done.notes)
            note(done.error or f"{done.photo} -> {done.output}")
    if failed:
        raise BadInput(f"{failed} of {len(jobs)} photos could not be rendered")


def _native(look: Any, output: Path, raw: bool, photo: Path | None, force: bool) -> dict[str, Any]:
    from gradewright.core import photo as photos
    from gradewright.core.files import refuse_existing, write_bytes
    from gradewright.hosts.darktable import display, fit, scene, style

    refuse_existing(output, force)
    pixels = None if photo is None else photos.load(photo, max_side=256)
    found = fit.fit(look, pixels, display.CHAIN if raw else scene.CHAIN)
    text = style.render(output.stem, found.steps, look.title)
    write_bytes(output, text.encode("utf-8"), overwrite=force)
    modules = [step.module for step in found.steps]
    return {"modules": modules, "residual_de": round(found.mean, 2), "p95_de": round(found.p95, 2)}


@command.command("model")
@options.output("FILE", "A .dtmodel to write.")
@options.force
def write_model(output: Path, force: bool) -> None:
    """Package the auto engine's networks for the AI runtime of darktable 5.6."""
    from importlib.metadata import version

    from gradewright.hosts.darktable import package

    with working("packaging"):
        config = package.write(output, package.auto_networks(), version("gradewright"), force)
    note(f"model: {output} ({config['id']}): import it in darktable's preferences, AI")

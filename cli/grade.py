"""``gradewright grade``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options
from .output import emit_json, note, working

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradewright.hosts.tasks.grade import GradeTask, Written

EPILOG = """\b
Examples:
  gradewright grade photo.jpg --prompt "warm golden hour, lifted teal shadows" -o look.cube
  gradewright grade photo.jpg --from look.cube --prompt "a bit less teal" -o look-2.cube
  gradewright grade photo.jpg --set exposure=+0.4 --set shadows=20 -o look.cube --preview look.jpg
  gradewright grade --pair before.jpg after.jpg -o look.cube
  gradewright grade shot2.jpg --reference shot1.jpg --strength 0.8 -o match.cube
  gradewright grade --set temperature=20 --space "ARRI LogC4" -o look-logc4.cube
'gradewright parameters' lists the names for --set. A size of 33 suits looks; 65 is for log timelines.
"""


@click.command(epilog=EPILOG)
@click.argument("photo", required=False, type=click.Path(path_type=Path))
@click.option("--prompt", metavar="TEXT", help="What you want, in words.")
@click.option(
    "--reference", metavar="IMAGE", type=click.Path(path_type=Path), help="A picture whose grade you want."
)
@click.option(
    "--pair",
    nargs=2,
    metavar="BEFORE AFTER",
    type=click.Path(path_type=Path),
    help="The same picture without and with a grade: learn that grade.",
)
@click.option(
    "--set",
    "settings",
    metavar="NAME=VALUE",
    multiple=True,
    help="A parameter, e.g. exposure=+0.3. Repeatable.",
)
@click.option(
    "--recipe",
    "recipe_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Parameters from a recipe JSON file.",
)
@click.option("--auto", is_flag=True, help="Decide from the photo alone.")
@click.option(
    "--from",
    "base",
    metavar="LUT",
    type=click.Path(path_type=Path),
    help="Start from this look: what is asked for comes on top of it.",
)
@options.weights
@click.option(
    "--variations",
    type=click.IntRange(1, 16),
    default=1,
    metavar="N",
    help="Write N different candidates, best first.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, metavar="S", help="Same seed, same grade."
)
@click.option("--engine", metavar="NAME", help="Use this engine instead of the best one.")
@options.model
@click.option(
    "--space", metavar="NAME", help="Bake the look for this working space (see 'gradewright spaces')."
)
@click.option(
    "--size", type=click.Choice(["17", "33", "65"]), help="Lattice of the written LUT.  [default: 33]"
)
@click.option(
    "-o",
    "--output",
    metavar="LUT",
    type=click.Path(path_type=Path),
    help="LUT to write; the suffix chooses the format.",
)
@click.option(
    "--preview", metavar="IMAGE", type=click.Path(path_type=Path), help="Also write the graded photo."
)
@click.option(
    "--report",
    "report_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Also write what was seen, asked and done, and why: JSON, or text for people in .txt or .md.",
)
@click.option(
    "--save-recipe",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Also write the editable recipe, as JSON.",
)
@click.option("--no-service", is_flag=True, help="Work here even when the grading service runs.")
@options.as_json
@options.force
def command(as_json: bool, force: bool, no_service: bool, **wishes: Any) -> None:
    """Make a look and write it as a LUT.

    PHOTO is what the look is for; it is needed for previews and by engines that look at the picture.
    """
    from gradewright.hosts.tasks.grade import check, run

    from . import remote

    task = _task(as_json, force, **wishes)
    check(task)
    found = None
    if not no_service:
        with working("grading"):
            found, task = remote.graded(task)
    grades = run(task) if found is None else iter(found)
    reports = []
    while written := _next(grades):
        for line in written.lines:
            note(line)
        reports.append(written.report)
    if as_json:
        emit_json(reports)


def _next(grades: Iterator[Written]) -> Written | None:
    """The next grade; the terminal is free again for what is said about it."""
    with working("grading"):
        return next(grades, None)


def _task(
    as_json: bool,
    force: bool,
    output: Path | None,
    preview: Path | None,
    report_file: Path | None,
    save_recipe: Path | None,
    settings: tuple[str, ...],
    size: str | None,
    recipe_file: Path | None,
    **wishes: Any,
) -> GradeTask:
    from gradewright.core.errors import BadInput
    from gradewright.hosts.tasks.grade import GradeTask, Targets

    if not any((output, preview, report_file, save_recipe)):
        raise BadInput("nowhere to write to: add -o look.cube (and --preview look.jpg to see it)")
    if preview and wishes["photo"] is None:
        raise BadInput("--preview needs a PHOTO to grade")
    luts = {"output": output} if output else {}
    return GradeTask(
        **{**wishes, "pair": wishes["pair"] or None},
        params=parse_settings(settings),
        recipe=recipe_file,
        size=int(size) if size else None,
        describe=as_json,
        targets=Targets(luts, preview, save_recipe, report_file, overwrite=force),
    )


def parse_settings(settings: tuple[str, ...]) -> dict[str, str]:
    """NAME=VALUE texts as a mapping. Raises BadInput."""
    from gradewright.core.errors import BadInput

    parsed: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise BadInput(f"--set {setting}: write NAME=VALUE, e.g. --set exposure=+0.3")
        if name.strip() in parsed:
            raise BadInput(f"--set {name.strip()} is given twice: keep one")
        parsed[name.strip()] = value.strip()
    return parsed

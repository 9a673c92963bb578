"""``gradewright grade``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options
from .output import emit_json, note, warn, working

if TYPE_CHECKING:
    from gradewright.core import Grade

_PREVIEW_SIDE = 1600

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
    help="Also write what was done and why, as JSON.",
)
@click.option(
    "--save-recipe",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Also write the editable recipe, as JSON.",
)
@options.as_json
@options.force
def command(photo: Path | None, as_json: bool, force: bool, **wishes: Any) -> None:
    """Make a look and write it as a LUT.

    PHOTO is what the look is for; it is needed for previews and by engines that look at the picture.
    """
    targets = {key: wishes.pop(key) for key in ("output", "preview", "report_file", "save_recipe")}
    _check_targets(photo, targets, wishes["variations"], force)
    space, size = wishes.pop("space"), int(wishes.pop("size") or 0) or None
    grades = _predict(photo, **wishes)
    if len(grades) < wishes["variations"]:
        wanted = wishes["variations"]
        note(f"note: the {grades[0].engine} engine has {len(grades)} answer to this, not {wanted}")
    for number, grade in enumerate(grades, 1):
        names = {key: _numbered(path, number, len(grades)) for key, path in targets.items() if path}
        _write(grade, photo, names, space, size, force)
    if as_json:
        emit_json([grade.report.to_dict() for grade in grades])


def _check_targets(photo: Path | None, targets: dict[str, Path | None], count: int, force: bool) -> None:
    """Refuse before working what could only fail after it."""
    from gradewright.core.errors import BadInput
    from gradewright.core.files import refuse_existing

    if not any(targets.values()):
        raise BadInput("nowhere to write to: add -o look.cube (and --preview look.jpg to see it)")
    if targets["preview"] and photo is None:
        raise BadInput("--preview needs a PHOTO to grade")
    for path in filter(None, targets.values()):
        for number in range(1, count + 1):
            refuse_existing(_numbered(path, number, count), force)


def _predict(
    photo: Path | None,
    settings: tuple[str, ...],
    recipe_file: Path | None,
    base: Path | None,
    variations: int,
    engine: str | None,
    **wishes: Any,
) -> list[Grade]:
    from gradewright.core import Grader

    params = {**_recipe_params(recipe_file), **_parse_settings(settings)}
    if base is not None:
        from gradewright import lutio
        from gradewright.core.looks.intake import plain_look

        wishes["base"], notes = plain_look(lutio.read(base))
        warn(notes)
    with working("grading"):
        wishes["pair"] = wishes["pair"] or None
        return Grader(engine).variations(photo, n=variations, params=params or None, **wishes)


def _recipe_params(path: Path | None) -> dict[str, float]:
    if path is None:
        return {}
    from gradewright.core import Recipe
    from gradewright.core.errors import BadInput, FileError

    try:
        return Recipe.from_json(path.read_text(encoding="utf-8")).to_dict()
    except OSError as error:
        raise FileError(path, error.strerror or "cannot be read") from None
    except (BadInput, UnicodeDecodeError) as error:
        raise FileError(path, str(error)) from None


def _parse_settings(settings: tuple[str, ...]) -> dict[str, str]:
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


def _numbered(path: Path, number: int, count: int) -> Path:
    return path if count == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")


def _write(
    grade: Grade, photo: Path | None, names: dict[str, Path], space: str | None, size: int | None, force: bool
) -> None:
    import json

    from gradewright.core.files import write_bytes

    warn(grade.warnings)
    if "output" in names:
        _write_lut(grade, names["output"], space, size, force)
    if "preview" in names and photo is not None:
        from gradewright.core import photo as photos

        pixels = photos.load(photo, max_side=_PREVIEW_SIDE)
        warn(photos.save_pixels(grade.lut.apply(pixels), names["preview"], overwrite=force))
        note(f"preview: {names['preview']}")
    if "save_recipe" in names:
        write_bytes(names["save_recipe"], grade.recipe.to_json().encode(), overwrite=force)
        note(f"recipe: {names['save_recipe']}: {grade.recipe.describe()}")
    if "report_file" in names:
        text = json.dumps(grade.report.to_dict(), indent=2, ensure_ascii=False) + "\n"
        write_bytes(names["report_file"], text.encode(), overwrite=force)
        note(f"report: {names['report_file']}")


def _write_lut(grade: Grade, path: Path, space: str | None, size: int | None, force: bool) -> None:
    from gradewright import lutio

    lut, where = grade.lut, "display-referred sRGB"
    if space is not None:
        from gradewright.core.bake import to_space

        with working(f"baking for {space}"):
            baked = to_space(grade.lut, space, size)
        lut, where = baked.lut, baked.space.name
        warn(baked.notes)
    elif size is not None:
        lut = lut.resample(size)
    lutio.write(lut.titled(path.stem), path, overwrite=force)
    note(f"look: {path} ({lut.size}^3, {where})")

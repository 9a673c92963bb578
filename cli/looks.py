"""``gradewright looks``: a library of looks in one file."""

from __future__ import annotations

import click

from . import looks_add, looks_find, looks_keep

EPILOG = """\b
Examples:
  gradewright looks add portra.cube --name "Portra fade" --tag film --tag portrait
  gradewright looks add my-luts/
  gradewright looks search faded warm
  gradewright looks search "teal shadows, muted"
  gradewright looks similar other.cube -n 5
  gradewright looks tag "Portra fade" wedding --remove portrait
  gradewright looks export "Portra fade" -o portra.cube
"""


@click.group(epilog=EPILOG)
def command() -> None:
    """Keep looks in a local library, 64 bytes each; find them by words or by likeness.

    A stored look is an approximation of its LUT; 'looks show' says how near it comes. Keep the
    files of LUTs that you need to the last bit.
    """


for _part in (looks_add.add, *looks_find.COMMANDS, *looks_keep.COMMANDS):
    command.add_command(_part)

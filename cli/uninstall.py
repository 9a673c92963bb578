"""``gradewright uninstall``."""

from __future__ import annotations

from pathlib import Path

import click

from .install import adapter, folder
from .output import note

EPILOG = """\b
Example:
  gradewright uninstall gimp
"""


@click.command(epilog=EPILOG)
@click.argument("host", metavar="gimp|darktable|resolve")
@folder
def command(host: str, folder: Path | None) -> None:
    """Remove the adapter from a host application.

    Only files that gradewright installed go; those edited since are left, and named.
    """
    lines = adapter(host).uninstall(folder)
    for line in lines or [f"{host}: nothing of gradewright's is installed there"]:
        note(line)

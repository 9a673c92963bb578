"""``gradewright install``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .output import note

if TYPE_CHECKING:
    from gradewright.core.hookspecs import HostAdapter

Command = TypeVar("Command", bound=Callable[..., Any])

EPILOG = """\b
Examples:
  gradewright install gimp
  gradewright install darktable --folder ~/.config/darktable
"""


def folder(command: Command) -> Command:
    """--folder: the host's configuration folder."""
    return click.option(
        "--folder",
        metavar="DIR",
        type=click.Path(path_type=Path, file_okay=False),
        help="The host's configuration folder.  [default: wherever the host keeps it here]",
    )(command)


@click.command(epilog=EPILOG)
@click.argument("host", metavar="gimp|darktable|resolve")
@folder
def command(host: str, folder: Path | None) -> None:
    """Install or update the adapter in a host application.

    Files that gradewright did not install are never replaced.
    """
    for line in adapter(host).install(folder):
        note(line)


def adapter(host: str) -> HostAdapter:
    """The adapter of that name. Raises BadInput naming those that there are."""
    from gradewright.core.errors import BadInput, nearest
    from gradewright.hosts.adapters import adapters

    known = adapters()
    if host not in known:
        raise BadInput(f"{host}: no such host{nearest(host, list(known))}: use one of {', '.join(known)}")
    return known[host]

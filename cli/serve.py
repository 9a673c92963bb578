"""``gradewright serve``."""

from __future__ import annotations

import click

from .output import note

EPILOG = """\b
The host adapters start it by themselves. To look at it, or to have it end:
  gradewright doctor
  gradewright serve --stop
"""


@click.command(epilog=EPILOG)
@click.option(
    "--idle",
    type=click.FloatRange(0, 1440),
    default=15,
    show_default=True,
    metavar="MINUTES",
    help="Exit when nobody has asked for so long; 0: never.",
)
@click.option("--stop", is_flag=True, help="End the service that runs, after the job it is at.")
@click.option("--transport", type=click.Choice(["unix", "tcp"]), hidden=True)
def command(idle: float, stop: bool, transport: str | None) -> None:
    """Run the warm grading service for the host adapters: local, for this user only.

    It holds the models in memory, works on one job at a time, and exits when it is not used.
    """
    from gradewright.hosts import client

    if stop:
        _stop(client.runtime_folder())
        return
    from dataclasses import replace
    from pathlib import Path

    from gradewright.core.errors import BadInput
    from gradewright.hosts.service import server
    from gradewright.hosts.service.limits import LIMITS

    folder = Path(client.runtime_folder()).absolute()
    try:
        if not server.serve(folder, replace(LIMITS, idle=idle * 60), transport):
            note(f"a grading service runs already in {folder}")
    except server.Unavailable as error:
        raise BadInput(str(error)) from None


def _stop(folder: str) -> None:
    from gradewright.core.errors import BadInput
    from gradewright.hosts import client

    service = client.Client(folder)
    try:
        pid = service.status()["pid"]
        service.shutdown()
    except client.ClientError as error:
        if error.kind == "hung" and (pid := _killed(folder)):
            note(f"the grading service (process {pid}) did not answer and was killed")
            return
        if error.kind != "unreachable":
            raise BadInput(str(error)) from None
        note("no grading service runs")
        return
    note(f"the grading service (process {pid}) ends")


def _killed(folder: str) -> int | None:
    """The process that holds the socket but does not answer, killed; None when that is not known."""
    import json
    import os
    import signal
    from pathlib import Path

    from gradewright.hosts import client

    try:
        pid = json.loads((Path(folder) / client.ADDRESS_NAME).read_text(encoding="utf-8"))["pid"]
        if not isinstance(pid, int) or pid <= 1:
            return None
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return pid

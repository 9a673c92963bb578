"""``gradewright install``."""

from __future__ import annotations

import click

from .output import note


@click.command()
@click.argument("host", metavar="gimp|darktable|resolve")
def command(host: str) -> None:
    """Install the adapter for a host application."""
    from gradewright.core.errors import BadInput, nearest
    from gradewright.core.plugins import collect

    adapters = {adapter.name: adapter for adapter in collect("gradewright_hosts")}
    if not adapters:
        raise BadInput(
            f"{host}: this version has no host adapters yet; "
            "write a LUT with 'gradewright grade' and load it there"
        )
    if host not in adapters:
        raise BadInput(
            f"{host}: no such host{nearest(host, list(adapters))}: use one of {', '.join(adapters)}"
        )
    for line in adapters[host].install():
        note(line)

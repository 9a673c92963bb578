"""``gradewright parameters``."""

from __future__ import annotations

import click

from . import options
from .output import emit_json


@click.command()
@options.as_json
def command(as_json: bool) -> None:
    """List what --set takes: names, ranges, units, meanings."""
    from gradewright.core.recipe import PARAMETERS

    if as_json:
        emit_json(
            [
                {
                    "name": p.name,
                    "group": p.group,
                    "low": p.low,
                    "high": p.high,
                    "neutral": p.neutral,
                    "unit": p.unit,
                    "meaning": p.meaning,
                }
                for p in PARAMETERS
            ]
        )
        return
    for group in dict.fromkeys(p.group for p in PARAMETERS):
        click.echo(f"{group}:")
        for p in PARAMETERS:
            if p.group == group:
                click.echo(f"  {p.name:<22} {f'{p.low:g}..{p.high:g} {p.unit}':<22} {p.meaning}")

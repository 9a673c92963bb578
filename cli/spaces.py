"""``gradewright spaces``."""

from __future__ import annotations

import click

from . import options
from .output import emit_json


@click.command()
@click.argument("search", required=False)
@options.as_json
def command(search: str | None, as_json: bool) -> None:
    """List the working spaces that 'bake' and 'grade --space' know; SEARCH filters by name or alias."""
    from gradewright.core import space

    found = [s for s in space.spaces() if not search or _matches(search, (s.name, *s.aliases, s.vendor))]
    if as_json:
        emit_json(
            [
                {
                    "name": s.name,
                    "kind": s.kind,
                    "vendor": s.vendor,
                    "aliases": list(s.aliases),
                    "meaning": s.meaning,
                }
                for s in found
            ]
        )
        return
    if not found:
        click.echo(f"no space matches '{search}'; 'gradewright spaces' lists all")
    for kind in dict.fromkeys(s.kind for s in found):
        click.echo(f"{kind}:")
        for s in found:
            if s.kind == kind:
                click.echo(f"  {s.name:<34} {s.meaning}")


def _matches(search: str, names: tuple[str, ...]) -> bool:
    plain = search.lower().replace("-", "").replace(" ", "")
    return any(plain in name.lower().replace("-", "").replace(" ", "") for name in names)

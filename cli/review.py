"""``gradewright review``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options
from .output import emit_json, note, progress

EPILOG = """\b
Examples:
  gradewright review photo.jpg
  gradewright review --brief shoot/*.jpg
  gradewright review photo.jpg --json
"""


@click.command(epilog=EPILOG)
@click.argument("photos", metavar="PHOTO...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--brief", is_flag=True, help="One line a photo, the best first: score, file, faults.")
@click.option("--critic", metavar="NAME", help="Ask this critic instead of the first one installed.")
@options.as_json
@click.pass_context
def command(
    ctx: click.Context, photos: tuple[Path, ...], brief: bool, critic: str | None, as_json: bool
) -> None:
    """Have an image critic look at photos: what is seen, what to do about it, a score from 0 to 100.

    Tone and colour are judged, against what is plausible for the scene; noise, blur and haze are noticed,
    since a look cannot mend them. A photo that cannot be read is named on stderr, the others are
    reviewed, and the exit code is 2.
    """
    from gradewright.core.errors import BadInput
    from gradewright.core.photo import load_with_notes

    judge, reviews, failed = _critic(critic), list[tuple[Path, Any]](), 0
    with progress("reviewing", len(photos)) as advance:
        for path in photos:
            try:
                pixels, odd = load_with_notes(path, max_side=512)
                reviews.append((path, judge.review(pixels)))
                for text in odd:
                    note(f"note: {text}")
            except BadInput as error:
                failed += 1
                note(f"gradewright: {error}")
            advance()
    _show(reviews, brief, as_json)
    if failed:
        ctx.exit(2)


def _critic(name: str | None) -> Any:
    from gradewright.core.errors import BadInput, nearest
    from gradewright.core.plugins import collect

    found = {critic.name: critic for critic in collect("gradewright_critics")}
    if name is not None and name not in found:
        hint = nearest(name, list(found))
        raise BadInput(f"critic '{name}' is not installed{hint}: use one of {', '.join(found)}")
    return next(iter(found.values())) if name is None else found[name]


def _show(reviews: list[tuple[Path, Any]], brief: bool, as_json: bool) -> None:
    if as_json:
        emit_json([{"file": str(path), **_plain(review)} for path, review in reviews])
    elif brief:
        for path, review in sorted(reviews, key=lambda pair: -getattr(pair[1], "score", 0)):
            click.echo(_line(path, review))
    else:
        for number, (path, review) in enumerate(reviews):
            click.echo(("\n" if number else "") + f"{path}\n{review}")


def _plain(review: Any) -> dict[str, Any]:
    """JSON-ready values of a review; of one by a plug-in that has none, its text."""
    return review.to_dict() if hasattr(review, "to_dict") else {"text": str(review)}


def _line(path: Path, review: Any) -> str:
    if not hasattr(review, "score"):
        return f"{path}: {review}"
    faults = ", ".join(dict.fromkeys(finding.aspect for finding in review.faults)) or "no fault"
    return f"{review.score:3.0f}  {path}  {faults}"

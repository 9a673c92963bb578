"""``gradewright look``: a whole look as a line of text."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from . import options
from .output import emit_json, note, warn, working

EPILOG = """\b
Examples:
  gradewright look encode look.cube
  gradewright look decode gw1:... -o look.cube
  gradewright look encode look.cube | gradewright look decode - -o again.clf
"""


@click.group(epilog=EPILOG)
def command() -> None:
    """Turn a display-referred LUT into 64 tokens written as text, and back.

    The text is an approximation: 'encode --json' says how near it comes.
    """


@command.command()
@click.argument("path", metavar="LUT", type=click.Path(path_type=Path))
@options.as_json
def encode(path: Path, as_json: bool) -> None:
    """Print a LUT as gw1:... (90 characters).

    --json adds the tokens and the mean dE2000 over photo-like colours between LUT and text.
    """
    from gradewright import lutio
    from gradewright.core.codec import LutCodec
    from gradewright.core.looks.intake import difference, plain_look

    lut, notes = plain_look(lutio.read(path))
    with working("encoding"):
        codec = LutCodec.load()
        tokens = codec.encode(lut)
    warn(notes)
    text = codec.to_text(tokens)
    if not as_json:
        click.echo(text)
        return
    error = difference(lut, codec.decode(tokens))
    emit_json({"file": str(path), "look": text, "tokens": tokens.tolist(), "mean_de": round(error, 3)})


@command.command()
@click.argument("text", metavar="TEXT")
@click.option(
    "-o", "--output", metavar="OUT", type=click.Path(path_type=Path), required=True, help="LUT to write."
)
@options.force
def decode(text: str, output: Path, force: bool) -> None:
    """Write the LUT of a gw1:... text; the suffix of OUT chooses the format. TEXT - reads from stdin."""
    from gradewright import lutio
    from gradewright.core.codec import LutCodec

    if text == "-":
        text = sys.stdin.read(4096)
    lut = LutCodec.load().decode(text)
    lutio.write(lut.titled("gw1 look"), output, overwrite=force)
    note(f"wrote {output} ({lut.size}^3)")

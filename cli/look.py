"""``gradewright look``: a whole look as a line of text."""

from __future__ import annotations

from pathlib import Path

import click

from . import options
from .output import emit_json, note, working

EPILOG = """\b
Example:
  gradewright look encode look.cube
  gradewright look decode gw1:... -o look.cube
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
    """Print a LUT as gw1:... (90 characters)."""
    from gradewright import lutio
    from gradewright.core.codec import LutCodec
    from gradewright.core.colour import delta_e_srgb

    lut = lutio.read(path)
    with working("encoding"):
        codec = LutCodec.load()
        tokens = codec.encode(lut)
    text = codec.to_text(tokens)
    if not as_json:
        click.echo(text)
        return
    flat = lut.flatten(33)
    error = delta_e_srgb(flat.table[::2, ::2, ::2], codec.decode(tokens).table[::2, ::2, ::2])
    emit_json(
        {"file": str(path), "look": text, "tokens": tokens.tolist(), "mean_de_lattice": float(error.mean())}
    )


@command.command()
@click.argument("text", metavar="TEXT")
@click.option(
    "-o", "--output", metavar="OUT", type=click.Path(path_type=Path), required=True, help="LUT to write."
)
@options.force
def decode(text: str, output: Path, force: bool) -> None:
    """Write the LUT of a gw1:... text."""
    from gradewright import lutio
    from gradewright.core.codec import LutCodec

    lut = LutCodec.load().decode(text)
    lutio.write(lut.titled("gw1 look"), output, overwrite=force)
    note(f"wrote {output} ({lut.size}^3)")

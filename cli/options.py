"""Options and parameter types that several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


class Number(click.ParamType):
    """A float within bounds, whose errors say what would be right."""

    name = "number"

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse, refusing decimal commas, NaN and values out of range."""
        text = str(value).strip().replace("−", "-")
        if re.fullmatch(r"[+-]?\d*,\d+", text):
            self.fail(f"{value}: use a decimal point: {text.replace(',', '.')}", param, ctx)
        if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", text, re.ASCII):
            self.fail(f"'{value}' is not a number: use {self.low:g}..{self.high:g}", param, ctx)
        if not self.low <= float(text) <= self.high:
            self.fail(f"{value} is out of range: {self.low:g}..{self.high:g}", param, ctx)
        return float(text)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Shown in --help."""
        return f"{self.low:g}..{self.high:g}"


WEIGHT = Number(0, 1)


def weights(command: Command) -> Command:
    """--strength, --luma and --chroma."""
    for name, text in (
        ("chroma", "Weight of the change in hue and saturation."),
        ("luma", "Weight of the change in lightness."),
        ("strength", "How much of the look: 0 nothing, 1 all of it."),
    ):
        command = click.option(f"--{name}", type=WEIGHT, default="1", show_default=True, help=text)(command)
    return command


def force(command: Command) -> Command:
    """--force."""
    return click.option("--force", is_flag=True, help="Replace files that exist already.")(command)


def output(metavar: str, text: str) -> Callable[[Command], Command]:
    """-o, --output: what to write, which must be said."""
    return click.option(
        "-o", "--output", metavar=metavar, type=click.Path(path_type=Path), required=True, help=text
    )


def as_json(command: Command) -> Command:
    """--json."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs instead of text.")(
        command
    )


def looks_file(command: Command) -> Command:
    """--library: the file that looks are kept in."""
    return click.option(
        "--library",
        "path",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The library.  [default: $GRADEWRIGHT_LIBRARY, or looks.sqlite in your data folder]",
    )(command)


def model(command: Command) -> Command:
    """--model, --endpoint and --allow-remote, for the vlm engine."""
    command = click.option(
        "--allow-remote", is_flag=True, help="The endpoint may be another machine: your photo is sent there."
    )(command)
    command = click.option(
        "--endpoint",
        metavar="URL",
        help="An OpenAI-compatible server on this machine that serves the --model folder, such as vLLM: "
        "http://localhost:8000/v1.",
    )(command)
    return click.option(
        "--model",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="Model folder for --engine vlm, made by 'gradewright train vlm-sft'.",
    )(command)

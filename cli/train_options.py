"""What the training commands that fill a run folder have in common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from . import options
from .output import note

Decorated = Callable[[Callable[..., Any]], Callable[..., Any]]


def run_options(
    config: str,
    others: str = "",
    kept: str = "what was drawn, checkpoints, metrics, and at the end the networks as ONNX",
    minutes: str = "",
    example: str = "KEY=VALUE",
) -> Decorated:
    """``--config``, ``--out FOLDER``, ``--resume``, ``--minutes`` and ``--set``.

    Parameters
    ----------
    config, others : the shipped config that is the default; all names, where there are several
    kept : what the run folder holds
    minutes : which stage the time budget is of; without it there is none
    example : of an override
    """
    names = f"a shipped one: {others}" if others else "the shipped one"
    key = "SECTION.KEY=VALUE" if "." in example.split("=")[0] else "KEY=VALUE"
    budget = click.option(
        "--minutes",
        type=options.Number(0.01, 100000),
        help=f"Time budget of the {minutes} stage, over all sittings of a resumed run.",
    )
    chosen: list[Decorated] = [
        click.option(
            "--config",
            "path",
            metavar="FILE",
            type=click.Path(path_type=Path),
            default=config,
            show_default=True,
            help=f"TOML file of the training, or the name of {names}.",
        ),
        click.option(
            "--out",
            metavar="FOLDER",
            type=click.Path(path_type=Path),
            required=True,
            help=f"Run folder: {kept}.",
        ),
        click.option("--resume", is_flag=True, help="Go on with what an earlier run has left in FOLDER."),
        *([budget] if minutes else []),
        click.option(
            "--set",
            "settings",
            metavar=key,
            multiple=True,
            help=f"Override a value of the config, such as {example}. Repeatable.",
        ),
    ]

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(chosen):
            function = option(function)
        return function

    return decorate


def needs(extra: str, *packages: str) -> None:
    """Raise BadInput where a package of an extra is missing."""
    from importlib.util import find_spec

    from gradewright.core.errors import BadInput

    for name in packages:
        if find_spec(name) is None:
            raise BadInput(f"training needs {name}: pip install 'gradewright[{extra}]'")


def check_folder(out: Path, resume: bool) -> None:
    """Refuse a run folder that is none, or that holds another run."""
    from gradewright.core.errors import FileError

    if out.exists() and not out.is_dir():
        raise FileError(out, "is no folder", "give --out FOLDER")
    if out.exists() and any(out.iterdir()) and not resume:
        raise FileError(out, "holds a run already", "add --resume to go on with it, or name another folder")


def train_into(out: Path, resume: bool, config: dict[str, Any], train: Callable[..., Any]) -> None:
    """Run a training from a config and the data pack into a folder."""
    from gradewright.core.train.codec_fit import data_root

    check_folder(out, resume)
    train(config, data_root(), out)
    note(f"wrote {out}")

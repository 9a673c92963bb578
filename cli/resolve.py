"""``gradewright resolve``."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from . import options
from .output import note

if TYPE_CHECKING:
    from gradewright.hosts.resolve.inside.state import State

Command = TypeVar("Command", bound=Callable[..., Any])

EPILOG = """\b
Examples:
  gradewright resolve grade --prompt "warm golden hour" --strength 0.8      (Studio, from outside)
  gradewright resolve grade --match                                        the scene to the clip shown
  gradewright resolve ask --prompt "cold moonlight" --all                   (free: then Workspace > Scripts)
  gradewright resolve courier --prompt "warm" --space "Rec.709 Gamma 2.4"   (free 21.1: Lua)
  gradewright resolve undo
  gradewright resolve cancel                                               (a run in Resolve, from outside)
"""


@click.group(epilog=EPILOG)
def command() -> None:
    """Grade in a running DaVinci Resolve, always in a new colour version."""


def wishes(target: Command) -> Command:
    """What can be asked for."""
    for option in reversed(
        (
            click.option("--prompt", metavar="TEXT", help="What you want, in words."),
            click.option("--reference", metavar="IMAGE", type=click.Path(path_type=Path, exists=True)),
            click.option(
                "--pair", nargs=2, metavar="BEFORE AFTER", type=click.Path(path_type=Path, exists=True)
            ),
            click.option("--auto", is_flag=True, help="Decide from the picture alone."),
            click.option(
                "--set", "settings", metavar="NAME=VALUE", multiple=True, help="A parameter. Repeatable."
            ),
            click.option(
                "--cdl", is_flag=True, help="A CDL instead of a LUT; says how far it is from the look."
            ),
            click.option("--space", metavar="NAME", help="Of the footage, where the timeline does not tell."),
            click.option("--size", type=click.Choice(["33", "65"]), help="Lattice of the LUT."),
            click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, metavar="S"),
        )
    ):
        target = option(target)
    return options.weights(target)


def tasks(target: Command) -> Command:
    """Which clips."""
    every = click.option("--all", "every", is_flag=True, help="Every clip of the timeline, each by itself.")
    match = click.option("--match", is_flag=True, help="Match the other clips to the one under the playhead.")
    return every(match(target))


@command.command()
@wishes
@tasks
def grade(every: bool, match: bool, **asked: Any) -> None:
    """Grade the clip under the playhead (Studio with external scripting)."""
    from gradewright.hosts.resolve.external import connect

    wish = _wish(every, match, **asked)
    _run(connect(), wish)


@command.command()
@wishes
@tasks
def ask(every: bool, match: bool, **asked: Any) -> None:
    """Say what Workspace > Scripts > gradewright is to do next, in editions without a window."""
    wish = _wish(every, match, **asked)
    for state in _states():
        state.remember(wish)
        note(f"kept in {state.folder}")
    note("now run Workspace > Scripts > gradewright in Resolve")


@command.command()
def undo() -> None:
    """Take the last run back: every clip to the version it had.

    Where no Resolve answers from outside, this says what Workspace > Scripts > gradewright is to do.
    """
    from gradewright.core.errors import BadInput
    from gradewright.hosts.resolve.external import connect

    try:
        host = connect()
    except BadInput:
        for state in _states():
            state.ask_once({"task": "undo"})
        note("no Resolve answers from outside: now run Workspace > Scripts > gradewright in Resolve to undo")
        return
    _run(host, {"task": "undo"})


@command.command()
def cancel() -> None:
    """Stop the run that is at work in Resolve; the clips that are finished keep their look."""
    asked = [state.ask_to_stop() for state in _states()]
    note("it stops after the clip it is at" if any(asked) else "no run is at work")


@command.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, file_okay=False))
def folder(paths: tuple[Path, ...]) -> None:
    """Name the custom LUT paths of your project settings; without PATHS, forget them."""
    from gradewright.core.errors import FileError

    for path in paths:
        if not path.is_dir():
            raise FileError(path, "is not a folder", "make it first")
    for state in _states():
        state.set_lut_folders([str(path.resolve()) for path in paths])
    note("LUTs go to " + (", ".join(map(str, paths)) if paths else "Resolve's own LUT folder"))


@command.command()
@click.option(
    "--photo", metavar="IMAGE", type=click.Path(path_type=Path, exists=True), help="A frame you exported."
)
@wishes
def courier(photo: Path | None, cdl: bool, space: str | None, **asked: Any) -> None:
    """Prepare a look for the Lua script that Resolve 21.1's free edition runs."""
    from gradewright.core.errors import BadInput
    from gradewright.hosts.resolve.deliver import deliver

    if space is None:
        raise BadInput("--space is needed: what the timeline works in, e.g. 'Rec.709 Gamma 2.4'")
    if cdl:
        raise BadInput("--cdl: the courier carries LUTs only")
    wish = _wish(False, False, cdl=False, space=space, **asked)
    if photo is not None:
        wish["photo"] = str(photo.resolve())
    for line in deliver(wish, _states()):
        note(line)


@command.command()
@click.option(
    "--record", required=True, metavar="FILE", type=click.Path(path_type=Path), help="Evidence to write."
)
@options.force
def selftest(record: Path, force: bool) -> None:
    """Try every step in a real Resolve, on a chart, in a new empty project of yours."""
    from gradewright.core.errors import BadInput
    from gradewright.core.files import refuse_existing
    from gradewright.hosts.resolve import chart
    from gradewright.hosts.resolve.external import connect

    refuse_existing(record, force)
    states = _states()
    drawn = [chart.write(Path(state.path("chart.png"))) for state in states]
    wish = {"task": "selftest", "record": str(record.resolve()), "force": force}
    try:
        host = connect()
    except BadInput as error:
        for state, path in zip(states, drawn, strict=True):
            state.ask_once({**wish, "chart": str(path)})
        note(f"note: {error}")
        note("the self-test is prepared: run Workspace > Scripts > gradewright in a new, empty project")
        return
    _run(host, {**wish, "chart": str(drawn[0])})


def _wish(
    every: bool, match: bool, settings: tuple[str, ...], cdl: bool, size: str | None, **asked: Any
) -> dict[str, Any]:
    from gradewright.core.errors import BadInput

    from .grade import parse_settings

    if every and match:
        raise BadInput("--all and --match were given: use one of them")
    wish: dict[str, Any] = {name: value for name, value in asked.items() if value not in (None, (), False)}
    for name in ("reference", "pair"):
        if name in wish:
            paths = wish[name] if name == "pair" else (wish[name],)
            found = [str(Path(path).resolve()) for path in paths]
            wish[name] = found if name == "pair" else found[0]
    params = parse_settings(settings)
    if not match and not (params or {"prompt", "reference", "pair", "auto"} & wish.keys()):
        raise BadInput("nothing was asked for: give --prompt, --reference, --pair, --auto or --set")
    task = "all" if every else "match" if match else "grade"
    more = {"params": params or None, "size": int(size) if size else None}
    wish.update({name: value for name, value in more.items() if value is not None})
    return {**wish, "mode": "cdl" if cdl else "lut", "task": task}


def _states() -> list[State]:
    """Where wishes are kept: for each edition of Resolve found here, else the user's own folder."""
    from gradewright.hosts.resolve.inside.state import OVERRIDE, State
    from gradewright.hosts.resolve.places import here

    if os.environ.get(OVERRIDE):
        return [State()]
    return [State(str(edition.state)) for edition in here().installed()] or [State()]


def _run(host: Any, wish: dict[str, Any]) -> None:
    from gradewright.core.errors import BadInput
    from gradewright.hosts.resolve.inside.errors import ResolveError
    from gradewright.hosts.resolve.inside.run import run
    from gradewright.hosts.resolve.inside.service import Service
    from gradewright.hosts.resolve.local import InProcess

    try:
        with _stoppable() as stopped:
            lines = run(host, wish, _states()[0], Service(InProcess()), None, stopped)
    except (ResolveError, OSError) as error:
        raise BadInput(str(error)) from None
    for line in lines:
        note(line)


@contextlib.contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Ctrl+C stops between two clips, so that the report is still told; pressed again, at once."""
    pressed: list[int] = []

    def press(number: int, _frame: object) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)

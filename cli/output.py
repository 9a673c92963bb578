"""Text for people on stderr, results on stdout, progress when something takes long."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import click

_PATIENCE = 1.0  # seconds before a spinner appears


def emit_json(value: Any) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def note(text: str) -> None:
    """A remark on stderr, one line."""
    click.echo(text, err=True)


def warn(texts: tuple[str, ...] | list[str]) -> None:
    """Warnings on stderr, a line each."""
    for text in texts:
        note(f"note: {text}")


@contextlib.contextmanager
def working(what: str) -> Iterator[None]:
    """Show a spinner on the terminal once the work has lasted more than a second."""
    if not sys.stderr.isatty():
        yield
        return
    finished = threading.Event()
    thread = threading.Thread(target=_spin, args=(what, finished), name="spinner", daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()


@contextlib.contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """A progress bar on the terminal, a spinner for one item; call what it yields once per item."""
    if total < 2 or not sys.stderr.isatty():
        with working(what):
            yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)


def _spin(what: str, finished: threading.Event) -> None:
    if finished.wait(_PATIENCE):
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        finished.wait()

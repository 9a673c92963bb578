"""How far a fit is, on stderr: a bar on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

QUIET = 30.0  # seconds between lines where there is no terminal


@contextlib.contextmanager
def progress(what: str) -> Iterator[Callable[[float, str], None]]:
    """Yields ``show(done, text)``: done 0..1, text some figures to set beside it."""
    if not sys.stderr.isatty():
        yield _lines(what)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn(what),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda done, text: bar.update(task, completed=done, description=text)


@contextlib.contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Yields ``tick()``, to be called once for each of ``total`` items."""
    with progress(what) as show:
        counted = 0

        def tick() -> None:
            nonlocal counted
            counted += 1
            show(counted / total, f"{counted}/{total}")

        yield tick


def _lines(what: str) -> Callable[[float, str], None]:
    last = time.monotonic()

    def show(done: float, text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= QUIET:
            last = time.monotonic()
            print(f"{what} {done:.0%}  {text}".rstrip(), file=sys.stderr, flush=True)

    return show

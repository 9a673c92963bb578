"""How a task tells how far it is, and learns that nobody wants it any more."""

from __future__ import annotations

from collections.abc import Callable

Step = Callable[[float, str], None]  # fraction 0..1 done, what is done now; raises Cancelled to stop


class Cancelled(Exception):  # noqa: N818 - it says what happened
    """Whoever asked does not wait for the answer any more."""


def silent(_fraction: float, _text: str) -> None:
    """For callers that want no news."""

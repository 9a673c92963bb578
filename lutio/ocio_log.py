"""OpenColorIO's own log, caught while it reads a stranger's file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_ONE_AT_A_TIME = threading.Lock()  # the log function is one for the whole process


@contextmanager
def caught() -> Iterator[list[str]]:
    """Collect what OpenColorIO logs meanwhile, instead of letting it print to standard error."""
    import PyOpenColorIO as ocio

    messages: list[str] = []
    with _ONE_AT_A_TIME:
        ocio.SetLoggingFunction(messages.append)
        try:
            yield messages
        finally:
            ocio.ResetToDefaultLoggingFunction()

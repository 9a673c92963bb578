"""uvicorn's HTTP/1.1 protocol, with what it lacks against strangers and slow clients."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from .limits import LIMITS, Limits
from .peers import is_own_user


class GuardedProtocol(H11Protocol):
    """Closes connections of other users, and those that neither send their request nor take the answer.

    Every connection serves one request: the application answers with ``Connection: close``.
    """

    limits: Limits = LIMITS
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Check who it is and start the clock for the request's head."""
        super().connection_made(transport)
        try:
            known = is_own_user(transport.get_extra_info("socket"))
        except OSError:
            known = False
        if known:
            self._start_timer(self.limits.header_time)
        else:
            transport.abort()

    def handle_events(self) -> None:
        """Stop the clock once the head is there."""
        super().handle_events()
        if self.cycle is not None:  # uvicorn annotates it as always there
            self._stop_timer()

    def pause_writing(self) -> None:
        """The client does not take what was sent: give it some time."""
        super().pause_writing()
        self._start_timer(self.limits.read_time)

    def resume_writing(self) -> None:
        """It goes on taking."""
        self._stop_timer()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for any more."""
        self._stop_timer()
        super().connection_lost(exc)

    def _start_timer(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, self.transport.abort)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def protocol(limits: Limits) -> type[Any]:
    """The protocol class with other limits."""
    return type("LimitedProtocol", (GuardedProtocol,), {"limits": limits})

"""The running service: its lock, its socket, its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import stat
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from .. import client
from . import freshness, lock
from .app import Application
from .guard import Guard
from .jobs import Worker
from .limits import LIMITS, Limits
from .protocol import protocol
from .results import Results

UNIX, TCP = "unix", "tcp"
_PATIENCE = 15.0  # seconds to wait for a service that is about to exit: its grace and a little more
_TOKEN_BYTES = 32
_JUST_ANSWERED = 60.0  # seconds in which a host will have read its results
_LONGEST_LOG = 1 << 20
_LONGEST_UNIX_PATH = 103  # of macOS; Linux takes four more


class Unavailable(Exception):  # noqa: N818 - it says what the matter is
    """The service cannot be run here; the message is one line."""


def default_transport() -> str:
    """A Unix socket where there are any: only its user can reach it."""
    return UNIX if hasattr(socket, "AF_UNIX") and os.name != "nt" else TCP


def serve(folder: Path, limits: Limits = LIMITS, transport: str | None = None) -> bool:
    """Serve until nobody has asked for ``limits.idle`` seconds, or until told to stop.

    Parameters
    ----------
    folder : the runtime folder, made when missing
    transport : "unix" or "tcp"; None takes :func:`default_transport`

    Returns
    -------
    False when another service runs there already.

    Raises
    ------
    Unavailable : the folder is unsafe, or a process holds the lock without serving
    """
    try:
        client.make_folder(str(folder))
        held = lock.acquire(folder, lambda: _answers(folder), _PATIENCE)
    except client.ClientError as error:
        raise Unavailable(str(error)) from None
    except TimeoutError:
        raise Unavailable(f"another service holds {folder} and does not answer: end that process") from None
    if held is None:
        return False
    with held, _listening(folder, transport or default_transport()) as (listener, guard):
        _Service(folder, limits, guard).run(listener)
    return True


@dataclass
class _Service:
    folder: Path
    limits: Limits
    guard: Guard

    def run(self, listener: socket.socket) -> None:
        results = Results(self.folder, self.limits.keep_results, self.limits.most_results)
        results.sweep(self.limits.keep_results)  # of a service that was killed
        _shorten_log()
        _say(f"gradewright {freshness.version()} serves in {self.folder} (process {os.getpid()})")
        self.worker = Worker(self.limits, _warm_up)
        self.app = Application(self.limits, self.worker, results, self.guard, self.stop)
        self.server = _Server(
            uvicorn.Config(
                self.app,
                http=protocol(self.limits),
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                interface="asgi3",
                loop="asyncio",
                limit_concurrency=self.limits.connections,
                timeout_graceful_shutdown=int(self.limits.grace),
            )
        )
        try:
            asyncio.run(self._run(listener))
        finally:
            self.worker.stop()
            results.sweep(_JUST_ANSWERED)

    async def _run(self, listener: socket.socket) -> None:
        watch = asyncio.ensure_future(self._watch())
        try:
            await self.server.serve(sockets=[listener])
        finally:
            watch.cancel()
            for connection in list(self.server.server_state.connections):
                connection.transport.abort()
            await asyncio.sleep(0.01)  # the loop closes them

    def stop(self) -> None:
        """Finish what is running, take nothing new."""
        _retire(self.folder)
        self.server.should_exit = True

    async def _watch(self) -> None:
        """End an idle service, and one whose job cannot be stopped."""
        while True:
            await asyncio.sleep(min(1.0, self.limits.idle / 4 or 1.0))
            if self.worker.overdue():
                _say("a job could not be stopped: the service ends")
                _retire(self.folder)
                os._exit(1)
            busy = self.app.streaming or self.worker.counts["running"] or self.worker.counts["queued"]
            quiet = time.monotonic() - self.app.last_request
            if self.limits.idle and not busy and quiet > self.limits.idle:
                self.stop()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT end the service in order; uvicorn would raise them again afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        previous = {
            number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)


@contextlib.contextmanager
def _listening(folder: Path, transport: str) -> Iterator[tuple[socket.socket, Guard]]:
    """The bound socket; whoever looks into the folder finds how to reach it, until it closes."""
    _retire(folder)  # what a killed service has left: we hold the lock
    listener = _unix(folder) if transport == UNIX else _tcp()
    guard = (
        Guard() if transport == UNIX else Guard(secrets.token_hex(_TOKEN_BYTES), listener.getsockname()[1])
    )
    try:
        _announce(folder, guard)
        yield listener, guard
    finally:
        listener.close()
        _retire(folder)


def _unix(folder: Path) -> socket.socket:
    path = str(folder / client.SOCKET_NAME)
    if len(os.fsencode(path)) > _LONGEST_UNIX_PATH:
        raise Unavailable(f"{path} is too long for a socket: set GRADEWRIGHT_RUNTIME to a shorter folder")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)  # 0600 from the first moment on
    try:
        listener.bind(path)
    finally:
        os.umask(before)
    return listener


def _tcp() -> socket.socket:
    """On the loopback interface only, at a port that the system chooses."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "nt":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)  # type: ignore[attr-defined]
    listener.bind(("127.0.0.1", 0))
    return listener


def _announce(folder: Path, guard: Guard) -> None:
    facts = {"pid": os.getpid(), "version": freshness.version(), "port": guard.port, "token": guard.token}
    part = folder / f"{client.ADDRESS_NAME}.part"
    with contextlib.suppress(FileNotFoundError):
        part.unlink()
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(facts, file)
    os.replace(part, folder / client.ADDRESS_NAME)


def _retire(folder: Path) -> None:
    """Nobody finds this service any more."""
    for name in (client.SOCKET_NAME, client.ADDRESS_NAME):
        with contextlib.suppress(FileNotFoundError):
            (folder / name).unlink()


def _answers(folder: Path) -> bool:
    try:
        client.Client(str(folder)).status()
    except client.ClientError:
        return False
    return True


def _say(text: str) -> None:
    """To the terminal, or to the log that the client has opened for us."""
    print(text, file=sys.stderr, flush=True)


def _shorten_log() -> None:
    """Begin the log again when it has grown long."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        found = os.fstat(sys.stderr.fileno())
        if stat.S_ISREG(found.st_mode) and found.st_size > _LONGEST_LOG:
            os.ftruncate(sys.stderr.fileno(), 0)


def _warm_up() -> None:
    """Load the networks before the first request needs them."""
    from gradewright.core import Grader

    Grader().grade(prompt="warmer")

"""A grading service in this process, with limits of the test's choosing, and raw ways to talk to it."""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
import time
from pathlib import Path

from gradewright.hosts import client
from gradewright.hosts.service import server
from gradewright.hosts.service.limits import Limits

QUICK = Limits(alive=0.03, idle=0, grace=2, job_time=20, waiting=2)


class Service:
    """The service's folder, a client, and its thread."""

    def __init__(self, folder: Path, thread: threading.Thread) -> None:
        self.folder, self.thread = folder, thread
        self.client = client.Client(str(folder))

    def connect(self) -> socket.socket:
        """A bare connection to the Unix socket."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(5)
        connection.connect(str(self.folder / client.SOCKET_NAME))
        return connection

    def raw(self, data: bytes) -> bytes:
        """Everything that comes back for these bytes."""
        with self.connect() as connection:
            connection.sendall(data)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def post(self, body: bytes, **headers: str) -> bytes:
        """The answer to a job's body that need not be JSON."""
        return self.raw(job_request(body, **headers))


def job_request(body: bytes = b'{"kind": "grade", "request": {}}', **headers: str) -> bytes:
    """A whole HTTP request that posts a job; headers by name with ``_``, left out when empty."""
    given = {"Host": "localhost", "Content_Type": "application/json", "Content_Length": str(len(body))}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in {**given, **headers}.items() if value]
    return "\r\n".join(["POST /v1/jobs HTTP/1.1", *lines, "", ""]).encode() + body


@contextlib.contextmanager
def running(limits: Limits = QUICK, transport: str | None = None):
    """A service in a thread of this process. Its folder's path is short: sockets need that."""
    with tempfile.TemporaryDirectory(prefix="gw") as base:
        folder = Path(base) / "run"
        thread = threading.Thread(target=server.serve, args=(folder, limits, transport))
        thread.start()
        try:
            wait_for(lambda: (folder / client.ADDRESS_NAME).exists() and _answers(folder))
            yield Service(folder, thread)
        finally:
            wait_for(lambda: _ended(folder, thread))


def _answers(folder: Path) -> bool:
    with contextlib.suppress(client.ClientError):
        return bool(client.Client(str(folder)).status())
    return False


def _ended(folder: Path, thread: threading.Thread) -> bool:
    if thread.is_alive():
        with contextlib.suppress(client.ClientError):
            client.Client(str(folder)).shutdown()
    return not thread.is_alive()


def wait_for(condition, seconds: float = 20) -> None:
    """Until it holds; fails when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)

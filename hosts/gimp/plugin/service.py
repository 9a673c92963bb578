"""Reaching gradewright: through its service, or through a process for one job when there is none."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import threading
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradewright.hosts import client
else:  # inside GIMP the installer has put it beside the entry script
    client = import_module("gradewright.hosts.client" if "." in __package__ else "client")

__all__ = ["ClientError", "alone", "client", "command_of_bridge", "job"]

ClientError = client.ClientError
Progress = Callable[[float, str], Any]
Cancelled = Callable[[], bool]

_BRIDGE = "gradewright.hosts.gimp.bridge"
_FOREIGN = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONEXECUTABLE", "LD_LIBRARY_PATH", "LD_PRELOAD")
_POLL = 0.1  # seconds between two looks at whether the user has cancelled
_SILENCE = 120.0  # seconds without a word after which a process counts as hung


def job(
    kind: str,
    request: dict[str, Any],
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> dict[str, Any]:
    """Run a job ("grade", "apply", "review", "filters") and wait for its result.

    The service is started when it does not run; one that dies in the middle is started once more, and
    where none can be reached the job runs in a process of its own.

    Raises
    ------
    ClientError : with one readable line
    """
    for _ in range(2):
        try:
            return client.Client.connect().job(kind, request, progress, cancelled)
        except ClientError as error:
            if error.kind != "unreachable":
                raise
            reason = str(error)
    return alone(command_of_bridge(), kind, request, progress, cancelled, reason)


def command_of_bridge() -> list[str]:
    """How a process for one job is started, from what the installer wrote.

    Raises
    ------
    ClientError : the installation is not one of ours
    """
    path = os.path.join(os.path.dirname(os.path.abspath(client.__file__)), "gradewright.json")
    try:
        with open(path, encoding="utf-8") as stream:
            command = [str(part) for part in json.load(stream)["command"]]
        command[command.index("gradewright.cli")] = _BRIDGE
    except (OSError, ValueError, KeyError, TypeError):
        message = path + " does not say how gradewright is started: run 'gradewright install gimp' again"
        raise ClientError(message, "unreachable") from None
    return command


def alone(
    command: list[str],
    kind: str,
    request: dict[str, Any],
    progress: Progress | None,
    cancelled: Cancelled | None,
    reason: str,
) -> dict[str, Any]:
    """Run a job in a process of its own; arguments as for :func:`job`, ``reason`` why there is no service."""
    environment = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
    except OSError as error:
        message = f"{reason} ({command[0]} cannot be started: {error.strerror})"
        raise ClientError(message, "unreachable") from None
    with process:
        try:
            return _followed(process, {"kind": kind, "request": request}, progress, cancelled, reason)
        finally:
            process.kill()


def _followed(
    process: Any, order: dict[str, Any], progress: Progress | None, cancelled: Cancelled | None, reason: str
) -> dict[str, Any]:
    lines: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_pump, args=(process.stdout, lines), daemon=True).start()
    with contextlib.suppress(OSError), process.stdin as stream:  # one that has died says so below
        stream.write(json.dumps(order).encode())
    waited = 0.0
    while waited < _SILENCE:
        if cancelled is not None and cancelled():
            raise ClientError("cancelled", "cancelled")
        try:
            line = lines.get(timeout=_POLL)
        except queue.Empty:
            waited += _POLL
            continue
        waited = 0.0
        event: dict[str, Any] = (
            json.loads(line) if line else {"event": "error", "kind": "unreachable", "message": reason}
        )
        if event["event"] == "result":
            return dict(event["result"])
        if event["event"] == "error":
            raise ClientError(event["message"], event["kind"])
        if progress is not None:
            progress(event["fraction"], event["text"])
    raise ClientError("gradewright does not answer: run 'gradewright doctor'", "unreachable")


def _pump(stream: Any, lines: queue.Queue[bytes]) -> None:
    """Every line into the queue, then an empty one."""
    for line in stream:
        lines.put(line)
    lines.put(b"")

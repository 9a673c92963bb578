"""How much of everything the service takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes, times in seconds. Pictures travel as files, so that requests are small."""

    body: int = 1 << 20
    waiting: int = 8  # jobs in the queue behind the one that runs
    connections: int = 64
    header_time: float = 10.0  # for a client to send its request line and headers
    body_time: float = 10.0
    read_time: float = 30.0  # for a client to take what was sent to it
    job_time: float = 600.0
    grace: float = 10.0  # for a job that was told to stop
    alive: float = 0.25  # between signs of life while a job waits or runs
    idle: float = 900.0  # without a request, after which the service exits; 0: never
    keep_results: float = 3600.0
    most_results: int = 100  # folders of results that are kept, the newest


LIMITS = Limits()

"""The queue and the thread that works it off, one job at a time.

A thread and not a process: the models and caches stay warm in one place, memory is spent once, and
numpy, OpenColorIO and onnxruntime work outside the interpreter's lock, so that the event loop goes
on answering. Work is stopped between its steps; what does not stop in time takes the whole service
down, which loses nothing: files are whole or absent, and the next request starts a new service.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from gradewright.core.errors import BadInput

from ..tasks.step import Cancelled
from ..tasks.work import Work
from .limits import Limits

Event = dict[str, Any]

_LAST_BREATH = 2.0  # seconds for the running job to come to its next step when the service ends


@dataclass(eq=False)
class Job:
    """One job: ``work`` runs in the worker's thread, ``events`` are read in the event loop's."""

    work: Work
    loop: asyncio.AbstractEventLoop
    umask: int | None = None
    events: asyncio.Queue[Event] = field(default_factory=asyncio.Queue)
    cancelled: threading.Event = field(default_factory=threading.Event)
    started: float | None = None

    def publish(self, event: str, **more: Any) -> None:
        """Send an event to whoever waits; callable from the worker's thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            self.loop.call_soon_threadsafe(self.events.put_nowait, {"event": event, **more})

    def step(self, fraction: float, text: str) -> None:
        """What the task calls between its steps."""
        if self.cancelled.is_set():
            raise Cancelled
        self.publish("progress", fraction=round(min(max(fraction, 0.0), 1.0), 4), text=text)


class Busy(Exception):  # noqa: N818 - it says what the matter is
    """The queue is full."""


class Worker:
    """Runs jobs one after the other in a thread of its own. Its methods are for the event loop."""

    def __init__(self, limits: Limits, warm_up: Callable[[], None] | None = None) -> None:
        self._limits = limits
        self._open: list[Job] = []  # waiting or running, in the order in which they came
        self._news = threading.Condition()  # a job has come, or the end
        self._ending = False
        self.done, self.failed = 0, 0
        self._warm_up = warm_up
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self._thread.start()

    @property
    def counts(self) -> dict[str, int]:
        """Jobs running, queued, done and failed (cancelled ones among them)."""
        jobs = list(self._open)
        running = sum(job.started is not None for job in jobs)
        waiting = len(jobs) - running
        return {"running": running, "queued": waiting, "done": self.done, "failed": self.failed}

    def submit(self, job: Job) -> None:
        """Queue a job. Raises Busy."""
        with self._news:
            if self.counts["queued"] >= self._limits.waiting + (not self.counts["running"]):
                raise Busy
            self._open.append(job)
            self._news.notify()

    def drop(self, job: Job) -> None:
        """Nobody waits for this job: it leaves the queue, or is told to stop when it runs."""
        job.cancelled.set()
        with self._news:
            if job.started is None and job in self._open:
                self._open.remove(job)
                self.done, self.failed = self.done + 1, self.failed + 1

    def overdue(self) -> Job | None:
        """The running job, when it has been told to stop and has not for longer than the grace.

        One that runs for longer than its time is told to stop here.
        """
        for job in list(self._open):
            lasted = time.monotonic() - (job.started or time.monotonic())
            if lasted > self._limits.job_time:
                job.cancelled.set()
            if lasted > self._limits.job_time + self._limits.grace:
                return job
        return None

    def stop(self) -> None:
        """Tell every job to stop, and the thread to end with the one it runs."""
        with self._news:
            self._ending = True
            for job in self._open:
                job.cancelled.set()
            self._news.notify()
        self._thread.join(min(self._limits.grace, _LAST_BREATH))

    # -- in the thread

    def _run(self) -> None:
        if self._warm_up is not None:
            with contextlib.suppress(Exception):  # the first job will say what is wrong
                self._warm_up()
        gc.collect()
        gc.freeze()  # what is loaded now stays: the collections after each job pass it over
        while (job := self._next()) is not None:
            event = self._outcome(job)
            with self._news:
                self.done, self.failed = self.done + 1, self.failed + (event["event"] == "error")
                self._open.remove(job)
            job.publish(**event)
            del job, event
            gc.collect()  # pictures in reference cycles would wait for hundreds of jobs

    def _next(self) -> Job | None:
        """The job that has waited longest, started; None at the end."""
        with self._news:
            self._news.wait_for(lambda: self._ending or self._open)
            if self._ending:
                return None
            self._open[0].started = time.monotonic()
            return self._open[0]

    def _outcome(self, job: Job) -> Event:
        try:
            job.step(0.0, "starting")
            with _files_as(job.umask), warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", UserWarning)
                result = job.work(job.step)
            told = [" ".join(str(warning.message).split()) for warning in caught]
            return {"event": "result", "result": {**result, "warnings": told}}
        except Cancelled:
            late = time.monotonic() - (job.started or 0) > self._limits.job_time
            if late:
                return _error("input", f"stopped: it took longer than {self._limits.job_time:g} s")
            return _error("cancelled", "cancelled")
        except BadInput as error:
            return _error("input", str(error))
        except MemoryError:
            return _error("input", "not enough memory for this; use smaller images")
        except Exception as error:
            traceback.print_exc(file=sys.stderr)  # the service's log
            what = f"{type(error).__name__}: {error}"
            return _error("fault", f"this is a fault in gradewright ({what}); please report it with its log")


def _error(kind: str, message: str) -> Event:
    return {"event": "error", "kind": kind, "message": " ".join(message.split())}


@contextlib.contextmanager
def _files_as(umask: int | None) -> Iterator[None]:
    """New files get the permissions that they would have got from the process that asks."""
    if umask is None:
        yield
        return
    before = os.umask(umask)
    try:
        yield
    finally:
        os.umask(before)

"""The service's three addresses: status, jobs, shutdown."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
import traceback
from collections.abc import Callable, MutableMapping
from typing import Any

from gradewright.core.errors import BadInput

from .. import client
from ..tasks import fields, work
from . import freshness
from .exchange import Exchange, Receive, Refused, Send
from .guard import Guard
from .jobs import Busy, Job, Worker
from .limits import Limits
from .results import Results

_JOB = {
    "kind": work.kind,
    "request": lambda _name, value: value,
    "umask": fields.integer(0, 0o777),
}


class Application:
    """The ASGI application."""

    def __init__(
        self, limits: Limits, worker: Worker, results: Results, guard: Guard, stop: Callable[[], None]
    ) -> None:
        self._limits, self._worker, self._results = limits, worker, results
        self._guard, self._stop = guard, stop
        self._born, self._stamp = time.monotonic(), freshness.stamp()
        self.last_request = time.monotonic()
        self.streaming = 0  # answers that are being sent

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request. Whatever goes wrong is one line for the client."""
        exchange = Exchange(scope, receive, send)
        try:
            self._guard.check(exchange)
            self.last_request = time.monotonic()
            await self._route(exchange)
        except Refused as refused:
            await exchange.refuse(refused)
        except BadInput as error:
            await exchange.refuse(Refused(400, " ".join(str(error).split())))
        except ConnectionError:
            return  # nobody is there to be told
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            await exchange.refuse(Refused(500, f"a fault in gradewright ({type(error).__name__})", "fault"))
        finally:
            self.last_request = time.monotonic()

    async def _route(self, exchange: Exchange) -> None:
        routes = {
            "/v1/status": ("GET", self._status),
            "/v1/jobs": ("POST", self._job),
            "/v1/shutdown": ("POST", self._shutdown),
        }
        if exchange.path not in routes:
            raise Refused(404, f"there is no {fields.short(exchange.path)}: use {', '.join(routes)}")
        method, handler = routes[exchange.path]
        if exchange.method != method:
            raise Refused(405, f"{exchange.path} takes {method}")
        await handler(exchange)

    async def _status(self, exchange: Exchange) -> None:
        await exchange.answer(
            {
                "service": "gradewright",
                "protocol": client.PROTOCOL,
                "version": self._stamp[0],
                "pid": os.getpid(),
                "python": sys.executable,
                "root": str(freshness.root()),
                "stale": freshness.stamp() != self._stamp,
                "uptime": round(time.monotonic() - self._born, 3),
                "jobs": self._worker.counts,
            }
        )

    async def _shutdown(self, exchange: Exchange) -> None:
        await exchange.json(self._limits)
        await exchange.answer({"stopping": True})
        self._stop()

    async def _job(self, exchange: Exchange) -> None:
        asked = fields.checked(await exchange.json(self._limits), _JOB, "job")
        if "kind" not in asked:
            raise Refused(400, f"a job needs a 'kind': one of {', '.join(work.KINDS)}")
        wanted = self._work(asked["kind"], asked.get("request"))
        job = Job(wanted, asyncio.get_running_loop(), asked.get("umask"))
        try:
            self._worker.submit(job)
        except Busy:
            waiting = self._limits.waiting
            raise Refused(503, f"the grading service is busy: {waiting} jobs wait already", "busy") from None
        gone = asyncio.ensure_future(exchange.gone())
        self.streaming += 1
        try:
            await self._stream(exchange, job, gone)
        finally:
            self.streaming -= 1
            self._worker.drop(job)
            gone.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await gone

    def _work(self, kind: str, wanted: Any) -> work.Work:
        """The checked request as what the worker runs."""
        return work.work(kind, wanted, self._results.new)

    async def _stream(self, exchange: Exchange, job: Job, gone: asyncio.Future[None]) -> None:
        """Send the job's events as they come, and a sign of life while there are none."""
        await exchange.start_lines()
        while not gone.done():
            try:
                event = await asyncio.wait_for(job.events.get(), self._limits.alive)
            except TimeoutError:
                event = {"event": "alive"}
            last = event["event"] in ("result", "error")
            await exchange.line(event, last)
            if last:
                return

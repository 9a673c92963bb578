"""One HTTP request and its answer, in the terms of ASGI: JSON in, JSON or lines of JSON out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from .limits import Limits

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Refused(Exception):  # noqa: N818 - it says what happened
    """The request is answered with an HTTP status and one line."""

    def __init__(self, status: int, message: str, kind: str = "input") -> None:
        super().__init__(message)
        self.status, self.kind = status, kind


class Exchange:
    """The request's head and body, and the ways to answer."""

    def __init__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        self.method, self.path = str(scope["method"]), str(scope["path"])
        self._headers = [(name.lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        self.over_tcp = bool(scope["server"]) and scope["server"][1] is not None
        self._receive, self._send = receive, send

    def header(self, name: str) -> str | None:
        """A header's value; None when absent. One that is given twice is refused."""
        found = [value for key, value in self._headers if key == name.encode()]
        if len(found) > 1:
            raise Refused(400, f"the header {name} is given twice")
        return found[0] if found else None

    async def json(self, limits: Limits) -> Any:
        """The body's value.

        Raises
        ------
        Refused : another content type, too large, too slow, not JSON
        """
        if (self.header("content-type") or "").partition(";")[0].strip().lower() != "application/json":
            raise Refused(415, "send Content-Type: application/json")
        try:
            body = await asyncio.wait_for(self._body(limits.body), limits.body_time)
        except TimeoutError:
            raise Refused(408, f"the body did not come within {limits.body_time:g} s") from None
        try:
            return json.loads(body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
            raise Refused(400, f"the body is not JSON: {reason}") from None

    async def _body(self, most: int) -> bytes:
        length = self.header("content-length")
        if length is not None and int(length) > most:  # h11 has checked that it is a number
            raise Refused(413, f"the body has {length} bytes: at most {most}; large pictures go as files")
        body = bytearray()
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError
            body += message.get("body", b"")
            if len(body) > most:
                raise Refused(413, f"the body has more than {most} bytes; large pictures go as files")
            if not message.get("more_body"):
                return bytes(body)

    async def gone(self) -> None:
        """Returns when the client has closed the connection; for after the body."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def answer(self, value: Any, status: int = 200) -> None:
        """The whole answer: one JSON document."""
        data = _encoded(value)
        await self._start(status, b"application/json", (b"content-length", str(len(data)).encode()))
        await self._send({"type": "http.response.body", "body": data})

    async def refuse(self, refused: Refused) -> None:
        """The answer to a request that is not served."""
        error = {"kind": refused.kind, "message": str(refused)}
        await self.answer({"error": error}, refused.status)

    async def start_lines(self) -> None:
        """Begin an answer of JSON lines."""
        await self._start(200, b"application/x-ndjson")

    async def line(self, value: Any, last: bool = False) -> None:
        """One line of it."""
        await self._send({"type": "http.response.body", "body": _encoded(value), "more_body": not last})

    async def _start(self, status: int, kind: bytes, *more: tuple[bytes, bytes]) -> None:
        headers = [
            (b"content-type", kind),
            (b"connection", b"close"),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            *more,
        ]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")

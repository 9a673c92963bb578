"""Who may ask where the system does not tell: over TCP, which any program or web page can reach."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from .exchange import Exchange, Refused


@dataclass(frozen=True)
class Guard:
    """Refuses what does not come from a client of ours.

    A web page cannot read the token, cannot set the Authorization header without a preflight that is
    never answered, and cannot hide its Origin; a page that has rebound its name to 127.0.0.1 sends its
    name as Host.

    Parameters
    ----------
    token : what the client has read from the address file; None on a Unix socket, where the folder's
        permissions and the peer's user id decide
    port : of the TCP socket
    """

    token: str | None = None
    port: int | None = None

    def check(self, exchange: Exchange) -> None:
        """Raises Refused."""
        if exchange.header("origin") is not None:
            raise Refused(403, "web pages cannot use the grading service")
        if self.token is None:
            return
        if exchange.header("host") not in (f"127.0.0.1:{self.port}", f"localhost:{self.port}"):
            raise Refused(403, "the Host header names another host")
        given = exchange.header("authorization") or ""
        if not hmac.compare_digest(given.encode(), f"Bearer {self.token}".encode()):
            raise Refused(401, "the token is wrong or missing")

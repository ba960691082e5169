"""Connections that do not get to the point: a request's head is bounded in bytes and in time.

The server beneath the framework reads heads of any length, and waits for them for ever.
"""

from __future__ import annotations

import asyncio
import resource
from contextlib import suppress
from typing import Any

from uvicorn import config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD, HEAD_SECONDS = 64_000, 20.0
"""Bytes of a request's first line and headers, and seconds until they are there."""
MOST_OPEN = 65_536
"""Connections and files that the process asks to have open at once."""


class Connection(HttpToolsProtocol):
    """A connection that is closed where a head is too long, or late."""

    _head = 0
    _in_body = False
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for none any more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless what was read is a head without end."""
        if self._waiting is None and not self._in_body:
            self._wait()  # the next request of a connection that is kept
        if self._waiting is not None:
            self._head += len(data)
            if self._head > MOST_HEAD + len(data):
                self.transport.abort()
                return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """A head is there."""
        self._wait_no_more()
        self._in_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """A body is there, whether or not it was answered before."""
        self._in_body = False
        super().on_message_complete()

    def _wait(self) -> None:
        self._head = 0
        self._waiting = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


def bound_connections() -> None:
    """Have every server of this process take such connections, and as many as the system lets."""
    config.HTTP_PROTOCOLS["auto"] = f"{__name__}:{Connection.__name__}"
    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_OPEN if most == resource.RLIM_INFINITY else min(MOST_OPEN, most)
    if least != resource.RLIM_INFINITY and least < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))

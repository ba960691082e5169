"""Bodies of requests: bounded in bytes and in time, and in sum while they are being sent."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

MOST_BODIES, MOST_BODIES_OF_ADDRESS = 60_000_000, 20_000_000
"""Bytes of questions that are being sent, by everybody and by one address: they lie in memory."""
BODY_SECONDS, UPLOAD_SECONDS = 30.0, 900.0
"""Seconds until the body of a question, and of an upload, is to be there."""
TOO_SLOW = "This request came too slowly. Send it again."


class BodyError(Exception):
    """A body that is not read on: the status of the answer, and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


class Bodies:
    """What is being sent just now."""

    def __init__(self) -> None:
        self._bytes: Counter[str] = Counter()  # by address

    def room(self, address: str, more: int) -> bool:
        """Whether an address may send so many bytes as well."""
        own = self._bytes[address] + more <= MOST_BODIES_OF_ADDRESS
        return not more or (own and self._bytes.total() + more <= MOST_BODIES)

    def add(self, address: str, more: int) -> None:
        """Count bytes that are to come; less than 0 for those that came."""
        if not more:
            return
        self._bytes[address] += more
        if not self._bytes[address]:
            del self._bytes[address]


class Body:
    """A request's messages; raises BodyError for a body over ``most`` bytes, or over its time.

    ``promised`` bytes of it, which it says or may have, count at ``bodies`` until they are there.
    """

    def __init__(
        self,
        receive: Receive,
        most: int,
        seconds: float,
        bodies: Bodies,
        address: str,
        promised: int,
    ) -> None:
        self._receive, self._most, self._taken = receive, most, 0
        self._until = asyncio.get_running_loop().time() + seconds
        self._bodies, self._address, self._promised = bodies, address, promised
        self.whole = False
        bodies.add(address, promised)

    async def message(self) -> Message:
        """The next part, or that the sender hung up."""
        if self.whole or not self._most:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise BodyError(408, TOO_SLOW) from None
        self._taken += len(message.get("body", b""))
        if self._taken > self._most:
            raise BodyError(413, too_large(self._most))
        if not message.get("more_body"):
            self.end()
        return message

    def end(self) -> None:
        """Count it no more: it is there, or will not come."""
        self.whole = True
        self._bodies.add(self._address, -self._promised)
        self._promised = 0


def too_large(most: int) -> str:
    """Why a body of more bytes is refused."""
    return f"A request may have up to {most:,} bytes."

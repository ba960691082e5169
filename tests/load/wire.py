"""HTTP by hand: the load shares its processors with the server, and must take few of them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any


class WireError(Exception):
    """The server hung up, or answered what is no HTTP of a known length."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A server's answer."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Wire:
    """Connections to a server from a loopback address of their own, kept between requests.

    People are told apart by their address. Raises WireError and TimeoutError.
    """

    def __init__(self, url: str, number: int, *, timeout: float = 60) -> None:
        self.url = url
        host, _, port = url.removeprefix("http://").partition(":")
        self._host, self._port, self._timeout = host, int(port), timeout
        self._address = f"127.1.{number // 250}.{1 + number % 250}"
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def __aenter__(self) -> Wire:
        return self

    async def __aexit__(self, *_: object) -> None:
        for _reader, writer in self._idle:
            writer.close()

    async def get(self, path: str) -> Answered:
        """What lies at a path, packed if the server packs it."""
        return await self._ask(f"GET {path} HTTP/1.1\r\nAccept-Encoding: gzip\r\n", b"")

    async def post(self, path: str, content: bytes, kind: str = "application/json") -> Answered:
        """Send bytes."""
        head = f"POST {path} HTTP/1.1\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n"
        return await self._ask(head, content)

    async def post_json(self, path: str, value: object) -> Answered:
        """Send a value."""
        return await self.post(path, json.dumps(value).encode())

    async def upload(self, path: str, name: str, content: bytes) -> Answered:
        """Send a file as a form does."""
        head = f'--b\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        body = head.encode() + content + b"\r\n--b--\r\n"
        return await self.post(path, body, "multipart/form-data; boundary=b")

    async def _ask(self, head: str, content: bytes) -> Answered:
        sent = f"{head}Host: {self._host}:{self._port}\r\n\r\n".encode() + content
        async with asyncio.timeout(self._timeout):
            while self._idle and self._idle[-1][0].at_eof():  # the server closed it meanwhile
                self._idle.pop()[1].close()
            reader, writer = self._idle.pop() if self._idle else await self._opened()
            try:
                writer.write(sent)
                answer, lasts = await _read(reader)
            except (OSError, asyncio.IncompleteReadError, ValueError) as error:
                writer.close()
                raise WireError(f"{type(error).__name__} {error}") from error
            except BaseException:
                writer.close()
                raise
        if lasts:
            self._idle.append((reader, writer))
        else:
            writer.close()
        return answer

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            return await asyncio.open_connection(
                self._host, self._port, local_addr=(self._address, 0), limit=1 << 20
            )
        except OSError as error:
            raise WireError(str(error)) from error


async def _read(reader: asyncio.StreamReader) -> tuple[Answered, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    return Answered(int(first.split()[1]), body), headers.get("connection") != "close"

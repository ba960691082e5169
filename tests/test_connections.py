"""Heads and bodies that come slowly, or without end, and what they hold while they come."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
import uvicorn

from sentiment.ui import bodies, connections
from sentiment.ui.bodies import MOST_BODIES_OF_ADDRESS, Bodies, Body, BodyError
from sentiment.ui.connections import MOST_HEAD, Connection
from sentiment.ui.guard import Guard
from tests.conftest import awaited

QUESTION = "/gradio_api/call/score"
HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"


async def _echo(scope: Any, receive: Any, send: Any) -> None:
    body = b""
    while scope["path"] != "/refused" and (message := await receive())["type"] == "http.request":
        body += message["body"]
        if not message["more_body"]:
            break
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def test_heads_are_bounded_and_all_else_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)

    async def flood(port: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\n")
        with pytest.raises(OSError, match=r"reset|lost|pipe"):
            await forever(writer)
        writer.close()

    async def forever(writer: asyncio.StreamWriter) -> None:
        for _ in range(10_000):
            writer.write(b"X: " + b"y" * MOST_HEAD + b"\r\n")
            await writer.drain()

    async def silent(port: int, said: bytes) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        with contextlib.suppress(ConnectionResetError):
            assert await asyncio.wait_for(reader.read(), 30) == b""
        writer.close()

    async def kept(port: int) -> None:
        """Bodies, and the time between two requests, may take longer than a head."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"go")
        await asyncio.sleep(0.7)
        writer.write(b"od")
        assert (await reader.readuntil(b"good")).startswith(b"HTTP/1.1 200")
        await asyncio.sleep(0.7)
        writer.write(2 * (HEAD + b"good"))  # one behind the other
        assert (await reader.readuntil(b"good")).startswith(b"HTTP/1.1 200")
        assert (await reader.readuntil(b"good")).startswith(b"HTTP/1.1 200")
        writer.close()

    async def refused(port: int) -> None:
        """Whoever sends a body that is not read hears so, and may ask again."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        for _ in range(10):
            writer.write(b"x" * 100_000)
            await writer.drain()
            await asyncio.sleep(0.01)
        writer.write(HEAD + b"good")
        assert (await reader.readuntil(b"good")).startswith(b"HTTP/1.1 200")
        writer.close()

    async def check() -> None:
        config = uvicorn.Config(_echo, port=0, http=Connection, lifespan="off", log_level="error")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        both = silent(port, b""), silent(port, b"GET / HT")
        await asyncio.gather(flood(port), *both, kept(port), refused(port))
        server.should_exit = True
        await serving

    awaited(check())


async def _never() -> Any:
    await asyncio.sleep(60)


def _scope(address: str, **headers: str) -> dict[str, Any]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http",
        "method": "POST",
        "path": QUESTION,
        "query_string": b"",
        "client": (address, 1),
        "headers": pairs,
    }


def test_a_body_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentiment.ui.guard.BODY_SECONDS", 0.05)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    awaited(Guard(_echo)(_scope("1.1.1.1"), _never, send))
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


def test_bodies_that_are_being_sent_are_bounded_in_sum() -> None:
    """By an address; others send theirs meanwhile, and it does again once they are there."""

    async def check() -> None:
        guard = Guard(_echo)

        async def status(address: str, receive: Any, length: str) -> int:
            found: list[Any] = []

            async def send(message: Any) -> None:
                found.append(message)

            await guard(_scope(address, content_length=length), receive, send)
            return int(found[0]["status"])

        async def whole() -> Any:
            return {"type": "http.request", "body": b"{}", "more_body": False}

        count = MOST_BODIES_OF_ADDRESS // 2_000_000
        slow = [asyncio.create_task(status("1.1.1.1", _never, "2000000")) for _ in range(count)]
        await asyncio.sleep(0)
        assert await status("1.1.1.1", whole, "2000000") == 503
        assert await status("2.2.2.2", whole, "2000000") == 200
        for one in slow:
            one.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        assert await status("1.1.1.1", whole, "2000000") == 200

    awaited(check())


def test_parts_are_counted_whatever_was_said() -> None:
    async def part() -> Any:
        return {"type": "http.request", "body": b"x" * 60, "more_body": True}

    async def check() -> None:
        held = Bodies()
        body = Body(part, 100, bodies.BODY_SECONDS, held, "1.1.1.1", 100)
        await body.message()
        with pytest.raises(BodyError, match="up to 100 bytes"):
            await body.message()
        body.end()
        assert held.room("1.1.1.1", MOST_BODIES_OF_ADDRESS)

    awaited(check())

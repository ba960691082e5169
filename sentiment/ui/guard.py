"""Around the server: what every request must keep to, and what no answer or log may hold.

Addresses that ``entrances`` does not name are shut, bodies are bounded before they are read,
requests that another site's page sends are refused, and a fault of the program is logged by its
place and kind alone: its message may hold what was typed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse

from sentiment.ui.allowance import Allowance
from sentiment.ui.bodies import (
    BODY_SECONDS,
    UPLOAD_SECONDS,
    Bodies,
    Body,
    BodyError,
    Message,
    Receive,
    too_large,
)
from sentiment.ui.entrances import MAX_BODY as MAX_BODY
from sentiment.ui.entrances import MAX_UPLOAD, QUESTIONS, READ, Entrance, entrances, path_of
from sentiment.ui.storage import has_room
from sentiment.ui.visitors import LEFT, address_of

Scope = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_STREAMS, MOST_STREAMS_OF_ADDRESS = 3_000, 300
"""Answers that last as long as a page is open, two or three a page; a school is one address."""
QUESTIONS_A_SECOND, MOST_QUESTIONS = 400, 4_000
EVENTS_A_SECOND, MOST_EVENTS = 15, 150
"""Requests of an address that are let in: the page's questions, and those that the framework
answers, which take longer; a second, and at once."""
NOTHING = "There is nothing here."
TOO_MANY = "Too many requests come from your address. Try again in {} s."
WRONG = "Something went wrong on this page's side. Try another text."
# The page's scripts and styles are in it, so 'unsafe-inline' and Svelte's 'unsafe-eval' stay;
# nothing comes from elsewhere. A Space is a frame of another site, and any site may embed the page.
HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"content-security-policy": (
        b"default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
        b"style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; form-action 'self'"
        b"; frame-ancestors *"
    ),
}
_log = logging.getLogger(__name__)


class Around:
    """A middleware that puts ``put`` around the whole of the framework, its own ones included.

    The framework puts its own around those that it is told of; refusals would pass through them
    all. Nothing is served before that is done.
    """

    def __init__(self, app: App, put: Callable[[App], App]) -> None:
        self._app, self._put, self._done = app, put, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Be replaced at the start, then pass on."""
        if scope["type"] == "lifespan":
            framework = scope["app"]
            framework.middleware_stack = self._put(framework.middleware_stack)
            self._done = True
        elif not self._done:
            raise RuntimeError("the framework did not start its application")
        await self._app(scope, receive, send)


def malformed(_: Request, error: Exception) -> JSONResponse:
    """A request of another form than wanted: where it differs, not what it held."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    detail = [{"loc": one["loc"][:2], "type": one["type"]} for one in found[:5]]
    return JSONResponse({"detail": detail}, status_code=422)


class Guard:
    """The ASGI application around Gradio's."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._streams: Counter[str] = Counter()
        self._questions = Allowance(QUESTIONS_A_SECOND, MOST_QUESTIONS)
        self._events = Allowance(EVENTS_A_SECOND, MOST_EVENTS)
        self._promised = 0  # bytes of uploads that are under way
        self._bodies = Bodies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or say why not."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})  # nothing of ours speaks it
            return
        request = Request(scope)
        found = _entrance(request)
        if found is not None and (seconds := self._too_many(request, found)):
            refusal = _refusal(429, TOO_MANY.format(seconds))
            refusal.headers["retry-after"] = str(seconds)
            await refusal(scope, receive, send)
            return
        status, why = (404, NOTHING) if found is None else self._judged(request, found)
        if found is None or status != 200:
            await _refusal(status, why)(scope, receive, send)
            return
        if not found.stays:
            await self._answer(request, found, receive, send)
            return
        address = address_of(scope)
        self._streams[address] += 1
        try:
            await self._answer(request, found, receive, send)
        finally:
            self._streams[address] -= 1
            if not self._streams[address]:
                del self._streams[address]

    async def _answer(
        self, request: Request, found: Entrance, receive: Receive, send: Send
    ) -> None:
        """Hand a request on, its body bounded and its answer with the headers."""
        scope = request.scope
        started, replaced = False, False
        asks = found.path == QUESTIONS
        watching: asyncio.Task[None] | None = None
        promised = _upload_bytes(request, found)
        self._promised += promised
        seconds = UPLOAD_SECONDS if promised else BODY_SECONDS
        sent = address_of(scope), _question_bytes(request, found)
        body = Body(receive, found.most, seconds, self._bodies, *sent)

        async def bounded() -> Message:
            nonlocal watching
            message = await body.message()
            if asks and watching is None and body.whole:
                scope[LEFT] = threading.Event()
                watching = asyncio.create_task(_told_when_left(receive, scope[LEFT]))
            return message

        async def headed(message: Message) -> None:
            nonlocal started, replaced
            if replaced:
                return
            if message["type"] == "http.response.start":
                started = True
                if message["status"] >= 400 and "/file=" in found.path:
                    replaced = True  # the framework repeats what was asked for
                    await _refusal(404, NOTHING)(scope, receive, send)
                    return
                present = {name.lower() for name, _ in message.setdefault("headers", [])}
                message["headers"] = [
                    *message["headers"],
                    *((name, value) for name, value in HEADERS.items() if name not in present),
                ]
            await send(message)

        try:
            await self._app(scope, bounded, headed)
        except BodyError as error:
            if not started:
                refusal = _refusal(error.status, error.why)
                refusal.headers["connection"] = "close"  # the rest of it would be read
                await refusal(scope, receive, send)
        except Exception as error:
            log_fault(_log, error, found.path)
            if not started:
                await _refusal(500, WRONG)(scope, receive, send)
        finally:
            self._promised -= promised
            body.end()
            if watching is not None:
                watching.cancel()

    def _too_many(self, request: Request, found: Entrance) -> int:
        """Seconds until this address may ask again; 0 where that is now."""
        if request.method in READ:
            return 0
        allowed, address = (
            self._questions if found.path == QUESTIONS else self._events,
            address_of(request.scope),
        )
        if seconds := allowed.seconds(address):
            return seconds
        allowed.take(address, 1)
        return 0

    def _judged(self, request: Request, found: Entrance) -> tuple[int, str]:
        """Status and reason where a request is refused unread; 200 where it is not."""
        if request.method not in found.methods:
            return 405, f"Here is only {' and '.join(found.methods)}."
        if found.stays:
            own = self._streams[address_of(request.scope)]
            if own >= MOST_STREAMS_OF_ADDRESS or self._streams.total() >= MOST_STREAMS:
                return 503, "Too many pages are open just now. Close some, or try again later."
        kind = request.headers.get("content-type", "")
        if found.path == QUESTIONS and kind.startswith("multipart/"):
            return 415, "A question is JSON."
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > 12 or int(length) > found.most:
            return 413, too_large(found.most)
        if not self._bodies.room(address_of(request.scope), _question_bytes(request, found)):
            return 503, "Too much is being sent just now. Try again in a minute."
        more = _upload_bytes(request, found)
        if more and not has_room(self._promised + more):
            return 503, "There is no room for another file just now. Try again in an hour."
        origin = request.headers.get("origin")
        if request.method not in READ and origin is not None and not _own(origin, request):
            return 403, "Questions come from this page or from a program, not from another page."
        return 200, ""


def log_fault(log: logging.Logger, error: Exception, where: str) -> None:
    """Write a fault's kind and place; its message may hold what a person typed."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s in %s\n%s", type(error).__name__, json.dumps(where), frames)


def _refusal(status: int, why: str) -> JSONResponse:
    response = JSONResponse({"detail": why}, status)
    response.raw_headers.extend(HEADERS.items())
    return response


def _entrance(request: Request) -> Entrance | None:
    """What a request asks for; of two with one path the one that has its method."""
    found = entrances(path_of(request.scope))
    return next((one for one in found if request.method in one.methods), next(iter(found), None))


async def _told_when_left(receive: Receive, left: threading.Event) -> None:
    """Set ``left`` once the sender of a request whose body is read has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass
    left.set()


def _own(origin: str, request: Request) -> bool:
    """Whether a page of this very server asks, by the name that it, or its proxy, was asked for."""
    hosts = {request.headers.get("host"), request.headers.get("x-forwarded-host")}
    try:
        return urlsplit(origin).netloc in hosts
    except ValueError:  # brackets without an address between them
        return False


def _upload_bytes(request: Request, found: Entrance) -> int:
    """Bytes that an upload may store; 0 of what is none."""
    if found.most != MAX_UPLOAD:
        return 0
    return int(request.headers.get("content-length", "0")) or MAX_UPLOAD


def _question_bytes(request: Request, found: Entrance) -> int:
    """Bytes of a body that is kept in memory; 0 of an upload, which is not."""
    if found.most == MAX_UPLOAD or request.method in READ:
        return 0
    return int(request.headers.get("content-length", found.most))

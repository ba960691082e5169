"""Around the server: what every request must keep to, and what no answer or log may hold.

Bodies are bounded before they are read, requests that another site's page sends are refused, and
a fault of the program is logged by its place and kind alone: its message may hold what was typed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from fastapi.exceptions import RequestValidationError
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse

from sentiment.ui.limits import MAX_FILE_BYTES
from sentiment.ui.storage import has_room
from sentiment.ui.visitors import LEFT

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY = 2_000_000
"""Most bytes of a question; MAX_BATCH texts of MAX_CHARACTERS in ASCII are 1.3 million."""
MAX_UPLOAD = MAX_FILE_BYTES + 100_000
NOTHING = "There is nothing here."
WRONG = "Something went wrong on this page's side. Try another text."
# The page's scripts and styles are in it, so 'unsafe-inline' and Svelte's 'unsafe-eval' stay;
# nothing comes from elsewhere. No frame rule: a Space is a frame of another site, and may be one.
HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"content-security-policy": (
        b"default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
        b"style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; form-action 'self'"
    ),
}
SHUT = ("/proxy=", "/file=http:", "/file=https:")
"""Routes of the framework that would fetch another site's address."""

_log = logging.getLogger(__name__)


def app_options() -> dict[str, Any]:
    """What ``launch`` is told of the guard, as its ``app_kwargs``."""
    return {
        "middleware": [Middleware(Guard)],
        "exception_handlers": {RequestValidationError: malformed},
    }


def malformed(_: Request, error: Exception) -> JSONResponse:
    """A request of another form than wanted: where it differs, not what it held."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    detail = [{"loc": one["loc"][:2], "type": one["type"]} for one in found[:5]]
    return JSONResponse({"detail": detail}, status_code=422)


class Guard:
    """The ASGI application around Gradio's."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or say why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        refusal = self._refusal(request)
        if refusal is not None:
            await JSONResponse({"detail": refusal[1]}, refusal[0])(scope, receive, send)
            return
        most = MAX_UPLOAD if _path(request).endswith("/upload") else MAX_BODY
        taken, started, replaced = 0, False, False
        asks = _path(request).endswith("/component_server")
        watching: asyncio.Task[None] | None = None

        async def bounded() -> Message:
            nonlocal taken, watching
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise _TooLargeError
            if asks and watching is None and not message.get("more_body"):
                scope[LEFT] = threading.Event()
                watching = asyncio.create_task(_told_when_left(receive, scope[LEFT]))
            return message

        async def headed(message: Message) -> None:
            nonlocal started, replaced
            if replaced:
                return
            if message["type"] == "http.response.start":
                started = True
                if message["status"] >= 400 and "/file=" in request.url.path:
                    replaced = True  # the framework repeats what was asked for
                    await JSONResponse({"detail": NOTHING}, 404)(scope, receive, send)
                    return
                present = {name.lower() for name, _ in message.setdefault("headers", [])}
                message["headers"] = [
                    *message["headers"],
                    *((name, value) for name, value in HEADERS.items() if name not in present),
                ]
            await send(message)

        try:
            await self._app(scope, bounded, headed)
        except _TooLargeError:
            if not started:
                answer = JSONResponse({"detail": _too_large(most)}, 413)
                await answer(scope, receive, send)
        except Exception as error:
            log_fault(_log, error, request.url.path.split("/")[-1][:40])
            if not started:
                await JSONResponse({"detail": WRONG}, 500)(scope, receive, send)
        finally:
            if watching is not None:
                watching.cancel()

    @staticmethod
    def _refusal(request: Request) -> tuple[int, str] | None:
        """Status and reason where a request is refused unread."""
        path = _path(request)
        if any(shut in path for shut in SHUT):
            return 404, NOTHING
        kind = request.headers.get("content-type", "")
        if path.endswith("/component_server") and kind.startswith("multipart/"):
            return 415, "A question is JSON."
        length = request.headers.get("content-length", "0")
        most = MAX_UPLOAD if path.endswith("/upload") else MAX_BODY
        if not length.isdecimal() or len(length) > 12 or int(length) > most:
            return 413, _too_large(most)
        if most == MAX_UPLOAD and request.method == "POST" and not has_room(int(length) or most):
            return 503, "There is no room for another file just now. Try again in an hour."
        origin = request.headers.get("origin")
        if request.method == "POST" and origin is not None and not _own(origin, request):
            return 403, "Questions come from this page or from a program, not from another page."
        return None


class _TooLargeError(Exception):
    pass


def log_fault(log: logging.Logger, error: Exception, where: str) -> None:
    """Write a fault's kind and place; its message may hold what a person typed."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s in %s\n%s", type(error).__name__, json.dumps(where), frames)


def _path(request: Request) -> str:
    return request.url.path.rstrip("/")


async def _told_when_left(receive: Receive, left: threading.Event) -> None:
    """Set ``left`` once the sender of a request whose body is read has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass
    left.set()


def _own(origin: str, request: Request) -> bool:
    """Whether a page of this very server asks, by the name that it, or its proxy, was asked for."""
    hosts = {request.headers.get("host"), request.headers.get("x-forwarded-host")}
    return urlsplit(origin).netloc in hosts


def _too_large(most: int) -> str:
    return f"A request may have up to {most:,} bytes."

"""What other sites show of a link to the page: its name, a line, a picture."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

DESCRIPTION = (
    "A small network reads your sentence word by word, and shows how it makes up its mind: "
    "“not good”, step by step, with sums that add up."
)
PICTURES = Path(__file__).parent / "pictures"
FAVICON = PICTURES / "favicon.svg"
PATH = "/preview.png"
# The framework's page names itself before it names the app, and the first name counts.
_FOREIGN = re.compile(rb'<meta property="og:title" content="Gradio" />.*?(?=<style>)', re.S)


def preview() -> dict[str, str]:
    """The page's own description and picture, in full where it knows its own host."""
    host = os.environ.get("SPACE_HOST")
    return {
        "simple_description": DESCRIPTION,
        "thumbnail": f"https://{host}{PATH}" if host else PATH,
    }


def with_preview(options: dict[str, Any]) -> dict[str, Any]:
    """An application's options with the picture's address, and the page's own names alone."""
    return {
        **options,
        "routes": [*options.get("routes", ()), Route(PATH, _picture)],
        "middleware": [*options.get("middleware", ()), Middleware(OwnNames)],
    }


def _picture(_: Request) -> FileResponse:
    return FileResponse(PICTURES / "preview.png", media_type="image/png")


class OwnNames:
    """Takes the framework's own names out of the page that is served at "/"."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Pass on all but the page, which is changed once it is whole."""
        if scope["type"] != "http" or scope["path"] not in ("", "/"):
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def own(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body") or start is None:
                return
            whole = _FOREIGN.sub(b"", body, count=1)
            if scope["method"] != "HEAD":
                start["headers"] = [
                    (name, str(len(whole)).encode() if name == b"content-length" else value)
                    for name, value in start["headers"]
                ]
            await send(start)
            await send({**message, "body": whole})

        await self.app(scope, receive, own)

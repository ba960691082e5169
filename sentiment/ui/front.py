"""The page as it is first sent: its own names, its first picture before Gradio is there, packed.

Gradio's page is an empty element, some eighty files that fill it in one to two seconds, and all
that it needs to know as JSON. The scripts and the styles of the page are in that JSON: run at once
they draw the panel that is open in a fraction of the time (``scripts/opening.js``), and Gradio
takes the drawing over. The styles stay: Gradio applies its own copy of them to its inner parts
alone where they stand in a media query.
"""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from typing import Any

from starlette.datastructures import Headers, MutableHeaders

from sentiment.ui.preview import own_names

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

FONTS = "".join(
    f'<link rel="preload" as="font" type="font/woff2" crossorigin '
    f'href="static/fonts/SourceSansPro/SourceSansPro-{face}.woff2" />'
    for face in ("Regular", "Bold")
).encode()
OPENING = b"""<script>
(() => {
  const { css, head } = window.gradio_config ?? {};
  if (!head) return;
  document.documentElement.classList.add('opening');
  const style = document.createElement('style');
  style.id = 'own-style';
  style.textContent = css;
  const holder = document.createElement('template');
  holder.innerHTML = head;
  const script = document.createElement('script');
  script.textContent = holder.content.querySelector('script').textContent;
  document.head.append(style, script);
})();
</script>
"""
NAMED_BY_CONTENT = "/assets/"
A_YEAR = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"


class Front:
    """The ASGI application around Gradio's that changes the page served at "/"."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Pass on all but the page, which is changed once it is whole."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] in ("", "/"):
            await self._page(scope, receive, send)
        else:
            await self.app(scope, receive, _kept(scope["path"], send))

    async def _page(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
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
            content = body
            headers = MutableHeaders(raw=start.setdefault("headers", []))
            if headers.get("content-type", "").startswith("text/html") and body:
                packed = "gzip" in Headers(scope=scope).get("accept-encoding", "")
                content = _written(body, packed)
                headers.add_vary_header("Accept-Encoding")
                if packed:
                    headers["content-encoding"] = "gzip"
            if scope["method"] != "HEAD":
                headers["content-length"] = str(len(content))
            await send(start)
            await send({**message, "body": content})

        await self.app(scope, receive, own)


@lru_cache(maxsize=8)
def _written(page: bytes, packed: bool) -> bytes:
    """The framework's page with what is this page's own."""
    page = own_names(page)
    page = page.replace(b"<script>window.gradio_config", FONTS + b"<script>window.gradio_config", 1)
    before, end, after = page.rpartition(b"</body>")
    page = before + OPENING + end + after if end else page
    return gzip.compress(page, 6) if packed else page


def _kept(path: str, send: Send) -> Send:
    """``send`` with how long a browser may keep the framework's own files."""
    if path.startswith(NAMED_BY_CONTENT):
        length = A_YEAR
    elif path.startswith("/static/"):
        length = A_DAY
    else:
        return send

    async def kept(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            MutableHeaders(raw=message.setdefault("headers", []))["cache-control"] = length
        await send(message)

    return kept

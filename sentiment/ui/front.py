"""The page as it is first sent: its own names, its first picture before Gradio is there, packed.

Gradio's page is an empty element, some eighty files that fill it in one to two seconds, and all
that it needs to know as JSON. The scripts and the styles of the page are in that JSON: run at once
they draw the panel that is open in a fraction of the time (``scripts/opening.js``), and Gradio
takes the drawing over. The styles stay: Gradio applies its own copy of them to its inner parts
alone where they stand in a media query.
"""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
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
MOST_PAGES, MOST_KEPT, MOST_OF_ONE = 8, 8_000_000, 1_000_000
"""Pages by the names that the server is asked for, and bytes of files, that are kept as sent."""
_NAMES = (b"host", b"x-forwarded-host", b"x-forwarded-proto", b"x-gradio-server")
_PARTIAL = frozenset((b"range", b"if-range", b"if-none-match", b"if-modified-since"))
Key = tuple[object, ...]
Answer = tuple[Message, bytes]


class Front:
    """The ASGI application around Gradio's that changes the page served at "/".

    The page, and the framework's own files, are kept as they were sent: the framework would write
    and pack them anew for everybody.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self._pages: OrderedDict[Key, Answer] = OrderedDict()
        self._files: dict[Key, Answer] = {}
        self._bytes = 0

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Pass on all but the page, which is changed once it is whole, and what is kept."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] in ("", "/"):
            await self._page(scope, receive, send)
        elif (length := _length(scope["path"])) is not None:
            await self._file(scope, receive, send, length)
        else:
            await self.app(scope, receive, send)

    async def _page(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        packed = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        key = _page_key(scope, packed)
        found = self._pages.get(key)
        if found is None:
            # What the address says is for the scripts; the framework would look for links to state.
            start, body = await _whole(self.app, {**scope, "query_string": b""}, receive)
            headers = MutableHeaders(raw=start["headers"])
            if headers.get("content-type", "").startswith("text/html") and body:
                body = _written(body, packed)
                headers.add_vary_header("Accept-Encoding")
                if packed:
                    headers["content-encoding"] = "gzip"
            if scope["method"] != "HEAD":
                headers["content-length"] = str(len(body))
            found = start, body
            if start["status"] == 200 and scope["method"] == "GET":
                self._pages[key] = found
                while len(self._pages) > MOST_PAGES:
                    self._pages.popitem(last=False)
        await _send(found, send)

    async def _file(
        self, scope: MutableMapping[str, Any], receive: Receive, send: Send, length: str
    ) -> None:
        packing = Headers(scope=scope).get("accept-encoding", "")
        key = (scope["path"], "br" in packing, "gzip" in packing)
        if found := self._files.get(key):
            await _send(found, send)
            return
        partial = any(name in _PARTIAL for name, _ in scope["headers"])
        if partial or scope["method"] != "GET":
            await self.app(scope, receive, _lasting(length, send))
            return
        start, body = await _whole(self.app, scope, receive)
        if start["status"] == 200:
            headers = MutableHeaders(raw=start["headers"])
            headers["cache-control"] = length
            headers["content-length"] = str(len(body))
            room = MOST_KEPT - self._bytes
            if len(body) <= min(MOST_OF_ONE, room) and key not in self._files:
                self._files[key] = start, body
                self._bytes += len(body)
        await _send((start, body), send)


def _page_key(scope: MutableMapping[str, Any], packed: bool) -> Key:
    """All that the framework's page depends on: the names that it is asked for."""
    said = tuple(pair for pair in scope["headers"] if pair[0] in _NAMES)
    return (packed, scope.get("scheme"), scope.get("root_path"), scope.get("server"), said)


async def _whole(app: App, scope: MutableMapping[str, Any], receive: Receive) -> Answer:
    """An answer of the framework, once it is whole."""
    start: Message = {"type": "http.response.start", "status": 500, "headers": []}
    parts: list[bytes] = []

    async def keep(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = {**message, "headers": list(message.get("headers", ()))}
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, keep)
    return start, b"".join(parts)


async def _send(answer: Answer, send: Send) -> None:
    start, body = answer
    await send({**start, "headers": list(start["headers"])})
    await send({"type": "http.response.body", "body": body})


def _written(page: bytes, packed: bool) -> bytes:
    """The framework's page with what is this page's own."""
    page = own_names(page)
    page = page.replace(b"<script>window.gradio_config", FONTS + b"<script>window.gradio_config", 1)
    before, end, after = page.rpartition(b"</body>")
    page = before + OPENING + end + after if end else page
    return gzip.compress(page, 6) if packed else page


def _length(path: str) -> str | None:
    """How long a browser may keep a file of the framework's; None for all else."""
    if path.startswith(NAMED_BY_CONTENT):
        return A_YEAR
    return A_DAY if path.startswith("/static/") else None


def _lasting(length: str, send: Send) -> Send:
    """``send`` with how long a browser may keep what is sent."""

    async def lasting(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            MutableHeaders(raw=message.setdefault("headers", []))["cache-control"] = length
        await send(message)

    return lasting

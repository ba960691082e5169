"""The page's questions, answered before the framework: most requests are one.

Its own way to the same functions finds a route among sixty, asks who is logged in on two threads,
makes a session and describes the answer: three times what a verdict takes, on the one thread that
serves everybody.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from starlette.responses import JSONResponse, Response

from sentiment.ui.bodies import Receive
from sentiment.ui.entrances import QUESTIONS, path_of
from sentiment.ui.gate import Visitor
from sentiment.ui.guard import NOTHING, App, Scope, Send
from sentiment.ui.visitors import ASKING, LEFT, address_of

MOST_OF_SESSION = 80
"""Characters of a session's name that count."""
Answered = Callable[[Any], Awaitable[Response]]


class Asked(Protocol):
    """The functions that a page's scripts call by name, all of one component."""

    @property
    def component(self) -> int:
        """The component's number."""

    @property
    def functions(self) -> Mapping[str, Answered]:
        """Its functions by name."""


class Questions:
    """The ASGI application around Gradio's that answers ``asked``'s questions itself."""

    def __init__(self, app: App, asked: Asked) -> None:
        self._app, self._asked = app, asked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a question, pass on all else."""
        if scope["type"] != "http" or path_of(scope) != QUESTIONS:
            await self._app(scope, receive, send)
            return
        response = await self._answer(scope, await _body(receive))
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, body: bytes) -> Response:
        try:
            question = json.loads(body)
        except (ValueError, RecursionError):
            question = None
        if not isinstance(question, dict) or "data" not in question:
            return JSONResponse({"detail": "A question is a JSON object."}, status_code=422)
        name, number = question.get("fn_name"), question.get("component_id")
        answer = self._asked.functions.get(name) if isinstance(name, str) else None
        if answer is None or number != self._asked.component:
            return JSONResponse({"detail": NOTHING}, status_code=404)
        session = str(question.get("session_hash") or "")[:MOST_OF_SESSION]
        ASKING.set(Visitor(address_of(scope), session, scope[LEFT].is_set))
        asked = answer(question["data"])
        del body, question  # an answer may wait in line for long
        return await asked


async def _body(receive: Receive) -> bytes:
    found = b""
    while (message := await receive())["type"] == "http.request":
        found += message.get("body", b"")
        if not message.get("more_body"):
            break
    return found

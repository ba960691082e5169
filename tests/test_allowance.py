"""Floods are refused before they cost anything, and nobody else with them."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from sentiment.ui import allowance
from sentiment.ui.allowance import Allowance
from sentiment.ui.answers import STUDY, WORK_A_SECOND, Reader
from sentiment.ui.entrances import MAX_UPLOAD
from sentiment.ui.front import MOST_PAGES, Front
from sentiment.ui.gate import Visitor
from sentiment.ui.guard import MOST_EVENTS, MOST_QUESTIONS, Around, Guard
from sentiment.ui.limits import BusyError
from sentiment.ui.questions import Questions
from sentiment.ui.visitors import ASKING, LEFT, visitor
from tests.conftest import awaited, tiny_classifier

QUESTIONS = "/gradio_api/component_server/"


def scope(path: str, method: str = "POST", **headers: str) -> dict[str, Any]:
    found = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http",
        "method": method,
        "path": path,
        "client": ("10.0.0.1", 5),
        "headers": found,
        "query_string": b"",
        "scheme": "http",
        "server": ("h", 80),
        LEFT: threading.Event(),
    }


def sent(app: Any, asked: dict[str, Any], body: bytes = b"{}") -> tuple[int, dict[str, str], bytes]:
    """What an application answers."""
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        said.append(message)

    awaited(app(asked, receive, send))
    headers = {name.decode().lower(): value.decode() for name, value in said[0]["headers"]}
    return said[0]["status"], headers, b"".join(one.get("body", b"") for one in said[1:])


class Framework:
    """Stands for Gradio's application; counts what reaches it."""

    def __init__(self, kind: str = "text/html", status: int = 200) -> None:
        self.seen: list[Any] = []
        self.middleware_stack: Any = self
        self._kind, self._status = kind, status

    async def __call__(self, asked: Any, receive: Any, send: Any) -> None:
        self.seen.append((asked.get("path"), asked.get("query_string")))
        if asked["type"] == "lifespan":
            return
        headers = [(b"content-type", self._kind.encode())]
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        host = dict(asked["headers"]).get(b"host", b"")
        await send({"type": "http.response.body", "body": b"<body>" + host, "more_body": True})
        await send({"type": "http.response.body", "body": b"</body>"})


def test_an_allowance_is_refilled_and_may_be_overdrawn_once(monkeypatch) -> None:
    now = [100.0]
    store = Allowance(10, 50, clock=lambda: now[0])
    store.take("a", 250)
    assert (store.seconds("a"), store.seconds("b")) == (20, 0)
    now[0] += 19.5
    assert store.seconds("a") == 1
    now[0] += 1
    assert store.seconds("a") == 0
    now[0] += 1_000
    store.take("a", 51)
    assert store.seconds("a") == 1
    monkeypatch.setattr(allowance, "MOST_KEPT", 3)
    for name in "cdef":
        store.take(name, 1)
    assert store.seconds("a") == 0


@pytest.mark.parametrize(
    ("path", "most"), [(QUESTIONS, MOST_QUESTIONS), ("/gradio_api/call/explain", MOST_EVENTS)]
)
def test_a_flood_is_refused_before_the_framework(path: str, most: int) -> None:
    """Of one address, behind a proxy that all share; the page is served to it all the same."""
    framework = Framework()
    guard = Guard(framework)
    flood = scope(path, x_forwarded_for="6.6.6.6, 1.2.3.4, 10.0.0.9")
    assert sent(guard, flood)[0] == 200
    store = guard._questions if path == QUESTIONS else guard._events
    store.take("1.2.3.4", 2 * most)
    status, headers, _ = sent(guard, flood)
    assert status == 429
    assert int(headers["retry-after"]) >= 1
    reached = len(framework.seen)
    assert sent(guard, flood)[0] == 429
    assert len(framework.seen) == reached
    assert sent(guard, scope(path, x_forwarded_for="1.2.3.5, 10.0.0.9"))[0] == 200
    assert sent(guard, scope("/", "GET", x_forwarded_for="1.2.3.4, 10.0.0.9"))[0] == 200


def test_uploads_under_way_count_as_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many that begin at once no more are admitted than there is room for."""
    monkeypatch.setattr("sentiment.ui.guard.has_room", lambda more: more <= 2 * MAX_UPLOAD)
    release, admitted = asyncio.Event(), []

    async def framework(_: Any, receive: Any, send: Any) -> None:
        admitted.append(await receive())
        await release.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def all_at_once() -> list[int]:
        guard = Guard(framework)
        asked = [asyncio.create_task(status(guard)) for _ in range(5)]
        while len(admitted) < 2:
            await asyncio.sleep(0)
        release.set()
        found = await asyncio.gather(*asked)
        return [*found, await status(guard)]

    async def status(guard: Guard) -> int:
        found = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            found.append(message.get("status"))

        await guard(scope("/gradio_api/upload", content_length=str(MAX_UPLOAD)), receive, send)
        return next(one for one in found if one)

    assert awaited(all_at_once()) == [200, 200, 503, 503, 503, 200]


def test_an_origin_that_is_none_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    framework = Framework()
    odd = scope(QUESTIONS, origin="http://[secret words]")
    assert sent(Guard(framework), odd)[0] == 403
    assert framework.seen == []
    assert "secret" not in caplog.text


def test_work_is_counted_and_verdicts_are_free() -> None:
    reader = Reader(tiny_classifier())

    async def ask(address: str, steps: int) -> str:
        ASKING.set(Visitor(address))
        return await reader.turn(lambda: "done", ["good " * 900], steps)

    reader.work.take("flood", 4_000_000)
    with pytest.raises(BusyError, match="much work") as refused:
        awaited(ask("flood", STUDY))
    assert refused.value.seconds == 800_000 / WORK_A_SECOND
    assert awaited(ask("flood", 1)) == "done"
    assert awaited(ask("other", STUDY)) == "done"


def test_a_question_is_answered_without_the_framework() -> None:
    async def predict(question: Any) -> Any:
        from starlette.responses import Response

        return Response(repr((question, visitor().person)))

    class Page:
        component, functions = 7, {"predict": predict}

    framework = Framework()
    app = Questions(framework, Page())
    good = b'{"data": [1], "component_id": 7, "fn_name": "predict", "session_hash": "s"}'
    status, _, body = sent(app, scope(QUESTIONS, x_forwarded_for="1.2.3.4"), good)
    assert (status, body) == (200, b"([1], ('1.2.3.4', 's'))")
    wrong = {
        good.replace(b"7", b"8"): 404,
        good.replace(b"predict", b"__init__"): 404,
        good.replace(b'"predict"', b"[]"): 404,
        b"": 422,
        b"[" * 100_000: 422,
        b"{}": 422,
        b"\xff": 422,
    }
    for content, wanted in wrong.items():
        assert sent(app, scope(QUESTIONS), content)[0] == wanted
    assert framework.seen == []
    assert sent(app, scope("/gradio_api/upload"))[0] == 200


def test_the_page_is_written_once_for_each_name() -> None:
    framework = Framework()
    front = Front(framework)
    first = sent(front, {**scope("/", "GET", host="a"), "query_string": b"deep_link=x"})
    assert first == sent(front, scope("/", "GET", host="a"))
    assert framework.seen == [("/", b"")]
    assert sent(front, scope("/", "GET", host="b"))[2].startswith(b"<body>b")
    assert sent(front, scope("/", "GET", host="a", accept_encoding="gzip"))[2][:2] == b"\x1f\x8b"
    for number in range(2 * MOST_PAGES):
        sent(front, scope("/", "GET", host=f"c{number}"))
    assert len(front._pages) == MOST_PAGES


def test_files_are_kept_as_sent_and_faults_are_not() -> None:
    framework = Framework("text/javascript")
    front = Front(framework)
    for _ in range(3):
        status, headers, body = sent(front, scope("/assets/a.js", "GET"))
        assert (status, body) == (200, b"<body></body>")
        assert headers["cache-control"].endswith("immutable")
    assert len(framework.seen) == 1
    sent(front, scope("/assets/a.js", "GET", accept_encoding="br"))
    sent(front, scope("/assets/a.js", "HEAD"))
    sent(front, scope("/assets/b.js", "GET", range="bytes=0-1"))
    sent(front, scope("/theme.css", "GET"))
    assert len(framework.seen) == 4  # of a.js the HEAD is kept too
    broken = Front(missing := Framework(status=404))
    for _ in range(2):
        assert sent(broken, scope("/assets/none.js", "GET"))[0] == 404
    assert len(missing.seen) == 2


def test_nothing_is_served_before_the_guard_stands() -> None:
    framework = Framework()
    around: Any = Around(framework, lambda app: Front(app))
    with pytest.raises(RuntimeError, match="did not start"):
        sent(around, scope("/", "GET"))
    awaited(around({"type": "lifespan", "app": framework}, None, None))
    assert isinstance(framework.middleware_stack, Front)

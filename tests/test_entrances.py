"""Every way into the server is named, with its limits, and what is not named is shut."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sentiment.ui import guard
from sentiment.ui.entrances import ENTRANCES, entrances
from tests.conftest import ROOT, awaited, tiny_classifier
from tests.entrances import END, SHUT, START, routes, table

# Gradio asks pandas for an option that is no more.
pytestmark = pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting'")
CANARY = "zqxcanary7f3"


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    """A page over a tiny model, served on loopback."""
    from sentiment.ui.page import LAUNCH, build

    app = build(tiny_classifier())
    app.launch(prevent_thread_lock=True, quiet=True, **LAUNCH)
    yield app
    app.close()


@pytest.fixture(scope="module")
def client(page: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=page.local_url, timeout=60) as found:
        yield found


def test_every_route_is_named_open_or_shut(page: Any) -> None:
    there = {path.replace("file={", "file=/{") for path in routes(page.app.routes)}
    named = {one.path.replace("file={", "file=/{") for one in ENTRANCES}
    new = {path for path in there - named if path not in SHUT}
    assert not new, "new routes: name them in sentiment/ui/entrances.py, or in tests/entrances.py"
    assert named - there == set(), "there are no such routes"
    assert set(SHUT) - there <= {"/logout"}
    for path in SHUT:
        assert not entrances(re.sub(r"\{[^}]*\}", "x", path)), path


def test_what_is_shut_answers_nothing_and_logs_nothing(
    client: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    for path in (*SHUT, "/none", "/gradio_api", "/gradio_api/file=http://127.0.0.1/"):
        filled = re.sub(r"\{[^}]*\}", CANARY, path)
        for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
            answer = client.request(method, filled)
            assert answer.status_code == 404, (method, path)
            assert answer.json() == {"detail": guard.NOTHING}
            assert answer.headers["x-content-type-options"] == "nosniff"
    captured = capfd.readouterr()
    assert CANARY not in captured.out + captured.err


def test_other_methods_are_refused(client: httpx.Client) -> None:
    for one in ENTRANCES:
        path = re.sub(r"\{[^}]*\}", "x", one.path)
        refused = {"GET", "POST", "PUT", "DELETE"} - {
            method for other in entrances(path) for method in other.methods
        }
        for method in refused:
            assert client.request(method, path).status_code == 405, (method, path)


def test_the_table_names_all_there_is(page: Any) -> None:
    written = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    shown = written.partition(START)[2].partition(END)[0].strip()
    assert shown == table(page), "run `python -m tests.entrances`"


@pytest.mark.parametrize("name", ["constructor", "__proto__", "toString", "", "x" * 5_000])
def test_a_panel_that_is_none_does_nothing(client: httpx.Client, page: Any, name: str) -> None:
    (index,) = (fn._id for fn in page.fns.values() if fn.name == "opened_by_address")
    body = {"data": [], "fn_index": index, "session_hash": f"panel{len(name)}{name[:3]}"}
    said = client.post("/gradio_api/run/opened_by_address", json=body, params={"panel": name})
    assert client.get("/", params={"panel": name}).status_code == 200
    if said.status_code == 200:
        assert json.loads(said.text)["data"] == [{"__type__": "update"}]


class Sent:
    """A request to the guard alone, over an application that answers when it is told to."""

    def __init__(self, answered: asyncio.Event) -> None:
        self.open = asyncio.Event()
        self.status = 0

        async def application(scope: Any, receive: Any, send: Any) -> None:
            self.open.set()
            await answered.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        self.application = application

    async def send(self, message: Any) -> None:
        """Take note of how it was answered."""
        self.status = message.get("status", self.status)


def test_open_pages_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """By address and in all; whoever closes one may open another."""
    monkeypatch.setattr(guard, "MOST_STREAMS_OF_ADDRESS", 2)
    monkeypatch.setattr(guard, "MOST_STREAMS", 3)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def check() -> None:
        answered = asyncio.Event()
        sent = Sent(answered)
        guarded = guard.Guard(sent.application)

        async def opened(address: str) -> tuple[Sent, asyncio.Task[None]]:
            one = Sent(answered)
            scope = {
                "type": "http",
                "method": "GET",
                "path": "/gradio_api/queue/data",
                "headers": [],
                "query_string": b"",
                "client": (address, 1),
            }
            task = asyncio.create_task(guarded(scope, receive, one.send))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            return one, task

        first = [await opened("8.8.8.8") for _ in range(3)]
        assert [one.status for one, _ in first] == [0, 0, 503]
        second = [await opened("9.9.9.9") for _ in range(2)]
        assert [one.status for one, _ in second] == [0, 503]
        answered.set()
        await asyncio.gather(*(task for _, task in (*first, *second)))
        assert (await opened("8.8.8.8"))[0].status in (0, 200)
        assert not guarded._streams or guarded._streams.total() <= 1

    awaited(check())


def test_sockets_are_closed() -> None:
    said: list[Any] = []

    async def send(message: Any) -> None:
        said.append(message)

    async def none(*_: Any) -> Any:
        raise AssertionError

    awaited(guard.Guard(none)({"type": "websocket"}, none, send))
    assert said == [{"type": "websocket.close", "code": 1008}]

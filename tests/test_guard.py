"""Nothing typed is logged or left, and every request keeps to its bounds."""

from __future__ import annotations

import http.server
import json
import logging
import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest

from sentiment.ui.guard import MAX_BODY
from sentiment.ui.storage import has_room, private_folder, sweep
from tests.conftest import ROOT, tiny_classifier

# Gradio asks pandas for an option that is no more.
pytestmark = pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting'")
CANARY = "zqxcanary7f3"
ENDPOINTS = ("predict", "explain", "compare", "score")


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    """A page over a tiny model, served on loopback, its files in a folder of its own."""
    from sentiment.ui.page import LAUNCH, build

    with private_folder() as folder:
        app = build(tiny_classifier())
        app.launch(prevent_thread_lock=True, quiet=True, **LAUNCH)
        app.__dict__["folder"] = folder
        yield app
        app.close()
    assert not folder.exists()


@pytest.fixture(scope="module")
def client(page: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=page.local_url, timeout=60) as found:
        yield found


def called(client: httpx.Client, name: str, data: list[Any], **more: Any) -> tuple[str, Any]:
    """The last event of a call and what came with it."""
    # written by hand: httpx refuses to send half a character
    body = json.dumps({"data": data, **more}).encode()
    headers = {"content-type": "application/json"}
    joined = client.post(f"/gradio_api/call/{name}", content=body, headers=headers)
    if joined.status_code != 200:
        return str(joined.status_code), joined.text
    lines = client.get(f"/gradio_api/call/{name}/{joined.json()['event_id']}").text.split("\n")
    event = [line[7:] for line in lines if line.startswith("event: ")][-1]
    return event, json.loads([line[6:] for line in lines if line.startswith("data: ")][-1])


@pytest.mark.parametrize("data", [["good"], ["good", None], ["good", None, "padding"]])
def test_documented_defaults_hold(client: httpx.Client, data: list[Any]) -> None:
    event, (answer,) = called(client, "explain", data)
    assert event == "complete"
    assert answer["text"] == "good"


def test_too_few_values_are_said(client: httpx.Client) -> None:
    event, answer = called(client, "compare", ["good"])
    assert (event, answer["error"]) == ("error", "compare takes 2 values, got 1.")


@pytest.mark.parametrize("name", ENDPOINTS)
def test_half_a_character_is_replaced(client: httpx.Client, name: str) -> None:
    text = "good \ud83d film"
    shapes: dict[str, list[Any]] = {"compare": [text, text], "score": [[text]]}
    data = shapes.get(name, [text])
    event, answer = called(client, name, data)
    assert event == "complete"
    assert "\ud83d" not in json.dumps(answer, ensure_ascii=False)


def functions(page: Any) -> list[tuple[int, str]]:
    return [
        (one["id"], name)
        for one in page.config["components"]
        for name in one["props"].get("server_fns", [])
    ]


def asked(client: httpx.Client, number: Any, name: str, data: Any) -> httpx.Response:
    body = {"data": data, "component_id": number, "fn_name": name, "session_hash": CANARY}
    return client.post(
        "/gradio_api/component_server/",
        content=json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )


def test_half_a_character_breaks_no_answer_of_the_page(page: Any, client: httpx.Client) -> None:
    for number, name in functions(page):
        question = {"text": "good \ud83d film", "compare": "bad \udc00", "start": 0, "end": 1}
        answer = asked(client, number, name, [question])
        assert answer.status_code == 200, name
        assert "Something went wrong" not in answer.text, name


def test_no_log_and_no_error_holds_what_was_typed(
    page: Any,
    client: httpx.Client,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, logger="sentiment")
    errors: list[str] = []

    def keep(response: httpx.Response) -> None:
        if response.status_code >= 400:
            errors.append(f"{response.request.url.path}: {response.text}")

    wrong: tuple[list[Any], ...] = (
        *([], [CANARY], [CANARY] * 2, [CANARY] * 3, [CANARY] * 9, [[CANARY]], [None, CANARY]),
        *([{"text": CANARY}], [{"path": CANARY, "meta": {"_type": "gradio.FileData"}}], [3]),
    )
    for name in ENDPOINTS:
        for data in wrong:
            event, answer = called(client, name, data)
            if event != "complete":
                errors.append(f"{name}: {json.dumps(answer)}")
        keep(client.post(f"/gradio_api/call/{name}", json={CANARY: CANARY}))
        keep(client.post(f"/gradio_api/call/{name}", content=CANARY.encode()))
        keep(client.post(f"/gradio_api/run/{name}", json={"data": [CANARY]}))
        keep(client.post(f"/gradio_api/call/v2/{name}", json={"text": CANARY, CANARY: CANARY}))
    question = {"text": CANARY, "target": CANARY, "baseline": CANARY, "start": CANARY}
    for number, name in functions(page):
        odd: tuple[Any, ...] = ([question], [CANARY], CANARY, None, [[CANARY]], {"text": [CANARY]})
        for asking in odd:
            answer = asked(client, number, name, asking)
            keep(answer)
            if "message" in answer.text and answer.status_code == 200:
                errors.append(f"{name}: {answer.json().get('message')}")
    keep(asked(client, 99_999, CANARY, CANARY))
    keep(asked(client, CANARY, "predict", CANARY))
    keep(client.post("/gradio_api/upload", files={"files": ("a.csv", b"text\nx\n")}))
    keep(client.get(f"/gradio_api/file={CANARY}"))
    joined = {"session_hash": CANARY, "event_data": CANARY, "trigger_id": CANARY}
    for index in range(len(page.fns)):
        for data in ([], [CANARY] * 3):
            body = {"data": data, "fn_index": index, **joined}
            keep(client.post("/gradio_api/queue/join", json=body))
    time.sleep(1)  # what was put in the queue
    captured = capfd.readouterr()
    said = captured.out + captured.err + caplog.text
    assert [said[max(0, at.start() - 300) : at.end()] for at in re.finditer(CANARY, said)] == []
    own = [error for error in errors if CANARY in error.partition(": ")[2]]
    assert own == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://me.hf.space", "x-forwarded-host": "me.hf.space"}, 200),
    ],
)
def test_pages_of_other_sites_may_not_ask(
    client: httpx.Client, headers: dict[str, str], status: int
) -> None:
    answer = client.post("/gradio_api/call/predict", json={"data": ["good"]}, headers=headers)
    assert answer.status_code == status


def test_bodies_are_bounded_before_they_are_read(client: httpx.Client) -> None:
    def unannounced() -> Iterator[bytes]:
        for _ in range(MAX_BODY // 65_536 + 2):
            yield b" " * 65_536

    for content in (b" " * (MAX_BODY + 1), unannounced()):
        try:
            answer = client.post("/gradio_api/call/predict", content=content)
        except (httpx.WriteError, httpx.RemoteProtocolError):
            continue  # refused while it was sent
        assert answer.status_code in (400, 413)


@pytest.mark.parametrize("path", ["file=https://example.org/", "file=http://127.0.0.1", "proxy=x"])
def test_the_server_fetches_nothing_for_a_stranger(client: httpx.Client, path: str) -> None:
    assert client.get(f"/gradio_api/{path}").status_code == 404


def test_a_file_from_an_address_is_not_fetched(page: Any, client: httpx.Client) -> None:
    class Fetched(http.server.BaseHTTPRequestHandler):
        seen: ClassVar[list[str]] = []

        def do_GET(self) -> None:
            self.seen.append(self.path)
            self.send_response(204)
            self.end_headers()

    with http.server.HTTPServer(("127.0.0.1", 0), Fetched) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/a.csv"
        file = {"path": address, "url": address, "meta": {"_type": "gradio.FileData"}}
        for index in range(len(page.fns)):
            body = {"data": [file, "", "", "", "", True, "", None, False], "fn_index": index}
            client.post("/gradio_api/queue/join", json=body | {"session_hash": f"fetch{index}"})
            client.get(f"/gradio_api/queue/data?session_hash=fetch{index}")
        server.shutdown()
    assert Fetched.seen == []


def test_answers_say_what_a_browser_may_do(client: httpx.Client) -> None:
    headers = client.get("/").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in headers["content-security-policy"]


def test_uploads_are_the_persons_alone(page: Any, client: httpx.Client) -> None:
    client.post("/gradio_api/upload", files={"files": ("a.csv", b"text\nfine\n")})
    found = [path for path in page.folder.rglob("*") if path.is_file()]
    assert found
    for path in found:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(page.folder.stat().st_mode) == 0o700


def test_the_oldest_goes_when_there_is_no_room(tmp_path: Path) -> None:
    for age, name in enumerate(("new", "middle", "old")):
        (tmp_path / name).write_bytes(b"x" * 100)
        os.utime(tmp_path / name, (time.time() - age, time.time() - age))
    sweep(tmp_path, most_bytes=250)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["middle", "new"]
    sweep(tmp_path, most_seconds=0.5)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_what_a_killed_process_left_goes_at_the_next_start(tmp_path: Path) -> None:
    base = tmp_path / f"lstm-microscope-{os.getuid()}"
    left = base / str(2**22 + 1) / "gradio"  # no process has so high a number
    left.mkdir(parents=True)
    (left / "upload.csv").write_text("text\n")
    with private_folder(tmp_path) as folder:
        assert has_room(1000)
        assert not has_room(10**12)
        assert [path.name for path in base.iterdir()] == [folder.name]
    assert list(base.iterdir()) == []


def test_a_folder_that_another_user_put_there_is_not_used(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / f"lstm-microscope-{os.getuid()}").symlink_to(elsewhere)
    with private_folder(tmp_path):
        assert list(elsewhere.iterdir()) == []


def test_ctrl_c_leaves_no_file(tmp_path: Path) -> None:
    """As SIGTERM does, with which ``tests.load`` ends its server."""
    code = (
        "import signal, time; from sentiment.ui.serve import _leave;"
        "from sentiment.ui.storage import private_folder; from pathlib import Path;"
        "signal.signal(signal.SIGINT, _leave)\n"
        f"with private_folder(Path({str(tmp_path)!r})) as folder:\n"
        "    (folder / 'upload').write_text('x'); print('ready', flush=True); time.sleep(100)"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_two_pages_of_one_process_are_both_served(page: Any) -> None:
    from sentiment.ui.page import LAUNCH, build

    other = build(tiny_classifier())
    _, url, _ = other.launch(prevent_thread_lock=True, quiet=True, **LAUNCH)
    try:
        assert httpx.get(url, timeout=60).status_code == 200
        assert httpx.get(page.local_url, timeout=60).status_code == 200
    finally:
        other.close()


def test_a_session_costs_little(page: Any) -> None:
    """Every call of a program is one, and the server answers nobody while it is made."""
    from gradio.state_holder import SessionState

    started = time.thread_time()
    sessions = [SessionState(page) for _ in range(20)]
    assert (time.thread_time() - started) / len(sessions) < 0.003
    assert not any(one.config_values[key] for one in sessions for key in one.config_values)
    assert sessions[0].blocks_config.blocks is not page.blocks

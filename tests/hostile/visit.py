"""A person at a served page with a file, and what the server holds meanwhile."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

PAGE_MB = 1_000
SECONDS = 15.0
"""After which it is stopped as a person stops it; the stop may take ``STOP_SECONDS``."""
STOP_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class End:
    """How a file ended on one way in; ``wrong`` says why that is not right."""

    how: str
    seconds: float
    mb: float
    wrong: str = ""

    def __str__(self) -> str:
        mark = f"WRONG ({self.wrong}): " if self.wrong else ""
        return f"{self.seconds:5.1f} s {self.mb:6.0f} MB  {mark}{self.how}"


class Memory:
    """The most that a process holds, and with its children, while it is watched."""

    def __init__(self, process: int) -> None:
        self._process, self._ended = process, threading.Event()
        self.own = self.all = 0.0
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.02):
            own = held(self._process)
            children = Path(f"/proc/{self._process}/task/{self._process}/children")
            below = set[str]()
            for task in children.parent.parent.glob("*/children"):
                with contextlib.suppress(OSError):
                    below.update(task.read_text().split())
            self.own = max(self.own, own)
            self.all = max(self.all, own + sum(held(int(one)) for one in below))


def held(process: int) -> float:
    """Megabytes that a process holds; 0 once it has ended."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * 4096 / 1e6
    except (OSError, IndexError):
        return 0.0


class Visit:
    """A person at the page with a file."""

    def __init__(self, url: str, process: int) -> None:
        self._client = httpx.Client(base_url=url, timeout=120)
        self._process = process
        self._events = {}
        config = self._client.get("/config").json()
        ids = {c["props"].get("elem_id"): c["id"] for c in config["components"]}
        for one in config["dependencies"]:
            for target in map(tuple, one["targets"]):
                self._events[target] = one["id"]
        self._opened = self._events[ids["file"], "change"]
        self._run = self._events[ids["score"], "click"]
        self._stop = self._events[ids["stop"], "click"]
        self._number = 0

    def _event(self, index: int, data: list[Any], session: str) -> str:
        body = {"data": data, "fn_index": index, "session_hash": session}
        joined = self._client.post("/gradio_api/queue/join", json=body).raise_for_status()
        return str(joined.json()["event_id"])

    def _told(
        self, session: str, event_id: str, after: float | None = None
    ) -> tuple[list[Any], float]:
        """What an event gives; Stop, an event of its own, is pressed after so many seconds."""
        pressed: list[float] = []

        def press() -> None:
            pressed.append(time.perf_counter())
            with contextlib.suppress(httpx.HTTPError):
                body = {"data": [], "fn_index": self._stop, "session_hash": session}
                httpx.post(f"{self._client.base_url}/gradio_api/run/predict", json=body, timeout=60)
                self._event(self._stop, [], session)

        timer = threading.Timer(after or 0, press)
        if after is not None:
            timer.start()
        last: list[Any] = []
        waiting = True
        with self._client.stream("GET", f"/gradio_api/queue/data?session_hash={session}") as lines:
            for line in lines.iter_lines():
                if not line.startswith("data: "):
                    continue
                event = json.loads(line[6:])
                if event.get("event_id") not in (event_id, None):
                    continue
                output = event.get("output") or {}
                if event["msg"] == "process_generating" or event["msg"] == "process_completed":
                    if isinstance(output.get("data"), list) and len(output["data"]) > 0:
                        last = output["data"]
                    elif output.get("error"):
                        last = [output]
                if event["msg"] == "process_completed":
                    waiting = False
                    break
                if event["msg"] == "close_stream":
                    break
        timer.cancel()
        assert not waiting, "the stream ended before the answer"
        return last, time.perf_counter() - pressed[0] if pressed else 0.0

    def hand_in(self, file: Path, session: str = "") -> End:
        """Upload, look, score; Stop where it takes long."""
        started = time.perf_counter()
        self._number += 1
        session = session or f"hostile{os.getpid()}x{self._number}"
        wrong = ""
        with Memory(self._process) as memory:
            sent = self._client.post(
                "/gradio_api/upload", files={"files": (file.name, file.read_bytes())}
            )
            if sent.status_code != 200:
                return End(f"upload {sent.status_code}: {sent.text[:80]}", 0.0, memory.all)
            meta = {"_type": "gradio.FileData"}
            handed = {"path": sent.json()[0], "meta": meta, "orig_name": file.name}
            opened = self._event(self._opened, [handed, *["as found"] * 3], session)
            looked, _ = self._told(session, opened)
            how = f"looked: {_message(looked)}"
            column = _column(looked)
            data = [handed, column, "", *["as found"] * 2, True, "as found", None, False]
            run = self._event(self._run, data, session)
            scored, stopping = self._told(session, run, SECONDS)
            how += f" | scored: {_message(scored)}"
            if stopping > STOP_SECONDS:
                wrong = f"stopped after {stopping:.1f} s"
        if memory.own > PAGE_MB:
            wrong = "memory"
        if "Something went wrong" in how or "None" in how[-5:]:
            wrong = wrong or "no word"
        return End(how[:230], time.perf_counter() - started, memory.own, wrong)


def _column(answer: list[Any]) -> str:
    for one in answer:
        if isinstance(one, dict) and isinstance(one.get("value"), str) and "choices" in one:
            return str(one["value"])
    return "text"


def _message(answer: list[Any]) -> str:
    """What the person is told."""
    for one in answer:
        if not isinstance(one, dict):
            continue
        shown = one.get("value") if one.get("__type__") == "update" else one
        if not isinstance(shown, dict):
            continue
        for key in ("message", "understood", "error"):
            if shown.get(key):
                return str(shown[key])
        if "rows" in shown and "preview" in shown:
            return f"{shown['rows']} rows, {shown['failed']} failed"
    return f"None of {json.dumps(answer)[:160]} None"

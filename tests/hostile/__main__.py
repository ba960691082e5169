"""Hostile files on every way in: ``python -m tests.hostile``.

Each file of ``tests.hostile.files``, forty parquet files with bytes changed and those of
``--folder`` go to the command line and to a served page. Prints a line a file: how it ended, in
which time, with how much memory. Ends with 1 where an end is none of those that are right (a file
with its rows, one plain line, a stop that was asked for), or memory went over the budget.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import httpx

from tests.hostile.files import FILES, fuzzed
from tests.load.__main__ import served

COMMAND_MB, PAGE_MB = 1_000, 1_000
SECONDS = 15.0
"""After which it is stopped as a person stops it; the stop may take ``STOP_SECONDS``."""
STOP_SECONDS = 3.0
FUZZED = 40


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


def by_command(file: Path, out: Path) -> End:
    """``lstm-microscope score``, interrupted where it takes long."""
    command = [sys.executable, "-m", "sentiment", "score", str(file), str(out), "--quiet"]
    started, stop = time.perf_counter(), ""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
    )
    with Memory(process.pid) as memory:
        try:
            said, faults = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            asked = time.perf_counter()
            said, faults = process.communicate(timeout=120)
            if (taken := time.perf_counter() - asked) > STOP_SECONDS:
                stop = f"stopped after {taken:.1f} s"
    seconds = time.perf_counter() - started
    lines = [line for line in faults.splitlines() if line]
    wrong = stop
    if memory.own > COMMAND_MB:
        wrong = wrong or "memory"
    if seconds >= SECONDS:
        how = f"interrupted, {process.returncode}: {lines[-1] if lines else ''}"
    elif process.returncode == 0:
        how = said.strip().splitlines()[-1]
        wrong = wrong or _unsound(out)
    else:
        how = lines[-1] if lines else "no word"
        if process.returncode != 1 or not how.startswith("error: ") or "Traceback" in faults:
            wrong = f"exit {process.returncode}"
    return End(how[:150], seconds, memory.own, wrong)


def _unsound(out: Path) -> str:
    """What is wrong with an output of JSON lines: each must be JSON with a verdict or an error."""

    def none(name: str) -> None:
        raise ValueError(name)

    with out.open(encoding="utf-8") as rows:
        for row in rows:
            try:
                found = json.loads(row, parse_constant=none)
            except ValueError as error:
                return f"invalid JSON out: {error}"
            if (found["error"] is None) == (found["label"] is None):
                return "a row with neither, or both, of verdict and error"
    return ""


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

    def _event(self, index: int, data: list[Any], session: str) -> None:
        body = {"data": data, "fn_index": index, "session_hash": session}
        self._client.post("/gradio_api/queue/join", json=body).raise_for_status()

    def _told(self, session: str, after: float | None = None) -> tuple[list[Any], float]:
        """What the last event gives; Stop is pressed after so many seconds."""
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

    def hand_in(self, file: Path) -> End:
        """Upload, look, score; Stop where it takes long."""
        started = time.perf_counter()
        self._number += 1
        session = f"hostile{os.getpid()}x{self._number}"
        wrong = ""
        with Memory(self._process) as memory:
            sent = self._client.post(
                "/gradio_api/upload", files={"files": (file.name, file.read_bytes())}
            )
            if sent.status_code != 200:
                return End(f"upload {sent.status_code}: {sent.text[:80]}", 0.0, memory.all)
            meta = {"_type": "gradio.FileData"}
            handed = {"path": sent.json()[0], "meta": meta, "orig_name": file.name}
            self._event(self._opened, [handed, "as found", "as found"], session)
            looked, _ = self._told(session)
            how = f"looked: {_message(looked)}"
            column = _column(looked)
            data = [handed, column, "", "as found", "as found", True, False]
            self._event(self._run, data, session)
            scored, stopping = self._told(session, SECONDS)
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


def written(folder: Path, names: list[str]) -> Iterator[Path]:
    """The files, one after another: some are large."""
    for name, write in FILES.items():
        if not names or name in names:
            path = folder / name
            write(path)
            yield path
            path.unlink()
    for seed in range(0 if names else FUZZED):
        path = folder / f"fuzzed{seed}.parquet"
        fuzzed(path, seed)
        yield path
        path.unlink()


def main() -> None:
    """Hand in, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("names", nargs="*", help="of files; all by default")
    parser.add_argument("--folder", type=Path, help="with further files")
    parser.add_argument("--ways", nargs="+", default=["command", "page"])
    arguments = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as temporary, contextlib.ExitStack() as stack:
        folder = Path(temporary)
        (folder / "server").mkdir()
        visit = None
        if "page" in arguments.ways:
            visit = Visit(*stack.enter_context(served(folder / "server")))
        given = [] if arguments.folder is None else sorted(arguments.folder.iterdir())
        files = [file for file in given if file.is_file() and file.suffix != ".md"]
        for file in chain(files, written(folder, arguments.names)):
            if "command" in arguments.ways:
                end = by_command(file, folder / "out.jsonl")
                print(f"{file.name:24} command {end}", flush=True)
                wrong += bool(end.wrong)
            if visit is not None:
                try:
                    end = visit.hand_in(file)
                except (httpx.HTTPError, AssertionError) as error:
                    end = End(f"{type(error).__name__} {error}", 0.0, 0.0, "no answer")
                print(f"{file.name:24} page    {end}", flush=True)
                wrong += bool(end.wrong)
            for left in folder.glob("out.jsonl*"):
                if left.is_file():
                    left.unlink()
    print(f"{wrong} ends that are not right")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()

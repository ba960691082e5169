"""Light use for a long time: ``python -m tests.load.soak --minutes 60``.

Serves the shipped weights in a process of its own. Every ``--pause`` seconds somebody asks: all
kinds of questions about texts that are new each time, the page itself, a file scored now and then.
People stay for some questions and close their pages. Prints a line of JSON: the server's memory
after ten minutes and at the end (the middle of the last 20 looks), its most; threads, descriptors,
and files that are left once all have gone. Ends with 1 where memory at the end is over a tenth
more than after ten minutes, or over the budget, where an answer failed, or a file was left. Answers
that take over a minute, and files over a quarter of one, are counted: they tell of a busy machine.
What failed is named as it fails.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import httpx

from tests.hostile.visit import SECONDS, Visit
from tests.load.__main__ import BUDGET_MB, Watched, served
from tests.load.people import WORDS

KINDS = ("predict", "explain", "more", "phrase", "compare", "memory", "padding", "edits", "network")
STAY, FILE_EVERY, PAGE_EVERY = 25, 40, 10
"""Questions of one person; questions after which a file is scored, and the page opened."""
WARM_SECONDS, LAST = 600, 20
PATIENCE = 60


class Faults:
    """What failed, by what was asked: each is told on stderr as it comes."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._started = time.perf_counter()

    def note(self, asked: str, said: str) -> None:
        """Count a fault."""
        told = f"{asked}: {said:.300}"
        self.counts[told] += 1
        print(f"{time.perf_counter() - self._started:.0f} s: {told}", file=sys.stderr, flush=True)

    def answered(self, asked: str, answer: httpx.Response) -> None:
        """Count an answer that is none."""
        if answer.status_code != 200:
            self.note(asked, f"{answer.status_code} {answer.text}")
        elif asked != "page" and "message" in answer.json():
            self.note(asked, answer.json()["message"])


class Heart:
    """The connection that a page holds while it is open."""

    def __init__(self, url: str, session: str) -> None:
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._beat, args=(url, session), daemon=True)
        self._thread.start()

    def _beat(self, url: str, session: str) -> None:
        address = f"{url}/gradio_api/heartbeat/{session}"
        with (
            contextlib.suppress(httpx.HTTPError),  # the server ends, and the connection with it
            httpx.stream("GET", address, timeout=None) as lines,
        ):
            for _ in lines.iter_lines():
                if self._closed.wait(0.01):
                    return

    def close(self) -> None:
        """Close the page: the next beat ends it."""
        self._closed.set()


def middle(memory: list[float]) -> float:
    """Megabytes in the middle of the last looks."""
    return round(statistics.median(memory[-LAST:]), 1)


def main() -> None:
    """Serve, use, measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--pause", type=float, default=1.0)
    arguments = parser.parse_args()
    chance = random.Random(0)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        rows = folder / "rows.csv"
        (folder / "server").mkdir()
        with (
            served(folder / "server") as (url, process),
            httpx.Client(base_url=url, timeout=PATIENCE) as client,
        ):
            visit, watched = Visit(url, process), Watched(process, folder / "server")
            config = client.get("/config").json()["components"]
            (number,) = (
                one["id"] for one in config if "predict" in one["props"].get("server_fns", [])
            )
            started, asked, faults, warm = time.perf_counter(), 0, Faults(), 0.0
            slow, slowest, session, heart = 0, 0.0, "soak0", Heart(url, "soak0")
            while (passed := time.perf_counter() - started) < 60 * arguments.minutes:
                if asked % STAY == STAY - 1:
                    heart.close()
                    session = f"soak{asked}"
                    heart = Heart(url, session)
                text = " ".join(chance.choices(WORDS, k=chance.randint(2, 40))) + f" {asked}"
                question = {"text": text, "compare": text[::-1], "start": 0, "end": 1}
                body = {
                    "data": [question],
                    "component_id": number,
                    "fn_name": KINDS[asked % len(KINDS)],
                    "session_hash": session,
                }
                before = time.perf_counter()
                try:
                    answer = client.post("/gradio_api/component_server/", json=body)
                    faults.answered(KINDS[asked % len(KINDS)], answer)
                    if asked % PAGE_EVERY == 0:
                        faults.answered("page", client.get("/"))
                    if asked % FILE_EVERY == 0:
                        lines = (" ".join(chance.choices(WORDS, k=20)) for _ in range(500))
                        rows.write_text("text\n" + "\n".join(lines) + "\n")
                        end = visit.hand_in(rows, session)
                        if end.seconds > SECONDS:  # Stop was pressed
                            slow += 1
                        elif end.wrong or "500 rows" not in end.how:
                            faults.note("file", str(end))
                except httpx.TimeoutException:  # of a machine that others use: told, no failure
                    slow += 1
                except (httpx.HTTPError, ValueError, AssertionError) as error:
                    faults.note(KINDS[asked % len(KINDS)], f"{type(error).__name__} {error}")
                slowest = max(slowest, time.perf_counter() - before)
                watched.look()
                if not warm and passed > WARM_SECONDS:
                    warm = middle(watched.memory_mb)
                asked += 1
                time.sleep(arguments.pause)
            heart.close()
            last, most = middle(watched.memory_mb), round(max(watched.memory_mb), 1)
            result = {
                "questions": asked,
                "failed": dict(faults.counts),
                f"over_{PATIENCE}_seconds": slow,
                "minutes": round((time.perf_counter() - started) / 60, 1),
                "slowest_seconds": round(slowest, 2),
                "minute_10_mb": warm,
                "end_mb": last,
                "most_mb": most,
                "threads": watched.threads,
                "descriptors": watched.descriptors,
                "files_at_the_end": watched.files,
            }
        left = [path for path in (folder / "server").rglob("*") if path.is_file()]
    print(json.dumps(result | {"files_after_sigterm": len(left)}))
    grown = bool(warm) and last > 1.1 * warm
    raise SystemExit(grown or bool(faults.counts) or bool(left) or most > BUDGET_MB)


if __name__ == "__main__":
    main()

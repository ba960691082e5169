"""The page under load: ``python -m tests.load --people 20 60 --seconds 60``.

Serves the shipped weights in a process of its own and measures, for each number of people, a quiet
and a hostile stretch (tests/load/hostile.py). Prints a table: requests, seconds of verdicts,
explanations and the page at the 50th, 95th and 99th percentile, refusals, errors, stale answers,
and of the server its memory, processors (the people's beside them: they share the machine),
threads, descriptors and files. The usual run is of over 10,000 requests. Ends with 1 where there
was an error or a stale answer, a file was left, or memory went over the budget.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.load import hostile
from tests.load.people import Measured, component, percentile, person, visits
from tests.load.wire import Wire

BUDGET_MB = 1000
SHARES = (0.5, 0.95, 0.99)
MIXES = ("quiet", "hostile")


@dataclass
class Watched:
    """The server from outside, a sample a second."""

    process: int
    folder: Path
    memory_mb: list[float] = field(default_factory=list)
    threads: int = 0
    descriptors: int = 0
    files: int = 0
    began: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        self.began = self._spent()

    def _spent(self) -> tuple[float, float, float]:
        """Seconds so far: of the clock, of a processor by the server, and by this process."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(") ")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        return time.perf_counter(), ticks / os.sysconf("SC_CLK_TCK"), time.process_time()

    def processors(self) -> str:
        """Processors that the server, and the people of this process, kept busy since."""
        clock, server, own = (
            now - then for now, then in zip(self._spent(), self.began, strict=True)
        )
        return f"{server / clock:.2f}/{own / clock:.2f}"

    def look(self) -> None:
        """Take a sample; of files, threads and descriptors the highest number counts."""
        status = Path(f"/proc/{self.process}/status").read_text()
        found = dict(line.split(":	", 1) for line in status.splitlines() if ":	" in line)
        self.memory_mb.append(int(found["VmRSS"].split()[0]) / 1000)
        self.threads = max(self.threads, int(found["Threads"]))
        descriptors = len(list(Path(f"/proc/{self.process}/fd").iterdir()))
        self.descriptors = max(self.descriptors, descriptors)
        self.files = sum(path.is_file() for path in self.folder.rglob("*"))

    async def watch(self, until: float) -> None:
        """Look once a second."""
        while time.perf_counter() < until:
            self.look()
            await asyncio.sleep(1)


@contextlib.contextmanager
def served(folder: Path, model: Path | None = None) -> Iterator[tuple[str, int]]:
    """The page over a checkpoint, by default the shipped one: its address and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"TMPDIR": str(folder), "GRADIO_ANALYTICS_ENABLED": "False"}
    chosen = None if model is None else str(model)
    code = f"from sentiment.ui.serve import serve; serve({chosen!r}, port={port})"
    process = subprocess.Popen([sys.executable, "-c", code], env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(timeout=30) as client:
            for _ in range(600):
                with contextlib.suppress(httpx.HTTPError):
                    client.get(url)
                    break
                time.sleep(0.2)
        yield url, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


async def stretch(
    url: str, process: int, folder: Path, people: int, seconds: float, attacked: bool
) -> tuple[Measured, Watched, dict[str, int]]:
    """All people together for a time, with the attackers or without."""
    hostile.bomb()
    measured, watched, until = Measured(), Watched(process, folder), time.perf_counter() + seconds
    async with Wire(url, 9_001) as client:
        number = await component(client)
        opened = await hostile.number_of_opened(client)
    attack = hostile.Attack(url, number, until)
    kind = f"{MIXES[attacked]} {people}"
    await asyncio.gather(
        *(person(one, measured, url, number, until, kind=kind) for one in range(people)),
        visits(measured, url, until),
        watched.watch(until),
        *([_bounded(attack.all(opened), seconds)] if attacked else []),
    )
    return measured, watched, dict(attack.counts)


async def _bounded(work: Coroutine[Any, Any, None], seconds: float) -> None:
    """Attackers leave when the time is over: what they asked for last is cancelled."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(work, seconds)


def row(kind: str, people: int, measured: Measured, watched: Watched) -> list[str]:
    """A line of the table."""
    found = [kind, str(people), str(measured.counts["requests"])]
    found += [
        "/".join(f"{percentile(measured.times[name], share):.0f}" for share in SHARES)
        for name in ("predict", "explain", "more", "page")
    ]
    found += [str(measured.counts[name]) for name in ("busy", "errors", "stale")]
    memory = watched.memory_mb
    found.append(f"{memory[0]:.0f}/{max(memory):.0f}/{memory[-1]:.0f}")
    found.append(watched.processors())
    return [*found, str(watched.threads), str(watched.descriptors), str(watched.files)]


HEADINGS = (
    *("mix", "people", "requests", "verdict ms 50/95/99", "explanation ms", "studies ms"),
    *("page ms", "busy", "errors", "stale", "MB first/most/last"),
    *("processors server/people", "threads", "descriptors"),
    "files",
)


def main() -> None:
    """Serve, load, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[20, 60])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--mixes", nargs="+", default=MIXES, choices=MIXES)
    arguments = parser.parse_args()
    failed, everything = False, Counter[str]()
    print("| " + " | ".join(HEADINGS) + " |\n" + "|---" * len(HEADINGS) + "|")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with served(folder) as (url, process):
            for people in arguments.people:
                quiet = 0.0
                for kind in arguments.mixes:
                    measured, watched, attacks = asyncio.run(
                        stretch(url, process, folder, people, arguments.seconds, kind == "hostile")
                    )
                    print(
                        "| " + " | ".join(row(kind, people, measured, watched)) + " |", flush=True
                    )
                    if measured.faults:
                        print(f"  errors: {dict(measured.faults)}")
                    now = percentile(measured.times["explain"], 0.95)
                    if kind == "hostile" and quiet:
                        print(
                            f"  attackers: {attacks}; explanation {now / quiet:.1f} x its quiet p95"
                        )
                    quiet = now or 1.0
                    everything += measured.counts
                    failed |= bool(measured.counts["errors"] or measured.counts["stale"])
                    failed |= max(watched.memory_mb) > BUDGET_MB
            counted = (f"{everything[one]:,} {one}" for one in ("requests", "errors", "stale"))
            print(f"  in all: {', '.join(counted)}")
            idle = Watched(process, folder)
            time.sleep(5)
            idle.look()
            print(f"  idle after it: {idle.memory_mb[0]:.0f} MB, {idle.threads} threads")
            asked_to_end = time.perf_counter()
        seconds = time.perf_counter() - asked_to_end
        left = [path for path in folder.rglob("*") if path.is_file()]
        print(f"  {seconds:.1f} s after SIGTERM it had ended, files left: {len(left)}")
    raise SystemExit(failed or bool(left))


if __name__ == "__main__":
    main()

"""People who try to stop the page, each from an address of its own and for a bounded time."""

from __future__ import annotations

import asyncio
import io
import time
from collections import Counter
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.load.wire import Wire, WireError

LONG = "the film was not good at all and never funny " * 90
"""900 words: what costs most within the limits."""
AT_ONCE = 50
FIRST_ADDRESS = 10_000


class Attack:
    """What one attacker does; ``counts`` has what came of it."""

    def __init__(self, url: str, number: int, until: float) -> None:
        self.url, self.number, self.until = url, number, until
        self.counts: Counter[str] = Counter()
        self._asked = 0

    def goes_on(self) -> bool:
        """Whether there is time left."""
        return time.perf_counter() < self.until

    async def ask(self, client: Wire, name: str, session: str) -> None:
        """One long question that no answer is kept of."""
        self._asked += 1
        body = {
            "data": [{"text": f"{LONG}{name} {self._asked}", "start": 0, "end": 3}],
            "component_id": self.number,
            "fn_name": name,
            "session_hash": session,
        }
        try:
            answer = await client.post_json("/gradio_api/component_server/", body)
            busy = answer.status == 429 or answer.json().get("busy")
            self.counts["refused" if busy else "answered"] += 1
        except (WireError, TimeoutError, ValueError):
            self.counts["cut"] += 1

    async def fifty_at_once(self, address: int) -> None:
        """Fifty of the slowest questions at a time, each in a session of its own."""
        async with Wire(self.url, address) as client:
            while self.goes_on():
                await asyncio.gather(
                    *(self.ask(client, "download", f"flood{i}") for i in range(AT_ONCE))
                )
                await asyncio.sleep(0.2)

    async def kept_open(self, address: int) -> None:
        """Two long explanations at a time, for ever."""
        async with Wire(self.url, address) as client:
            while self.goes_on():
                await asyncio.gather(*(self.ask(client, "explain", f"kept{i}") for i in range(2)))
                await asyncio.sleep(0.2)

    async def hangs_up(self, address: int) -> None:
        """Long questions that are left after a moment."""
        async with Wire(self.url, address, timeout=0.3) as client:
            while self.goes_on():
                await self.ask(client, "more", "gone")
                await asyncio.sleep(0.1)

    async def joins(self, address: int) -> None:
        """Eighty calls of the queue whose answers nobody fetches."""
        async with Wire(self.url, address) as client:
            while self.goes_on():
                for i in range(80):
                    data = {"data": [f"{LONG} {i}"]}
                    try:
                        sent = await client.post_json("/gradio_api/call/explain", data)
                        self.counts[f"joined {sent.status}"] += 1
                    except (WireError, TimeoutError):
                        self.counts["cut"] += 1
                await asyncio.sleep(1)

    async def bombs(self, address: int, opened: int) -> None:
        """A file of some hundred bytes that holds six gigabytes, looked at again and again."""
        async with Wire(self.url, address) as client:
            while self.goes_on():
                try:
                    sent = await client.upload("/gradio_api/upload", "bomb.parquet", bomb())
                    if sent.status == 200:
                        await self._look(client, sent.json()[0], opened)
                    self.counts[f"uploaded {sent.status}"] += 1
                except (WireError, TimeoutError, ValueError):
                    self.counts["cut"] += 1
                await asyncio.sleep(1)

    async def _look(self, client: Wire, path: str, opened: int) -> None:
        meta = {"_type": "gradio.FileData"}
        body: dict[str, Any] = {
            "data": [{"path": path, "meta": meta}, "as found", "as found", "as found"],
            "fn_index": opened,
            "session_hash": f"bomb{self._asked}",
        }
        self._asked += 1
        await client.post_json("/gradio_api/queue/join", body)

    async def heavy(self, address: int) -> None:
        """Bodies beyond the limit."""
        async with Wire(self.url, address) as client:
            while self.goes_on():
                try:
                    sent = await client.post("/gradio_api/call/score", b" " * 3_000_000)
                    self.counts[f"heavy {sent.status}"] += 1
                except (WireError, TimeoutError):
                    self.counts["cut"] += 1
                await asyncio.sleep(0.5)

    async def all(self, opened: int) -> None:
        """All of them at the same time."""
        await asyncio.gather(
            self.fifty_at_once(FIRST_ADDRESS),
            self.kept_open(FIRST_ADDRESS + 1),
            self.hangs_up(FIRST_ADDRESS + 2),
            self.joins(FIRST_ADDRESS + 3),
            self.bombs(FIRST_ADDRESS + 4, opened),
            self.heavy(FIRST_ADDRESS + 5),
        )


@cache
def bomb() -> bytes:
    """3,000 texts of two megabytes, by a dictionary of one word."""
    words = pa.array(["good film " * 200_000])
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 3_000, pa.int32()), words)
    written = io.BytesIO()
    pq.write_table(pa.table({"text": column}), written, dictionary_pagesize_limit=1 << 24)
    return written.getvalue()


async def number_of_opened(client: Wire) -> int:
    """The number of the event that looks at a file which was handed in."""
    config = (await client.get("/config")).json()
    (file,) = (c["id"] for c in config["components"] if c["props"].get("elem_id") == "file")
    for one in config["dependencies"]:
        if [file, "change"] in [list(target) for target in one["targets"]]:
            return int(one["id"])
    raise SystemExit("error: no event looks at a file")

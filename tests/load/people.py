"""People who type, as the page's scripts speak for them: at each word a verdict, then the rest."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict
from typing import Any

import httpx

TEXT = """
the film was not a good one but I liked it very much and never felt bored by its warm funny plot
nobody could call this dull or awful at all
"""
WORDS = TEXT.split()


def from_address(url: str, number: int, *, timeout: float = 60) -> httpx.AsyncClient:
    """A client that speaks from a loopback address of its own: people are told apart by it."""
    address = f"127.1.{number // 250}.{1 + number % 250}"
    transport = httpx.AsyncHTTPTransport(local_address=address)
    return httpx.AsyncClient(base_url=url, timeout=timeout, transport=transport)


async def component(client: httpx.AsyncClient) -> int:
    """The number of the component that answers questions."""
    for one in (await client.get("/config")).json()["components"]:
        if "predict" in one["props"].get("server_fns", []):
            return int(one["id"])
    raise SystemExit(f"error: {client.base_url} is not the microscope's page")


class Measured:
    """What all people saw: seconds by question, and counts."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self.counts: Counter[str] = Counter()

    async def ask(
        self, client: httpx.AsyncClient, number: int, name: str, question: dict[str, Any]
    ) -> dict[str, Any]:
        """One question and its answer, timed; a busy server is asked again when it says so."""
        session = f"load{id(client)}"
        body = {"data": [question], "component_id": number, "fn_name": name}
        start, answer = time.perf_counter(), dict[str, Any]()
        for _ in range(5):
            self.counts["requests"] += 1
            try:
                response = await client.post(
                    "/gradio_api/component_server/", json=body | {"session_hash": session}
                )
                answer = response.json()
                if response.status_code != 200 or not isinstance(answer, dict):
                    answer = {}
            except (httpx.HTTPError, ValueError):
                answer = {}
            if not answer.get("busy"):
                break
            self.counts["busy"] += 1
            await asyncio.sleep(answer["seconds"])
        self.times[name].append(time.perf_counter() - start)
        self.counts["errors"] += not answer or "message" in answer
        text = answer.get("text", question["text"])
        self.counts["stale"] += "message" not in answer and text != question["text"]
        return answer

    async def page(self, client: httpx.AsyncClient) -> None:
        """The page itself, timed."""
        start = time.perf_counter()
        try:
            self.counts["errors"] += (await client.get("/")).status_code != 200
        except httpx.HTTPError:
            self.counts["errors"] += 1
        self.counts["requests"] += 1
        self.times["page"].append(time.perf_counter() - start)


async def person(seed: int, measured: Measured, url: str, number: int, until: float) -> None:
    """Type sentences until the time is over."""
    chance = random.Random(seed)
    async with from_address(url, seed) as client:
        while time.perf_counter() < until:
            text = ""
            for word in chance.sample(WORDS, chance.randint(3, 20)):
                text = f"{text} {word}".strip()
                await measured.ask(client, number, "predict", {"text": text})
                await asyncio.sleep(chance.uniform(0.15, 0.5))  # a word a third of a second
            await measured.ask(client, number, "explain", {"text": text})
            await measured.ask(client, number, "more", {"text": text})
            await asyncio.sleep(chance.uniform(0.5, 2))


async def visits(measured: Measured, url: str, until: float) -> None:
    """Open the page again and again."""
    async with from_address(url, 9_000) as client:
        while time.perf_counter() < until:
            await measured.page(client)
            await asyncio.sleep(0.5)


def percentile(values: list[float], share: float) -> float:
    """A percentile in milliseconds."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)

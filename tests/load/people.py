"""People who type, as the page's scripts speak for them: at each word a verdict, then the rest."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict
from typing import Any

from tests.load.wire import Wire, WireError

TEXT = """
the film was not a good one but I liked it very much and never felt bored by its warm funny plot
nobody could call this dull or awful at all
"""
WORDS = TEXT.split()


async def component(client: Wire) -> int:
    """The number of the component that answers questions."""
    for one in (await client.get("/config")).json()["components"]:
        if "predict" in one["props"].get("server_fns", []):
            return int(one["id"])
    raise SystemExit(f"error: {client.url} is not the microscope's page")


class Measured:
    """What all people saw: seconds by question, and counts."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self.counts: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()

    async def ask(
        self, client: Wire, number: int, name: str, question: dict[str, Any]
    ) -> dict[str, Any]:
        """One question and its answer, timed; a busy server is asked again when it says so."""
        session = f"load{id(client)}"
        body = {"data": [question], "component_id": number, "fn_name": name}
        start, answer, fault = time.perf_counter(), dict[str, Any](), ""
        for _ in range(5):
            self.counts["requests"] += 1
            try:
                response = await client.post_json(
                    "/gradio_api/component_server/", body | {"session_hash": session}
                )
                answer = response.json()
                if response.status != 200 or not isinstance(answer, dict):
                    answer, fault = {}, str(response.status)
            except (WireError, TimeoutError, ValueError) as error:
                answer, fault = {}, f"{type(error).__name__} {error}"
            if not answer.get("busy"):
                break
            self.counts["busy"] += 1
            await asyncio.sleep(answer["seconds"])
        self.times[name].append(time.perf_counter() - start)
        if not answer or "message" in answer:
            self.counts["errors"] += 1
            self.faults[f"{name}: {answer.get('message', fault)}"] += 1
        text = answer.get("text", question["text"])
        self.counts["stale"] += "message" not in answer and text != question["text"]
        return answer

    async def page(self, client: Wire) -> None:
        """The page itself, timed."""
        start, fault = time.perf_counter(), ""
        try:
            if (status := (await client.get("/")).status) != 200:
                fault = str(status)
        except (WireError, TimeoutError) as error:
            fault = f"{type(error).__name__} {error}"
        if fault:
            self.counts["errors"] += 1
            self.faults[f"page: {fault}"] += 1
        self.counts["requests"] += 1
        self.times["page"].append(time.perf_counter() - start)


async def person(
    address: int, measured: Measured, url: str, number: int, until: float, *, kind: str
) -> None:
    """Type sentences until the time is over, others in each kind of stretch: answers are kept."""
    chance = random.Random(f"{kind} {address}")
    async with Wire(url, address) as client:
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
    async with Wire(url, 9_000) as client:
        while time.perf_counter() < until:
            await measured.page(client)
            await asyncio.sleep(0.5)


def percentile(values: list[float], share: float) -> float:
    """A percentile in milliseconds."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)

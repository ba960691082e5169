"""Many people typing at once: ``python -m tests.load.people http://127.0.0.1:7860``.

Every person speaks to the page as its scripts do: at each key a verdict, after a pause an
explanation, one of a kind at a time. Prints one line of JSON: requests, errors, stale answers and
the 50th and 95th percentiles in milliseconds. Ends with 1 where there was an error or a stale
answer, or the 95th percentile of the verdict exceeded a second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
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


async def component(client: httpx.AsyncClient, url: str) -> int:
    """The number of the component that answers questions."""
    config = (await client.get(f"{url}/config")).json()
    for one in config["components"]:
        if "predict" in one["props"].get("server_fns", []):
            return int(one["id"])
    raise SystemExit(f"error: {url} is not the microscope's page")


class Measured:
    """What all people saw."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self.counts: Counter[str] = Counter()

    async def ask(
        self, client: httpx.AsyncClient, url: str, number: int, name: str, question: dict[str, Any]
    ) -> dict[str, Any]:
        """One question and its answer, timed."""
        body = {"data": [question], "component_id": number, "fn_name": name, "session_hash": "load"}
        start = time.perf_counter()
        answer: dict[str, Any] = {}
        try:
            response = await client.post(f"{url}/gradio_api/component_server/", json=body)
            answer = response.json()
            if response.status_code != 200 or not isinstance(answer, dict):
                self.counts["errors"] += 1
                answer = {}
        except (httpx.HTTPError, ValueError):
            self.counts["errors"] += 1
        self.times[name].append(time.perf_counter() - start)
        self.counts["requests"] += 1
        self.counts["busy"] += bool(answer.get("busy"))
        if "message" not in answer and answer.get("text", question["text"]) != question["text"]:
            self.counts["stale"] += 1
        return answer


async def person(
    seed: int, measured: Measured, client: httpx.AsyncClient, url: str, number: int, until: float
) -> None:
    """Type sentences until the time is over."""
    chance = random.Random(seed)
    while time.perf_counter() < until:
        text = ""
        for word in chance.sample(WORDS, chance.randint(3, 20)):
            text = f"{text} {word}".strip()
            await measured.ask(client, url, number, "predict", {"text": text})
            await asyncio.sleep(chance.uniform(0.15, 0.5))  # a word a third of a second
        await measured.ask(client, url, number, "explain", {"text": text})
        await measured.ask(client, url, number, "more", {"text": text})
        await asyncio.sleep(chance.uniform(0.5, 2))


def percentile(values: list[float], share: float) -> float:
    """A percentile in milliseconds."""
    ordered = sorted(values)
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


async def run(url: str, people: int, seconds: float) -> dict[str, Any]:
    """All people together."""
    measured = Measured()
    limits = httpx.Limits(max_connections=2 * people)
    async with httpx.AsyncClient(timeout=30, limits=limits) as client:
        number = await component(client, url)
        until = time.perf_counter() + seconds
        await asyncio.gather(
            *(person(seed, measured, client, url, number, until) for seed in range(people))
        )
    return {
        "people": people,
        "requests": measured.counts["requests"],
        "errors": measured.counts["errors"],
        "busy": measured.counts["busy"],
        "stale": measured.counts["stale"],
        **{
            f"{name}_p{round(100 * share)}_ms": percentile(times, share)
            for name, times in measured.times.items()
            for share in (0.5, 0.95)
        },
    }


def main() -> None:
    """Read the arguments, run, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20)
    arguments = parser.parse_args()
    result = asyncio.run(run(arguments.url.rstrip("/"), arguments.people, arguments.seconds))
    print(json.dumps(result))
    raise SystemExit(result["errors"] or result["stale"] or result["predict_p95_ms"] > 1000)


if __name__ == "__main__":
    main()

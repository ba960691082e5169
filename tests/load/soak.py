"""An hour's worth of requests, one after another: ``python -m tests.load.soak``.

Serves the shipped weights in this process and asks ``--requests`` questions of every kind over
HTTP, about texts that are new each time. Prints one line of JSON with the resident memory after a
quarter of them (once all is warm) and at the end; ends with 1 where it grew by more than 5 %.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import resource
import time
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "32")  # as app.py does

import httpx
import torch

import sentiment
from sentiment.ui.page import LAUNCH, build
from tests.load.people import WORDS

KINDS = ("predict", "explain", "more", "phrase", "compare", "memory", "padding", "edits")


def main() -> None:
    """Serve, ask, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=4000)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    app = build(sentiment.load())
    _, url, _ = app.launch(prevent_thread_lock=True, quiet=True, **LAUNCH)
    (number,) = (
        one["id"]
        for one in app.config["components"]
        if "predict" in one["props"].get("server_fns", [])
    )
    chance = random.Random(0)
    start, warm, failed = time.perf_counter(), 0, 0
    with httpx.Client(timeout=60) as client:
        for i in range(arguments.requests):
            text = " ".join(chance.choices(WORDS, k=chance.randint(2, 40))) + f" {i}"
            question = {"text": text, "compare": text[::-1], "start": 0, "end": 1}
            body = {
                "data": [question],
                "component_id": number,
                "fn_name": KINDS[i % len(KINDS)],
                "session_hash": f"soak{i % 50}",
            }
            answer = client.post(f"{url}gradio_api/component_server/", json=body)
            failed += answer.status_code != 200 or "message" in answer.json()
            if i == arguments.requests // 4:
                gc.collect()
                warm = resident()
    gc.collect()
    end = resident()
    result = {
        "requests": arguments.requests,
        "failed": failed,
        "seconds": round(time.perf_counter() - start, 1),
        "warm_mb": round(warm / 2**20, 1),
        "end_mb": round(end / 2**20, 1),
        "growth": round(end / warm - 1, 4),
    }
    print(json.dumps(result))
    app.close()
    raise SystemExit(bool(failed) or abs(result["growth"]) > 0.05)


def resident() -> int:
    """Resident memory of this process in bytes, on Linux."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    main()

"""What the bench measures in processes of their own: all cores at once, and the page's start."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import torch

from sentiment.classifier import SentimentClassifier, load
from train.bench.measuring import Row, like, random_ids, seconds

ROOT = Path(__file__).parents[2]


def all_cores(classifier: SentimentClassifier) -> Row:
    """Scoring throughput at IMDB lengths with every core, one thread a process."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    cores = os.cpu_count() or 1
    lengths = like("IMDB", 256)
    with ProcessPoolExecutor(cores, get_context("spawn")) as pool:
        list(pool.map(_score_once, range(cores)))
        started = time.perf_counter()
        list(pool.map(_score_once, range(cores)))
        spent = time.perf_counter() - started
    return Row(
        f"scoring, IMDB lengths, {cores} processes", cores * sum(lengths) / spent, "tokens/s"
    )


def _score_once(_: int) -> None:
    torch.set_num_threads(1)
    classifier = _loaded()
    classifier.logits(random_ids(classifier, like("IMDB", 256)))


_CACHE: list[SentimentClassifier] = []


def _loaded() -> SentimentClassifier:
    if not _CACHE:
        _CACHE.append(load())
    return _CACHE[0]


PREDICT = "import sentiment; sentiment.load().predict('not good')"


def start_up() -> Iterator[Row]:
    """Fresh processes: the command line's help, a first verdict, the page served and its memory.

    Each once before it is timed, so that Python's compiled files are there; torch's import, which
    all but the first have in them, has a row of its own.
    """
    for name, command in {
        "python -m sentiment --help": ["-m", "sentiment", "--help"],
        "import torch": ["-c", "import torch"],
        "import sentiment; load(); predict": ["-c", PREDICT],
    }.items():
        yield Row(name, seconds(partial(_ended, command), 5), "s")
    list(_served())
    yield from _served()


def _ended(command: list[str]) -> None:
    subprocess.run(
        [sys.executable, *command], env=_environment(), cwd=ROOT, capture_output=True, check=True
    )


def _environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def _served() -> Iterator[Row]:
    """`python app.py` until the page is served, and its memory then."""
    port = 17_860
    started = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(port)],
        cwd=ROOT,
        env=_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while time.perf_counter() - started < 120:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).read()
                break
            except OSError:
                threading.Event().wait(0.05)
        yield Row("python app.py until served", time.perf_counter() - started, "s")
        status = Path(f"/proc/{server.pid}/status")
        if status.exists():
            fields = dict(row.split(":", 1) for row in status.read_text().splitlines())
            kilobytes = float(fields["VmHWM"].split()[0])
            yield Row("peak memory of the idle server", kilobytes / 1024, "MB")
    finally:
        server.terminate()
        server.wait()

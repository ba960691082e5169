"""A batch read padded, bucketed and packed, timed where the page runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median

import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence

from sentiment.model import PackedLSTMClassifier, pad
from sentiment.ui.contract import Timed

RUNS, SECONDS, LEAST_ROWS = 15, 1.5, 64
"""Runs of each way, the time that all of them may take, and rows that a run has at least."""


def timings(model: PackedLSTMClassifier, ids: Sequence[Sequence[int]], bucket: int) -> Timed:
    """Time the recurrence alone over the same sentences in three ways, taken in turn.

    A few sentences are copied to ``LEAST_ROWS`` rows, so that calls are not all that is timed.
    """
    copies = -(-LEAST_ROWS // len(ids))
    rows = [list(one) for one in ids] * copies
    recurrence = model.recurrence
    ordered = sorted(rows, key=len)
    size = bucket * copies
    parts = [_embedded(model, ordered[i : i + size]) for i in range(0, len(ordered), size)]
    rectangle, lengths = _embedded(model, rows)
    packed = pack_padded_sequence(rectangle, lengths, batch_first=True, enforce_sorted=False)

    ways: dict[str, Callable[[], object]] = {
        "padded": lambda: recurrence(rectangle),
        "bucketed": lambda: [recurrence(part) for part, _ in parts],
        "packed": lambda: recurrence(packed),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    start = time.perf_counter()
    with torch.inference_mode():
        for run in range(RUNS + 1):
            for name, way in ways.items():
                before = time.perf_counter()
                way()
                if run:  # the first warms up
                    taken[name].append(1000 * (time.perf_counter() - before))
            if run and time.perf_counter() - start > SECONDS:
                break
    return {
        "sentences": len(ids),
        "copies": copies,
        "runs": len(taken["packed"]),
        "ways": [
            {"name": name, "median": median(each), "least": min(each)}
            for name, each in taken.items()
        ],
    }


def _embedded(model: PackedLSTMClassifier, rows: list[list[int]]) -> tuple[Tensor, Tensor]:
    with torch.inference_mode():
        padded, lengths = pad(rows)
        return model.embedding(padded), lengths

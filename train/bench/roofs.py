"""The processor's limits, what a token costs against them, and two runs of the bench compared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from sentiment.classifier import SentimentClassifier
from sentiment.model import PackedLSTMClassifier, bfloat16_pays
from sentiment.slots import planned, slots_for, steps_together
from train.bench.measuring import Row, gemm_peak, like, random_ids, seconds
from train.data.tables import DataError

BATCH = 32
FASTER_IS_MORE = ("tokens/s", "texts/s", "GFLOP/s", "GB/s", "%")


def flops_a_token(model: PackedLSTMClassifier) -> int:
    """Of the gates' products: 2 · 4 · (E·H + H²) of one LSTM layer."""
    recurrence = model.recurrence
    return sum(2 * p.numel() for n, p in recurrence.named_parameters() if n.startswith("weight"))


def operations_done(model: PackedLSTMClassifier, ids: Sequence[Sequence[int]]) -> float:
    """Of ``flops_a_token``, what scoring these texts does a token: in slots words are shared."""
    whole, slots = flops_a_token(model), slots_for(model, [len(one) for one in ids])
    if not slots:
        return whole
    plan, together = planned(ids, slots), steps_together(slots)
    blocks = [plan.ids[i : i + together] for i in range(0, len(plan.ids), together)]
    distinct = sum(len(block.unique()) for block in blocks)
    hidden = 8 * model.width**2
    return hidden + (whole - hidden) * distinct / sum(plan.counts)


def bytes_a_token(model: PackedLSTMClassifier, batch: int = BATCH, width: int = 4) -> int:
    """The least that moves: a step's weights shared by its batch, an embedding, a state there and
    back, in numbers of ``width`` bytes."""
    weights = flops_a_token(model) // 2
    return width * (weights // batch + model.embedding.embedding_dim + 2 * model.width)


def memory_roof(budget_mb: int = 256) -> float:
    """Bytes a second that one core reads and writes: a copy of what no cache holds."""
    source = torch.zeros(budget_mb * (1 << 18))
    target = torch.empty_like(source)
    return 2 * 4 * source.numel() / seconds(lambda: target.copy_(source), 3)


def roofs(classifier: SentimentClassifier, peak: float, quick: bool) -> Iterator[Row]:
    """Both roofs, in 32 and 16 bits, and the share of each that scoring reaches."""
    model, memory = classifier.model, memory_roof(64 if quick else 256)
    flops = flops_a_token(model)
    yield Row("memory, read and written, 1 core", memory / 1e9, "GB/s")
    lengths = like("SST", 512 if quick else 2_048)
    ids, tokens = random_ids(classifier, lengths), sum(lengths)
    yield Row("operations a token", flops / 1e3, "kFLOP")
    yield Row("  that scoring does", operations_done(model, ids) / 1e3, "kFLOP")
    for bits in (32, 16) if bfloat16_pays() else (32,):
        half = bits == 16
        limit = gemm_peak(0.3, torch.bfloat16) if half else peak
        moved = bytes_a_token(model, width=bits // 8)
        rate = tokens / seconds(
            lambda half=half: classifier.logits(ids, bfloat16=half),  # type: ignore[misc]
            2,
        )
        if half:
            yield Row("matrix product peak, 16 bits", limit / 1e9, "GFLOP/s")
        yield Row(f"bytes a token, batches of {BATCH}, {bits} bits", moved / 1e3, "kB")
        yield Row(
            f"  scoring's share of the product's roof, {bits}", 100 * rate * flops / limit, "%"
        )
        yield Row(
            f"  scoring's share of the memory's roof, {bits}", 100 * rate * moved / memory, "%"
        )


def beside(rows: Sequence[Row], earlier: Path) -> list[Row]:
    """The rows with their ratio to an earlier run's of the same name, over 1 where faster.

    Raises DataError for a file that is no run of ``bench --json``.
    """
    try:
        before = {
            one["name"]: float(one["value"]) for one in json.loads(earlier.read_text())["rows"]
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{earlier} is no run of bench --json: {error}") from error
    found = []
    for row in rows:
        old = before.get(row.name)
        if old and row.value:
            ratio = row.value / old if row.unit in FASTER_IS_MORE else old / row.value
            found.append(replace(row, ratio=ratio, against=earlier.name))
    return found

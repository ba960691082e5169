"""Many texts through a one-layer LSTM without padding: each slot of a batch reads text after text.

When a text ends, its pooled states are put down and its slot begins the next one, as servers of
language models batch requests (Yu et al. 2022, Orca, OSDI). A slot's hidden state lives for one
step, so memory does not grow with the texts' lengths. Words repeat themselves (Zipf), and what a
word adds to the gates is the same wherever it stands: each distinct one of some thousand tokens is
multiplied once.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, groupby

import numpy as np
import torch
from torch import Tensor

from sentiment.cancellation import check_cancelled
from sentiment.kernels import StepWeights, is_plain, one_thread, step_weights, steps_pay
from sentiment.model import PackedLSTMClassifier

MOST_SLOTS = 128
FEWEST_SLOTS = 16
"""Of fewer the fused kernel makes more."""
BLOCK_TOKENS = 1 << 14
"""Tokens whose distinct words are multiplied at once, and four kilobytes of each kept meanwhile."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Who reads what when. ``ids`` (T, B) are read from the top, the first ``counts[t]`` at t.

    ``ends[t]`` are the slots whose text ends with step t; ``order`` the texts' numbers as they end.
    """

    ids: Tensor  # (T, B)
    counts: list[int]
    ends: dict[int, Tensor]
    order: list[int]


def slots_for(model: PackedLSTMClassifier, lengths: Sequence[int]) -> int:
    """How many slots to read texts of such lengths with; 0 where batches are as fast.

    Half as many again as the longest text would keep busy: wider steps pay for their narrow end.
    """
    if len(lengths) < FEWEST_SLOTS or min(lengths) < 1:
        return 0
    slots = min(len(lengths), MOST_SLOTS, 3 * sum(lengths) // (2 * max(lengths)))
    pays = slots >= FEWEST_SLOTS and steps_pay() and is_plain(model.recurrence)
    return slots if pays else 0


def planned(ids: Sequence[Sequence[int]], slots: int) -> Plan:
    """The longest text first, each to the slot that is free first (Graham 1969)."""
    lengths = [len(one) for one in ids]
    ready = [(0, slot) for slot in range(slots)]
    read: list[list[int]] = [[] for _ in range(slots)]
    for text in sorted(range(len(ids)), key=lambda text: -lengths[text]):
        end, slot = ready[0]
        heapq.heapreplace(ready, (end + lengths[text], slot))
        read[slot].append(text)
    totals = {slot: end for end, slot in ready}
    slots_by_work = sorted(totals, key=lambda slot: -totals[slot])
    steps = max(totals.values())
    grid = np.zeros((slots, steps), dtype=np.int64)
    ended: list[tuple[int, int, int]] = []
    for place, slot in enumerate(slots_by_work):
        grid[place, : totals[slot]] = [*chain.from_iterable(ids[text] for text in read[slot])]
        step = -1
        for text in read[slot]:
            step += lengths[text]
            ended.append((step, place, text))
    ended.sort()
    work = np.array([totals[slot] for slot in slots_by_work])
    counts = (work > np.arange(steps)[:, None]).sum(axis=1).tolist()
    ends = {
        step: torch.tensor([place for _, place, _ in group])
        for step, group in groupby(ended, lambda one: one[0])
    }
    order = [text for *_, text in ended]
    return Plan(torch.from_numpy(np.ascontiguousarray(grid.T)), counts, ends, order)


@torch.inference_mode()
def slot_logits(
    model: PackedLSTMClassifier, ids: Sequence[Sequence[int]], slots: int
) -> list[list[float]]:
    """Logits (N, O) of tokenised texts, as ``PackedLSTMClassifier.run`` has them, to rounding.

    ``slots`` as ``slots_for`` gives it. Between blocks of steps work that is cancelled ends.
    """
    plan = planned(ids, slots)
    pooled = {part: torch.empty(len(ids), model.width) for part in model.pooling}  # (N, H) each
    with one_thread():
        _read(_Slots(model, slots), plan, pooled)
    if "mean" in pooled:
        pooled["mean"] /= torch.tensor([len(ids[text]) for text in plan.order]).unsqueeze(1)
    logits = model.fc(torch.cat([pooled[part] for part in model.pooling], dim=1))  # (N, O)
    rows: list[list[float]] = [[] for _ in ids]
    for text, row in zip(plan.order, logits.tolist(), strict=True):
        rows[text] = row
    return rows


def steps_together(slots: int) -> int:
    """Steps of a block."""
    return max(1, BLOCK_TOKENS // slots)


def _read(reader: _Slots, plan: Plan, pooled: dict[str, Tensor]) -> None:
    """Put down what every text pools, (N, H) each, as they end; of the mean its sum."""
    done, together = 0, steps_together(plan.ids.shape[1])
    for start in range(0, len(plan.counts), together):
        check_cancelled()
        block = reader.look_up(plan.ids[start : start + together])
        for step, row in enumerate(block, start):
            reader.step(row, plan.counts[step])
            if step in plan.ends:
                places = plan.ends[step]
                ended = slice(done, done + len(places))
                reader.put_down(places, {part: one[ended] for part, one in pooled.items()})
                done = ended.stop


class _Slots:
    """The states of all slots between two steps; written in place, so that they stay in cache.

    ``cells`` holds -2 times the cells, so that sigmoid(cells) = (1 - tanh(cell)) / 2.
    """

    def __init__(self, model: PackedLSTMClassifier, slots: int) -> None:
        width = model.width
        self.table = model.embedding.weight  # (V, E)
        self.weights: StepWeights = step_weights(model.recurrence)
        self.added = torch.empty(slots * steps_together(slots), 4 * width)  # what each word adds
        self.gates = torch.empty(slots, 4 * width)  # (B, 4 H), in the order i, f, o, g
        self.states = {
            "last": torch.zeros(slots, width),  # (B, H), the hidden states
            "cells": torch.zeros(slots, width),
        }
        if "mean" in model.pooling:
            self.states["mean"] = torch.zeros(slots, width)  # of which the sum
        if "max" in model.pooling:
            self.states["max"] = torch.full((slots, width), -1.0)  # a hidden state lies above
        self.squashed = torch.empty(slots, width)  # (B, H)
        self._narrow(slots)

    def _narrow(self, count: int) -> None:
        """Views of the first slots, made once for many steps."""
        self.count = count
        self._gates, self._squashed = self.gates[:count], self.squashed[:count]
        self._i, self._f, self._o, self._g = self._gates.chunk(4, dim=1)
        narrow = {name: state[:count] for name, state in self.states.items()}
        self._hidden, self._cells = narrow["last"], narrow["cells"]
        self._sums, self._highest = narrow.get("mean"), narrow.get("max")

    def look_up(self, ids: Tensor) -> tuple[Tensor, ...]:
        """Multiply each distinct word of a block (T, B) once; its rows as numbers of those."""
        words, numbers = ids.unique(return_inverse=True)  # (D,), (T, B)
        added = self.added[: len(words)]  # (D, 4 H)
        torch.addmm(self.weights.bias, self.table[words], self.weights.words, out=added)
        rows: tuple[Tensor, ...] = numbers.unbind(0)
        return rows

    def step(self, words: Tensor, count: int) -> None:
        """Read one token in each of the first ``count`` slots; ``words`` (B,) are those of all."""
        if count != self.count:
            self._narrow(count)
        torch.index_select(self.added, 0, words[:count], out=self._gates)
        self._gates.addmm_(self._hidden, self.weights.hidden).sigmoid_()
        # -2 c' = f (-2 c) - 2 i tanh(g), with tanh(g) = 1 - 2 sigmoid(-2 g)
        self._cells.mul_(self._f).addcmul_(self._i, self._g, value=4).sub_(self._i, alpha=2)
        torch.sigmoid(self._cells, out=self._squashed)
        torch.addcmul(self._o, self._squashed, self._o, value=-2, out=self._hidden)
        if self._highest is not None:
            torch.maximum(self._highest, self._hidden, out=self._highest)
        if self._sums is not None:
            self._sums.add_(self._hidden)

    def put_down(self, places: Tensor, pooled: dict[str, Tensor]) -> None:
        """Write what these slots pooled, (N, H) each, of the mean its sum; they begin anew."""
        for part, rows in pooled.items():
            torch.index_select(self.states[part], 0, places, out=rows)
        for name, state in self.states.items():
            state.index_fill_(0, places, -1.0 if name == "max" else 0.0)

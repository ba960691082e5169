"""Many texts through a one-layer LSTM without padding: each slot of a batch reads text after text.

When a text ends, its pooled states are put down and its slot begins the next one, as servers of
language models batch requests (Yu et al. 2022, Orca, OSDI). A slot's hidden state lives for one
step, so memory does not grow with the texts' lengths.
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
from sentiment.kernels import is_plain, one_thread, step_product, steps_pay
from sentiment.model import PackedLSTMClassifier

MOST_SLOTS = 128
FEWEST_SLOTS = 16
"""Of fewer the fused kernel makes more."""
STEPS_BETWEEN_CHECKS = 64


@dataclass(frozen=True, slots=True)
class Plan:
    """Who reads what when. ``ids`` (T, B) are read from the top, the first ``counts[t]`` at t.

    ``ends[t]`` are the slots whose text ends with step t, and those texts' numbers.
    """

    ids: Tensor  # (T, B)
    counts: list[int]
    ends: dict[int, tuple[list[int], list[int]]]


def slots_for(model: PackedLSTMClassifier, lengths: Sequence[int]) -> int:
    """How many slots to read texts of such lengths with; 0 where batches are as fast."""
    if len(lengths) < FEWEST_SLOTS or min(lengths) < 1:
        return 0
    slots = min(len(lengths), MOST_SLOTS, sum(lengths) // max(lengths))
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
    work = np.array([totals[slot] for slot in slots_by_work])
    counts = (work > np.arange(steps)[:, None]).sum(axis=1).tolist()
    ends = {
        step: ([place for _, place, _ in group], [text for *_, text in group])
        for step, group in ((s, list(g)) for s, g in groupby(sorted(ended), lambda one: one[0]))
    }
    return Plan(torch.from_numpy(np.ascontiguousarray(grid.T)), counts, ends)


@torch.inference_mode()
def slot_logits(
    model: PackedLSTMClassifier, ids: Sequence[Sequence[int]], slots: int
) -> list[list[float]]:
    """Logits (N, O) of tokenised texts, as ``PackedLSTMClassifier.run`` has them, to rounding.

    ``slots`` as ``slots_for`` gives it. Between steps work that is cancelled ends.
    """
    plan = planned(ids, slots)
    pooled = {part: torch.empty(len(ids), model.width) for part in model.pooling}  # (N, H) each
    with one_thread():
        _read(_Slots(model, slots), plan, pooled)
    if "mean" in pooled:
        pooled["mean"] /= torch.tensor([len(one) for one in ids]).unsqueeze(1)
    logits = model.fc(torch.cat([pooled[part] for part in model.pooling], dim=1))  # (N, O)
    rows: list[list[float]] = logits.tolist()
    return rows


def _read(reader: _Slots, plan: Plan, pooled: dict[str, Tensor]) -> None:
    """Put down what every text pools, (N, H) each, of the mean its sum."""
    for step, (row, count) in enumerate(zip(plan.ids.unbind(0), plan.counts, strict=True)):
        if step % STEPS_BETWEEN_CHECKS == 0:
            check_cancelled()
        reader.step(row, count)
        if step in plan.ends:
            places, texts = (torch.tensor(one) for one in plan.ends[step])
            found = reader.put_down(places)
            for part, states in pooled.items():
                states[texts] = found[part]


class _Slots:
    """The states of all slots between two steps; written in place, so that they stay in cache.

    ``cells`` holds -2 times the cells, so that sigmoid(cells) = (1 - tanh(cell)) / 2.
    """

    def __init__(self, model: PackedLSTMClassifier, slots: int) -> None:
        width = model.width
        self.table = model.embedding.weight  # (V, E)
        self.product = step_product(model.recurrence)
        self.words = torch.empty(slots, self.table.shape[1])  # (B, E)
        self.inputs = torch.zeros(slots, self.table.shape[1] + width)  # (B, E + H)
        self.gates = torch.empty(slots, 4 * width)  # (B, 4 H), in the order i, f, o, g
        self.cells = torch.zeros(slots, width)  # (B, H)
        self.squashed = torch.empty(slots, width)  # (B, H)
        self.sums = torch.zeros(slots, width) if "mean" in model.pooling else None
        self.highest = (
            torch.full((slots, width), -1.0) if "max" in model.pooling else None
        )  # a hidden state lies above
        self._narrow(slots)

    def _narrow(self, count: int) -> None:
        """Views of the first slots, made once for many steps."""
        self.count = count
        size = self.table.shape[1]
        self._inputs = self.inputs[:count]
        self._words, self._hidden = self._inputs[:, :size], self._inputs[:, size:]
        self._found, self._gates = self.words[:count], self.gates[:count]
        self._i, self._f, self._o, self._g = self._gates.chunk(4, dim=1)
        self._cells, self._squashed = self.cells[:count], self.squashed[:count]
        self._sums = None if self.sums is None else self.sums[:count]
        self._highest = None if self.highest is None else self.highest[:count]

    def step(self, ids: Tensor, count: int) -> None:
        """Read one token in each of the first ``count`` slots; ``ids`` (B,) are those of all."""
        if count != self.count:
            self._narrow(count)
        torch.index_select(self.table, 0, ids[:count], out=self._found)
        self._words.copy_(self._found)
        torch.sigmoid(self.product(self._inputs), out=self._gates)
        # -2 c' = f (-2 c) - 2 i tanh(g), with tanh(g) = 1 - 2 sigmoid(-2 g)
        self._cells.mul_(self._f).addcmul_(self._i, self._g, value=4).sub_(self._i, alpha=2)
        torch.sigmoid(self._cells, out=self._squashed)
        torch.addcmul(self._o, self._squashed, self._o, value=-2, out=self._hidden)
        if self._highest is not None:
            torch.maximum(self._highest, self._hidden, out=self._highest)
        if self._sums is not None:
            self._sums.add_(self._hidden)

    def put_down(self, places: Tensor) -> dict[str, Tensor]:
        """What these slots pooled, (N, H) each, of the mean its sum; they begin anew."""
        found = {"last": self.inputs[places, self.table.shape[1] :]}
        self.inputs[:, self.table.shape[1] :].index_fill_(0, places, 0.0)
        self.cells.index_fill_(0, places, 0.0)
        if self.highest is not None:
            found["max"] = self.highest[places]
            self.highest.index_fill_(0, places, -1.0)
        if self.sums is not None:
            found["mean"] = self.sums[places]
            self.sums.index_fill_(0, places, 0.0)
        return found

"""Many texts read at once, each prefix that several share but once.

A text without one of its words, with one of them unknown, or cut short agrees with the text itself
up to that word, and so does an LSTM that reads from left to right: its state after a prefix depends
on nothing behind it. The texts form a trie; every node is stepped once, all of one depth together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sentiment.cancellation import check_cancelled
from sentiment.model import PackedLSTMClassifier

MOST_SENTENCES = 1024
"""Texts in one trie: bounds the memory of their states."""
_PADDING = -1


def shares_prefixes(model: PackedLSTMClassifier) -> bool:
    """Whether ``logits`` reads the model: an LSTM of one direction that is not being trained."""
    return model.cell == "lstm" and not model.recurrence.bidirectional and not model.training


def logits(model: PackedLSTMClassifier, sentences: Sequence[Sequence[int]]) -> Tensor:
    """All logits (N, O) of sentences of ids, none of them empty, in float64.

    The equations are those of torch.nn.LSTM, step by step, so that they agree with the model's own
    forward pass to rounding.
    """
    found = torch.empty(len(sentences), model.fc.out_features, dtype=torch.float64)  # (N, O)
    # Like beginnings side by side.
    order = sorted(range(len(sentences)), key=lambda row: tuple(sentences[row]))
    with torch.inference_mode():
        for first in range(0, len(order), MOST_SENTENCES):
            rows = order[first : first + MOST_SENTENCES]
            found[rows] = _read(model, _rectangle([sentences[row] for row in rows])).double()
    return found


def _rectangle(sentences: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """Sentences as rows (N, T), with -1 behind each."""
    width = max(len(sentence) for sentence in sentences)
    rectangle = np.full((len(sentences), width), _PADDING, dtype=np.int64)
    for row, sentence in zip(rectangle, sentences, strict=True):
        row[: len(sentence)] = sentence
    return rectangle


def _read(model: PackedLSTMClassifier, rows: NDArray[np.int64]) -> Tensor:
    """Logits (N, O) of sorted rows (N, T)."""
    valid = rows != _PADDING  # (N, T)
    differs = np.ones(rows.shape, dtype=np.bool_)  # whether a row's prefix is not the last row's
    differs[1:] = np.logical_or.accumulate(rows[1:] != rows[:-1], axis=1)
    begins = differs & valid  # (N, T), one row a node
    nodes = begins.cumsum(axis=0) - 1  # (N, T), the node of its depth that a row passes
    ends = valid.sum(axis=1) - 1  # (N,)
    cells = _Cells(model, np.unique(rows[valid]))
    outputs = torch.empty(len(rows), model.fc.out_features, dtype=model.fc.weight.dtype)
    for depth in range(rows.shape[1]):
        check_cancelled()
        new = np.flatnonzero(begins[:, depth])  # (n,)
        parents = nodes[new, depth - 1] if depth else None  # (n,)
        cells.step(rows[new, depth], parents)
        ended = np.flatnonzero(ends == depth)
        if len(ended):
            pooled = cells.pooled(torch.from_numpy(nodes[ended, depth]), depth + 1)
            outputs[torch.from_numpy(ended)] = model.fc(pooled)
    return outputs


class _Cells:
    """The states of all nodes of one depth, (n, H) a layer, and what the pools hold there."""

    def __init__(self, model: PackedLSTMClassifier, ids: NDArray[np.int64]) -> None:
        lstm = model.recurrence
        self.pooling, self.width, self.layers = model.pooling, lstm.hidden_size, lstm.num_layers
        self.ids = ids  # sorted
        self.weights = [
            [getattr(lstm, f"{part}_l{number}").detach().T for part in ("weight_ih", "weight_hh")]
            for number in range(self.layers)
        ]
        self.biases = [
            (getattr(lstm, f"bias_ih_l{number}") + getattr(lstm, f"bias_hh_l{number}")).detach()
            for number in range(self.layers)
        ]
        embedded = model.embedding(torch.from_numpy(ids))  # (V, E)
        self.driven = torch.addmm(self.biases[0], embedded, self.weights[0][0])  # (V, 4H)
        start = embedded.new_zeros(1, self.width)
        self.hidden, self.cell = [start] * self.layers, [start] * self.layers
        self.highest, self.total = start - torch.inf, start

    def step(self, ids: NDArray[np.int64], parents: NDArray[np.int64] | None) -> None:
        """One token further, from the nodes' parents; without parents from the start."""
        count = len(ids)
        origin = torch.zeros(count, dtype=torch.int64)
        if parents is not None:
            origin = torch.from_numpy(parents)
        moved = (
            parents is None or len(self.total) != count or bool((parents[1:] == parents[:-1]).any())
        )
        below = self.driven[torch.from_numpy(np.searchsorted(self.ids, ids))]  # (n, 4H)
        for number in range(self.layers):
            hidden, cell = self.hidden[number], self.cell[number]
            if moved:
                hidden, cell = hidden[origin], cell[origin]
            if number:
                below = torch.addmm(
                    self.biases[number], self.hidden[number - 1], self.weights[number][0]
                )
            sums = below.addmm_(hidden, self.weights[number][1])  # (n, 4H)
            gates, candidate = (
                sums[:, : 2 * self.width].sigmoid_(),
                sums[:, 2 * self.width : 3 * self.width].tanh_(),
            )
            shown = sums[:, 3 * self.width :].sigmoid_()
            written, kept = gates[:, : self.width], gates[:, self.width :]
            self.cell[number] = torch.addcmul(kept * cell, written, candidate)
            self.hidden[number] = shown * self.cell[number].tanh()
        top = self.hidden[-1]
        if "max" in self.pooling:
            self.highest = torch.maximum(self.highest[origin] if moved else self.highest, top)
        self.total = (self.total[origin] if moved else self.total) + top

    def pooled(self, nodes: Tensor, count: int) -> Tensor:
        """The head's input (n, P * H) at some nodes, whose prefixes have ``count`` tokens."""
        parts = {"last": self.hidden[-1], "max": self.highest, "mean": self.total}
        found = [parts[part][nodes] / (count if part == "mean" else 1) for part in self.pooling]
        return torch.cat(found, dim=1)

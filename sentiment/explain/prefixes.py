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

MOST_SENTENCES = 4096
"""Texts in one trie: bounds the memory of their states."""
_PADDING = -1


def shares_prefixes(model: PackedLSTMClassifier) -> bool:
    """Whether ``logits`` reads the model: an LSTM of one direction that is not being trained."""
    return model.cell == "lstm" and not model.recurrence.bidirectional and not model.training


def logits(model: PackedLSTMClassifier, sentences: Sequence[Sequence[int]]) -> Tensor:
    """All logits (N, O) of sentences of ids, none of them empty, in float64.

    The equations are those of torch.nn.LSTM, step by step, so that they agree with the model's own
    forward pass to rounding (of 1e-7 in an activation, where the model is of single precision).
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
            # Once a node, so that equal texts read the same to the last bit.
            last, texts = np.unique(nodes[ended, depth], return_inverse=True)
            read = model.fc(cells.pooled(torch.from_numpy(last), depth + 1))  # (m, O)
            outputs[torch.from_numpy(ended)] = read[torch.from_numpy(texts)]
    return outputs


class _Cells:
    """The states of all nodes of one depth, (n, H) a layer, and what the pools hold there.

    With tanh(x) = 2 sigmoid(2x) - 1 one sigmoid serves gates and candidate, at a third of tanh's
    price; rows of the candidate are doubled beforehand, which rounds nothing.
    """

    def __init__(self, model: PackedLSTMClassifier, ids: NDArray[np.int64]) -> None:
        lstm = model.recurrence
        self.pooling, self.width, self.layers = model.pooling, lstm.hidden_size, lstm.num_layers
        self.ids = ids  # sorted
        scale = model.fc.weight.new_ones(4, self.width)
        scale[2] = 2.0  # the candidate's rows
        scale = scale.flatten()  # (4H,)
        self.weights, self.biases = [], []
        for number in range(self.layers):
            by_input, by_hidden, first, second = (
                getattr(lstm, f"{part}_l{number}").detach()
                for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            self.weights.append([(one * scale[:, None]).T for one in (by_input, by_hidden)])
            self.biases.append((first + second) * scale)
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
            parents is None
            or len(self.hidden[-1]) != count
            or bool((parents[1:] == parents[:-1]).any())
        )
        places = torch.from_numpy(np.searchsorted(self.ids, ids))
        below = self.driven.index_select(0, places)  # (n, 4H)
        for number in range(self.layers):
            hidden, cell = self.hidden[number], self.cell[number]
            if moved:
                hidden, cell = hidden.index_select(0, origin), cell.index_select(0, origin)
            if number:
                below = torch.addmm(
                    self.biases[number], self.hidden[number - 1], self.weights[number][0]
                )
            gates = below.addmm_(hidden, self.weights[number][1]).sigmoid_()  # (n, 4H)
            written, kept, doubled, shown = gates.chunk(4, dim=1)  # (n, H) each
            candidate = doubled.mul(2.0).sub_(1.0)  # (n, H)
            self.cell[number] = torch.addcmul(kept * cell, written, candidate)
            squashed = self.cell[number].mul(2.0).sigmoid_().mul_(2.0).sub_(1.0)  # (n, H)
            self.hidden[number] = squashed.mul_(shown)
        top = self.hidden[-1]
        if "max" in self.pooling:
            self.highest = torch.maximum(self._from(self.highest, origin, moved), top)
        if "mean" in self.pooling:
            self.total = self._from(self.total, origin, moved) + top

    def _from(self, values: Tensor, origin: Tensor, moved: bool) -> Tensor:
        return values.index_select(0, origin) if moved else values

    def pooled(self, nodes: Tensor, count: int) -> Tensor:
        """The head's input (n, P * H) at some nodes, whose prefixes have ``count`` tokens."""
        parts = {"last": self.hidden[-1], "max": self.highest, "mean": self.total}
        found = [parts[part][nodes] / (count if part == "mean" else 1) for part in self.pooling]
        return torch.cat(found, dim=1)

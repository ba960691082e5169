"""Many texts read at once, each prefix that several share but once.

A text without one of its words, with one of them unknown, or cut short agrees with the text itself
up to that word, and so does an LSTM that reads from left to right: its state after a prefix depends
on nothing behind it. The texts form a trie; every node is stepped once, all of one depth together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sentiment.cancellation import check_cancelled
from sentiment.model import POOLINGS, PackedLSTMClassifier

MOST_PATHS = 4096
"""Texts in one trie, less those that begin another: bounds the memory of their states."""
_PADDING = -1
_SLOTS = len(POOLINGS)

Integers = NDArray[np.int64]


def shares_prefixes(model: PackedLSTMClassifier) -> bool:
    """Whether ``logits`` reads the model: an LSTM of one direction that is not being trained."""
    return model.cell == "lstm" and not model.recurrence.bidirectional and not model.training


def logits(model: PackedLSTMClassifier, sentences: Sequence[Sequence[int]]) -> Tensor:
    """All logits (N, O) of sentences of ids, none of them empty, in float64.

    The equations are those of torch.nn.LSTM, step by step, so that they agree with the model's own
    forward pass to rounding (of 1e-7 in an activation, where the model is of single precision).
    Equal sentences are read once, and so the same to the last bit.
    """
    lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))  # (N,)
    stops = lengths.cumsum()
    flat = np.fromiter(chain.from_iterable(sentences), np.int64, int(lengths.sum()))
    # Bytes of the highest place first, so that they sort as the ids do, a beginning before the rest
    data = flat.astype(">u4").tobytes()
    keys = [
        data[4 * (stop - length) : 4 * stop]
        for stop, length in zip(stops.tolist(), lengths.tolist(), strict=True)
    ]
    known = {key: number for number, key in enumerate(keys)}
    texts = sorted(known)
    chosen = np.fromiter(map(known.__getitem__, texts), np.int64, len(texts))  # (M,)
    lengths, starts = lengths[chosen], (stops - lengths)[chosen]  # (M,)
    # A text that begins the next is read on the way through it.
    whole = [not after.startswith(before) for before, after in pairwise([*texts, b""])]
    rows = np.flatnonzero(whole)  # (N,)
    found = torch.empty(len(texts), model.fc.out_features, dtype=torch.float64)  # (M, O)
    with torch.inference_mode():
        cells = _Cells(model, np.unique(flat))
        done = 0
        for first in range(0, len(rows), MOST_PATHS):
            part = rows[first : first + MOST_PATHS]
            ended = slice(done, int(part[-1]) + 1)
            paths = np.searchsorted(part, np.arange(ended.start, ended.stop))
            trie = _trie(_rectangle(flat, starts[part], lengths[part]), paths, lengths[ended])
            found[ended] = cells.read(trie)
            done = ended.stop
    places = {key: place for place, key in enumerate(texts)}
    return found[[places[key] for key in keys]]


def _rectangle(flat: Integers, starts: Integers, lengths: Integers) -> Integers:
    """Parts of ``flat`` as rows (N, T), with -1 behind each."""
    steps = np.arange(int(lengths.max()))
    valid = steps < lengths[:, None]  # (N, T)
    rectangle = np.full(valid.shape, _PADDING, dtype=np.int64)
    rectangle[valid] = flat[(starts[:, None] + steps)[valid]]
    return rectangle


@dataclass(frozen=True, slots=True)
class _Trie:
    """The nodes of all depths, one depth behind another, and the M texts that end at them.

    Nodes of depth d lie at ``bounds[d]`` to ``bounds[d + 1]``; parents are counted within theirs.
    """

    tokens: Integers  # (nodes,)
    parents: Integers  # (nodes,), 0 for those of depth 0
    bounds: Integers  # (T + 1,)
    lengths: Integers  # (M,)
    ends: Integers  # (M,), the node of its depth at which a text ends


def _trie(rows: Integers, paths: Integers, lengths: Integers) -> _Trie:
    """The trie of distinct sorted rows (N, T), and texts (M,) that begin the rows of ``paths``."""
    valid = rows != _PADDING  # (N, T)
    begins = valid.copy()  # (N, T), whether a row's prefix is not that of the row before: a node
    begins[1:] &= np.logical_or.accumulate(rows[1:] != rows[:-1], axis=1)
    nodes = begins.cumsum(axis=0) - 1  # (N, T), the node of its depth that a row passes
    before = np.zeros_like(nodes)
    before[:, 1:] = nodes[:, :-1]
    by_depth = begins.T  # (T, N)
    return _Trie(
        tokens=rows.T[by_depth],
        parents=before.T[by_depth],
        bounds=np.concatenate([[0], begins.sum(axis=0).cumsum()]),
        lengths=lengths,
        ends=nodes[paths, lengths - 1],
    )


class _Cells:
    """Reads tries, with what does not change from step to step.

    With tanh(x) = 1 - 2 sigmoid(-2x) one sigmoid serves gates and candidate, at a third of tanh's
    price. The cell is kept times -2, and the candidate's rows of the weights are multiplied to
    match: by a power of two, which rounds nothing.
    """

    def __init__(self, model: PackedLSTMClassifier, ids: Integers) -> None:
        lstm, head = model.recurrence, model.fc.weight.detach()  # (O, P * H)
        self.pooling, self.width, self.layers = model.pooling, lstm.hidden_size, lstm.num_layers
        self.ids = ids  # sorted
        scale = head.new_ones(4, self.width)
        scale[2] = -2.0  # the candidate's rows
        scale = scale.flatten()  # (4H,)
        self.below: list[Tensor] = []  # (E or H, 4H) a layer
        self.recurrent: list[Tensor] = []  # (H, 4H)
        self.biases: list[Tensor] = []  # (4H,)
        for number in range(self.layers):
            by_input, by_hidden, first, second = (
                getattr(lstm, f"{part}_l{number}").detach()
                for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            self.below.append((by_input * scale[:, None]).T)
            self.recurrent.append((by_hidden * scale[:, None]).T)
            self.biases.append((first + second) * scale)
        embedded = model.embedding(torch.from_numpy(ids))  # (V, E)
        self.driven = torch.addmm(self.biases[0], embedded, self.below[0])  # (V, 4H)
        self.bias = model.fc.bias.detach().double()  # (O,)
        self.heads = head.new_zeros(_SLOTS, self.width, 2, len(head))  # the mean's part apart
        for part, weights in zip(self.pooling, head.chunk(len(self.pooling), dim=1), strict=True):
            self.heads[POOLINGS.index(part), :, int(part == "mean")] = weights.T

    def read(self, trie: _Trie) -> Tensor:
        """The logits (M, O) of every text, in float64."""
        count, heads = len(trie.lengths), self.heads.flatten(2).flatten(0, 1)  # (3H, 2 * O)
        parts = self.driven.new_empty(count, heads.shape[1])  # (M, 2 * O), the shortest text first
        sizes = np.diff(trie.bounds)  # (T,)
        tokens = torch.from_numpy(np.searchsorted(self.ids, trie.tokens)).split(sizes.tolist())
        parents = torch.from_numpy(trie.parents).split(sizes.tolist())
        by_length = trie.lengths.argsort(kind="stable")
        lengths = trie.lengths[by_length]
        ending = np.bincount(lengths - 1, minlength=len(sizes)).tolist()
        ends = torch.from_numpy(trie.ends[by_length]).split(ending)
        parts_of = parts.split(ending)
        # Of a node the last hidden state, the highest, their sum, all cells, hidden states below.
        # Those of one depth are read from one room and written to the other.
        width = _SLOTS + 2 * self.layers - 1
        rooms = self.driven.new_empty(2, int(sizes.max()), width, self.width)  # (2, n, S, H)
        gates = self.driven.new_empty(int(sizes.max()), 4 * self.width)  # (n, 4H)
        state = rooms[1, :1].zero_()
        if "max" in self.pooling:
            state[:, 1] = -torch.inf
        for depth, size in enumerate(sizes.tolist()):
            check_cancelled()
            before, state = state, rooms[depth % 2, :size]
            torch.index_select(before, 0, parents[depth], out=state)
            torch.index_select(self.driven, 0, tokens[depth], out=gates[:size])
            self.step(state, gates[:size])
            if ending[depth]:
                pooled = state[:, :_SLOTS].index_select(0, ends[depth])  # (m, 3, H)
                torch.mm(pooled.flatten(1), heads, out=parts_of[depth])
        most, mean = parts.double().chunk(2, dim=1)  # (M, O) each
        found = torch.empty_like(most)
        found[torch.from_numpy(by_length)] = most + mean / torch.from_numpy(lengths)[:, None]
        return found + self.bias

    def step(self, state: Tensor, gates: Tensor) -> None:
        """One token further, in place, from states (n, S, H) and what the tokens drive (n, 4H)."""
        slots = state.unbind(dim=1)  # (n, H) each
        hiddens, cells = [*slots[_SLOTS + self.layers :], slots[0]], slots[_SLOTS:]
        for number in range(self.layers):
            hidden, cell = hiddens[number], cells[number]
            if number:
                gates = torch.addmm(self.biases[number], hiddens[number - 1], self.below[number])
            gates.addmm_(hidden, self.recurrent[number]).sigmoid_()
            written, kept, candidate, shown = gates.chunk(4, dim=1)  # (n, H) each
            cell.mul_(kept).addcmul_(written, candidate, value=4.0).sub_(written, alpha=2.0)
            torch.sigmoid(cell, out=hidden)
            torch.addcmul(shown, hidden, shown, value=-2.0, out=hidden)
        if "max" in self.pooling:
            torch.maximum(slots[1], slots[0], out=slots[1])
        if "mean" in self.pooling:
            slots[2].add_(slots[0])

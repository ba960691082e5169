"""Layer-wise relevance propagation through the LSTM and its pooled head.

Arras et al. 2017, arXiv:1706.07206: the epsilon rule for sums, all relevance of a product of gate
and signal to the signal. Their cell keeps c_t = f c_{t-1} + i g as two summands; h_t = o tanh(c_t)
hands its relevance to the cell. The max-pool hands relevance to its winners, the mean-pool to all
tokens. Biases are dealt out over the inputs of their sum (their ``bias_factor`` 1), so that
relevance is conserved but for what epsilon absorbs, which the residual shows.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sentiment.explain.gates import Layer, replay
from sentiment.explain.reading import Reading
from sentiment.values import Relevance, Scores, floats

EPSILON = 1e-3


def relevance(reading: Reading) -> Relevance:
    """Relevance of every token to the target's logit, (T,), in one backward pass of any length.

    Raises AbsentError but for an LSTM of one direction.
    """
    layers = reading.of(replay)
    initial = 0.0
    with torch.inference_mode():
        incoming = _pooled(reading, layers[-1].hidden)  # (T, H)
        for number in range(len(layers) - 1, -1, -1):
            below = layers[number - 1].hidden if number else reading.embedded[0].double()
            incoming, absorbed = _layer(layers[number], below, incoming)  # (T, H or E)
            initial += absorbed
    scores = incoming.sum(dim=1)  # (T,)
    residual = float(scores.sum()) - reading.logit
    return Relevance(floats(scores), initial, residual, EPSILON)


def relevance_scores(reading: Reading) -> Scores:
    """Relevance as token scores."""
    found = reading.of(relevance)
    return Scores(found.scores, residual=found.residual)


def _pooled(reading: Reading, hidden: Tensor) -> Tensor:
    """Relevance of the top hidden states (T, H), from z = b + sum of the pooled parts."""
    count, width = hidden.shape
    last, most, mean = (reading.head(part).double() for part in ("last", "max", "mean"))
    winners = reading.hidden.argmax(dim=0)  # (H,)
    summands = hidden * mean / count  # (T, H), of z
    summands[-1] += hidden[-1] * last
    columns = torch.arange(width)
    summands[winners, columns] += hidden[winners, columns] * most
    inputs = sum(part in reading.model.pooling for part in ("last", "max", "mean")) * width
    # The bias and epsilon's share go to the pooled inputs in equal parts.
    spread = torch.zeros_like(hidden)
    share = (reading.bias + _signed(reading.logit)) / inputs
    if "last" in reading.model.pooling:
        spread[-1] += share
    if "max" in reading.model.pooling:
        spread[winners, columns] += share
    if "mean" in reading.model.pooling:
        size = hidden.abs().sum(dim=0)  # (H,)
        parts = torch.where(size > 0, hidden.abs() / size, hidden.new_tensor(1 / count))
        spread += share * parts
    whole = reading.logit
    return (summands + spread) * (whole / (whole + _signed(whole)))


def _layer(layer: Layer, below: Tensor, incoming: Tensor) -> tuple[Tensor, float]:
    """Relevance of a layer's inputs (T, E or H), from that of its hidden states (T, H).

    And what its hidden state and cell before the first token absorbed.
    """
    count, width = incoming.shape
    three = slice(2 * width, 3 * width)  # the candidate's rows
    weight, recurrent, bias = layer.weight[three], layer.recurrent[three], layer.bias[three]
    before = torch.cat([torch.zeros_like(layer.hidden[:1]), layer.hidden[:-1]])  # (T, H)
    earlier = torch.cat([torch.zeros_like(layer.cell[:1]), layer.cell[:-1]])  # (T, H)
    kept, written = layer.forget * earlier, layer.input * layer.candidate  # (T, H)
    sums = layer.preactivation[:, three]  # (T, H)
    steadied = sums + _signs(sums) * EPSILON  # (T, H)
    cell_steadied = layer.cell + _signs(layer.cell) * EPSILON  # (T, H)
    outgoing = torch.empty(count, below.shape[1], dtype=below.dtype)  # (T, E)
    by_hidden = torch.zeros(width, dtype=below.dtype)  # (H,)
    by_cell = torch.zeros(width, dtype=below.dtype)  # (H,)
    inputs = below.shape[1] + width
    for t in range(count - 1, -1, -1):
        by_cell = by_cell + by_hidden + incoming[t]  # (H,), of c_t
        share = by_cell / cell_steadied[t]  # (H,)
        half = _signs(layer.cell[t]) * (EPSILON / 2)  # (H,), to each of two summands
        offered = share * (written[t] + half)  # (H,), of the candidate
        by_cell = share * (kept[t] + half)  # (H,), of c_{t-1}
        ratio = offered / steadied[t]  # (H,)
        even = float((ratio * (bias + _signs(sums[t]) * EPSILON)).sum()) / inputs
        outgoing[t] = below[t] * (ratio @ weight) + even
        by_hidden = before[t] * (ratio @ recurrent) + even  # (H,), of h_{t-1}
    return outgoing, float(by_hidden.sum() + by_cell.sum())


def _signs(values: Tensor) -> Tensor:
    """1 for zero and above, else -1, so that epsilon moves no sum towards zero."""
    return torch.where(values >= 0, 1.0, -1.0).to(values.dtype)


def _signed(value: float) -> float:
    return EPSILON if value >= 0 else -EPSILON

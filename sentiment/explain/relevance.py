"""Layer-wise relevance propagation through the LSTM and its pooled head.

Arras et al. 2017, arXiv:1706.07206: the epsilon rule for sums, all relevance of a product of gate
and signal to the signal. Their cell keeps c_t = f c_{t-1} + i g as two summands; h_t = o tanh(c_t)
hands its relevance to the cell. The max-pool hands relevance to its winners, the mean-pool to all
tokens. Biases are dealt out over the inputs of their sum (their ``bias_factor`` 1), so that
relevance is conserved but for what epsilon absorbs, which the residual shows.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from sentiment.explain.gates import Layer, replay
from sentiment.explain.reading import Reading
from sentiment.values import FloatArray, Relevance, Scores, floats

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
    width = incoming.shape[1]
    three = slice(2 * width, 3 * width)  # the candidate's rows
    weight, recurrent, bias = layer.weight[three], layer.recurrent[three], layer.bias[three]
    before = torch.cat([torch.zeros_like(layer.hidden[:1]), layer.hidden[:-1]])  # (T, H)
    earlier = torch.cat([torch.zeros_like(layer.cell[:1]), layer.cell[:-1]])  # (T, H)
    inputs = below.shape[1] + width
    sums, signs = layer.preactivation[:, three], _signs(layer.preactivation[:, three])  # (T, H)
    signs_of_cell = _signs(layer.cell)  # (T, H)
    steadied = layer.cell + signs_of_cell * EPSILON  # (T, H)
    half = signs_of_cell * (EPSILON / 2)  # (T, H), to each of two summands
    # What a step hands on of the relevance of c_t: through the candidate's sum, and to c_{t-1}
    offered = (layer.input * layer.candidate + half) / steadied / (sums + signs * EPSILON)  # (T, H)
    kept = (layer.forget * earlier + half) / steadied  # (T, H)
    even = (bias + signs * EPSILON) / inputs  # (T, H)
    found = _backwards(*(one.numpy() for one in (incoming, offered, kept, even, before, recurrent)))
    ratios, evens, absorbed = found
    outgoing = below * (torch.from_numpy(ratios) @ weight) + torch.from_numpy(evens)[:, None]
    return outgoing, absorbed


def _backwards(
    incoming: FloatArray,
    offered: FloatArray,
    kept: FloatArray,
    even: FloatArray,
    before: FloatArray,
    recurrent: FloatArray,
) -> tuple[FloatArray, FloatArray, float]:
    """Relevance over each candidate's sum (T, H), even parts (T,), what the zero state absorbed."""
    ratios, evens = np.empty_like(incoming), np.empty(len(incoming))
    # torch's product: NumPy's library has threads of its own, which spin between two
    across, rows = torch.from_numpy(recurrent.T.copy()), torch.from_numpy(ratios).unbind()
    by_hidden = by_cell = np.zeros(incoming.shape[1])  # (H,)
    for t in range(len(incoming) - 1, -1, -1):
        reached = by_cell + by_hidden + incoming[t]  # (H,), of c_t
        ratios[t] = reached * offered[t]
        evens[t] = ratios[t] @ even[t]
        by_cell = reached * kept[t]  # (H,), of c_{t-1}
        by_hidden = before[t] * torch.mv(across, rows[t]).numpy() + evens[t]  # (H,), of h_{t-1}
    return ratios, evens, float(by_hidden.sum() + by_cell.sum())


def _signs(values: Tensor) -> Tensor:
    """1 for zero and above, else -1, so that epsilon moves no sum towards zero."""
    return torch.where(values >= 0, 1.0, -1.0).to(values.dtype)


def _signed(value: float) -> float:
    return EPSILON if value >= 0 else -EPSILON

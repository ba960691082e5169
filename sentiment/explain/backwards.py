"""Backward passes of one text, written out: in half of autograd's time, and rescaled on their way.

A vector of gradients is followed from the last token to the first. Two go side by side: that of
the logit, to which every token's hidden state adds its own part, and that of the final state alone,
which is rescaled where it grows large or small, so that 2,000 tokens neither overflow nor lose it.
Products are torch's: NumPy's library has threads of its own, which spin between two products.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sentiment.explain.gates import Layer
from sentiment.values import FloatArray, floats

Array = NDArray[np.float32] | NDArray[np.float64]
"""In the precision of the model."""

LARGEST = torch.finfo(torch.float64).max
MOST_EXPONENT = math.log(LARGEST)
SMALL, LARGE = 1e-6, 1e6
"""Sizes of a vector between which it is not rescaled."""


@dataclass(frozen=True, slots=True)
class Backwards:
    """Norms at every token: of the logit's gradient, and of the final state's part of it.

    ``inputs`` (T,) is by the embeddings, ``final`` (T,) by the top layer's cells, or by its hidden
    states where it has none. One that overflows on its way is given as the largest float.
    """

    inputs: FloatArray
    final: FloatArray


def through_lstm(layers: tuple[Layer, ...], heads: Tensor, last: Tensor) -> Backwards:
    """Of replayed layers under the head's weights (T, H) of each hidden state.

    ``last`` (H,) are those by which the final state is read. All is in the precision of ``heads``.
    """
    incoming: Array = heads.numpy()
    final: list[float] = []
    with np.errstate(over="ignore", invalid="ignore"):
        for number, layer in reversed([*enumerate(layers)]):
            read = last.to(heads.dtype).numpy() if number == len(layers) - 1 else None
            driven, norms = _through_layer(layer, incoming, read)
            incoming = torch.mm(driven, layer.weight.to(heads.dtype)).numpy()  # (T, E or H)
            final = final or norms
        return Backwards(_norms(incoming), floats(final))


def _through_layer(layer: Layer, incoming: Array, read: Array | None) -> tuple[Tensor, list[float]]:
    """Gradients by the sums of a layer's gates (T, 4H), from those by its hidden states (T, H).

    And, where ``read`` (H,) reads the final state, the norms by the cells of what it reads.
    """
    gates = (layer.forget, layer.input, layer.output, layer.candidate, layer.cell)
    forget, written, shown, candidate, cell = (gate.numpy() for gate in gates)  # (T, H)
    count, width = cell.shape
    squashed = np.tanh(cell)  # (T, H)
    before = np.concatenate([np.zeros_like(cell[:1]), cell[:-1]])  # (T, H), c_{t-1}
    by_gate = np.stack(
        [
            candidate * written * (1 - written),
            before * forget * (1 - forget),
            written * (1 - candidate**2),
        ],
        axis=1,
    )  # (T, 3, H), dc_t by the sums of input, forget and candidate
    by_output = squashed * shown * (1 - shown)  # (T, H), dh_t by the sum of output
    opened = shown * (1 - squashed**2)  # (T, H), dh_t/dc_t
    kind = incoming.dtype  # from here on
    by_gate, by_output, opened, forget = (
        one.astype(kind, copy=False) for one in (by_gate, by_output, opened, forget)
    )
    rows = 1 if read is None else 2
    by_hidden, by_cell = np.zeros((2, rows, width), kind)  # (rows, H) each
    sums = np.empty((count, rows, 4, width), kind)
    hiddens = torch.from_numpy(by_hidden).unbind()
    driven = torch.from_numpy(sums).flatten(2)  # (T, rows, 4H)
    recurrent = layer.recurrent.T.to(driven.dtype).contiguous()  # (H, 4H)
    norms, scale = [], 0.0
    if read is not None:
        by_hidden[1] = read
    for t in range(count - 1, -1, -1):
        by_hidden[0] += incoming[t]
        by_cell += by_hidden * opened[t]
        if read is not None:
            norms.append(_scaled(_size(by_cell[1]), scale))
        step = sums[t]  # (rows, 4, H)
        np.multiply(by_cell[:, None], by_gate[t], out=step[:, :3])
        np.multiply(by_hidden, by_output[t], out=step[:, 3])
        for one, hidden in zip(driven[t].unbind(), hiddens, strict=True):
            # one by one: for two rows the product of matrices is slower
            torch.mv(recurrent, one, out=hidden)
        by_cell *= forget[t]
        if read is not None:
            scale += _rescaled(by_hidden[1], by_cell[1])
    return driven[:, 0], norms[::-1]


def through_rnn(
    weight: Tensor, recurrent: Tensor, hidden: Tensor, heads: Tensor, last: Tensor
) -> Backwards:
    """Of a vanilla RNN (tanh) of one layer, from its states (T, H); ``heads`` as above."""
    incoming, states = heads.numpy(), hidden.numpy()  # (T, H) each
    kept = 1 - states**2  # (T, H)
    sums = torch.empty_like(hidden)  # (T, H)
    by_hidden = torch.zeros_like(hidden[0])  # (H,)
    steps, reached, across = sums.numpy(), by_hidden.numpy(), recurrent.T.contiguous()
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(len(states) - 1, -1, -1):
            np.multiply(reached + incoming[t], kept[t], out=steps[t])
            torch.mv(across, sums[t], out=by_hidden)
        inputs = _norms(torch.mm(sums, weight).numpy())
    return Backwards(inputs, hidden_path(recurrent, hidden, last))


def hidden_path(recurrent: Tensor, hidden: Tensor, weights: Tensor) -> FloatArray:
    """The norm of d(weights . h_T)/dh_t, (T,), in a vanilla RNN's layer (tanh) of states (T, H)."""
    across = recurrent.T.contiguous()  # (H, H)
    norms, scale = [], 0.0
    by_hidden = weights.to(hidden.dtype).clone()  # (H,)
    reached = by_hidden.numpy()
    for slope in (1 - hidden**2).flip(0):
        norms.append(_scaled(_size(reached), scale))
        torch.mv(across, by_hidden * slope, out=by_hidden)
        scale += _rescaled(reached)
    return floats(norms[::-1])


def _norms(gradients: Array) -> FloatArray:
    """The norm of each row; of one that is not finite the largest float."""
    norms = np.linalg.norm(gradients.astype(np.float64), axis=1)
    return floats(np.nan_to_num(norms, nan=LARGEST, posinf=LARGEST))


def _size(vector: Array) -> float:
    return math.sqrt(float(vector @ vector))


def _scaled(size: float, scale: float) -> float:
    """size * e^scale, at most the largest float."""
    if not math.isfinite(size):
        return LARGEST
    return math.exp(min(math.log(size) + scale, MOST_EXPONENT)) if size > 0 else 0.0


def _rescaled(*vectors: Array) -> float:
    """Divide vectors by the largest size where it is out of bounds; its logarithm, else 0."""
    size = max(map(_size, vectors))
    if SMALL < size < LARGE or not 0 < size < math.inf:
        return 0.0
    for vector in vectors:
        vector /= size
    return math.log(size)

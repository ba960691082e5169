"""Gradient reach: how much of the gradient arrives at each token, against a vanilla RNN.

The vanishing-gradient picture of Hochreiter & Schmidhuber 1997 and Pascanu et al. 2013,
arXiv:1211.5063. The sums run over the top layer, whose states the final state alone depends on;
each vector is rescaled on its way, so 2,000 tokens neither overflow nor lose precision.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from sentiment.explain.gates import Layer, gated, replay
from sentiment.explain.reading import Reading, head
from sentiment.model import PackedLSTMClassifier
from sentiment.values import FloatArray, GradientReach, Scores, floats

LARGEST = torch.finfo(torch.float64).max
MOST_EXPONENT = math.log(LARGEST)


def gradient_reach(reading: Reading) -> GradientReach:
    """Norms of dz/dx_t, of d(w_last . h_T)/dc_t, and the twin's; see ``GradientReach``."""
    model, twin = reading.model, reading.twin
    notes = []
    cell = forget = twin_full = twin_hidden = None
    if "last" not in model.pooling:
        notes.append("The head does not read the final state.")
    elif not gated(model):
        notes.append(
            f"No cell path: that is of an LSTM of one direction, and this is a {model.kind}."
        )
    else:
        cell = cell_path(reading.of(replay)[-1], reading.head("last"))
        forget = forget_path(reading.of(replay)[-1], reading.head("last"))
    if twin is None:
        notes.append("This checkpoint has no vanilla RNN twin to compare with.")
    else:
        embedded = twin.embedding(reading.ids).detach()  # (1, T, E)
        twin_full, hidden = _input_norms(twin, embedded, reading.target)
        if "last" in twin.pooling:
            twin_hidden = hidden_path(twin, hidden, head(twin, reading.target, "last"))
    return GradientReach(
        full=reading.of(gradient_norms).values,
        cell=cell,
        forget=forget,
        twin_full=twin_full,
        twin_hidden=twin_hidden,
        note=" ".join(notes),
    )


def gradient_norms(reading: Reading) -> Scores:
    """The norm of dz/dx_t, (T,), through the whole head."""
    return Scores(input_norms(reading.model, reading.embedded, reading.target))


def input_norms(model: PackedLSTMClassifier, embedded: Tensor, target: int) -> FloatArray:
    """The norm of a logit's gradient with respect to each embedding, (T,).

    One that overflows on its way is given as the largest float.
    """
    return _input_norms(model, embedded, target)[0]


def _input_norms(
    model: PackedLSTMClassifier, embedded: Tensor, target: int
) -> tuple[FloatArray, Tensor]:
    """The same, and the hidden states (T, H) of the top layer on the way."""
    with torch.enable_grad():
        inputs = embedded.detach().clone().requires_grad_()  # (1, T, E)
        trace = model.run(inputs, torch.tensor([inputs.shape[1]]))
        (gradient,) = torch.autograd.grad(trace.logits[0, target], inputs)  # (1, T, E)
    norms = gradient[0].double().norm(dim=1)  # (T,)
    return floats(norms.nan_to_num(LARGEST, LARGEST)), trace.hidden[0].detach()


def cell_path(layer: Layer, weights: Tensor) -> FloatArray:
    """The norm of d(weights . h_T)/dc_t, (T,): the whole derivative, by c_{t+1} and by h_t."""
    gates = (layer.forget, layer.input, layer.output, layer.candidate, layer.cell)
    forget, written, shown, candidate, cell = (gate.double().numpy() for gate in gates)  # (T, H)
    recurrent = layer.recurrent.double().numpy()  # (4H, H)
    count, width = cell.shape
    squashed = np.tanh(cell)  # (T, H)
    before = np.concatenate([np.zeros((1, width)), cell[:-1]])  # (T, H), c_{t-1}
    opened = shown * (1 - squashed**2)  # (T, H), dh_t/dc_t
    by_gate = np.stack(
        [
            candidate * written * (1 - written),
            before * forget * (1 - forget),
            written * (1 - candidate**2),
        ],
        axis=1,
    )  # (T, 3, H), dc_t by the sums of input, forget and candidate
    by_output = squashed * shown * (1 - shown)  # (T, H), dh_t by the sum of output
    norms, scale = [], 0.0
    by_hidden, by_cell = weights.double().numpy(), np.zeros(width)  # (H,)
    by_sum = np.empty((4, width))
    for t in range(count - 1, -1, -1):
        by_cell = by_cell + by_hidden * opened[t]  # (H,)
        norms.append(_norm(by_cell, scale))
        by_sum[:3] = by_cell * by_gate[t]
        by_sum[3] = by_hidden * by_output[t]
        by_hidden, by_cell = by_sum.reshape(-1) @ recurrent, by_cell * forget[t]  # (H,), (H,)
        size = max(float(abs(by_hidden).max()), float(abs(by_cell).max()))
        if size > 0:
            by_hidden, by_cell, scale = by_hidden / size, by_cell / size, scale + math.log(size)
    return floats(norms[::-1])


def forget_path(layer: Layer, weights: Tensor) -> FloatArray:
    """The norm of that part of d(weights . h_T)/dc_t, (T,), which the forget gates alone carry.

    It is weights o_T (1 - tanh^2 c_T) prod_{u>t} f_u: the constant error carousel of the LSTM.
    """
    shown = weights.double() * layer.output[-1] * (1 - torch.tanh(layer.cell[-1]) ** 2)  # (H,)
    later = layer.forget.flip(0).cumprod(dim=0).flip(0)  # (T, H), prod_{u>=t} f_u
    later = torch.cat([later[1:], torch.ones_like(later[:1])])  # (T, H), prod_{u>t} f_u
    return floats((later * shown).norm(dim=1))


def hidden_path(twin: PackedLSTMClassifier, hidden: Tensor, weights: Tensor) -> FloatArray:
    """The norm of d(weights . h_T)/dh_t, (T,), in the top layer of a vanilla RNN (tanh).

    ``hidden`` are that layer's states (T, H).
    """
    top = twin.recurrence.num_layers - 1
    recurrent = getattr(twin.recurrence, f"weight_hh_l{top}").detach().double()  # (H, H)
    kept = 1 - hidden.double().numpy() ** 2  # (T, H)
    across = recurrent.numpy()
    norms, scale = [], 0.0
    by_hidden = weights.double().numpy()  # (H,)
    for slope in kept[::-1]:
        norms.append(_norm(by_hidden, scale))
        by_hidden = (by_hidden * slope) @ across  # (H,)
        size = float(abs(by_hidden).max())
        if size > 0:
            by_hidden, scale = by_hidden / size, scale + math.log(size)
    return floats(norms[::-1])


def _norm(vector: FloatArray, scale: float) -> float:
    """|vector| * e^scale, at most the largest float."""
    size = math.sqrt(float(vector @ vector))
    return math.exp(min(math.log(size) + scale, MOST_EXPONENT)) if size > 0 else 0.0

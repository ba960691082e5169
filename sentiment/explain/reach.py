"""Gradient reach: how much of the gradient arrives at each token, against a vanilla RNN.

The vanishing-gradient picture of Hochreiter & Schmidhuber 1997 and Pascanu et al. 2013,
arXiv:1211.5063. The sums run over the top layer, whose states the final state alone depends on;
each vector is rescaled on its way, so 2,000 tokens neither overflow nor lose precision.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sentiment.explain.backwards import LARGEST, Backwards, hidden_path, through_lstm, through_rnn
from sentiment.explain.gates import Layer, gated, replay
from sentiment.explain.reading import Reading, head, heads
from sentiment.model import PackedLSTMClassifier
from sentiment.values import FloatArray, GradientReach, Scores, floats


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
        cell = reading.of(backwards).final
        forget = forget_path(reading.of(replay)[-1], reading.head("last"))
    if twin is None:
        notes.append("This checkpoint has no vanilla RNN twin to compare with.")
    else:
        found = _of_twin(twin, twin.embedding(reading.ids).detach(), reading.target)
        twin_full = found.inputs
        if "last" in twin.pooling:
            twin_hidden = found.final
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
    if gated(reading.model):
        return Scores(reading.of(backwards).inputs)
    return Scores(input_norms(reading.model, reading.embedded, reading.target))


def backwards(reading: Reading) -> Backwards:
    """The backward pass; AbsentError but for an LSTM of one direction."""
    incoming = reading.heads.sum(dim=2).to(reading.hidden.dtype)  # (T, H)
    return through_lstm(reading.of(replay), incoming, reading.head("last"))


def _of_twin(twin: PackedLSTMClassifier, embedded: Tensor, target: int) -> Backwards:
    """The backward pass of a vanilla RNN over embeddings (1, T, E); one of layers by autograd."""
    last = head(twin, target, "last")
    if twin.recurrence.num_layers > 1:
        norms, hidden = _input_norms(twin, embedded, target)
        return Backwards(norms, hidden_path(_weights(twin)[1], hidden, last))
    with torch.inference_mode():
        trace = twin.run(embedded, torch.tensor([embedded.shape[1]]))
    incoming = heads(twin, target, trace).sum(dim=2).to(trace.hidden.dtype)  # (T, H)
    return through_rnn(*_weights(twin), trace.hidden[0], incoming, last)


def _weights(twin: PackedLSTMClassifier) -> tuple[Tensor, Tensor]:
    """Of the top layer, by its input (H, E or H) and by its hidden state (H, H)."""
    top = twin.recurrence.num_layers - 1
    by_input, by_hidden = (
        getattr(twin.recurrence, f"weight_{part}_l{top}").detach() for part in ("ih", "hh")
    )
    return by_input, by_hidden


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


def forget_path(layer: Layer, weights: Tensor) -> FloatArray:
    """The norm of that part of d(weights . h_T)/dc_t, (T,), which the forget gates alone carry.

    It is weights o_T (1 - tanh^2 c_T) prod_{u>t} f_u: the constant error carousel of the LSTM.
    """
    shown = weights.double() * layer.output[-1] * (1 - torch.tanh(layer.cell[-1]) ** 2)  # (H,)
    later = layer.forget.flip(0).cumprod(dim=0).flip(0)  # (T, H), prod_{u>=t} f_u
    later = torch.cat([later[1:], torch.ones_like(later[:1])])  # (T, H), prod_{u>t} f_u
    return floats((later * shown).norm(dim=1))

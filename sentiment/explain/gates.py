"""Gates, candidate and cell by replaying the LSTM, which returns only its last cell.

The equations are those of torch.nn.LSTM, whose rows hold input, forget, candidate and output.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from threading import Lock

import torch
from torch import Tensor, nn
from torch.utils.weak import WeakTensorKeyDictionary

from sentiment.errors import AbsentError
from sentiment.explain.reading import Reading
from sentiment.model import PackedLSTMClassifier
from sentiment.values import Gates, GRUGates, GRULayerGates, LayerGates, floats

_DOUBLED, _LOCK = WeakTensorKeyDictionary(), Lock()
"""Weights in float64 by those of the model, shared by all explanations that are kept of it: they
are 3 MB of the shipped model's, beside some 300 KB of the explanation itself."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One LSTM layer replayed over the text, with the weights that did it."""

    recurrent: Tensor  # (4H, H), W_hh
    weight: Tensor  # (4H, E or H), W_ih
    bias: Tensor  # (4H,), both biases together
    driven: Tensor  # (T, 4H), W_ih x_t, without bias
    preactivation: Tensor  # (T, 4H)
    input: Tensor  # (T, H)
    forget: Tensor  # (T, H)
    candidate: Tensor  # (T, H)
    output: Tensor  # (T, H)
    cell: Tensor  # (T, H)
    hidden: Tensor  # (T, H)


def gated(model: PackedLSTMClassifier) -> bool:
    """Whether a model is an LSTM of one direction, by whose gates and cell studies decompose."""
    return model.cell == "lstm" and not model.recurrence.bidirectional


def replay(reading: Reading) -> tuple[Layer, ...]:
    """Every layer, lowest first, in float64 whatever the model's precision.

    The top layer's gates read the hidden states of the trace, all at once, so that rounding does
    not grow with the text; the layers below, whose states no trace holds, are stepped through.
    Raises AbsentError for all but an LSTM of one direction.
    """
    if not gated(reading.model):
        raise AbsentError(
            f"this study needs the gates and the cell of an LSTM that reads in one direction; this "
            f"model is a {reading.model.kind}"
        )
    assert isinstance(reading.model.recurrence, nn.LSTM)
    layers: list[Layer] = []
    states = reading.embedded[0].double()  # (T, E)
    top = reading.model.recurrence.num_layers - 1
    for number in range(top + 1):
        known = reading.hidden.double() if number == top else None  # (T, H)
        layers.append(_layer(reading.model.recurrence, f"{number}", states, known))
        states = layers[-1].hidden  # (T, H)
    return tuple(layers)


def _layer(lstm: nn.LSTM, name: str, states: Tensor, known: Tensor | None) -> Layer:
    """One layer over its inputs (T, E or H), given its hidden states where they are known.

    ``name`` is the layer's number, with "_reverse" behind it for the backward direction.
    """
    weight, recurrent, first, second = (
        _doubled(getattr(lstm, f"{part}_l{name}"))
        for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    width, bias = lstm.hidden_size, first + second
    with torch.inference_mode():
        driven = states @ weight.T  # (T, 4H)
        if known is None:
            known = _stepped(driven + bias, recurrent)  # (T, H)
        before = torch.cat([known.new_zeros(1, width), known[:-1]])  # (T, H), h_{t-1}
        sums = driven + bias + before @ recurrent.T  # (T, 4H)
        written, kept, candidate, shown = _activated(sums)  # (T, H) each
        offered = written * candidate  # (T, H)
        cells = torch.empty_like(offered)
        cell = offered.new_zeros(width)  # (H,)
        for t in range(len(cells)):
            cell = torch.addcmul(offered[t], kept[t], cell, out=cells[t])
    return Layer(
        recurrent=recurrent,
        weight=weight,
        bias=bias,
        driven=driven,
        preactivation=sums,
        input=written,
        forget=kept,
        candidate=candidate,
        output=shown,
        cell=cells,
        hidden=shown * torch.tanh(cells),
    )


def _doubled(weight: Tensor) -> Tensor:
    """A copy of a weight in float64; the same tensor until the weight is written to."""
    if weight.is_inference():  # which counts no writes
        return weight.detach().double()
    state = weight.data_ptr(), weight._version
    with _LOCK:
        known: tuple[object, Tensor] | None = _DOUBLED.get(weight)
        if known is None or known[0] != state:
            _DOUBLED[weight] = known = state, weight.detach().to(torch.float64, copy=True)
    return known[1]


def _stepped(driven: Tensor, recurrent: Tensor) -> Tensor:
    """Hidden states (T, H), step by step, from drives with bias (T, 4H)."""
    hidden = cell = driven.new_zeros(recurrent.shape[1])  # (H,)
    hiddens = []
    for drive in driven:
        written, kept, candidate, shown = _activated(torch.addmv(drive, recurrent, hidden))
        cell = kept * cell + written * candidate  # (H,)
        hidden = shown * torch.tanh(cell)  # (H,)
        hiddens.append(hidden)
    return torch.stack(hiddens)


def _activated(sums: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Input, forget, candidate and output from preactivations (..., 4H), (..., H) each."""
    written, kept, candidate, shown = sums.chunk(4, dim=-1)
    return written.sigmoid(), kept.sigmoid(), candidate.tanh(), shown.sigmoid()


def gates(reading: Reading) -> Gates:
    """What the gates of every layer did; AbsentError for a GRU or vanilla RNN.

    Of two directions each has its own gates.
    """
    if reading.model.cell == "lstm" and not reading.one_way:
        return both_directions(reading)
    layers = reading.of(replay)
    residual = float((layers[-1].hidden - reading.hidden).abs().max())
    return Gates(tuple(_shown(layer) for layer in layers), residual)


def both_directions(reading: Reading) -> Gates:
    """The gates of a bidirectional LSTM, whose layers read both halves of the one below."""
    lstm = reading.model.recurrence
    assert isinstance(lstm, nn.LSTM)
    states = reading.embedded[0].double()  # (T, E)
    forward, backward = list[Layer](), list[Layer]()
    for number in range(lstm.num_layers):
        forward.append(_layer(lstm, f"{number}", states, None))
        backward.append(_turned(_layer(lstm, f"{number}_reverse", states.flip(0), None)))
        states = torch.cat([forward[-1].hidden, backward[-1].hidden], dim=1)  # (T, H)
    return Gates(
        tuple(_shown(layer) for layer in forward),
        float((states - reading.hidden).abs().max()),
        tuple(_shown(layer) for layer in backward),
    )


def gru_gates(reading: Reading) -> GRUGates:
    """What the gates of every layer of a GRU did; AbsentError for another cell.

    The equations are those of torch.nn.GRU, whose rows hold reset, update and candidate.
    """
    gru = reading.model.recurrence
    if not isinstance(gru, nn.GRU):
        raise AbsentError(f"these gates are a GRU's; this model is a {reading.model.kind}")
    states = reading.embedded[0].double()  # (T, E)
    forward, backward = list[GRULayerGates](), list[GRULayerGates]()
    for number in range(gru.num_layers):
        forward.append(_gru_layer(gru, f"{number}", states))
        found = [forward[-1].hidden]
        if gru.bidirectional:
            turned = _gru_layer(gru, f"{number}_reverse", states.flip(0))
            backward.append(
                GRULayerGates(*(floats(getattr(turned, f.name)[::-1]) for f in fields(turned)))
            )
            found.append(backward[-1].hidden)
        states = torch.cat([torch.tensor(one) for one in found], dim=1)  # (T, H)
    residual = float((states - reading.hidden).abs().max())
    return GRUGates(tuple(forward), residual, tuple(backward))


def _gru_layer(gru: nn.GRU, name: str, states: Tensor) -> GRULayerGates:
    """One layer and direction over its inputs (T, E or H), in the order in which it reads."""
    weight, recurrent, bias, inner = (
        getattr(gru, f"{part}_l{name}").detach().double()
        for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    hidden = states.new_zeros(gru.hidden_size)  # (H,)
    rows = []
    with torch.inference_mode():
        for driven in states @ weight.T + bias:  # (3H,)
            reset, update, offered = driven.chunk(3)
            by_reset, by_update, by_candidate = torch.addmv(inner, recurrent, hidden).chunk(3)
            reset, update = (reset + by_reset).sigmoid(), (update + by_update).sigmoid()
            candidate = torch.tanh(offered + reset * by_candidate)
            hidden = (1 - update) * candidate + update * hidden
            rows.append(torch.stack([reset, update, candidate, hidden]))
    return GRULayerGates(*(floats(one) for one in torch.stack(rows, dim=1)))  # (T, H) each


def _turned(layer: Layer) -> Layer:
    """A layer that read from right to left, with its steps in the order of the text."""
    steps = ("driven", "preactivation", "input", "forget", "candidate", "output", "cell", "hidden")
    return replace(layer, **{name: getattr(layer, name).flip(0) for name in steps})


def _shown(layer: Layer) -> LayerGates:
    return LayerGates(
        input=floats(layer.input),
        forget=floats(layer.forget),
        candidate=floats(layer.candidate),
        output=floats(layer.output),
        cell=floats(layer.cell),
        hidden=floats(layer.hidden),
    )

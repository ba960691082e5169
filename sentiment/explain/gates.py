"""Gates, candidate and cell by replaying the LSTM, which returns only its last cell.

The equations are those of torch.nn.LSTM, whose rows hold input, forget, candidate and output.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sentiment.explain.reading import Reading
from sentiment.values import Gates, LayerGates, floats


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


def replay(reading: Reading) -> tuple[Layer, ...]:
    """Every layer, lowest first, in float64 whatever the model's precision.

    The top layer's gates read the hidden states of the trace, all at once, so that rounding does
    not grow with the text; the layers below, whose states no trace holds, are stepped through.
    Raises ValueError for a vanilla RNN, which has neither gates nor cell.
    """
    if not isinstance(reading.model.recurrence, nn.LSTM):
        raise ValueError("a vanilla RNN has no gates, no cell and nothing to decompose by them")
    layers: list[Layer] = []
    states = reading.embedded[0].double()  # (T, E)
    top = reading.model.recurrence.num_layers - 1
    for number in range(top + 1):
        known = reading.hidden.double() if number == top else None  # (T, H)
        layers.append(_layer(reading.model.recurrence, number, states, known))
        states = layers[-1].hidden  # (T, H)
    return tuple(layers)


def _layer(lstm: nn.LSTM, number: int, states: Tensor, known: Tensor | None) -> Layer:
    """One layer over its inputs (T, E or H), given its hidden states where they are known."""
    weight, recurrent, first, second = (
        getattr(lstm, f"{name}_l{number}").detach().double()
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
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
    """What the gates of every layer did; ValueError for a vanilla RNN."""
    layers = reading.of(replay)
    residual = float((layers[-1].hidden - reading.hidden).abs().max())
    return Gates(
        tuple(
            LayerGates(
                input=floats(layer.input),
                forget=floats(layer.forget),
                candidate=floats(layer.candidate),
                output=floats(layer.output),
                cell=floats(layer.cell),
                hidden=floats(layer.hidden),
            )
            for layer in layers
        ),
        residual,
    )

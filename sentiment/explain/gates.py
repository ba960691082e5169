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

    Raises ValueError for a vanilla RNN, which has neither gates nor cell.
    """
    if not isinstance(reading.model.recurrence, nn.LSTM):
        raise ValueError("a vanilla RNN has no gates, no cell and nothing to decompose by them")
    layers: list[Layer] = []
    states = reading.embedded[0].double()  # (T, E)
    for number in range(reading.model.recurrence.num_layers):
        layers.append(_layer(reading, number, states))
        states = layers[-1].hidden  # (T, H)
    return tuple(layers)


def _layer(reading: Reading, number: int, states: Tensor) -> Layer:
    lstm = reading.model.recurrence
    weight, recurrent, first, second = (
        getattr(lstm, f"{name}_l{number}").detach().double()
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    width, bias = lstm.hidden_size, first + second
    with torch.inference_mode():
        driven = states @ weight.T  # (T, 4H)
        hidden = cell = states.new_zeros(width)  # (H,)
        sums, activations, cells, hiddens = [], [], [], []
        for drive in driven + bias:
            total = torch.addmv(drive, recurrent, hidden)  # (4H,)
            gates = torch.sigmoid(total)  # (4H,)
            gates[2 * width : 3 * width] = torch.tanh(total[2 * width : 3 * width])
            written, kept, candidate, shown = gates.chunk(4)
            cell = kept * cell + written * candidate  # (H,)
            hidden = shown * torch.tanh(cell)  # (H,)
            sums.append(total)
            activations.append(gates)
            cells.append(cell)
            hiddens.append(hidden)
    written, kept, candidate, shown = torch.stack(activations).chunk(4, dim=1)  # (T, H)
    return Layer(
        recurrent=recurrent,
        weight=weight,
        bias=bias,
        driven=driven,
        preactivation=torch.stack(sums),
        input=written,
        forget=kept,
        candidate=candidate,
        output=shown,
        cell=torch.stack(cells),
        hidden=torch.stack(hiddens),
    )


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

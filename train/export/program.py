"""A classifier as an exported torch program: ids and lengths in, logits out, no code of ours.

Neither packing nor torch's fused layers have an exported form for every length, so each direction
of each layer is a cell that ``scan`` takes over the padded rectangle: the forward one is right up
to a sentence's length whatever follows, and the backward one reads the sentence turned round
within its length.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch._higher_order_ops.scan import scan
from torch.export import Dim, ExportedProgram, export

from sentiment.model import PackedLSTMClassifier

_CELLS: dict[str, Callable[[int, int], nn.RNNCellBase]] = {
    "lstm": nn.LSTMCell,
    "gru": nn.GRUCell,
    "rnn": nn.RNNCell,
}


def exported_program(model: PackedLSTMClassifier) -> ExportedProgram:
    """The program of ids (B, T) and lengths (B,), int64, to logits (B, O); B and T are free."""
    example = (torch.ones(2, 3, dtype=torch.int64), torch.tensor([3, 2]))
    shapes = ({0: Dim("batch"), 1: Dim("length")}, {0: Dim("batch")})
    with torch.no_grad():
        return export(
            Rectangular(model).eval().requires_grad_(False), example, dynamic_shapes=shapes
        )


class Rectangular(nn.Module):
    """The same model without packing: ``forward`` takes ids (B, T), lengths (B,), gives (B, O)."""

    def __init__(self, model: PackedLSTMClassifier) -> None:
        super().__init__()
        layers = model.recurrence
        self.pooling, self.both = model.pooling, layers.bidirectional
        self.embedding, self.fc = model.embedding, model.fc
        numbers = range(layers.num_layers)
        self.ahead = nn.ModuleList(_Direction(model, number, "") for number in numbers)
        self.back = nn.ModuleList(
            _Direction(model, number, "_reverse") for number in numbers if self.both
        )

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        steps = torch.arange(ids.shape[1], device=ids.device)  # (T,)
        limits = lengths.unsqueeze(1)  # (B, 1)
        valid = (steps < limits).unsqueeze(2)  # (B, T, 1)
        turned = torch.where(steps < limits, limits - 1 - steps, steps)  # (B, T)
        states = self.embedding(ids)  # (B, T, E)
        ends: list[Tensor] = []
        for number, ahead in enumerate(self.ahead):
            passes = [ahead(states)]  # (B, T, H)
            if self.both:
                passes.append(self.back[number](_along(states, turned)))
            ends = [_along(one, limits - 1)[:, 0] for one in passes]  # (B, H)
            passes[1:] = [_along(one, turned) for one in passes[1:]]
            states = torch.cat(passes, dim=2)  # (B, T, D * H)
        pools: dict[str, Callable[[], Tensor]] = {
            "last": lambda: torch.cat(ends, dim=1),
            "max": lambda: states.masked_fill(~valid, -math.inf).amax(dim=1),
            "mean": lambda: states.masked_fill(~valid, 0.0).sum(dim=1) / limits,
        }
        logits: Tensor = self.fc(torch.cat([pools[part]() for part in self.pooling], dim=1))
        return logits


class _Direction(nn.Module):
    """One direction of one layer: ``forward`` takes (B, T, F), gives hidden states (B, T, H)."""

    def __init__(self, model: PackedLSTMClassifier, layer: int, end: str) -> None:
        super().__init__()
        weights = {
            kind: getattr(model.recurrence, f"{kind}_l{layer}{end}")
            for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        }
        self.hidden_dim, self.has_cell_state = model.recurrence.hidden_size, model.cell == "lstm"
        self.cell = _CELLS[model.cell](weights["weight_ih"].shape[1], self.hidden_dim)
        self.cell.load_state_dict(weights)

    def forward(self, inputs: Tensor) -> Tensor:
        zero = inputs.new_zeros(inputs.shape[0], self.hidden_dim)  # (B, H)
        ordered = inputs.transpose(0, 1)  # (T, B, F)
        states: Tensor
        if self.has_cell_state:
            _, states = scan(self._lstm_step, (zero, zero.clone()), ordered, dim=0)
        else:
            _, states = scan(self._step, zero, ordered, dim=0)
        return states.transpose(0, 1)

    def _lstm_step(
        self, before: tuple[Tensor, Tensor], x: Tensor
    ) -> tuple[tuple[Tensor, Tensor], Tensor]:
        hidden, cell = self.cell(x, before)
        return (hidden, cell), hidden.clone()

    def _step(self, before: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.cell(x, before)
        return hidden, hidden.clone()


def _along(values: Tensor, places: Tensor) -> Tensor:
    """Values (B, T, F) at places (B, S) of each sentence, (B, S, F)."""
    return values.gather(1, places.unsqueeze(2).expand(-1, -1, values.shape[2]))

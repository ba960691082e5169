"""Contextual decomposition of any span, for stacked LSTMs under a pooled head.

Murdoch et al. 2018, arXiv:1801.05453, with the bias counted for exactly the tokens of the span;
pooling as Singh et al. 2019, arXiv:1806.05337: the max keeps the winners of the whole text. The
gates' nonlinearities are split by the Shapley value of the two inputs beside a fixed bias.

The state splits as h = beta + gamma, c = beta^c + gamma^c. Both sums hold exactly at every step,
so only the phrase's halves (beta) are propagated and gamma is what is left of the state. They are
in the model's precision (shares of the shipped model, in 44 texts of up to 174 words, differ by
less than 2e-6 from those in float64), unless a phrase's half of a cell grows large, and rounding
with it: then in float64. A phrase that began the text has, while it lasts, the whole state by
definition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import torch
from torch import Tensor

from sentiment.cancellation import check_cancelled
from sentiment.explain.gates import Layer, replay
from sentiment.explain.reading import Reading, runs, spread
from sentiment.values import PhraseScore, Scores, floats

Span = tuple[int, int]

BATCH_UNITS = 2**18  # spans in a batch times H; bounds the memory
MOST_RUNS = 128
LARGE = 64.0
"""A half of a cell beyond which single precision is not trusted with the recursion."""


def phrases(reading: Reading, spans: Sequence[Span]) -> tuple[PhraseScore, ...]:
    """Score and interaction of every span [start, end), all in one batch.

    Raises ValueError for a span that is empty or reaches outside the text.
    """
    for start, end in spans:
        if not 0 <= start < end <= reading.count:
            raise ValueError(
                f"a phrase must lie in tokens 0 to {reading.count} and hold at least one, "
                f"got [{start}, {end})"
            )
    singles = {(t, t + 1) for start, end in spans for t in range(start, end)}
    wanted = sorted(singles | set(spans))
    rows = {span: row for row, span in enumerate(wanted)}
    parts, rests = decompose(reading, wanted)  # (S, 3), (S,)
    scores = parts.sum(dim=1)  # (S,)
    found = []
    for start, end in spans:
        row = rows[start, end]
        score, rest = float(scores[row]), float(rests[row])
        alone = sum(float(scores[rows[t, t + 1]]) for t in range(start, end))
        found.append(
            PhraseScore(
                start=start,
                end=end,
                score=score,
                rest=rest,
                last=float(parts[row, 0]),
                max=float(parts[row, 1]),
                mean=float(parts[row, 2]),
                bias=reading.bias,
                residual=reading.logit - (score + rest + reading.bias),
                interaction=score - alone,
            )
        )
    return tuple(found)


def decomposition_scores(reading: Reading) -> Scores:
    """S(beta) of every single token, (T,); of runs of tokens where the text has over 128."""
    spans = runs(reading.count, MOST_RUNS)
    scores = decompose(reading, spans)[0].sum(dim=1)  # (runs,)
    return Scores(floats(spread(scores.tolist(), spans)), run=spans[0][1] - spans[0][0])


def decompose(reading: Reading, spans: Sequence[Span]) -> tuple[Tensor, Tensor]:
    """Parts of S(beta) through the last, max and mean pools (S, 3), and S(gamma) (S,), float64."""
    parts = torch.zeros(len(spans), 3, dtype=torch.float64)  # (S, 3)
    order = sorted(range(len(spans)), key=lambda row: spans[row])
    size = max(1, BATCH_UNITS // reading.hidden.shape[1])
    for first in range(0, len(order), size):
        chosen = order[first : first + size]
        some = [spans[row] for row in chosen]
        found, largest = _decompose(reading, some, reading.hidden.dtype)
        if reading.hidden.dtype != torch.float64 and not largest <= LARGE:
            found, _ = _decompose(reading, some, torch.float64)
        parts[chosen] = found
    heads = reading.heads  # (T, H, 3)
    whole = torch.einsum("th,thp->", reading.of(replay)[-1].hidden, heads)
    return parts, whole - parts.sum(dim=1)  # of gamma = h - beta


def _decompose(
    reading: Reading, spans: Sequence[Span], precision: torch.dtype
) -> tuple[Tensor, float]:
    """Parts of S(beta) (S, 3), of sorted spans, which come into play as their start is read.

    And the size of the largest half of a cell on the way.
    """
    layers = [_in(precision, layer) for layer in reading.of(replay)]
    hidden = layers[-1].hidden  # (T, H)
    count, width = hidden.shape
    starts = torch.tensor([start for start, _ in spans])  # (S,)
    ends = torch.tensor([end for _, end in spans])  # (S,)
    active = torch.searchsorted(starts, torch.arange(count), right=True).tolist()
    first = active[0]  # spans that begin the text, and hold all of it so far until they end
    furthest, begun = int(ends.max()), int(ends[:first].max()) if first else 0
    parts = torch.zeros(len(spans), 3, dtype=torch.float64)  # (S, 3)
    with torch.inference_mode():
        heads, largest = reading.heads.to(precision), hidden.new_zeros(())  # (T, H, 3)
        steps = [_Step(layer) for layer in layers]
        betas = [hidden.new_zeros(len(spans), width) for _ in layers]  # L x (S, H)
        cells = [hidden.new_zeros(len(spans), width) for _ in layers]  # L x (S, H)
        for t in range(count):
            check_cancelled()
            rows = active[t]  # spans that have begun: before, beta is zero
            if not rows:
                continue
            inside = None
            if t < furthest:
                inside = (t < ends[:rows]).to(hidden.dtype).unsqueeze(1)  # (rows, 1), start <= t
            whole = torch.nonzero(t < ends[:first]).flatten() if t < begun else None
            below: Tensor | None = None
            for layer, step, beta, cell in zip(layers, steps, betas, cells, strict=True):
                below, new = step(t, beta[:rows], cell[:rows], inside, below)  # (rows, H)
                if whole is not None:
                    below[whole], new[whole] = layer.hidden[t], layer.cell[t]
                beta[:rows], cell[:rows] = below, new
                largest = torch.maximum(largest, new.abs().amax())
            parts[:rows] += betas[-1][:rows] @ heads[t]
    return parts, float(largest)


def _in(precision: torch.dtype, layer: Layer) -> Layer:
    """A replayed layer in another precision."""
    if layer.hidden.dtype == precision:
        return layer
    return Layer(*(getattr(layer, one.name).to(precision) for one in fields(layer)))


class _Step:
    """One layer's step of the phrase's halves, with what does not change from step to step."""

    def __init__(self, layer: Layer) -> None:
        self.layer, self.width = layer, layer.cell.shape[1]
        three = slice(3 * self.width)  # the output gate is not decomposed
        self.recurrent, self.weight = layer.recurrent[three].T, layer.weight[three].T
        self.bias = layer.bias[three]  # (3H,)
        self.base = _activated(self.bias.clone(), self.width)  # (3H,), phi(b)
        self.both = self.base[: self.width] * self.base[2 * self.width :]  # (H,)
        true = torch.cat([layer.input, layer.forget, layer.candidate], dim=1)  # (T, 3H)
        self.risen = (true - self.base) / 2  # (T, 3H), of phi(rho + kappa + b)

    def __call__(
        self, t: int, beta: Tensor, cell: Tensor, inside: Tensor | None, below: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """The phrase's halves of h_t and c_t, (S, H) each, from those of step t - 1.

        ``inside`` (S, 1) says which phrases hold the token, None where none does. ``below`` is the
        phrase's half of the layer below's h_t; None for the lowest layer, whose input belongs to
        the phrase wholly or not at all.
        """
        layer, width = self.layer, self.width
        mine = beta @ self.recurrent  # (S, 3H), rho: the phrase's half of the sum
        if below is not None:
            mine.addmm_(below, self.weight)
        elif inside is not None:
            mine.addcmul_(inside, layer.driven[t, : 3 * width])
        whole = layer.preactivation[t, : 3 * width]  # (3H,), rho + kappa + b
        gates = _activated(torch.cat([mine + self.bias, whole - mine]), width)  # (2S, 3H)
        alone, others = gates.chunk(2)  # phi(rho + b), phi(kappa + b)
        risen = torch.add(self.risen[t], alone - others, alpha=0.5)  # (S, 3H), R
        based = risen + self.base  # R + B
        r_input, r_candidate = risen[:, :width], risen[:, 2 * width :]
        new = r_input * based[:, 2 * width :]  # (S, H), beta^c
        new.addcmul_(self.base[:width], r_candidate)
        if inside is not None:
            new.addcmul_(inside, self.both)
        new.addcmul_(based[:, width : 2 * width], cell)
        shown, rest = _tanh_(torch.cat([new, layer.cell[t] - new])).chunk(2)  # (S, H)
        half = layer.output[t] / 2
        return (shown - rest).add_(torch.tanh(layer.cell[t])).mul_(half), new


def _activated(sums: Tensor, width: int) -> Tensor:
    """Input, forget and candidate gates, in place, from preactivations (..., 3H)."""
    sums[..., : 2 * width].sigmoid_()
    _tanh_(sums[..., 2 * width :])
    return sums


def _tanh_(values: Tensor) -> Tensor:
    """tanh(x) = 2 sigmoid(2x) - 1 in place, to rounding, at a third of torch.tanh's time."""
    return values.mul_(2.0).sigmoid_().mul_(2.0).sub_(1.0)

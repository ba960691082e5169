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
    count, width = reading.hidden.shape
    starts = torch.tensor([start for start, _ in spans])  # (S,)
    ends = torch.tensor([end for _, end in spans])  # (S,)
    active = torch.searchsorted(starts, torch.arange(count), right=True).tolist()
    first = active[0]  # spans that begin the text, and hold all of it so far until they end
    furthest, begun = int(ends.max()), int(ends[:first].max()) if first else 0
    with torch.inference_mode():
        last, most, mean = (part.contiguous() for part in reading.heads.to(precision).unbind(dim=2))
        steps = [_Step(layer, len(spans)) for layer in layers]
        won, total = last.new_zeros(2, len(spans), width)  # (S, H) each
        sizes: list[Tensor] = []
        beta: Tensor | None = None
        for t in range(spans[0][0], count):
            check_cancelled()
            rows = active[t]  # spans that have begun: before, beta is zero
            # those that hold the token, as start <= t
            inside = torch.nonzero(t < ends[:rows]).flatten() if t < furthest else None
            whole = torch.nonzero(t < ends[:first]).flatten() if t < begun else None
            beta = None
            for step in steps:
                beta, cell = step(t, rows, inside, beta)  # (rows, H) each
                if whole is not None:
                    beta[whole], cell[whole] = step.layer.hidden[t], step.layer.cell[t]
                sizes += torch.aminmax(cell)
            won[:rows].addcmul_(beta, most[t])
            total[:rows].add_(beta)
        assert beta is not None
        parts = torch.stack([beta @ last[-1], won.sum(dim=1), total @ mean[-1]], dim=1)  # (S, 3)
        return parts.double(), float(torch.stack(sizes).abs().max())


def _in(precision: torch.dtype, layer: Layer) -> Layer:
    """A replayed layer in another precision."""
    if layer.hidden.dtype == precision:
        return layer
    return Layer(*(getattr(layer, one.name).to(precision) for one in fields(layer)))


class _Step:
    """One layer's steps of the phrases' halves, written in place, with what does not change.

    With tanh(x) = 2 sigmoid(2x) - 1 one sigmoid serves gates and candidate, at a third of tanh's
    price: the candidate's sums are doubled, and the candidate itself is kept halved.
    """

    def __init__(self, layer: Layer, spans: int) -> None:
        self.layer, self.width = layer, layer.cell.shape[1]
        three = slice(3 * self.width)  # the output gate is not decomposed
        scale = layer.bias.new_ones(3 * self.width)
        scale[2 * self.width :] = 2.0
        self.recurrent = (layer.recurrent[three] * scale[:, None]).T  # (H, 3H)
        self.weight = (layer.weight[three] * scale[:, None]).T  # (E or H, 3H)
        self.bias = layer.bias[three] * scale  # (3H,)
        self.driven = layer.driven[:, three] * scale  # (T, 3H)
        self.both = layer.preactivation[:, three] * scale + self.bias  # (T, 3H), rho + kappa + 2b
        b_input, b_forget, b_candidate = layer.bias[three].chunk(3)
        base = torch.cat([b_input.sigmoid(), b_forget.sigmoid(), b_candidate.tanh()])  # (3H,)
        true = torch.cat([layer.input, layer.forget, layer.candidate], dim=1)  # (T, 3H)
        self.between = (true + base) / (2 * scale)  # (T, 3H)
        self.offered = base[: self.width] * base[2 * self.width :]  # (H,), by the bias alone
        self.doubled = 2 * layer.cell  # (T, H)
        self.shown = layer.output * torch.tanh(layer.cell) / 2  # (T, H)
        self.gates = layer.cell.new_empty(2, spans, 3 * self.width)  # the phrase's, the others'
        self.squashed = layer.cell.new_empty(2, spans, self.width)
        self.beta, self.cell = layer.cell.new_zeros(2, spans, self.width)  # (S, H) each

    def __call__(
        self, t: int, rows: int, inside: Tensor | None, below: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """The first ``rows`` phrases' halves of h_t and c_t, (rows, H) each, after step t - 1's.

        ``inside`` are those which hold the token, None where none does. ``below`` is the phrases'
        half of the layer below's h_t; None for the lowest layer, whose input belongs to a phrase
        wholly or not at all.
        """
        beta, cell = self.beta[:rows], self.cell[:rows]
        gates, squashed = self.gates[:, :rows], self.squashed[:, :rows]
        mine, others = gates.unbind()  # (rows, 3H) each
        torch.addmm(self.bias, beta, self.recurrent, out=mine)  # rho + b
        if below is not None:
            mine.addmm_(below, self.weight)
        elif inside is not None:
            mine.index_add_(0, inside, self.driven[t].expand(len(inside), -1))
        torch.sub(self.both[t], mine, out=others)  # kappa + b
        gates.sigmoid_()
        # R + B, half of phi(rho + b) - phi(kappa + b) and of the true gate and B together
        torch.add(self.between[t], mine.sub_(others), alpha=0.5, out=mine)
        written, kept, candidate = mine.chunk(3, dim=1)  # (rows, H) each
        # R_i (R_g + B_g) + B_i R_g + (R_f + B_f) beta^c, and B_i B_g for a token of the phrase
        cell.mul_(kept).addcmul_(written, candidate, value=2.0).sub_(self.offered)
        if inside is not None:
            cell.index_add_(0, inside, self.offered.expand(len(inside), -1))
        mine, others = squashed.unbind()  # (rows, H) each
        torch.add(cell, cell, out=mine)
        torch.sub(self.doubled[t], mine, out=others)
        squashed.sigmoid_()
        torch.addcmul(self.shown[t], mine.sub_(others), self.layer.output[t], out=beta)
        return beta, cell

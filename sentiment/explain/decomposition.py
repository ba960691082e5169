"""Contextual decomposition of any span, for stacked LSTMs under a pooled head.

Murdoch et al. 2018, arXiv:1801.05453, with the bias counted for exactly the tokens of the span;
pooling as Singh et al. 2019, arXiv:1806.05337: the max keeps the winners of the whole text. The
gates' nonlinearities are split by the Shapley value of the two inputs beside a fixed bias.

The state splits as h = beta + gamma, c = beta^c + gamma^c. Both sums hold exactly at every step,
so only the phrase's halves (beta) are propagated and gamma is what is left of the state. The
recursion can amplify rounding by half at each step, so it runs in float64, and a phrase that began
the text has, while it lasts, the whole state by definition.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from sentiment.cancellation import check_cancelled
from sentiment.explain.gates import Layer, replay
from sentiment.explain.reading import Reading, runs, spread
from sentiment.values import PhraseScore, Scores, floats

Span = tuple[int, int]

BATCH_UNITS = 2**18  # spans in a batch times H; bounds the memory
MOST_RUNS = 256


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
    """S(beta) of every single token, (T,); of runs of tokens where the text has over 256."""
    spans = runs(reading.count, MOST_RUNS)
    scores = decompose(reading, spans)[0].sum(dim=1)  # (runs,)
    return Scores(floats(spread(scores.tolist(), spans)), run=spans[0][1] - spans[0][0])


def decompose(reading: Reading, spans: Sequence[Span]) -> tuple[Tensor, Tensor]:
    """Parts of S(beta) through the last, max and mean pools (S, 3), and S(gamma) (S,), float64."""
    parts = torch.zeros(len(spans), 3, dtype=torch.float64)  # (S, 3)
    rests = torch.zeros(len(spans), dtype=torch.float64)  # (S,)
    order = sorted(range(len(spans)), key=lambda row: spans[row])
    size = max(1, BATCH_UNITS // reading.hidden.shape[1])
    for first in range(0, len(order), size):
        chosen = order[first : first + size]
        parts[chosen], rests[chosen] = _decompose(reading, [spans[row] for row in chosen])
    return parts, rests


def _decompose(reading: Reading, spans: Sequence[Span]) -> tuple[Tensor, Tensor]:
    """The same for spans sorted by their start, which come into play as their start is read."""
    layers = reading.of(replay)
    hidden = layers[-1].hidden  # (T, H)
    count, width = hidden.shape
    starts = torch.tensor([start for start, _ in spans])  # (S,)
    ends = torch.tensor([end for _, end in spans])  # (S,)
    active = torch.searchsorted(starts, torch.arange(count), right=True).tolist()
    last, most, mean = (reading.head(part).double() for part in ("last", "max", "mean"))
    found = reading.trace.winners
    winners = reading.hidden.argmax(dim=0) if found is None else found[0]  # (H,)
    parts = torch.zeros(len(spans), 3, dtype=torch.float64)  # (S, 3)
    rests = torch.zeros_like(parts)
    with torch.inference_mode():
        betas = [hidden.new_zeros(len(spans), width) for _ in layers]  # L x (S, H)
        cells = [hidden.new_zeros(len(spans), width) for _ in layers]  # L x (S, H)
        biases = [_gates(layer.bias, width) for layer in layers]
        for t in range(count):
            check_cancelled()
            rows = active[t]  # spans that have begun: before, beta is zero
            inside = (t < ends[:rows]).to(hidden.dtype).unsqueeze(1)  # (rows, 1), start <= t
            whole = (inside > 0) & (starts[:rows] == 0).unsqueeze(1)  # all so far is the phrase
            below: Tensor | None = None
            for layer, bias, beta, cell in zip(layers, biases, betas, cells, strict=True):
                below, cell[:rows] = _step(layer, t, bias, beta[:rows], cell[:rows], inside, below)
                below = torch.where(whole, layer.hidden[t], below)
                cell[:rows] = torch.where(whole, layer.cell[t], cell[:rows])
                beta[:rows] = below
            phrase = betas[-1].double()  # (S, H)
            rest = hidden[t].double() - phrase  # (S, H), gamma
            heads = torch.stack([last * (t == count - 1), most * (winners == t), mean / count])
            parts += phrase @ heads.T  # (S, 3)
            rests += rest @ heads.T
    return parts, rests.sum(dim=1)


def _gates(preactivation: Tensor, width: int) -> tuple[Tensor, Tensor, Tensor]:
    """Input, forget and candidate gates from the first three quarters of the rows."""
    both = torch.sigmoid(preactivation[..., : 2 * width])
    candidate = torch.tanh(preactivation[..., 2 * width : 3 * width])
    return both[..., :width], both[..., width:], candidate


def _step(
    layer: Layer,
    t: int,
    bias: tuple[Tensor, Tensor, Tensor],
    beta: Tensor,
    cell: Tensor,
    inside: Tensor,
    below: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """The phrase's halves of h_t and c_t, (S, H) each, from those of step t - 1.

    ``below`` is the phrase's half of the layer below's h_t; None for the lowest layer, whose
    input belongs to the phrase wholly or not at all.
    """
    width = beta.shape[1]
    three = slice(3 * width)  # the output gate is not decomposed
    mine = beta @ layer.recurrent[three].T  # (S, 3H), rho: the phrase's half of the sum
    if below is None:
        mine = torch.addcmul(mine, inside, layer.driven[t, three])
    else:
        mine = mine + below @ layer.weight[three].T
    whole = layer.preactivation[t, three]  # (3H,), rho + kappa + b
    alone = _gates(mine + layer.bias[three], width)  # phi(rho + b)
    others = _gates(whole - mine, width)  # phi(kappa + b)
    true = (layer.input[t], layer.forget[t], layer.candidate[t])  # phi(rho + kappa + b)
    r_input, r_forget, r_candidate = (
        (a - b + z - o) / 2 for a, b, z, o in zip(alone, bias, true, others, strict=True)
    )  # (S, H)
    b_input, b_forget, b_candidate = bias  # (H,)
    written = (
        r_input * (r_candidate + b_candidate)
        + b_input * r_candidate
        + inside * (b_input * b_candidate)
    )
    mine_cell = written + (r_forget + b_forget) * cell  # (S, H), beta^c
    whole_cell = layer.cell[t]  # (H,)
    shown = torch.tanh(mine_cell) + torch.tanh(whole_cell)
    shown = (shown - torch.tanh(whole_cell - mine_cell)) / 2
    return layer.output[t] * shown, mine_cell

"""The exact ledger of the logit, and the running verdict after every prefix."""

from __future__ import annotations

import torch
from torch import Tensor

from sentiment.explain.pooling import tournament
from sentiment.explain.reading import Reading
from sentiment.values import Ledger, RunningVerdict, TokenScores, floats


def ledger(reading: Reading) -> Ledger:
    """z = bias + sum of last, max and mean parts; the residual is z minus that sum."""
    hidden = reading.hidden.double()  # (T, H)
    steps = torch.diff(hidden, dim=0, prepend=torch.zeros_like(hidden[:1]))  # (T, H)
    last = steps @ reading.head("last").double()  # (T,)
    mean = hidden @ reading.head("mean").double() / len(hidden)  # (T,)
    most = reading.of(tournament).token_contributions  # (T,)
    total = float(last.sum() + mean.sum()) + float(most.sum()) + reading.bias
    return Ledger(floats(last), most, floats(mean), reading.bias, reading.logit - total)


def ledger_scores(reading: Reading) -> TokenScores:
    """The three parts together as token scores."""
    found = reading.of(ledger)
    return TokenScores("ledger", found.total, "logit", signed=True, residual=found.residual)


def running_verdict(reading: Reading) -> RunningVerdict:
    """The head on every prefix: w_last.h_t + w_max.max_{s<=t} h_s + w_mean.mean_{s<=t} h_s + b."""
    hidden = reading.hidden.double()  # (T, H)
    counts = torch.arange(1, len(hidden) + 1, dtype=torch.float64).unsqueeze(1)  # (T, 1)
    last = hidden @ reading.head("last").double()  # (T,)
    most = hidden.cummax(dim=0).values @ reading.head("max").double()  # (T,)
    mean = (hidden.cumsum(dim=0) / counts) @ reading.head("mean").double()  # (T,)
    logits = last + most + mean + reading.bias  # (T,)
    return RunningVerdict(
        floats(logits), floats(last), floats(most), floats(mean), reading.bias, flips(logits)
    )


def flips(logits: Tensor) -> tuple[int, ...]:
    """Positions whose verdict differs from that of the position before."""
    positive = logits > 0
    return tuple((torch.nonzero(positive[1:] != positive[:-1]).flatten() + 1).tolist())

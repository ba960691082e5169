"""The exact ledger of the logit, and the running verdict after every prefix."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from sentiment.explain.pooling import tournament
from sentiment.explain.reading import Reading
from sentiment.values import Ledger, RunningVerdict, Scores, floats


def ledger(reading: Reading) -> Ledger:
    """z = bias + sum of last, max and mean parts; the residual is z minus that sum."""
    hidden = reading.hidden.double()  # (T, H)
    steps = torch.diff(hidden, dim=0, prepend=torch.zeros_like(hidden[:1]))  # (T, H)
    last = steps @ reading.head("last").double()  # (T,)
    mean = hidden @ reading.head("mean").double() / len(hidden)  # (T,)
    most = reading.of(tournament).token_contributions  # (T,)
    total = float(last.sum() + mean.sum()) + float(most.sum()) + reading.bias
    return Ledger(floats(last), most, floats(mean), reading.bias, reading.logit - total)


def ledger_scores(reading: Reading) -> Scores:
    """The three parts together as token scores."""
    found = reading.of(ledger)
    return Scores(found.total, residual=found.residual)


def last_scores(reading: Reading) -> Scores:
    """The final state's part of the ledger as token scores."""
    return Scores(reading.of(ledger).last)


def mean_scores(reading: Reading) -> Scores:
    """The mean-pool's part of the ledger as token scores."""
    return Scores(reading.of(ledger).mean)


def running_verdict(reading: Reading) -> RunningVerdict:
    """The head on every prefix: w_last.h_t + w_max.max_{s<=t} h_s + w_mean.mean_{s<=t} h_s + b."""
    model, target = reading.model, reading.target
    hidden = reading.hidden.double()  # (T, H)
    counts = torch.arange(1, len(hidden) + 1, dtype=torch.float64).unsqueeze(1)  # (T, 1)
    pools = {
        "last": hidden,
        "max": hidden.cummax(dim=0).values,
        "mean": hidden.cumsum(dim=0) / counts,
    }  # (T, H) each
    parts = {part: pool @ reading.head(part).double() for part, pool in pools.items()}  # (T,)
    logits = parts["last"] + parts["max"] + parts["mean"] + reading.bias  # (T,)
    pooled = torch.cat([pools[part] for part in model.pooling], dim=1)  # (T, P * H)
    outputs = functional.linear(pooled, model.fc.weight.double(), model.fc.bias.double())  # (T, O)
    if outputs.shape[1] == 1:
        verdicts, probabilities = outputs[:, 0] > 0, logits.sigmoid()  # (T,)
    else:
        verdicts, probabilities = outputs.argmax(dim=1), outputs.softmax(dim=1)[:, target]  # (T,)
    return RunningVerdict(
        logits=floats(logits),
        probabilities=floats(probabilities),
        last=floats(parts["last"]),
        max=floats(parts["max"]),
        mean=floats(parts["mean"]),
        bias=reading.bias,
        flips=changes(verdicts),
    )


def changes(verdicts: Tensor) -> tuple[int, ...]:
    """Positions whose verdict, of (T,), differs from that of the position before."""
    return tuple((torch.nonzero(verdicts[1:] != verdicts[:-1]).flatten() + 1).tolist())

"""The exact ledger of the logit, and the running verdict after every prefix."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from sentiment.explain.pooling import tournament
from sentiment.explain.reading import Reading
from sentiment.values import Ledger, RunningVerdict, Scores, floats

PREFIX_TOKENS = 2**15  # bounds the memory of reading all prefixes anew


def ledger(reading: Reading) -> Ledger:
    """z = bias + sum of last, max and mean parts; the residual is z minus that sum.

    The final state's part is the sum of the steps that led to it, in either direction.
    """
    hidden = reading.hidden.double()  # (T, H)
    last = reading.steps @ reading.head("last").double()  # (T,)
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
    """The head on every prefix: w_last.h_t + w_max.max_{s<=t} h_s + w_mean.mean_{s<=t} h_s + b.

    A model of two directions reads each prefix anew, since its backward states change with it.
    """
    model, target = reading.model, reading.target
    pools = reading.of(prefix_pools)
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


def prefix_pools(reading: Reading) -> dict[str, Tensor]:
    """What the head's pools hold after every prefix, (T, H) each, in float64."""
    if not reading.one_way:
        return _pools_read_anew(reading)
    hidden = reading.hidden.double()  # (T, H)
    counts = torch.arange(1, len(hidden) + 1, dtype=torch.float64).unsqueeze(1)  # (T, 1)
    return {
        "last": hidden,
        "max": hidden.cummax(dim=0).values,
        "mean": hidden.cumsum(dim=0) / counts,
    }


def _pools_read_anew(reading: Reading) -> dict[str, Tensor]:
    pools: dict[str, list[Tensor]] = {"last": [], "max": [], "mean": []}
    ends = torch.arange(1, reading.count + 1)  # (T,), of the prefixes
    with torch.inference_mode():
        for lengths in ends.split(max(1, PREFIX_TOKENS // reading.count)):
            width = int(lengths[-1])
            embedded = reading.embedded[:, :width].expand(len(lengths), -1, -1)  # (B, T, E)
            trace = reading.model.run(embedded, lengths)
            hidden = trace.hidden  # (B, T, H)
            padding = (torch.arange(width) >= lengths.unsqueeze(1)).unsqueeze(2)  # (B, T, 1)
            pools["last"].append(trace.final_hidden.double())
            pools["max"].append(hidden.masked_fill(padding, -torch.inf).amax(dim=1).double())
            sums = hidden.masked_fill(padding, 0.0).sum(dim=1, dtype=torch.float64)  # (B, H)
            pools["mean"].append(sums / lengths.unsqueeze(1))
    return {part: torch.cat(found) for part, found in pools.items()}


def changes(verdicts: Tensor) -> tuple[int, ...]:
    """Positions whose verdict, of (T,), differs from that of the position before."""
    return tuple((torch.nonzero(verdicts[1:] != verdicts[:-1]).flatten() + 1).tolist())

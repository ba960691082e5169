"""The max-pool tournament: which token won which channel, by how much, and what it was worth.

Counting max-pool winners per token: Conneau et al. 2017, arXiv:1705.02364.
"""

from __future__ import annotations

import torch

from sentiment.explain.reading import Reading
from sentiment.values import Pooling, Scores, floats, integers


def tournament(reading: Reading) -> Pooling:
    """Winners of every channel, first position on ties; computed also where the head lacks max."""
    hidden = reading.hidden  # (T, H)
    count, width = hidden.shape
    highest, winners = hidden.max(dim=0)  # (H,), (H,)
    others = hidden.scatter(0, winners.unsqueeze(0), -torch.inf)  # (T, H)
    second, runners_up = others.max(dim=0)  # (H,), (H,)
    if count == 1:
        runners_up = torch.full_like(runners_up, -1)
    contributions = (reading.head("max") * highest).double()  # (H,)
    size = contributions.abs().sum()
    wins = torch.zeros(count, dtype=torch.float64)
    shares = wins.index_add(0, winners, torch.full((width,), 1 / width, dtype=torch.float64))
    weighted = wins.index_add(0, winners, contributions.abs() / size if size > 0 else contributions)
    return Pooling(
        winners=integers(winners),
        runners_up=integers(runners_up),
        margins=floats(highest.double() - second.double()),
        contributions=floats(contributions),
        shares=floats(shares),
        weighted_shares=floats(weighted),
        token_contributions=floats(wins.index_add(0, winners, contributions)),
    )


def share_scores(reading: Reading) -> Scores:
    """Shares of channels won as token scores."""
    return Scores(reading.of(tournament).shares)


def contribution_scores(reading: Reading) -> Scores:
    """What the channels a token won were worth, as token scores."""
    return Scores(reading.of(tournament).token_contributions)

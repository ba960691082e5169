"""Hidden-state norms and changes: how large the state is and how far each token moves it."""

from __future__ import annotations

import torch

from sentiment.explain.reading import Reading
from sentiment.values import TokenScores, floats


def hidden_norms(reading: Reading) -> TokenScores:
    """Euclidean norm of h_t, (T,). A norm is no importance: it has no sign and no target."""
    return TokenScores("hidden norm", floats(reading.hidden.norm(dim=1)), "‖h‖", signed=False)


def state_changes(reading: Reading) -> TokenScores:
    """Euclidean norm of h_t - h_{t-1}, (T,), with h_0 = 0."""
    before = torch.zeros_like(reading.hidden[:1])
    steps = torch.diff(reading.hidden, dim=0, prepend=before)  # (T, H)
    return TokenScores("state change", floats(steps.norm(dim=1)), "‖Δh‖", signed=False)

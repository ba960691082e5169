"""Explanations, one method a file. Every method takes a Reading and gives a frozen value."""

from sentiment.explain.integrated_gradients import BASELINES, integrated_gradients
from sentiment.explain.ledger import ledger, running_verdict
from sentiment.explain.pooling import tournament
from sentiment.explain.reading import Reading, read
from sentiment.explain.states import hidden_norms, state_changes

__all__ = [
    "BASELINES",
    "Reading",
    "hidden_norms",
    "integrated_gradients",
    "ledger",
    "read",
    "running_verdict",
    "state_changes",
    "tournament",
]

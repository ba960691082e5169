"""The token-scoring methods, listed once for the page's lanes and for faithfulness."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from sentiment.explain.decomposition import decomposition_scores
from sentiment.explain.deletion import deletion_scores, replacement_scores
from sentiment.explain.integrated_gradients import gradient_scores
from sentiment.explain.ledger import ledger_scores
from sentiment.explain.memory import memory_scores
from sentiment.explain.pooling import contribution_scores, share_scores
from sentiment.explain.reach import gradient_norms
from sentiment.explain.reading import Method, Reading
from sentiment.explain.relevance import relevance_scores
from sentiment.explain.shapley import shapley_scores
from sentiment.explain.states import cell_scores, change_scores, norm_scores
from sentiment.values import TokenScores

READ_METHODS: tuple[Method[TokenScores], ...] = (
    norm_scores,
    change_scores,
    cell_scores,
    share_scores,
    contribution_scores,
    ledger_scores,
    gradient_scores,
)
"""Those of the Read panel, cheap enough for every keystroke."""

TOKEN_METHODS: tuple[Method[TokenScores | None], ...] = (
    *READ_METHODS,
    shapley_scores,
    relevance_scores,
    decomposition_scores,
    deletion_scores,
    replacement_scores,
    gradient_norms,
    memory_scores,
)
"""All of them; one that a text is too long for gives None."""

GATED: frozenset[Method[TokenScores | None]] = frozenset(
    {cell_scores, decomposition_scores, memory_scores, relevance_scores}
)
"""Those that a vanilla RNN, which has no gates, goes without."""


def lanes(reading: Reading) -> tuple[TokenScores, ...]:
    """Token scores of the Read panel's methods."""
    return _found(reading, READ_METHODS)


def token_scores(reading: Reading) -> tuple[TokenScores, ...]:
    """Token scores of every method that the model and the text's length allow."""
    return _found(reading, TOKEN_METHODS)


def _found(
    reading: Reading, methods: Sequence[Method[TokenScores | None]]
) -> tuple[TokenScores, ...]:
    gated = isinstance(reading.model.recurrence, nn.LSTM)
    found = (reading.of(method) for method in methods if gated or method not in GATED)
    return tuple(scores for scores in found if scores is not None)

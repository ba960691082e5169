"""Two explanations side by side: aligned tokens, and the change of every part of the logit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sentiment.explanation import Comparison, Explanation
from sentiment.negation import align
from sentiment.values import AlignedTokens, FloatArray, floats


def compare(first: Explanation, second: Explanation) -> Comparison:
    """Second minus first, row by row.

    Raises ValueError unless both explain the same label, by the same weights and baseline.
    """
    if first.target != second.target:
        raise ValueError(
            f"both explanations must speak of one label, got {first.target!r} and {second.target!r}"
        )
    for name, one, two in (
        ("weights", first.revision, second.revision),
        ("bias", first.ledger.bias, second.ledger.bias),
        ("hidden units", first.hidden_states.shape[1], second.hidden_states.shape[1]),
        (
            "baseline",
            first.integrated_gradients.baseline,
            second.integrated_gradients.baseline,
        ),
    ):
        if one != two:
            raise ValueError(f"both explanations must have the same {name}, got {one} and {two}")
    rows = align(first.tokens, second.tokens)
    befores, afters = [row.first for row in rows], [row.second for row in rows]
    last = delta(rows, first.ledger.last, second.ledger.last)  # (R,)
    most = delta(rows, first.ledger.max, second.ledger.max)  # (R,)
    mean = delta(rows, first.ledger.mean, second.ledger.mean)  # (R,)
    bias = second.ledger.bias - first.ledger.bias
    change = second.logit - first.logit
    one = _carry(first.forward_states, befores)  # (R, H)
    other = _carry(second.forward_states, afters)  # (R, H)
    sizes = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)  # (R,)
    products = (one * other).sum(axis=1)  # (R,)
    cosines = np.divide(products, sizes, out=np.zeros_like(products), where=sizes > 0)
    return Comparison(
        first=first,
        second=second,
        rows=rows,
        last=last,
        max=most,
        mean=mean,
        integrated_gradients=delta(
            rows, first.integrated_gradients.scores, second.integrated_gradients.scores
        ),
        bias_delta=bias,
        logit_delta=change,
        residual=change - bias - float((last + most + mean).sum()),
        distances=floats(np.linalg.norm(other - one, axis=1)),
        cosines=floats(np.clip(cosines, -1, 1)),
    )


def delta(rows: Sequence[AlignedTokens], first: FloatArray, second: FloatArray) -> FloatArray:
    """Second minus first, (R,), of the values of either text's tokens, 0 where it has none."""
    return floats(
        _place(second, [row.second for row in rows]) - _place(first, [row.first for row in rows])
    )


def _place(values: FloatArray, positions: Sequence[int | None]) -> FloatArray:
    """Values at their rows, (R,); 0 where the text has no token in the row."""
    return floats([0.0 if position is None else values[position] for position in positions])


def _carry(states: FloatArray, positions: Sequence[int | None]) -> FloatArray:
    """The state after all read so far, (R, H): a row without a token leaves it as it was."""
    rows = np.zeros((len(positions), states.shape[1]))
    state = rows[0] if len(rows) else np.zeros(states.shape[1])
    for row, position in enumerate(positions):
        if position is not None:
            state = states[position]
        rows[row] = state
    return floats(rows)

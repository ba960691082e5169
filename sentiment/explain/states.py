"""Hidden-state norms and changes: how large the state is and how far each token moves it."""

from __future__ import annotations

from sentiment.explain.gates import gated, replay
from sentiment.explain.reading import Reading
from sentiment.values import FloatArray, Scores, floats


def hidden_states(reading: Reading) -> FloatArray:
    """h_t of the top layer, (T, H), from the very pass that made the logit."""
    return floats(reading.hidden)


def hidden_norms(reading: Reading) -> FloatArray:
    """Euclidean norm of h_t, (T,). A norm is no importance: it has no sign and no target."""
    return floats(reading.hidden.double().norm(dim=1))


def state_changes(reading: Reading) -> FloatArray:
    """Euclidean norm of each token's step, (T,): h_t - h_{t-1} in one direction."""
    return floats(reading.steps.norm(dim=1))


def cell_norms(reading: Reading) -> FloatArray | None:
    """Euclidean norm of the top layer's cell c_t, (T,), from the replay.

    None but for an LSTM of one direction.
    """
    if not gated(reading.model):
        return None
    return reading.of(cell_scores).values


def norm_scores(reading: Reading) -> Scores:
    """Hidden norms as token scores."""
    return Scores(reading.of(hidden_norms))


def change_scores(reading: Reading) -> Scores:
    """State changes as token scores."""
    return Scores(reading.of(state_changes))


def cell_scores(reading: Reading) -> Scores:
    """Cell norms as token scores; AbsentError but for an LSTM of one direction."""
    norms = floats(reading.of(replay)[-1].cell.double().norm(dim=1))
    return Scores(norms)

"""What carries a turn of the verdict: the hidden state or the cell handed to the word of the turn.

An LSTM hands two things from word to word: the cell, of which the forget gate keeps a share, and
the hidden state, which all four gates read. Each is set to zero ("ablated") right before the word
and the verdict after the word is read again, so that what is said is an intervention's outcome.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sentiment import negation
from sentiment.explain.account import account, named
from sentiment.explain.gates import gated
from sentiment.explain.reading import Reading
from sentiment.values import StateAblation


def state_ablation(reading: Reading) -> StateAblation | None:
    """What the last turn needs of the state before its word; None where there is nothing to say.

    Probabilities of the target after the word, with hidden state, cell or both of every layer set
    to zero before it (the state of Hochreiter and Schmidhuber 1997 as nn.LSTM has it).

    That is for a model that is no LSTM of one direction or has not two labels, and for a text
    whose verdict no word turned, or its first one.
    """
    if not gated(reading.model) or len(reading.labels) > 2:
        return None
    turn = reading.of(account).last
    if turn is None or turn.kind in ("small", "close") or turn.end == 1:
        return None
    token = turn.end - 1
    blanked = (("hidden",), ("cell",), ("hidden", "cell"))
    hidden, cell, both = (_probability(reading, token, one) for one in blanked)
    kept = [named(p, reading.labels) == turn.reading for p in (hidden, cell, both)]
    words = [reading.encoding.text_of(t, t + 1) for t in (token - 1, token)]
    told = _sentence(reading, words, token, kept, turn.after, (hidden, cell, both))
    carrier = None if kept[0] == kept[1] else "cell" if kept[0] else "hidden state"
    return StateAblation(token, turn.after, hidden, cell, both, carrier, told)


def _probability(reading: Reading, token: int, blanked: tuple[str, ...]) -> float:
    """The running verdict after a token that got no hidden state, no cell, or neither."""
    model = reading.model
    with torch.inference_mode():
        _, state = model.recurrence(reading.embedded[:, :token])
        hidden, cell = (
            torch.zeros_like(part) if name in blanked else part
            for name, part in zip(("hidden", "cell"), state, strict=True)
        )  # (L, 1, H) each
        after, _ = model.recurrence(reading.embedded[:, token : token + 1], (hidden, cell))
        states = torch.cat([reading.hidden[None, :token], after], dim=1)  # (1, t + 1, H)
        pooled: Tensor = model.pool(states, states[:, -1], torch.tensor([token + 1]))[0]
        return float(model.fc(pooled)[0, reading.target].double().sigmoid())


def _sentence(
    reading: Reading,
    words: list[str],
    token: int,
    kept: list[bool],
    intact: float,
    without: tuple[float, float, float],
) -> str:
    """What is needed, ``kept`` saying without which (hidden state, cell, both) it still reads so.

    The word right before is named if it is a negator.
    """
    before, word = words
    known = reading.encoding.tokens[token - 1].text.lower().replace("’", "'")
    negated = known in negation.NEGATORS
    handed = f"that “{before}” hands" if negated else "handed"
    hidden, cell, both = (f"{value:.2f}" for value in without)
    if kept[2]:
        return (
            f"Why: “{word}” needs no state before it. With the hidden state and the cell handed "
            f"to it both blanked, the verdict after it is still {both}."
        )
    if kept[0] and kept[1]:
        return (
            f"Why: the hidden state or the cell {handed} to “{word}” is enough. "
            f"Only with both blanked is the verdict after it {both}, not {intact:.2f}."
        )
    if not (kept[0] or kept[1]):
        return (
            f"Why: it takes both the hidden state and the cell {handed} to “{word}”. Without the "
            f"one the verdict after it is {hidden}, without the other {cell}, not {intact:.2f}."
        )
    names = ("hidden state", "cell")
    carrier, other = names if kept[1] else names[::-1]
    lost, still = (hidden, cell) if kept[1] else (cell, hidden)
    left = f"that “{before}” left" if negated else "that the words before left"
    return (
        f"Why: the network meets “{word}” with the {carrier} {left}. Blank it, and the verdict "
        f"after “{word}” is {lost}, not {intact:.2f}; blank the {other} instead: {still}."
    )

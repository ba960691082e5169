"""A text's own minimal pair: of its edits of one word, the one that moves the logit most.

Pairs of texts that differ in one place: Kaushik et al. 2020, arXiv:1909.12434; Gardner et al. 2020,
arXiv:2004.02709.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sentiment import negation
from sentiment.explain.counterfactual import without_opinions
from sentiment.explain.integrated_gradients import integrated_gradients
from sentiment.explain.reading import Reading
from sentiment.values import Edit, MinimalPair

SEEN = 0.25
"""The change of the logit for which one kind of edit is enough: .06 in the middle."""
LEAST = 0.005
"""The change below which two verdicts are the same to two decimals."""
SHORT = 100
"""Tokens up to which every word is edited; of more, the ``CHOSEN`` of the highest gradients."""
CHOSEN = 16


def minimal_pair(reading: Reading) -> MinimalPair | None:
    """The edit of one place that moves the explained logit most; None where none moves it.

    First of those by which a plain sentence says the opposite, or nothing; where none moves the
    logit by ``SEEN``, of any word denied, turned or left out; then of any part left out. Raises
    ValueError for a reading without its encoder.
    """
    if reading.encoder is None:
        raise ValueError("this reading has no encoder, which edited texts need")
    best: MinimalPair | None = None
    tried = 0
    for grammar, candidates in _kinds(reading):
        encoded = zip(
            candidates, reading.encoder.ids_batch([edit.text for edit in candidates]), strict=True
        )
        readable = [(edit, ids) for edit, ids in encoded if ids]
        if not readable:
            continue
        tried += len(readable)
        logits = reading.reread([ids for _, ids in readable])[:, reading.target]  # (N,)
        found = int((logits - reading.logit).abs().argmax())
        change = float(logits[found]) - reading.logit
        if best is None or abs(change) > abs(best.change):
            best = MinimalPair(readable[found][0], change, grammar, tried)
        if abs(best.change) >= SEEN:
            break
    return best if best is not None and abs(best.change) >= LEAST else None


def _kinds(reading: Reading) -> Iterator[tuple[str, Sequence[Edit]]]:
    """The kinds of edits in the order in which they are tried, each found when it is asked for."""
    text = reading.encoding.text
    turning = [
        edit for edit in negation.edits(text) if edit.kind in (*negation.NEGATING, "neutral")
    ]
    yield "plain", without_opinions(reading, turning)
    yield "word", negation.words_edited(text, _most_telling(reading))
    yield "part", negation.parts_left_out(text)


def _most_telling(reading: Reading) -> Sequence[int]:
    """All tokens of a short text, of a long one those with the highest integrated gradients."""
    if reading.count <= SHORT:
        return range(reading.count)
    scores = abs(reading.of(integrated_gradients).scores)
    return sorted((-scores).argsort(kind="stable")[:CHOSEN].tolist())

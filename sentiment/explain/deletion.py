"""Leave-one-out: what the logit loses when a token goes, by reading the text without it."""

from __future__ import annotations

from sentiment.explain.reading import Reading, Sentence, runs, spread
from sentiment.text import UNKNOWN_ID
from sentiment.values import Deletion, Scores, floats

MOST_RUNS = 256


def deletion(reading: Reading) -> Deletion:
    """z(x) - z(x without t), (T,); over 256 tokens, in runs."""
    found = _changes(reading, ())
    return Deletion(found.values, found.run)


def deletion_scores(reading: Reading) -> Scores:
    """The change by deletion as token scores."""
    found = reading.of(deletion)
    return Scores(found.scores, run=found.run)


def replacement_scores(reading: Reading) -> Scores:
    """z(x) - z(x with "unknown" at t) as token scores, (T,); over 256 tokens, in runs.

    Of a text of one token that is its deletion too: nothing is left to read.
    """
    return _changes(reading, (UNKNOWN_ID,))


def deletion_texts(reading: Reading, put: Sentence = ()) -> list[Sentence]:
    """The text with ``put`` in the place of each token, or of each run's tokens."""
    ids = reading.encoding.ids
    spans = runs(len(ids), MOST_RUNS)
    return [ids[:start] + put * (end - start) + ids[end:] for start, end in spans]


def _changes(reading: Reading, put: Sentence) -> Scores:
    """What the logit loses with ``put`` in the place of each token, or of each run's tokens."""
    spans = runs(reading.count, MOST_RUNS)
    changes = (
        reading.logit - reading.reread(deletion_texts(reading, put))[:, reading.target]
    )  # (runs,)
    return Scores(floats(spread(changes.tolist(), spans)), run=spans[0][1] - spans[0][0])

"""Leave-one-out: what the logit loses when a token goes, by reading the text without it."""

from __future__ import annotations

from sentiment.explain.reading import Reading, runs, spread
from sentiment.text import UNKNOWN_ID
from sentiment.values import Deletion, Scores, floats

MOST_RUNS = 256


def deletion(reading: Reading) -> Deletion:
    """z(x) - z(x without t), and z(x) - z(x with "unknown" at t); over 256 tokens, in runs."""
    ids = reading.encoding.ids
    spans = runs(len(ids), MOST_RUNS)
    without = [ids[:start] + ids[end:] for start, end in spans]
    unknown = [ids[:start] + (UNKNOWN_ID,) * (end - start) + ids[end:] for start, end in spans]
    changes = reading.logit - reading.reread(without + unknown)[:, reading.target]  # (2 runs,)
    deleted, replaced = changes[: len(spans)].tolist(), changes[len(spans) :].tolist()
    return Deletion(
        floats(spread(deleted, spans)), floats(spread(replaced, spans)), spans[0][1] - spans[0][0]
    )


def deletion_scores(reading: Reading) -> Scores:
    """The change by deletion as token scores."""
    found = reading.of(deletion)
    return Scores(found.scores, run=found.run)


def replacement_scores(reading: Reading) -> Scores:
    """The change by replacement with "unknown" as token scores."""
    found = reading.of(deletion)
    return Scores(found.replacements, run=found.run)

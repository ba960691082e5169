"""What the Padding panel is sent: verdicts under padding, and what batches cost."""

from __future__ import annotations

from typing import TypedDict

from sentiment.ui.contract.words import Numbers, Verdict


class Padded(TypedDict):
    """The verdict at 0, 1, … padding tokens, (K + 1,) each.

    ``classic`` are probabilities by the final state alone; ``turned_at`` is the padding from which
    they give another reading than without.
    """

    text: str
    words: int
    packed: Verdict
    logits: Numbers
    last: Numbers
    probabilities: Numbers | None
    classic: list[float] | None
    moved: Numbers
    state: float
    turned_at: int | None


class BatchRow(TypedDict):
    """A sentence of a batch and its number of tokens."""

    text: str
    length: int


class Costs(TypedDict):
    """LSTM steps that a batch costs, padded to ``width``, bucketed, and packed."""

    width: int
    padded: int
    bucketed: int
    packed: int
    bucket: int


class Batch(Costs):
    """A batch and what it costs."""

    rows: list[BatchRow]


class PaddingExample(TypedDict):
    """A text whose verdict by the final state turns under padding, if one was found."""

    text: str | None


class Timing(TypedDict):
    """How long one way of batching took: the median of ``runs`` and their least, milliseconds."""

    name: str
    median: float
    least: float


class Timed(TypedDict):
    """A batch read in three ways, timed on this machine just now; ``copies`` of it at once."""

    sentences: int
    copies: int
    runs: int
    ways: list[Timing]

"""What answers of several panels hold: numbers, words of a text, and verdicts."""

from __future__ import annotations

from typing import TypedDict

Numbers = list[float | None]
"""(T,) unless said otherwise; null is what JSON has no number for."""


class TokenShown(TypedDict):
    """A token, with the text between it and the token before."""

    text: str
    gap: str
    known: bool


class Verdict(TypedDict):
    """A prediction: ``label`` is what people read, ``leaning`` the likelier of the labels."""

    text: str
    label: str
    leaning: str
    undecided: bool | None
    probability: float | None
    logit: float
    labels: list[str]
    probabilities: list[float]
    notice: str | None


class Piece(TypedDict):
    """Words of the text and the logit of these words alone."""

    words: str
    logit: float


class ShortVerdict(TypedDict):
    """A verdict on an edited text."""

    label: str
    probability: float | None
    logit: float


class Download(TypedDict):
    """A file for the person to keep."""

    name: str
    content: str

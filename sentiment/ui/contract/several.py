"""What the page is sent of several models that read one text."""

from __future__ import annotations

from typing import TypedDict

from sentiment.ui.contract.words import Numbers, TokenShown


class ModelRead(TypedDict):
    """What one of several models makes of a text, word by word, (T,) each, from ``start`` on.

    ``words`` are the weights of single words where the model is their sum, else null;
    ``shuffled`` is the probability of the same words in another order.
    """

    name: str
    about: str
    start: float
    probability: float
    probabilities: Numbers
    words: Numbers | None
    shuffled: float


class Models(TypedDict):
    """Several models on one text."""

    text: str
    shuffled: str
    tokens: list[TokenShown]
    models: list[ModelRead]

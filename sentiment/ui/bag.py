"""A bag of words: logistic regression over single words, blind to their order.

``bag_of_words.tsv`` holds its weights, the bias in the first line; ``python -m train bag-of-words``
writes it from texts like those that the shipped network learnt from.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from sentiment.text import words
from sentiment.values import FloatArray, Token, floats

FILE = Path(__file__).parent / "bag_of_words.tsv"


@cache
def weights() -> dict[str, float]:
    """Weights in logits of "positive" by the word; the bias under the empty word."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    pairs = (line.rsplit("\t", 1) for line in lines)
    return {word: float(weight) for word, weight in pairs}


def bias() -> float:
    """The logit of a text without a known word."""
    return weights()[""]


def token_weights(tokens: tuple[Token, ...]) -> FloatArray:
    """What each token adds to the logit, (T,): a word counts once, where it stands first."""
    known, seen = weights(), set[str]()
    added = np.zeros(len(tokens))
    for place, token in enumerate(tokens):
        for word in words(token.text):
            if word and word not in seen:
                added[place] += known.get(word, 0.0)
                seen.add(word)
    return floats(added)


def running_odds(tokens: tuple[Token, ...]) -> FloatArray:
    """The probability of "positive" after each token, (T,)."""
    logits = bias() + np.cumsum(token_weights(tokens))
    return floats(1 / (1 + np.exp(-logits)))

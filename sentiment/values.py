"""The frozen values that cross module borders. Nothing here knows torch or gradio.

T is the number of tokens, H of hidden units. Arrays are float64 (or int64) numpy and read-only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

NEUTRAL_ZONE = (1 / 3, 2 / 3)
"""Probabilities of "positive", ends included, that the page calls neutral."""


def floats(values: ArrayLike) -> FloatArray:
    """A read-only float64 copy."""
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array


def integers(values: ArrayLike) -> IntArray:
    """A read-only int64 copy."""
    array = np.array(values, dtype=np.int64)
    array.setflags(write=False)
    return array


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the person's own text: ``text == original[start:end]``.

    ``known`` is False where the vocabulary lacks it and the model reads "unknown" instead.
    """

    text: str
    start: int
    end: int
    known: bool


@dataclass(frozen=True, slots=True)
class Encoding:
    """A text as the model reads it: one id per token."""

    text: str
    ids: tuple[int, ...]
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Prediction:
    """A verdict.

    With two labels, ``logit`` is the log-odds of the second ("positive"), ``probability`` its
    sigmoid and ``label`` its sign. With more, ``probability`` is None and ``logit`` is the
    winner's. ``probabilities`` and ``logits`` have one entry per label in every case; for two
    labels the first logit is 0 by convention, so that softmax(logits) = probabilities.
    """

    label: str
    logit: float
    probability: float | None
    tokens: tuple[Token, ...]
    labels: tuple[str, ...]
    logits: tuple[float, ...]
    probabilities: tuple[float, ...]

    @property
    def neutral(self) -> bool | None:
        """Whether the probability of "positive" lies in [1/3, 2/3]; None for more labels."""
        if self.probability is None:
            return None
        return NEUTRAL_ZONE[0] <= self.probability <= NEUTRAL_ZONE[1]

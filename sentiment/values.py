"""The frozen values that cross module borders. Nothing here knows torch or gradio.

T is the number of tokens, H of hidden units. Arrays are float64 (or int64) numpy and read-only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

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

    text: str
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


@dataclass(frozen=True, slots=True, eq=False)
class TokenScores:
    """One number per token, with all that is needed to read it.

    ``unit`` is the unit of a score; ``signed`` says whether the sign matters (positive pushes
    towards the target label). ``residual`` is what the method's law leaves over, in the same
    unit; None where the numbers are definitions that no law can contradict.
    """

    name: str
    scores: FloatArray  # (T,)
    unit: str
    signed: bool
    residual: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class IntegratedGradients:
    """Integrated gradients of the target's logit with respect to the embeddings, per token.

    ``residual`` is sum(scores) - (logit - baseline_logit); ``tolerance`` what it may be at most.
    Sundararajan et al. 2017, arXiv:1703.01365.
    """

    scores: FloatArray  # (T,)
    residual: float
    tolerance: float
    baseline: str
    baseline_logit: float
    steps: int
    unit: str = "logit"
    signed: bool = True

    @property
    def converged(self) -> bool:
        """Whether completeness holds within the tolerance."""
        return abs(self.residual) <= self.tolerance


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """The logit as an exact sum: bias + last + max + mean parts over all tokens.

    ``last`` is telescoped: w_last . (h_t - h_{t-1}), so it credits position t's *state*, not
    token t as the cause. Parts that the head lacks are zeros. Unit: logit.
    """

    last: FloatArray  # (T,)
    max: FloatArray  # (T,)
    mean: FloatArray  # (T,)
    bias: float
    residual: float

    @property
    def total(self) -> FloatArray:
        """The three parts together, (T,)."""
        return floats(self.last + self.max + self.mean)


@dataclass(frozen=True, slots=True, eq=False)
class Pooling:
    """The max-pool as a tournament of tokens for channels (hidden units).

    ``winners`` is the first position of each channel's maximum; ``runners_up`` the best other
    position (-1 for one token) and ``margins`` how far behind it is (infinite for one token).
    ``contributions`` are w_max * h at the winner, in logits. ``shares`` is the part of all
    channels that each token wins; it sums to 1. ``weighted_shares`` weighs channels by their
    absolute contribution.
    """

    winners: IntArray  # (H,)
    runners_up: IntArray  # (H,)
    margins: FloatArray  # (H,)
    contributions: FloatArray  # (H,)
    shares: FloatArray  # (T,)
    weighted_shares: FloatArray  # (T,)
    token_contributions: FloatArray  # (T,)


@dataclass(frozen=True, slots=True, eq=False)
class RunningVerdict:
    """The head on every prefix: ``logits[t]`` is the verdict after reading tokens 0 to t.

    The three parts and the bias sum to the logit. ``flips`` are the positions at which its sign
    differs from the position before. Exact, since h_t depends on the prefix alone.
    """

    logits: FloatArray  # (T,)
    last: FloatArray  # (T,)
    max: FloatArray  # (T,)
    mean: FloatArray  # (T,)
    bias: float
    flips: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Explanation:
    """Everything the network did with one text, for one target label.

    The parts of the Read panel are here at once; the others are computed on first access by the
    classifier, to which a private reference is kept.
    """

    prediction: Prediction
    target: str
    logit: float
    revision: str
    hidden_norms: TokenScores
    state_changes: TokenScores
    pooling: Pooling
    ledger: Ledger
    running: RunningVerdict
    integrated_gradients: IntegratedGradients
    _compute: Callable[[str], Any] = field(repr=False)

    @property
    def text(self) -> str:
        """The person's own text."""
        return self.prediction.text

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The T tokens, with their spans in the text."""
        return self.prediction.tokens

    @property
    def running_logits(self) -> FloatArray:
        """The logit after each prefix, (T,)."""
        return self.running.logits

"""The text and its verdict: tokens, encodings, predictions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from sentiment.values.base import NEUTRAL_ZONE, POLAR, UNKNOWN_READING, plain, shortened


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

    def text_of(self, start: int, end: int) -> str:
        """The person's own text from token ``start`` to before token ``end``, at least one."""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end]

    def glued(self, index: int) -> bool:
        """Whether a token follows the one before it without a space, as "n't" in "don't"."""
        return index > 0 and self.tokens[index].start <= self.tokens[index - 1].end


class _LaterTokens:
    """Gives a value with a slot ``tokens`` that is empty so far its tokens once they are read."""

    __slots__ = ("_encode",)

    if not TYPE_CHECKING:  # for which the class has all its attributes

        def __getattr__(self, name: str) -> Any:
            if name != "tokens":
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            found = self._encode(self.text).tokens
            object.__setattr__(self, "tokens", found)
            return found


@dataclass(frozen=True, slots=True, repr=False)
class Prediction(_LaterTokens):
    """A verdict.

    ``reading`` is what people see: negative, neutral or positive; ``label`` leans one way
    whatever the probability, and is what accuracy over two classes counts. With two labels,
    ``logit`` is the log-odds of the second ("positive"), ``probability`` its sigmoid and ``label``
    its sign. With more, ``probability`` is None and ``logit`` is the winner's. ``probabilities``
    and ``logits`` have one entry per label in every case; for two labels the first logit is 0 by
    convention, so that softmax(logits) = probabilities.

    ``error`` says why a text has none: then ``label`` is empty, ``logit`` is not a number and
    there are neither logits nor probabilities. ``fault`` says why the model can tell nothing of a
    text that it has read: its numbers mean nothing.
    """

    text: str
    label: str
    logit: float
    probability: float | None
    tokens: tuple[Token, ...]
    labels: tuple[str, ...]
    logits: tuple[float, ...]
    probabilities: tuple[float, ...]
    error: str | None = None
    fault: str | None = None

    def with_later_tokens(self, encode: Callable[[str], Encoding]) -> Prediction:
        """This verdict itself, its tokens to be made when they are first read.

        They take longer than a short text's verdict, and most who ask for many read none.
        """
        object.__delattr__(self, "tokens")
        object.__setattr__(self, "_encode", encode)
        return self

    def __repr__(self) -> str:
        said = f"error={self.error!r}" if self.error else f"{self.reading!r}, {self._numbers()}"
        return f"Prediction({said}, text={shortened(self.text)!r})"

    def _repr_html_(self) -> str:
        said = self.error or f"{self.reading}, {self._numbers()}"
        return f"<q>{escape(shortened(self.text))}</q>: {escape(said)}"

    def _numbers(self) -> str:
        probability = max(self.probabilities) if self.probability is None else self.probability
        return f"probability={probability:.4f}, logit={self.logit:+.4f}"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values of every field, of ``reading``, ``leaning`` and ``neutral``."""
        seen = {"reading": self.reading, "leaning": self.leaning, "neutral": self.neutral}
        return {**plain(self), **seen}

    @property
    def leaning(self) -> str:
        """The label: the sign of the logit, also where the reading is neutral or unknown."""
        return self.label

    @property
    def reading(self) -> str:
        """What people see: one of negative, neutral and positive, by ``NEUTRAL_ZONE``.

        Other labels have no word between them, so the label itself. "unknown" where nothing is
        known of the text, or it could not be read.
        """
        if self.fault is not None or self.error is not None:
            return UNKNOWN_READING
        return "neutral" if self.neutral else self.label

    @property
    def neutral(self) -> bool | None:
        """Whether the probability of "positive" lies in [1/3, 2/3]; None for other labels."""
        return self.undecided if self.labels == POLAR else None

    @property
    def undecided(self) -> bool | None:
        """Whether the probability lies in [1/3, 2/3], whatever the two labels; None for more."""
        if self.probability is None:
            return None
        return NEUTRAL_ZONE[0] <= self.probability <= NEUTRAL_ZONE[1]

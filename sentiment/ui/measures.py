"""Figures of the loaded model that a story names: of its text, at a word, of its padded state."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from sentiment import behaviour
from sentiment.classifier import SentimentClassifier
from sentiment.explanation import Explanation
from sentiment.ui.padded import MOST_PADDING, padded_states

Value = float | str


class Measured:
    """A model's figures on named texts, each found once, when it is first asked for."""

    def __init__(self, classifier: SentimentClassifier, texts: Mapping[str, str]) -> None:
        self.classifier = classifier
        self.texts = texts
        self._explained: dict[str, Explanation] = {}

    def value(self, asked: str) -> Value:
        """What ``measure:name`` is, NaN for what the model lacks; raises KeyError for no measure.

        A measure at a word is written ``after word:name``.
        """
        measure, _, name = asked.partition(":")
        explanation = self._explanation(self.texts[name])
        if measure.startswith("after "):
            at = self.place(self.texts[name], measure.removeprefix("after "))
            odds = explanation.running.probabilities
            return math.nan if at is None else float(odds[at])
        return MEASURES[measure](self, explanation)

    def shown(self, asked: str) -> str:
        """``value`` as a sentence has it: odds plain, logits with a sign, shares per cent."""
        value, measure = self.value(asked), asked.partition(":")[0]
        if isinstance(value, str):
            return value
        if math.isnan(value):
            return "–"
        if measure in SHARES:
            return f"{100 * value:.{0 if value >= 0.1 else 2}f} %"
        signed = measure in SIGNED
        return f"{value:{'+' if signed else ''}.2f}".replace("-", "−")

    def place(self, text: str | None, word: str | None) -> int | None:
        """Where the first token that is ``word`` stands, None for a text without it."""
        if text is None or word is None:
            return None
        tokens = self.classifier.encoder.encode(text).tokens
        found = (i for i, token in enumerate(tokens) if token.text.lower() == word.lower())
        return next(found, None)

    def _explanation(self, text: str) -> Explanation:
        if text not in self._explained:
            self._explained[text] = self.classifier.explain(text)
        return self._explained[text]

    def most_won(self, explanation: Explanation) -> int:
        """The word that holds most maxima."""
        return int(explanation.pooling.shares.argmax())

    def padded(self, explanation: Explanation) -> float:
        """The head over the final state alone, after all the padding that the page offers."""
        return padded_states(self.classifier, explanation.text).classic[MOST_PADDING]

    def classic(self, explanation: Explanation) -> float:
        """The head over the final state alone, without padding."""
        return padded_states(self.classifier, explanation.text).classic[0]


def _reach(explanation: Explanation, name: str) -> float:
    norms = getattr(explanation.gradient_reach, name)
    return math.nan if norms is None else float(norms[0] / norms[-1])


MEASURES: dict[str, Callable[[Measured, Explanation], Value]] = {
    "probability": lambda _, e: _number(e.prediction.probability),
    "reading": lambda _, e: e.prediction.reading,
    "logit": lambda _, e: e.logit,
    "last": lambda _, e: float(e.running.last[-1]),
    "max": lambda _, e: float(e.running.max[-1]),
    "mean": lambda _, e: float(e.running.mean[-1]),
    "joint": lambda _, e: _number(e.read_alone(0, len(e.tokens)).interaction),
    "most_won": lambda m, e: e.tokens[m.most_won(e)].text,
    "most_won_share": lambda m, e: float(e.pooling.shares[m.most_won(e)]),
    "classic": lambda m, e: m.classic(e),
    "classic_reading": lambda m, e: behaviour.reading(m.classic(e)),
    "padded": lambda m, e: m.padded(e),
    "padded_reading": lambda m, e: behaviour.reading(m.padded(e)),
    "lstm_reach": lambda _, e: _reach(e, "cell"),
    "rnn_reach": lambda _, e: _reach(e, "twin_hidden"),
}
SHARES = {"most_won_share", "lstm_reach", "rnn_reach"}
SIGNED = {"logit", "last", "max", "mean", "joint"}


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)

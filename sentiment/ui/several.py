"""Several models on one text: the loaded one, its twin, other checkpoints, and a bag of words."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sentiment.classifier import SentimentClassifier
from sentiment.errors import CheckpointError
from sentiment.explain import read, running_verdict
from sentiment.model import PackedLSTMClassifier
from sentiment.ui import bag, view
from sentiment.ui.contract import ModelRead, Models
from sentiment.ui.limits import RefusedError
from sentiment.values import POLAR, Encoding, FloatArray, floats

BAG = "bag of words"
ABOUT = {
    "lstm": "the loaded model; gates decide what it keeps",
    "gru": "the loaded model; two gates, no cell",
    "rnn": "the loaded model; no gates and no cell",
    "twin": "its twin: same words and head, no gates and no cell",
    BAG: "a sum of one weight a word, blind to their order",
}


@dataclass(frozen=True)
class Beside:
    """Another checkpoint that reads the sentence too.

    Raises CheckpointError for one of other labels than negative and positive, or one that reads in
    both directions: it has no verdict after each word.
    """

    name: str
    classifier: SentimentClassifier

    def __post_init__(self) -> None:
        if self.classifier.labels != POLAR:
            labels = ", ".join(self.classifier.labels)
            raise CheckpointError(
                f"{self.name!r} has the labels {labels}; beside another stands only a model of "
                f"{' and '.join(POLAR)}"
            )
        if self.classifier.model.recurrence.bidirectional:
            raise CheckpointError(
                f"{self.name!r} reads in both directions; beside another stands only a model that "
                "reads in one"
            )

    def odds(self, encoding: Encoding) -> FloatArray:
        """The probability of "positive" once all of each token of another model is read, (T,).

        ``start`` as long as nothing is read.
        """
        own = self.classifier.encoder.encode(encoding.text)
        if not own.ids:
            return floats(np.full(len(encoding.tokens), self.start))
        found = running_verdict(read(self.classifier.model, own, POLAR, target=0)).probabilities
        ends = [token.end for token in own.tokens]
        wanted = [token.end for token in encoding.tokens]
        counts = np.searchsorted(ends, wanted, side="right")
        return floats(np.concatenate([[self.start], found])[counts])

    @property
    def start(self) -> float:
        """The probability of "positive" before any word."""
        return _start(self.classifier.model)


def several(
    classifier: SentimentClassifier, text: str, seed: int, beside: Sequence[Beside] = ()
) -> Models:
    """What each model makes of a text, and of its words in an order drawn by ``seed``.

    Raises RefusedError for a model of other labels than negative and positive.
    """
    if classifier.labels != POLAR:
        raise RefusedError("Models of these labels have no others here to stand beside.")
    mixed = shuffled(classifier, text, seed)
    both = [classifier.encoder.encode(one) for one in (text, mixed)]
    if not all(encoding.ids for encoding in both):
        raise RefusedError("Type at least one word.")

    def recurrent(model: PackedLSTMClassifier, about: str) -> ModelRead:
        first, second = (
            running_verdict(read(model, encoding, classifier.labels, target=0)).probabilities
            for encoding in both
        )
        return _model(model.kind, ABOUT[about], _start(model), first, second)

    models = [recurrent(classifier.model, classifier.model.cell)]
    if classifier.twin is not None:
        models.append(recurrent(classifier.twin, "twin"))
    for one in beside:
        about = f"another checkpoint, {one.classifier.model.kind}"
        odds = [one.odds(encoding) for encoding in both]
        models.append(_model(one.name, about, one.start, *odds))
    odds = [bag.running_odds(encoding.tokens) for encoding in both]
    models.append(
        {
            **_model(BAG, ABOUT[BAG], 1 / (1 + math.exp(-bag.bias())), *odds),
            "words": view.numbers(bag.token_weights(both[0].tokens)),
        }
    )
    return {
        "text": text,
        "shuffled": mixed,
        "tokens": view.token_list(text, both[0].tokens),
        "models": models,
    }


def shuffled(classifier: SentimentClassifier, text: str, seed: int) -> str:
    """The words of a text in another order."""
    words = [token.text for token in classifier.encoder.encode(text).tokens]
    random.Random(seed).shuffle(words)
    return " ".join(words)


def _start(model: PackedLSTMClassifier) -> float:
    """The probability before any word: the head's bias alone."""
    return float(model.fc.bias.detach().double().sigmoid()[0])


def _model(name: str, about: str, start: float, odds: FloatArray, mixed: FloatArray) -> ModelRead:
    return {
        "name": name,
        "about": about,
        "start": start,
        "probability": float(odds[-1]),
        "probabilities": view.numbers(odds),
        "words": None,
        "shuffled": float(mixed[-1]),
    }

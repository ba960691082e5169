"""Several models on one text: the loaded one, its vanilla RNN twin, and a bag of words."""

from __future__ import annotations

import random

from sentiment.classifier import SentimentClassifier
from sentiment.explain import read, running_verdict
from sentiment.model import PackedLSTMClassifier
from sentiment.ui import bag, view
from sentiment.ui.contract import ModelRead, Models
from sentiment.ui.limits import RefusedError
from sentiment.values import POLAR, FloatArray

ABOUT = {
    "LSTM": "the loaded model; gates decide what it keeps",
    "vanilla RNN": "its twin: same words and head, no gates and no cell",
    "bag of words": "a sum of one weight a word, blind to their order",
}


def several(classifier: SentimentClassifier, text: str, seed: int) -> Models:
    """What each model makes of a text, and of its words in an order drawn by ``seed``.

    Raises RefusedError for a model of other labels than negative and positive.
    """
    if classifier.labels != POLAR:
        raise RefusedError("Models of these labels have no others here to stand beside.")
    mixed = shuffled(classifier, text, seed)
    both = [classifier.encoder.encode(one) for one in (text, mixed)]
    if not all(encoding.ids for encoding in both):
        raise RefusedError("Type at least one word.")

    def recurrent(name: str, model: PackedLSTMClassifier) -> ModelRead:
        first, second = (
            running_verdict(read(model, encoding, classifier.labels, target=0)).probabilities
            for encoding in both
        )
        return _model(name, first, second)

    models = [recurrent("LSTM", classifier.model)]
    if classifier.twin is not None:
        models.append(recurrent("vanilla RNN", classifier.twin))
    odds = [bag.running_odds(encoding.tokens) for encoding in both]
    models.append(
        {
            **_model("bag of words", *odds),
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


def _model(name: str, odds: FloatArray, mixed: FloatArray) -> ModelRead:
    return {
        "name": name,
        "about": ABOUT[name],
        "probability": float(odds[-1]),
        "probabilities": view.numbers(odds),
        "words": None,
        "shuffled": float(mixed[-1]),
    }

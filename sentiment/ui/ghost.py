"""The ghost: the same text without its negator, read word by word beside the text itself."""

from __future__ import annotations

from sentiment import negation
from sentiment.classifier import SentimentClassifier
from sentiment.explain import read, running_verdict
from sentiment.explanation import Explanation
from sentiment.ui.contract import Ghost, Numbers
from sentiment.ui.view import numbers

MOST_TOKENS = 100
"""Longer texts have no ghost: every way of taking a negator out would have to be read."""


def ghost(classifier: SentimentClassifier, explanation: Explanation) -> Ghost | None:
    """Of the edits that take a negator out, the one that moves the logit most; None without one.

    Its running verdict is the model's own on the edited text, laid along the text's words.
    """
    if len(explanation.tokens) > MOST_TOKENS:
        return None
    encoded = [
        (edit, classifier.encoder.encode(edit.text))
        for edit in negation.without_negators(explanation.text)
    ]
    encoded = [(edit, encoding) for edit, encoding in encoded if encoding.ids]
    if not encoded:
        return None
    labels = classifier.labels
    binary = len(labels) == 2
    target = 0 if binary else labels.index(explanation.target)
    rows = classifier.logits([encoding.ids for _, encoding in encoded])
    moved = [abs(row[target] - explanation.logit) for row in rows]
    edit, encoding = encoded[moved.index(max(moved))]
    running = running_verdict(read(classifier.model, encoding, labels, target=target))
    logits, odds = numbers(running.logits), numbers(running.probabilities)
    aligned: Numbers = [None] * len(explanation.tokens)
    likely: Numbers = [None] * len(explanation.tokens)
    for row in negation.align(explanation.tokens, encoding.tokens):
        if row.first is not None and row.second is not None:
            aligned[row.first] = logits[row.second]
            likely[row.first] = odds[row.second]
    return {
        "text": edit.text,
        "words": explanation.tokens[edit.token].text,
        "logit": float(running.logits[-1]),
        "logits": aligned,
        "probabilities": likely if binary else None,
    }

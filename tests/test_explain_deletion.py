"""Deletion and replacement scores re-predict."""

from __future__ import annotations

from importlib import import_module

import pytest

from sentiment import explain
from sentiment.classifier import SentimentClassifier
from sentiment.explain.deletion import replacement_scores
from tests.explaining import TEXT, every_shape, read, shaped

WORDS = TEXT.split()


def logit(classifier: SentimentClassifier, words: list[str], target: int) -> float:
    prediction = classifier.predict(" ".join(words) or "xyzzy")
    return prediction.logits[target if len(prediction.labels) > 2 else 1]


@every_shape
@pytest.mark.parametrize("text", ["good", "not good", TEXT, "xyzzy good plugh"])
def test_scores_are_the_change_on_predicting_again(shape: str, text: str) -> None:
    classifier = shaped(shape)
    reading = read(classifier, text)
    found, words = explain.deletion(reading), text.split()
    replaced = replacement_scores(reading)
    assert found.run == 1
    for t in range(reading.count):
        without = logit(classifier, words[:t] + words[t + 1 :], reading.target)
        unknown = logit(classifier, [*words[:t], "xyzzy", *words[t + 1 :]], reading.target)
        assert found.scores[t] == pytest.approx(reading.logit - without, abs=1e-10)
        assert replaced.values[t] == pytest.approx(reading.logit - unknown, abs=1e-10)


def test_a_long_text_loses_runs_of_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("sentiment.explain.deletion"), "MOST_RUNS", 3)
    classifier = shaped("default")
    reading = read(classifier, TEXT)
    found = explain.deletion(reading)
    replaced = replacement_scores(reading)
    assert found.run == replaced.run == 5
    for start, end in ((0, 5), (5, 10), (10, 14)):
        change = reading.logit - logit(classifier, WORDS[:start] + WORDS[end:], 0)
        assert found.scores[start:end].sum() == pytest.approx(change, abs=1e-10)
        assert len(set(found.scores[start:end].tolist())) == 1
        unknown = WORDS[:start] + ["xyzzy"] * (end - start) + WORDS[end:]
        change = reading.logit - logit(classifier, unknown, 0)
        assert replaced.values[start:end].sum() == pytest.approx(change, abs=1e-10)


def test_shipped_weights(shipped: SentimentClassifier) -> None:
    explanation = shipped.explain(TEXT)
    for t, score in enumerate(explanation.deletion.scores):
        without = shipped.predict(" ".join(WORDS[:t] + WORDS[t + 1 :])).logit
        assert score == pytest.approx(explanation.logit - without, abs=1e-5)

"""The ledger sums to the logit, and the running verdict is the model on the prefix."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sentiment import explain
from sentiment.classifier import SentimentClassifier
from sentiment.explain.ledger import changes
from tests.explaining import TEXT, TEXTS, every_shape, every_text, read, shaped


@every_shape
@every_text
def test_the_ledger_sums_to_the_logit(shape: str, text: str) -> None:
    reading = read(shaped(shape), text)
    found = explain.ledger(reading)
    total = found.bias + found.last.sum() + found.max.sum() + found.mean.sum()
    assert total == pytest.approx(reading.logit, abs=1e-10)
    assert found.residual == pytest.approx(0, abs=1e-10)
    np.testing.assert_allclose(found.total, found.last + found.max + found.mean, atol=0)


@every_shape
def test_each_part_is_what_its_pool_feeds_the_head(shape: str) -> None:
    reading = read(shaped(shape), TEXT)
    found = explain.ledger(reading)
    hidden = reading.hidden
    for part, pool, scores in (
        ("last", hidden[-1], found.last),
        ("max", hidden.max(dim=0).values, found.max),
        ("mean", hidden.mean(dim=0), found.mean),
    ):
        assert scores.sum() == pytest.approx(float(reading.head(part) @ pool), abs=1e-10)
        if part not in reading.model.pooling:
            assert not scores.any()


def test_parts_per_token_by_a_loop() -> None:
    reading = read(shaped("wide"), TEXT)
    found, hidden = explain.ledger(reading), reading.hidden
    for t in range(reading.count):
        before = hidden[t - 1] if t else torch.zeros_like(hidden[0])
        assert found.last[t] == pytest.approx(
            float(reading.head("last") @ (hidden[t] - before)), abs=1e-12
        )
        assert found.mean[t] == pytest.approx(
            float(reading.head("mean") @ hidden[t]) / reading.count, abs=1e-12
        )
        won = [unit for unit in range(hidden.shape[1]) if int(hidden[:, unit].argmax()) == t]
        worth = sum(float(reading.head("max")[unit] * hidden[t, unit]) for unit in won)
        assert found.max[t] == pytest.approx(worth, abs=1e-12)


@every_shape
@every_text
def test_the_running_verdict_is_the_model_on_the_prefix(shape: str, text: str) -> None:
    reading = read(shaped(shape), text)
    running = explain.running_verdict(reading)
    prefixes = [reading.encoding.ids[: t + 1] for t in range(reading.count)]
    for t, prefix in enumerate(prefixes):
        alone = reading.model(torch.tensor([prefix]), torch.tensor([len(prefix)]))
        assert running.logits[t] == pytest.approx(float(alone[0, reading.target]), abs=1e-10)
    parts = running.last + running.max + running.mean + running.bias
    np.testing.assert_allclose(parts, running.logits, atol=1e-10)
    assert running.logits[-1] == pytest.approx(reading.logit, abs=1e-10)


@every_shape
@every_text
def test_flips_are_where_the_verdict_on_the_prefix_turns(shape: str, text: str) -> None:
    classifier = shaped(shape)
    reading = read(classifier, text)
    words = text.split()
    verdicts = [classifier.predict(" ".join(words[: t + 1])) for t in range(len(words))]
    running = explain.running_verdict(reading)
    labels = [verdict.label for verdict in verdicts]
    assert running.flips == tuple(t for t in range(1, len(labels)) if labels[t] != labels[t - 1])
    number = reading.target if len(classifier.labels) > 2 else 1
    expected = [verdict.probabilities[number] for verdict in verdicts]
    np.testing.assert_allclose(running.probabilities, expected, atol=1e-10)


def test_changes_of_verdicts() -> None:
    assert changes(torch.tensor([1, 1, 0, 2, 2, 1])) == (2, 3, 5)
    assert changes(torch.tensor([1])) == ()


@pytest.mark.parametrize("text", TEXTS)
def test_shipped_weights(shipped: SentimentClassifier, text: str) -> None:
    explanation = shipped.explain(text)
    assert abs(explanation.ledger.residual) <= 1e-5
    words = explanation.tokens
    for t, logit in enumerate(explanation.running_logits):
        prefix = shipped.predict(text[: words[t].end])
        assert logit == pytest.approx(prefix.logit, abs=1e-5)

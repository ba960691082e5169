"""The front door: verdicts, order, errors, the shipped weights' first duties."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment.classifier import EmptyTextError, SentimentClassifier
from sentiment.model import ModelConfig, build
from tests.conftest import tiny_classifier

HARD_TEXTS = [
    "xyzzy plugh",
    "👍🏽👩‍🚀",
    "مرحبا بالعالم",
    "<script>alert(1)</script>",
    "nul\x00byte",
    "lone \ud800 surrogate",
    "word " * 2_000,
    "x" * 100_000,
]


def test_shipped_weights_read_the_first_examples(shipped: SentimentClassifier) -> None:
    assert shipped.predict("not good").label == "negative"
    assert shipped.predict("good").label == "positive"
    probability = shipped.predict("not bad at all").probability
    assert probability is not None
    assert probability >= 1 / 3


def test_prediction_is_consistent(shipped: SentimentClassifier) -> None:
    prediction = shipped.predict("Not a good film.")
    assert prediction.text == "Not a good film."
    assert prediction.probability == pytest.approx(1 / (1 + math.exp(-prediction.logit)))
    assert prediction.probabilities[1] == prediction.probability
    assert sum(prediction.probabilities) == pytest.approx(1)
    assert [token.text for token in prediction.tokens] == ["Not", "a", "good", "film", "."]
    assert prediction.neutral is (1 / 3 <= prediction.probability <= 2 / 3)
    with pytest.raises(dataclasses.FrozenInstanceError):
        prediction.label = "positive"  # type: ignore[misc]


@pytest.mark.parametrize("text", HARD_TEXTS, ids=range(len(HARD_TEXTS)))
def test_hard_texts_get_a_finite_verdict(shipped: SentimentClassifier, text: str) -> None:
    assert math.isfinite(shipped.predict(text).logit)


@given(st.lists(st.text("ab not good film .", min_size=1).filter(str.strip), max_size=6))
@settings(max_examples=30, deadline=None)
def test_batches_keep_the_order(texts: list[str]) -> None:
    classifier = tiny_classifier()
    alone = [classifier.predict(text).logit for text in texts]
    together = [prediction.logit for prediction in classifier.predict_batch(texts)]
    assert together == pytest.approx(alone, abs=1e-10)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00", "<br />"])
def test_a_text_without_words_says_what_to_do(text: str) -> None:
    classifier = tiny_classifier()
    for method in (classifier.predict, classifier.explain):
        with pytest.raises(EmptyTextError, match="type at least one word"):
            method(text)
    with pytest.raises(EmptyTextError, match="text 1 "):
        classifier.predict_batch(["fine", text])


def test_wrong_types_say_what_is_wanted() -> None:
    classifier = tiny_classifier()
    with pytest.raises(TypeError, match="takes a list of texts"):
        classifier.predict_batch("not good")
    with pytest.raises(TypeError, match="must be a str, got NoneType"):
        classifier.predict(None)  # type: ignore[arg-type]


def test_no_texts_give_no_predictions() -> None:
    assert tiny_classifier().predict_batch([]) == []


def test_the_model_it_is_given_stays_as_it_is() -> None:
    model = build(ModelConfig(tiny_classifier().encoder.vocabulary_size, 8, 4, dropout=0.5))
    encoder = tiny_classifier().encoder
    classifier = SentimentClassifier(model, encoder)
    before = classifier.predict("not good").logit
    assert model.training
    assert all(parameter.requires_grad for parameter in model.parameters())
    with torch.no_grad():
        model.fc.bias.add_(1)
    assert classifier.predict("not good").logit == before
    frozen = model.eval().requires_grad_(False)
    assert SentimentClassifier(frozen, encoder).model is frozen

"""The front door: verdicts, order, errors, the shipped weights' first duties."""

from __future__ import annotations

import dataclasses
import json
import math
import pickle
import subprocess
import sys
from typing import Any, cast

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import sentiment
from sentiment.classifier import EmptyTextError, SentimentClassifier
from sentiment.model import ModelConfig, build
from sentiment.values import Encoding
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


def test_unusable_texts_are_marked_when_asked() -> None:
    classifier = tiny_classifier()
    texts: list[Any] = ["good", " ", None, "not good"]
    found = classifier.predict_batch(texts, errors="mark")
    assert [one.error for one in found] == [
        None,
        "no words to read",
        "want a text, got NoneType",
        None,
    ]
    assert [found[0], found[3]] == classifier.predict_batch(["good", "not good"])
    assert (found[1].label, found[1].probability, found[1].neutral) == ("", None, None)
    assert math.isnan(found[1].logit)
    assert found[1].to_dict()["logit"] is None
    assert classifier.predict_batch(["", ""], errors="mark")[1].error
    with pytest.raises(EmptyTextError, match="text 1 has no words"):
        classifier.predict_batch(["good", " "])
    with pytest.raises(ValueError, match="'raise' or 'mark', got 'skip'"):
        classifier.predict_batch(["good"], errors=cast(Any, "skip"))


@given(st.lists(st.text(min_size=1), max_size=5))
@settings(max_examples=50, deadline=None)
def test_tokens_made_when_read_are_those_made_at_once(texts: list[str]) -> None:
    classifier = tiny_classifier()
    found = classifier.predict_batch(texts, errors="mark")
    made = [one.tokens for one in classifier.encoder.encode_batch(texts)]
    again = classifier.predict_batch(texts, errors="mark")
    copies = pickle.loads(pickle.dumps(again))
    assert [one.to_dict() for one in copies] == [one.to_dict() for one in found]
    assert [one.tokens for one in found] == made
    assert [one.tokens for one in again] == made


def test_tokens_are_made_when_they_are_read_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    classifier = tiny_classifier()
    read: list[str] = []
    encode = classifier.encoder.encode

    def counted(text: str) -> Encoding:
        read.append(text)
        return encode(text)

    monkeypatch.setattr(classifier.encoder, "encode", counted)
    first, second = classifier.predict_batch(["not good", "good"])
    assert "logit" in repr(first) + repr(second)
    assert read == []
    assert first.tokens is first.tokens
    assert read == ["not good"]
    copied = dataclasses.replace(second, fault="none")
    assert hash(copied) != hash(second)
    assert copied.to_dict()["tokens"] == [{"text": "good", "start": 0, "end": 4, "known": True}]
    assert read == ["not good", "good"]
    assert len(pickle.dumps(second)) < 1_000  # no tokenizer goes with it
    with pytest.raises(AttributeError, match="no attribute 'words'"):
        _ = second.words  # type: ignore[attr-defined]


@pytest.mark.parametrize("labels", [("negative", "positive"), ("bad", "so-so", "good")])
def test_values_show_themselves_shortly(labels: tuple[str, ...]) -> None:
    classifier = tiny_classifier(labels=labels)
    nasty = "<img src=x onerror=alert(1)> not good " * 9
    explanation, comparison = classifier.explain(nasty), classifier.compare("good", nasty)
    for value in (classifier.predict(nasty), explanation, comparison):
        assert len(repr(value)) < 300
        assert "<img" not in value._repr_html_()
    assert json.loads(json.dumps(classifier.predict("good").to_dict()))["labels"] == list(labels)
    assert 'sandbox srcdoc="&lt;!doctype html' in explanation._repr_html_()


def test_an_explanation_can_be_pickled() -> None:
    explanation = tiny_classifier().explain("not good")
    again = pickle.loads(pickle.dumps(explanation))
    assert again.to_dict() == explanation.to_dict()
    assert again.phrase(0, 2).score == explanation.phrase(0, 2).score


def test_lazy_names_are_listed() -> None:
    assert set(sentiment.__all__) <= set(dir(sentiment))
    assert not {"Any", "TYPE_CHECKING", "_HOMES", "import_module"} & set(dir(sentiment))


def test_a_process_that_was_forked_predicts() -> None:
    code = """
import multiprocessing, torch, sentiment
torch.set_num_threads(4)
classifier = sentiment.load()
many = ["a good film that is not dull at all"] * 200
classifier.predict_batch(many)
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(pool.map(classifier.predict_batch, [many, many])[1][0].label)
"""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=120
    )
    assert ran.stdout == "positive\n"

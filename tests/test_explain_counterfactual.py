"""The smallest edit re-predicts the other label, and no smaller one among the candidates does."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
import torch

from sentiment import explain, negation
from sentiment.classifier import SentimentClassifier
from sentiment.explain import counterfactual
from tests.explaining import SHAPES, read, shaped

SENTENCES = [
    "not good",
    "The film was not very good, but it was never dull.",
    "A dull plot and an awful film.",
    "It was great!",
    "plot",
]


@pytest.mark.parametrize("shape", list(SHAPES))
@pytest.mark.parametrize("text", SENTENCES)
def test_by_trying_every_candidate(shape: str, text: str) -> None:
    classifier = shaped(shape)
    reading = read(classifier, text)
    found = explain.smallest_edit(reading)
    label = classifier.predict(text).label
    count = len(reading.encoding.tokens)
    edits = negation.edits(text)
    many = len(classifier.labels) > 2
    predicted = read(classifier, text, classifier.labels.index(label) if many else 0)
    toward = 1 if many or reading.logit > 0 else -1
    scores = explain.deletion(predicted).scores * toward
    top = sorted(range(count), key=lambda t: -scores[t])[:12]
    assert sorted(top) == sorted(found.pair_tokens)
    single = [edit.text for edit in edits]
    double = [
        negation.apply(text, pair)
        for pair in combinations([edit for edit in edits if edit.token in top], 2)
    ]
    flips = [
        [one for one in texts if one and one.strip() and classifier.predict(one).label != label]
        for texts in (single, double)
    ]
    smallest = 1 if flips[0] else 2 if flips[1] else 0
    assert len(found.edits) == smallest
    assert found.found == bool(smallest)
    if smallest:
        assert found.text in flips[smallest - 1]
        assert negation.apply(text, found.edits) == found.text
        prediction = classifier.predict(found.text)
        assert prediction.label == found.label != label
        outcome = prediction.logits[reading.target if many else 1]
        assert found.logit == pytest.approx(outcome, abs=1e-10)

        def margin(edited: str) -> float:
            logits = classifier.predict(edited).logits
            return max(logits) - logits[classifier.labels.index(label)]

        widest = max(margin(one) for one in flips[smallest - 1])
        assert margin(found.text) == pytest.approx(widest, abs=1e-10)
    else:
        assert (found.text, found.label, found.logit) == (text, label, reading.logit)
    assert str(min(12, count)) in found.candidates


def test_a_long_text_edits_the_words_that_matter_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counterfactual, "LONG", 4)
    monkeypatch.setattr(counterfactual, "MOST_TOKENS", 3)
    classifier = shaped("default")
    with torch.no_grad():
        classifier.model.fc.bias.add_(50.0)  # nothing turns it, so all candidates are read
    reading = read(classifier, SENTENCES[1])
    found = explain.smallest_edit(reading)
    assert "the 3 words" in found.candidates
    scores = explain.deletion(reading).scores
    top = sorted(range(reading.count), key=lambda t: -scores[t])[:3]
    singles = [edit for edit in negation.edits(SENTENCES[1]) if edit.token in top]
    pairs = {negation.apply(SENTENCES[1], pair) for pair in combinations(singles, 2)} - {None}
    assert found.tried == len({edit.text for edit in singles}) + len(pairs)


def test_pairs_stay_among_the_words_with_the_highest_scores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counterfactual, "PAIR_TOKENS", 2)
    classifier, text = shaped("default"), "the film was the plot at all"
    with torch.no_grad():
        classifier.model.fc.bias.add_(50.0)  # nothing turns it, so all candidates are read
    found = explain.smallest_edit(read(classifier, text))
    assert not found.found
    assert len(found.pair_tokens) == 2
    edits = negation.edits(text)
    top = [edit for edit in edits if edit.token in found.pair_tokens]
    pairs = {negation.apply(text, pair) for pair in combinations(top, 2)} - {None}
    assert found.tried == len({edit.text for edit in edits}) + len(pairs)


def test_without_an_encoder_there_are_no_texts_to_read() -> None:
    with pytest.raises(ValueError, match="no encoder"):
        explain.smallest_edit(replace(read(shaped("default"), "not good"), encoder=None))


def test_not_good_turns_on_one_word(shipped: SentimentClassifier) -> None:
    found = shipped.explain("not good").smallest_edit
    assert (found.text, found.label) == ("good", "positive")
    assert shipped.predict(found.text).label == "positive"

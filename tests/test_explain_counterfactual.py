"""The smallest edit re-predicts the other label, and no smaller one among the candidates does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations

import pytest
import torch

from sentiment import explain, negation
from sentiment.classifier import SentimentClassifier
from sentiment.explain import counterfactual
from sentiment.values import Edit
from tests.conftest import tiny_classifier
from tests.explaining import SHAPES, read, shaped

SENTENCES = [
    "not good",
    "The film was very good. The plot was not dull.",
    "A dull plot and an awful film.",
    "It was great!",
    "plot",
]


def characters(text: str, edited: str) -> int:
    """Characters taken out and put in, where all between the first and last change is one piece."""
    while text and edited and text[0] == edited[0]:
        text, edited = text[1:], edited[1:]
    while text and edited and text[-1] == edited[-1]:
        text, edited = text[:-1], edited[:-1]
    return len(text) + len(edited)


def allowed(text: str, pairs: Iterable[tuple[Edit, Edit]]) -> list[tuple[Edit, Edit]]:
    """Without two edits in one sentence that each turn a verdict, or of which one denies."""
    denying = {"insert negation", "remove negation"}
    turning = {"insert negation", "remove negation", "antonym", "neutral"}
    ends = [at for at, character in enumerate(text) if character in ".!"]
    return [
        (one, other)
        for one, other in pairs
        if not (turning.issuperset((one.kind, other.kind)) or denying & {one.kind, other.kind})
        or any(one.start <= end < other.start for end in ends)
    ]


@pytest.mark.parametrize("shape", list(SHAPES))
@pytest.mark.parametrize("text", SENTENCES)
def test_by_trying_every_candidate(shape: str, text: str) -> None:
    classifier = shaped(shape)
    reading = read(classifier, text)
    found = explain.smallest_edit(reading)
    label = classifier.predict(text).label
    count = len(reading.encoding.tokens)
    edits = counterfactual.without_opinions(reading, negation.edits(text))
    many = len(classifier.labels) > 2
    predicted = read(classifier, text, classifier.labels.index(label) if many else 0)
    toward = 1 if many or reading.logit > 0 else -1
    scores = explain.deletion(predicted).scores * toward
    top = sorted(range(count), key=lambda t: -scores[t])[:12]
    assert sorted(top) == sorted(found.pair_tokens)
    pairs = allowed(text, combinations([edit for edit in edits if edit.token in top], 2))
    candidates: tuple[dict[str, bool], dict[str, bool]] = ({}, {})
    groups: list[tuple[Edit, ...]] = [*((edit,) for edit in edits), *pairs]
    size: dict[tuple[int, str], int] = {}
    for group in groups:
        for texts in candidates[len(group) - 1 :][:1]:
            edited = negation.apply(text, group)
            if edited and edited.strip():
                deletes = any(edit.kind == "delete" for edit in group)
                texts[edited] = texts.get(edited, True) and deletes
                one = sum(characters(text[e.start : e.end], e.replacement) for e in group)
                size[len(group), edited] = min(one, size.get((len(group), edited), one))

    def turns(edited: str) -> bool:
        prediction = classifier.predict(edited)
        return prediction.label != label and not prediction.neutral

    flips = [{one: d for one, d in texts.items() if turns(one)} for texts in candidates]
    smallest = 1 if flips[0] else 2 if flips[1] else 0
    assert len(found.edits) == smallest
    assert found.found == bool(smallest)
    if not smallest:
        assert (found.text, found.label, found.logit) == (text, label, reading.logit)
        return
    turned = flips[smallest - 1]
    assert found.text in turned
    assert negation.apply(text, found.edits) == found.text
    deletes = any(edit.kind == "delete" for edit in found.edits)
    assert deletes == all(turned.values())
    rivals = [size[smallest, one] for one, d in turned.items() if d == deletes]
    assert counterfactual.changed(text, found.edits) == min(rivals)
    if smallest == 1:
        assert characters(text, found.text) == min(rivals)
    prediction = classifier.predict(found.text)
    assert prediction.label == found.label != label
    outcome = prediction.logits[reading.target if many else 1]
    assert found.logit == pytest.approx(outcome, abs=1e-10)
    assert str(min(12, count)) in found.candidates
    assert "fewest characters changed" in found.candidates


def test_a_neutral_word_reads_neutral_alone_and_in_its_place() -> None:
    text, kept, dropped = "It was a good film.", 0, 0
    for seed in range(6):
        classifier = tiny_classifier(seed)
        with torch.no_grad():
            classifier.model.fc.weight.mul_(6.0)
        reading = read(classifier, text)
        edits = negation.edits(text)
        left = counterfactual.without_opinions(reading, edits)
        assert [e for e in edits if e.kind != "neutral"] == [e for e in left if e.kind != "neutral"]
        for edit in (edit for edit in edits if edit.kind == "neutral"):
            words = edit.text[edit.start :].split()
            new = len(edit.replacement.split())
            place = " ".join([*edit.text[: edit.start].split()[-1:], *words[: new + 1]])
            inside = [classifier.predict(one).neutral for one in (words[new - 1], place)]
            assert (edit in left) == all(inside)
            kept, dropped = kept + all(inside), dropped + (not all(inside))
    assert kept
    assert dropped


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
    edits = counterfactual.without_opinions(reading, negation.edits(SENTENCES[1]))
    singles = [edit for edit in edits if edit.token in top]
    pairs = {
        negation.apply(SENTENCES[1], pair)
        for pair in allowed(SENTENCES[1], combinations(singles, 2))
    } - {None}
    assert found.tried == len({edit.text for edit in singles}) + len(pairs)


def test_pairs_stay_among_the_words_with_the_highest_scores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counterfactual, "PAIR_TOKENS", 2)
    classifier, text = shaped("default"), "the film was good , the plot was dull"
    with torch.no_grad():
        classifier.model.fc.bias.add_(50.0)  # nothing turns it, so all candidates are read
    found = explain.smallest_edit(read(classifier, text))
    assert not found.found
    assert len(found.pair_tokens) == 2
    edits = counterfactual.without_opinions(read(classifier, text), negation.edits(text))
    top = [edit for edit in edits if edit.token in found.pair_tokens]
    pairs = {negation.apply(text, pair) for pair in allowed(text, combinations(top, 2))} - {None}
    assert found.tried == len({edit.text for edit in edits}) + len(pairs)


def test_without_an_encoder_there_are_no_texts_to_read() -> None:
    with pytest.raises(ValueError, match="no encoder"):
        explain.smallest_edit(replace(read(shaped("default"), "not good"), encoder=None))


def test_not_good_turns_on_one_word(shipped: SentimentClassifier) -> None:
    found = shipped.explain("not good").smallest_edit
    assert (found.text, found.label) == ("good", "positive")
    assert shipped.predict(found.text).label == "positive"

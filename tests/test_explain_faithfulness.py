"""Faithfulness against loops that delete and keep words and ask the classifier again."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sentiment import explain
from sentiment.classifier import SentimentClassifier
from sentiment.explain.faithfulness import agreement
from sentiment.explain.rankings import RANDOM_RANKINGS
from sentiment.explain.shapley import SHORT
from tests.explaining import TEXT, every_shape, every_text, read, shaped

FRACTIONS = (0.01, 0.05, 0.1, 0.2, 0.5)  # of ERASER, DeYoung et al. 2020, section 5.1


def probability(classifier: SentimentClassifier, words: list[str], label: str) -> float:
    found = classifier.predict(" ".join(words) or "xyzzy")
    return found.probabilities[found.labels.index(label)]


def by_hand(
    classifier: SentimentClassifier, words: list[str], order: list[int], label: str
) -> tuple[float, float]:
    whole = probability(classifier, words, label)
    tops = {max(1, math.ceil(fraction * len(words))) for fraction in FRACTIONS}
    comprehensiveness, sufficiency = [], []
    for top in tops:
        chosen = set(order[:top])
        rest = [word for t, word in enumerate(words) if t not in chosen]
        alone = [word for t, word in enumerate(words) if t in chosen]
        comprehensiveness.append(whole - probability(classifier, rest, label))
        sufficiency.append(whole - probability(classifier, alone, label))
    return float(np.mean(comprehensiveness)), float(np.mean(sufficiency))


@every_shape
@every_text
def test_every_method_by_deleting_words(shape: str, text: str) -> None:
    classifier = shaped(shape)
    reading = read(classifier, text)
    found, words = explain.faithfulness(reading), text.split()
    prediction = classifier.predict(text)
    many = len(classifier.labels) > 2
    assert found.label == (classifier.labels[reading.target] if many else prediction.label)
    expected = prediction.probabilities[classifier.labels.index(found.label)]
    assert found.probability == pytest.approx(expected, abs=1e-10)
    towards = 1 if len(classifier.labels) > 2 or reading.logit > 0 else -1
    lanes = explain.ranked_scores(reading)
    assert [method.name for method in found.methods] == [lane.name for lane in lanes]
    for lane, method in zip(lanes, found.methods, strict=True):
        scores = lane.scores * (towards if lane.signed else 1)
        order = sorted(range(len(words)), key=lambda t: (-scores[t], t))
        comprehensiveness, sufficiency = by_hand(classifier, words, order, found.label)
        assert method.comprehensiveness == pytest.approx(comprehensiveness, abs=1e-10)
        assert method.sufficiency == pytest.approx(sufficiency, abs=1e-10)
        reference = found.random_comprehensiveness
        beaten = np.mean(
            [
                (method.comprehensiveness > r) + 0.5 * (method.comprehensiveness == r)
                for r in reference
            ]
        )
        assert method.comprehensiveness_percentile == pytest.approx(100 * beaten)
        reference = found.random_sufficiency
        beaten = np.mean(
            [(method.sufficiency < r) + 0.5 * (method.sufficiency == r) for r in reference]
        )
        assert method.sufficiency_percentile == pytest.approx(100 * beaten)


def test_random_rankings_are_seeded_and_many() -> None:
    classifier = shaped("wide")
    words = TEXT.split()
    found = explain.faithfulness(read(classifier, TEXT))
    assert RANDOM_RANKINGS >= 20
    assert len(found.random_comprehensiveness) == len(found.random_sufficiency) == RANDOM_RANKINGS
    generator = np.random.default_rng(found.seed)
    order: list[int] = []
    for number, figures in enumerate(
        zip(found.random_comprehensiveness, found.random_sufficiency, strict=True)
    ):
        order = order[::-1] if number % 2 else generator.permutation(len(words)).tolist()
        expected = by_hand(classifier, words, order, found.label)
        assert figures == pytest.approx(expected, abs=1e-10)


def test_the_share_in_context_is_judged_in_short_texts_alone() -> None:
    classifier = shaped("small")
    for count, judged in ((SHORT, True), (SHORT + 1, False)):
        reading = read(classifier, " ".join(["good"] * count))
        names = [method.name for method in explain.faithfulness(reading).methods]
        assert ("contextual decomposition" in names) == judged
        assert "deletion" in names
        ranked = [lane.name for lane in explain.ranked_scores(reading)]
        assert "contextual decomposition" in ranked  # explain-eval judges it in every text


def test_another_target_is_asked_for_its_own_probability() -> None:
    classifier = shaped("three labels")
    target = (read(classifier, TEXT).target + 1) % 3
    found = explain.faithfulness(read(classifier, TEXT, target))
    assert found.label == classifier.labels[target]
    assert found.probability == pytest.approx(classifier.predict(TEXT).probabilities[target])


def test_agreement_is_spearmans_with_ties() -> None:
    scores = np.array([[1.0, 2, 3, 4], [10, 20, 30, 40], [4, 3, 2, 1], [1, 1, 2, 2], [5, 5, 5, 5]])
    found = agreement(scores)
    tied = 2 / math.sqrt(5)  # ranks 0.5 0.5 2.5 2.5 against 0 1 2 3
    expected: list[list[float]] = [
        [1, 1, -1, tied, 0],
        [1, 1, -1, tied, 0],
        [-1, -1, 1, -tied, 0],
        [tied, tied, -tied, 1, 0],
        [0, 0, 0, 0, 0],
    ]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_tied_ranks_share_their_mean() -> None:
    found = agreement(np.array([[1.0, 2, 3, 4], [7, 7, 8, 9]]))
    assert found[0, 1] == pytest.approx(4.5 / math.sqrt(5 * 4.5))  # 0 1 2 3 with 0.5 0.5 2 3


def test_shipped_weights(shipped: SentimentClassifier) -> None:
    explanation = shipped.explain(TEXT)
    found, again = explanation.faithfulness, shipped.explain(TEXT).faithfulness
    assert found.agreement.tolist() == again.agreement.tolist()
    assert found.methods == again.methods
    names = [method.name for method in found.methods]
    assert {"integrated gradients", "contextual decomposition", "deletion"} <= set(names)

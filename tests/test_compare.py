"""Comparisons: every displayed delta sums to the change of the logit."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from sentiment.classifier import EmptyTextError, SentimentClassifier
from sentiment.comparison import compare
from tests.explaining import TEXT, every_shape, shaped

PAIRS = [
    ("good", "not good"),
    ("not good", "good"),
    ("good", "good"),
    ("the film was good", "awful plot , but fine"),
    (TEXT, "not at all"),
]


@every_shape
@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_deltas_sum_to_the_change_of_the_logit(shape: str, first: str, second: str) -> None:
    classifier = shaped(shape)
    found = classifier.compare(first, second)
    parts = found.last.sum() + found.max.sum() + found.mean.sum() + found.bias_delta
    one = classifier.explain(first)
    two = classifier.explain(second, target=one.target)
    assert found.logit_delta == pytest.approx(two.logit - one.logit, abs=1e-12)
    assert parts == pytest.approx(found.logit_delta, abs=1e-10)
    assert found.residual == pytest.approx(0, abs=1e-10)
    np.testing.assert_allclose(found.total, found.last + found.max + found.mean, atol=0)
    for index, row in enumerate(found.rows):
        for name in ("last", "max", "mean"):
            before = 0 if row.first is None else getattr(one.ledger, name)[row.first]
            after = 0 if row.second is None else getattr(two.ledger, name)[row.second]
            assert getattr(found, name)[index] == pytest.approx(after - before, abs=1e-12)
        before = 0 if row.first is None else one.integrated_gradients.scores[row.first]
        after = 0 if row.second is None else two.integrated_gradients.scores[row.second]
        assert found.integrated_gradients[index] == pytest.approx(after - before, abs=1e-12)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_states_are_compared_after_all_read_so_far(first: str, second: str) -> None:
    found = shaped("default").compare(first, second)
    a = b = np.zeros(found.first.hidden_states.shape[1])
    for index, row in enumerate(found.rows):
        a = a if row.first is None else found.first.hidden_states[row.first]
        b = b if row.second is None else found.second.hidden_states[row.second]
        assert found.distances[index] == pytest.approx(((a - b) ** 2).sum() ** 0.5, abs=1e-12)
        sizes = (a @ a) ** 0.5 * (b @ b) ** 0.5
        assert found.cosines[index] == pytest.approx(a @ b / sizes if sizes else 0, abs=1e-12)


def test_a_text_with_itself_shows_no_difference() -> None:
    found = shaped("two layers").compare(TEXT, TEXT)
    assert {row.kind for row in found.rows} == {"same"}
    assert not found.total.any()
    assert not found.distances.any()
    np.testing.assert_allclose(found.cosines, 1, atol=1e-12)


def test_both_sides_speak_of_one_label() -> None:
    classifier = shaped("three labels")
    label = classifier.predict("good").label
    found = classifier.compare("good", TEXT)
    assert found.first.target == found.second.target == label
    other = next(name for name in classifier.labels if name != label)
    assert classifier.compare("good", TEXT, target=other).second.target == other
    with pytest.raises(ValueError, match="one label"):
        compare(found.first, classifier.explain(TEXT, target=other))


def test_both_sides_are_of_one_model_and_baseline() -> None:
    one = shaped("default").explain("good")
    for other, name in (
        (shaped("wide").explain("good"), "bias"),
        (replace(one, revision="another"), "weights"),
        (shaped("default").explain("good", baseline="padding"), "baseline"),
    ):
        with pytest.raises(ValueError, match=f"must have the same {name}"):
            compare(one, other)


def test_a_text_without_a_word_is_refused() -> None:
    with pytest.raises(EmptyTextError):
        shaped("default").compare("good", "   ")


def test_plain_json() -> None:
    found = shaped("default").compare("good", "not good")
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert document == found.to_dict()
    assert document["total"] == found.total.tolist()
    assert [row["kind"] for row in document["rows"]] == ["inserted", "same"]
    assert document["first"]["text"] == "good"


def test_good_and_not_good(shipped: SentimentClassifier) -> None:
    found = shipped.compare("good", "not good")
    assert found.first.logit > 0 > found.second.logit
    assert abs(found.residual) <= 1e-5
    assert [row.kind for row in found.rows] == ["inserted", "same"]

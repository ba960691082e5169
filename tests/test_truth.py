"""The truth about a trained model: figures by hand, and texts that were learnt from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sentiment.records import Recipe
from train.data.fingerprint import fingerprint, share_known
from train.data.labelled import Example, split_dev
from train.fit.calibrate import class_temperature, cross_fitted_logits
from train.measure.evaluate import unseen
from train.measure.truth import (
    TF_IDF,
    figures_of,
    label_rows,
    majority,
    shown,
    softmax,
    tf_idf,
    told,
    verdict,
)

LABELS = ("a", "b", "c")
NUMBERS = np.array([0, 0, 1, 2])
P = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.5, 0.2, 0.3]])


def test_figures_by_hand() -> None:
    rows = {row["label"]: row for row in label_rows(P, NUMBERS, LABELS)}
    assert rows["a"] == {"label": "a", "n": 2, "precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert rows["b"]["f1"] == pytest.approx(2 / 3)
    assert rows["c"]["f1"] == 0
    found = figures_of(P, NUMBERS, LABELS)
    assert found.accuracy == 0.5
    assert found.macro_f1 == pytest.approx((0.5 + 2 / 3 + 0) / 3)
    assert found.low is not None
    assert found.low < 0.5


def test_two_labels_share_a_logit() -> None:
    p = softmax(np.array([[0.0], [np.log(3)]]))
    np.testing.assert_allclose(p, [[0.5, 0.5], [0.25, 0.75]])
    assert majority(np.array([0, 0, 1, 1]), 2, 3).tolist() == [[0.5, 0.5]] * 3


def test_tf_idf_gives_every_label_a_column() -> None:
    p = tf_idf(["good", "bad", "good one", "bad one"], np.array([0, 2, 0, 2]), 3, ["good", "bad"])
    assert p.argmax(axis=1).tolist() == [0, 2]
    assert p[:, 1].tolist() == [0, 0]


def test_a_model_no_better_than_tf_idf_is_called_so() -> None:
    examples = [Example(f"text {n}", float(n)) for n in NUMBERS]
    truth = told(P, examples, LABELS, {TF_IDF: np.eye(3)[NUMBERS]})
    assert verdict(truth).startswith("NOT BETTER than TF-IDF")
    assert [row["text"] for row in truth.worst] == ["text 0", "text 2"]
    assert truth.confusion[0] == {"label": "a", "a": 1, "b": 1, "c": 0}
    said = shown(truth)
    assert "trained" in said
    assert "worst errors" in said
    better = told(np.eye(3)[NUMBERS], examples, LABELS, {TF_IDF: P})
    assert verdict(better) == "Better than TF-IDF + logistic regression by 50.0 points."
    close = told(P, examples, LABELS, {TF_IDF: np.eye(3)[[0, 1, 2, 0]]})
    assert verdict(close).endswith("on 4 texts that may be chance.")


def test_temperature_of_several_labels_is_found_again() -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(4000, 3))
    p = softmax(logits)
    numbers = np.array([generator.choice(3, p=row) for row in p])
    assert class_temperature(3 * logits, numbers) == pytest.approx(3, rel=0.1)
    fitted = cross_fitted_logits(3 * logits, numbers)
    assert figures_of(softmax(fitted), numbers, LABELS).ece < 0.03


def test_texts_that_were_learnt_from_are_known_again(tmp_path: Path) -> None:
    examples = [Example(f"text {n}", float(n % 2)) for n in range(300)]
    train, held_out = split_dev(examples)
    recipe = Recipe(fingerprint=fingerprint(e.text for e in train))
    file = tmp_path / "mine.csv"
    file.touch()
    found, note = unseen(examples, recipe, str(file))
    assert found == held_out
    assert note is not None
    assert "only its 30 held-out texts" in note
    mixed, warning = unseen(train, recipe, str(file))
    assert mixed == train
    assert warning is not None
    assert warning.startswith("WARNING: ")
    assert unseen([Example("new", 1.0)], recipe, str(file)) == ([Example("new", 1.0)], None)
    assert share_known((), ["a"]) == 0

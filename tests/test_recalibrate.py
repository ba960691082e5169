"""Temperatures of finished models, and fit in other libraries' clothes."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.utils.estimator_checks import check_estimator
from typer.testing import CliRunner

from sentiment.classifier import SentimentClassifier
from sentiment.records import Metrics, Recipe
from tests.conftest import WORDS, tiny_classifier
from train.__main__ import app
from train.data.labelled import Example
from train.data.tables import DataError
from train.estimator import SentimentEstimator
from train.measure.recalibrate import recalibrated


@pytest.mark.parametrize("labels", [("negative", "positive"), ("bad", "so-so", "good")])
def test_a_temperature_makes_the_log_loss_least(labels: tuple[str, ...]) -> None:
    classifier = tiny_classifier(labels=labels)
    with torch.no_grad():
        classifier.model.fc.weight.mul_(20)  # far too sure
    texts = [" ".join(pair) for pair in zip(WORDS.split(), WORDS.split()[1:], strict=False)] * 2
    targets = np.random.default_rng(0).integers(0, len(labels), len(texts))
    examples = [Example(text, float(t)) for text, t in zip(texts, targets, strict=True)]
    found, temperature, before, after = recalibrated(classifier, examples)
    assert temperature > 1.5
    assert after.log_loss < before.log_loss
    assert after.accuracy == before.accuracy
    for text in texts[:5]:
        old, new = classifier.predict(text), found.predict(text)
        assert new.label == old.label
        assert np.asarray(new.logits) * temperature == pytest.approx(np.asarray(old.logits))
    with pytest.raises(DataError, match="30 labelled texts or more, got 3"):
        recalibrated(classifier, examples[:3])


def test_the_command_writes_the_calibrated_model(tmp_path: Path) -> None:
    tiny_classifier(dtype=torch.float32).save_pretrained(tmp_path / "old")
    Recipe(temperature=2.0).write(tmp_path / "old")
    words = WORDS.split()[:16]
    rows = [f"{one} {n}~{n % 2}" for n, one in enumerate(words * 2)]
    (tmp_path / "rows.csv").write_text("\n".join(["comment~sure", *rows]))
    columns = ["--text-column", "comment", "--label-column", "sure", "--delimiter", "~"]
    places = ["--data", str(tmp_path / "rows.csv"), "--out", str(tmp_path / "new")]
    command = ["calibrate", *places, *columns, "--weights", str(tmp_path / "old")]
    said = CliRunner().invoke(app, command).output
    assert "from 32 texts" in said
    assert "(cross-fitted)" in said
    temperature = Recipe.read(tmp_path / "new").temperature
    assert temperature is not None
    old, new = (SentimentClassifier.from_folder(tmp_path / n) for n in ("old", "new"))
    ratio = old.predict("good").logit / new.predict("good").logit
    assert temperature == pytest.approx(2 * ratio, rel=1e-2)
    assert "calibration" in json.loads((tmp_path / "new" / "metrics.json").read_text())
    assert Metrics.read(tmp_path / "new")
    assert "finished model" in str(CliRunner().invoke(app, command).exception)


def test_called_as_a_function_it_gives_top_labels() -> None:
    classifier = tiny_classifier(labels=("bad", "so-so", "good"))
    prediction = classifier.predict("not good")
    (first,) = classifier("not good")
    assert first == {"label": prediction.label, "score": max(prediction.probabilities)}
    ranked = classifier("not good", top_k=None)
    assert sorted(ranked, key=lambda one: -one["score"]) == ranked
    assert len(ranked) == 3
    assert classifier(["not good", "awful"])[0] == first
    assert [len(one) for one in classifier(["not good", "awful"], top_k=2)] == [2, 2]


def test_the_estimator_is_one_of_scikit_learns() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)
        check_estimator(SentimentEstimator())
    one = SentimentEstimator(start="nothing", hidden_dim=8, epochs=3, seed=2)
    assert clone(one).get_params() == one.get_params()
    with pytest.raises(NotFittedError):
        one.predict(["good"])
    texts = [f"{word} number {n}" for n in range(12) for word in ("good", "awful")]
    labels = [7, 3] * 12
    assert one.fit(texts, labels) is one
    assert one.classes_.tolist() == [3, 7]
    p = one.predict_proba(["good", "awful", ""])
    assert p.shape == (3, 2)
    assert p.sum(axis=1) == pytest.approx(1)
    assert set(one.predict(texts)) <= {3, 7}
    assert one.score(texts, labels) == (one.predict(texts) == labels).mean()
    assert one.classifier_.explain("good").tokens

"""A start that training does not better is kept."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from sentiment.classifier import SentimentClassifier
from sentiment.records import Recipe
from tests.conftest import tiny_classifier
from train.data.labelled import Example
from train.fit.candidates import cross_fitted_gain, gain, gain_on
from train.fit.defaults import Asked
from train.fit.fit import fit
from train.fit.step import LoopSettings
from train.fit.texts import DataSettings, FitSettings
from train.measure.truth import Probabilities

POLAR = ("negative", "positive")
SENTENCES = [
    (f"the film was {word} {end}", word in ("good", "great", "fine"))
    for word in ("good", "great", "fine", "bad", "awful", "dull")
    for end in ("", ".", "and very much so", "at all", "but not it", "it was")
]


def centred() -> SentimentClassifier:
    """A random model that finds half of the sentences positive."""
    classifier = tiny_classifier(dtype=torch.float32)
    logits = [one.logit for one in classifier.predict_batch([text for text, _ in SENTENCES])]
    with torch.no_grad():
        classifier.model.fc.bias.sub_(float(np.median(logits)))
    return classifier


def verdicts(*chances: float) -> Probabilities:
    second = np.array(chances)
    return np.stack([1 - second, second], axis=1)


def test_the_gain_is_a_paired_difference_with_its_standard_error() -> None:
    numbers = np.array([1, 1, 0, 0])
    trained, start = verdicts(0.9, 0.8, 0.4, 0.1), verdicts(0.9, 0.4, 0.3, 0.2)
    found = gain(trained, start, numbers, uneven=False)
    assert (found.n, found.points) == (4, 25.0)
    assert found.error == pytest.approx(100 * np.std([0, 1, 0, 0]) / 2)
    assert found.worth_it
    assert not gain(start, trained, numbers, uneven=False).worth_it
    assert not gain(start, start, numbers, uneven=False).worth_it
    surer = verdicts(0.95, 0.45, 0.2, 0.1)
    assert gain(surer, start, numbers, uneven=False).worth_it  # as many right, at a lower loss


def test_uneven_labels_weigh_the_same() -> None:
    numbers = np.array([1, 0, 0, 0, 0])
    trained, start = verdicts(0.1, 0.1, 0.1, 0.1, 0.1), verdicts(0.9, 0.6, 0.1, 0.1, 0.1)
    assert gain(trained, start, numbers, uneven=False).points == pytest.approx(0)
    assert gain(trained, start, numbers, uneven=True).points == pytest.approx(-37.5)


@pytest.mark.parametrize(("turned", "worth"), [(True, True), (False, False)])
def test_each_text_is_judged_by_a_model_that_did_not_learn_it(turned: bool, worth: bool) -> None:
    """Labels turned about are learnt; a start that is right already has nothing to gain."""
    start = centred()
    said = start.predict_batch([text for text, _ in SENTENCES])
    texts = [text for text, _ in SENTENCES]
    examples = [
        Example(text, float((one.logit > 0) != turned))
        for text, one in zip(texts, said, strict=True)
    ]
    before = copy.deepcopy(start.model.state_dict())
    settings = LoopSettings(epochs=15 if turned else 1, batch_size=4, learning_rate=0.02)
    found = cross_fitted_gain(
        lambda data: copy.deepcopy(start.model), start.encoder, POLAR, examples, settings
    )
    assert found.n == len(examples)
    assert found.worth_it == worth or found.points == 0
    assert (found.points > 50) == worth
    assert all(torch.equal(v, before[k]) for k, v in start.model.state_dict().items())
    same = gain_on(start.model, start.model, start.encoder, POLAR, examples)
    assert (same.points, same.error, same.log_loss) == (0, 0, 0)


def wrecked(folder: Path, labels: tuple[str, str]) -> tuple[SentimentClassifier, float]:
    """A start, and the share of its own verdicts, under ``labels``, that a ruinous fit keeps."""
    start = centred()
    start.save_pretrained(folder / "start")
    texts = [f"{text} {more}".strip() for text, _ in SENTENCES for more in ("", "film", "plot")]
    wanted = [labels[one.logit > 0] for one in start.predict_batch(texts)]
    rows = [{"text": t, "label": label} for t, label in zip(texts, wanted, strict=True)]
    data, out = folder / "mine.jsonl", folder / "out"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = Asked(epochs=2, learning_rate=5.0, embedding_learning_rate=5.0, batch_size=8)
    fitted = fit(DataSettings(str(data)), out, FitSettings(), asked, start=str(folder / "start"))
    assert fitted is not None
    said = SentimentClassifier.from_folder(out).predict_batch(texts)
    same = [one.label == label for one, label in zip(said, wanted, strict=True)]
    return start, float(np.mean(same))


def test_fit_keeps_a_start_that_training_spoils(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A learning rate that wrecks the model: its verdicts stay those of the start."""
    _, agree = wrecked(tmp_path, POLAR)
    assert "kept the start as it was" in capsys.readouterr().out
    assert Recipe.read(tmp_path / "out").settings["kept_start"] is True
    assert agree > 0.9  # words that the start lacked have rows of their own now


def test_fit_keeps_a_linear_probe_that_training_spoils(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Labels that the start lacks: the head is new, the states are the start's own."""
    start, agree = wrecked(tmp_path, ("blame", "praise"))
    assert "kept the linear probe over the start's states" in capsys.readouterr().out
    kept = SentimentClassifier.from_folder(tmp_path / "out")
    for name, value in start.model.recurrence.state_dict().items():
        stored = kept.model.recurrence.state_dict()[name]  # in 16 bits
        torch.testing.assert_close(stored, value, atol=1e-3, rtol=1e-3)
    assert agree > 0.9

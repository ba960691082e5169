"""Several models on one text: each reads what it would read alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from sentiment.classifier import SentimentClassifier
from sentiment.errors import CheckpointError
from sentiment.ui.serve import others
from sentiment.ui.several import Beside, several
from sentiment.values import Encoding, Token
from tests.conftest import tiny_classifier


def test_another_checkpoint_reads_the_sentence_beside() -> None:
    classifier = tiny_classifier()
    other = Beside("other", tiny_classifier(seed=1, cell="rnn"))
    answer = several(classifier, "the film was not good", 1, [other])
    assert [one["name"] for one in answer["models"]] == ["LSTM", "other", "bag of words"]
    loaded = several(tiny_classifier(cell="gru"), "not good", 1)["models"][0]
    assert (loaded["name"], loaded["about"]) == ("GRU", "the loaded model; two gates, no cell")
    both_ways = several(tiny_classifier(bidirectional=True), "not good", 1)["models"][0]
    assert both_ways["name"] == "bidirectional LSTM"
    beside = answer["models"][1]
    verdicts = other.classifier.explain("the film was not good").running.probabilities
    assert verdicts is not None
    assert beside["probabilities"] == pytest.approx(verdicts.tolist(), abs=1e-6)
    assert beside["shuffled"] == pytest.approx(
        other.classifier.predict(answer["shuffled"]).probability, abs=1e-6
    )


def test_a_checkpoint_that_breaks_words_elsewhere_is_read_by_their_ends() -> None:
    other = Beside("other", tiny_classifier())
    text = "the film"
    whole = Encoding(text, (1,), (Token(text, 0, len(text), True),))
    assert other.odds(whole) == pytest.approx([other.classifier.predict(text).probability])


@pytest.mark.parametrize(
    ("classifier", "why"),
    [
        (tiny_classifier(labels=("low", "middle", "high")), "has the labels"),
        (tiny_classifier(bidirectional=True), "both directions"),
    ],
)
def test_a_checkpoint_that_cannot_stand_beside_is_refused(
    classifier: SentimentClassifier, why: str
) -> None:
    with pytest.raises(CheckpointError, match=why):
        Beside("other", classifier)


def test_the_embedded_weights_stand_beside_any_other(tmp_path: Path) -> None:
    tiny = tiny_classifier(dtype=torch.float32)
    tiny.save_pretrained(tmp_path / "mine")
    names = [one.name for one in others(tiny, [str(tmp_path / "mine")])]
    assert names == ["mine", "shipped LSTM"]

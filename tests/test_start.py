"""Going on from a finished model: vocabulary, head, and when its language fits."""

from __future__ import annotations

from collections import Counter

import pytest
import torch

from sentiment.checkpoint import Checkpoint
from sentiment.errors import SentimentError
from sentiment.records import Recipe
from tests.conftest import tiny_classifier
from train.data.held_out import CHOOSE_FROM
from train.data.tables import DataError
from train.fit.defaults import Asked, loop_settings
from train.fit.start import (
    ENGLISH_SHARE,
    Head,
    Start,
    chosen_start,
    english_share,
    find_start,
    grown_encoder,
    known_share,
    started_model,
    words_of,
)
from train.fit.texts import refuse_unsegmented


@pytest.fixture(scope="module")
def start() -> Start:
    classifier = tiny_classifier(dtype=torch.float32)
    loaded = Checkpoint(classifier.model, classifier.encoder, classifier.config)
    return Start("tiny", loaded, Recipe())


def test_a_vocabulary_grows_behind_its_old_words(start: Start) -> None:
    old = start.checkpoint.encoder
    counts = words_of(old, ["Zorb zorb GOOD quux", "zorb"])
    assert counts["zorb"] == 3
    new = grown_encoder(old, counts, most=5, min_count=2)
    assert new.vocabulary_size == old.vocabulary_size + 1
    assert new.word_id("zorb") == old.vocabulary_size
    assert new.ids_batch(["a good film"]) == old.ids_batch(["a good film"])
    assert grown_encoder(old, Counter(), most=5, min_count=1).vocabulary_size == old.vocabulary_size


def test_kept_labels_keep_every_verdict(start: Start) -> None:
    old = start.checkpoint
    counts = words_of(old.encoder, ["zorb"])
    encoder = grown_encoder(old.encoder, counts, most=5, min_count=1)
    model, config, head = started_model(start, encoder, old.config.labels, dropout=0.0, seed=0)
    assert head == "kept"
    assert config.vocab_size == encoder.vocabulary_size
    ids = torch.tensor(encoder.ids_batch(["good film not bad"]))
    lengths = torch.tensor([ids.shape[1]])
    with torch.no_grad():
        torch.testing.assert_close(model.eval()(ids, lengths), old.model(ids, lengths))


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_a_neutral_label_begins_between_the_two(start: Start, order: tuple[int, ...]) -> None:
    old = start.checkpoint
    labels = tuple(("negative", "Neutral", "positive")[place] for place in order)
    model, _, head = started_model(start, old.encoder, labels, dropout=0.0, seed=0)
    assert head == "between"
    ids = torch.tensor(old.encoder.ids_batch(["good film"]))
    lengths = torch.tensor([ids.shape[1]])
    with torch.no_grad():
        z = old.model(ids, lengths).item()
        torch.testing.assert_close(
            model.eval()(ids, lengths), torch.tensor([[(-z / 2, 0.0, z / 2)[i] for i in order]])
        )


def test_other_labels_get_a_head_of_their_own(start: Start) -> None:
    labels = ("a", "b", "c", "d")
    model, config, head = started_model(
        start, start.checkpoint.encoder, labels, dropout=0.0, seed=0
    )
    assert head == "new"
    assert config.output_dim == model.fc.out_features == 4


def test_the_embedded_weights_fit_english_and_not_german() -> None:
    embedded = find_start("embedded")
    assert embedded is not None
    english = ["The battery does not last, and the screen came broken.", "Great value, I love it!"]
    german = ["Der Akku hält nicht lange, und der Bildschirm war kaputt.", "Das hat mir gefallen!"]
    assert known_share(embedded, english) > 0.9
    assert known_share(embedded, german) < known_share(embedded, english)
    assert english_share(english) > 2 * ENGLISH_SHARE
    assert english_share(german) == 0
    assert chosen_start(None, english) is not None
    assert chosen_start(None, german) is None
    assert find_start("nothing") is None


def test_settings_follow_the_size_of_the_data() -> None:
    def chosen(texts: int, head: Head | None = "kept") -> tuple[int, float | None]:
        found = loop_settings(texts, head=head, asked=Asked())
        return found.epochs, found.embedding_learning_rate

    assert chosen(40) == (30, 0.0)
    assert chosen(CHOOSE_FROM)[1] != 0
    assert chosen(40, "between")[1] is None
    assert (chosen(868)[0], chosen(868, "between")[0], chosen(868, "new")[0]) == (13, 13, 30)
    assert chosen(4000)[0] == 8
    assert chosen(10**6)[0] == 3
    assert loop_settings(40, head="kept", asked=Asked(epochs=2)).epochs == 2
    for asked in (
        Asked(epochs=0),
        Asked(patience=-1),
        Asked(batch_size=0),
        Asked(learning_rate=0.0),
        Asked(embedding_learning_rate=-1.0),
        Asked(word_dropout=1.0),
    ):
        with pytest.raises(SentimentError, match="must be"):
            loop_settings(40, head="kept", asked=asked)


def test_labels_that_the_start_knows_nothing_of_are_learnt_faster() -> None:
    rates = [
        loop_settings(40, head=head, asked=Asked()).learning_rate
        for head in ("kept", "between", "new", None)
    ]
    assert rates == [1e-3, 1e-3, 2e-3, 2e-3]


def test_a_script_without_blanks_is_refused_with_the_reason() -> None:
    for text in ("この映画はがっかりだ", "ภาพยนตร์เรื่องนี้ดีมาก", "这部电影很好看"):
        with pytest.raises(DataError, match="without blanks between words"):
            refuse_unsegmented([text, "ok"])
    for text in ("मुझे यह फिल्म बहुत पसंद आई", "это ёлка", "a 好 film", "이 영화 정말 좋아요", "!!"):
        refuse_unsegmented([text])

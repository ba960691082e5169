"""Sentences written for the recipe, and rows of the embedding that are settled by rule."""

from __future__ import annotations

from collections import Counter

import torch
from typer.testing import CliRunner

import sentiment
from sentiment import checkpoint
from sentiment.suite import suite
from sentiment.text import words
from tests.conftest import tiny_classifier
from train.__main__ import app
from train.recipe.rows import name_lists, telling_words, transposed, with_rows
from train.recipe.written import TARGETS, written_examples


def test_written_sentences_are_many_even_and_held_out_in_part():
    train, dev = written_examples(), written_examples("dev")
    counts = Counter(one.target for one in train)
    assert set(counts) == set(TARGETS.values())
    assert min(counts.values()) > 0.25 * len(train)
    assert 0.05 * len(train) < len(dev) < 0.2 * len(train)
    texts = [" ".join(words(one.text)) for one in (*train, *dev)]
    assert len(set(texts)) == len(texts)


def test_the_suite_is_not_learnt():
    learnt = {" ".join(words(one.text)) for one in written_examples()}
    tested = {case.text for capability in suite() for case in capability.cases}
    assert not {text for text in tested if " ".join(words(text)) in learnt}


def test_transposed_letters():
    assert list(transposed("great")) == ["gerat", "graet", "greta"]
    assert list(transposed("book")) == ["boko"]


def test_names_share_a_row_and_misspelt_words_have_that_of_their_word(tmp_path):
    classifier = tiny_classifier(dtype=torch.float32)
    begun = checkpoint.Checkpoint(classifier.model, classifier.encoder, classifier.config)
    found = with_rows(begun, {"graet": "great", "film": "great"}, [("film", "plot", "nobody")])
    encoder, rows = found.encoder, found.model.embedding.weight
    assert encoder.vocabulary_size == classifier.encoder.vocabulary_size + 1
    old = classifier.model.embedding.weight
    place = classifier.encoder.word_id
    assert rows[encoder.word_id("graet")].equal(old[place("great")])
    shared = (old[place("film")] + old[place("plot")]) / 2
    torch.testing.assert_close(rows[encoder.word_id("film")], shared)
    torch.testing.assert_close(rows[encoder.word_id("plot")], shared)
    assert rows[encoder.word_id("bad")].equal(old[place("bad")])


def test_the_command_adds_rows(tmp_path, shipped):
    lists = name_lists()
    assert len(lists) == 9
    assert all(words(name) == [name] for group in lists for name in group[:50])
    assert "terrible" in telling_words(shipped, ["a terrible plan", "a table"])
    out = tmp_path / "out"
    weights = str(sentiment.classifier.DEFAULT_WEIGHTS)
    result = CliRunner().invoke(app, ["rows", weights, "--out", str(out), "--misspelt", "40"])
    assert result.exit_code == 0, result.output
    found = sentiment.load(out)
    assert found.predict("Anna waits.").logit == found.predict("Oluwaseun waits.").logit

"""Perturbations change what they say and nothing else; the shipped weights flip on negation."""

import json
import random
from typing import cast

import pytest

import sentiment
from sentiment.classifier import DEFAULT_WEIGHTS, SentimentClassifier
from train.measure import robustness as r


@pytest.fixture
def generator():
    return random.Random(0)


def test_a_typo_swaps_two_neighbours_of_one_long_word(generator):
    text = "the good acting is of use"
    changed = r.typo(text, generator)
    assert changed != text
    assert sorted(changed) == sorted(text)
    assert sum(a != b for a, b in zip(text, changed, strict=True)) == 2
    assert r.typo("a bad one", generator) == "a bad one"


def test_casing_and_punctuation_keep_the_words(generator):
    for _ in range(10):
        assert r.casing("not good .", generator).lower() == "not good ."
        assert r.punctuation("not good .", generator).rstrip(" .!") == "not good"


def test_names_numbers_and_contractions(generator):
    assert r.names("Peter met the cook", generator).endswith(" met the cook")
    changed = r.numbers("in 1994, 3 men", generator)
    assert changed != "in 1994, 3 men"
    assert len(changed) == len("in 1994, 3 men")
    assert r.contractions("it is n't so", generator) == "it is not so"
    assert r.contractions("It's fine; I don't mind", generator) == "it is fine; I do not mind"


def test_flips_are_counted_over_changed_texts_alone():
    class Reader:
        def predict_batch(self, texts):
            return [type("P", (), {"label": str("3" in t)})() for t in texts]

    reader = cast(SentimentClassifier, Reader())
    rows = {row.name: row for row in r.robustness(reader, ["seat 3", "no seat"])}
    assert (rows["numbers"].n, rows["casing"].n) == (1, 2)
    assert rows["casing"].flipped == 0
    assert rows["numbers"].share in (0.0, 1.0)


@pytest.fixture(scope="module")
def shipped():
    return sentiment.load()


def test_the_final_state_itself_flips_on_the_shipped_weights(shipped):
    pairs = r.minimal_pairs(shipped)
    assert pairs.n >= 300
    assert pairs.right >= 0.8 * pairs.n
    assert pairs.label >= 0.9 * pairs.right
    assert pairs.right_last >= 0.9 * pairs.right
    first, second = shipped.explain("good"), shipped.explain("not good")
    assert first.ledger.last.sum() > 0 > second.ledger.last.sum()


def test_what_the_page_shows_first_is_read_right(shipped):
    assert shipped.predict("good").label == "positive"
    assert shipped.predict("not good").label == "negative"
    assert shipped.predict("not bad at all").probability >= 1 / 3


def test_the_card_states_the_figures_of_metrics_json():
    metrics = json.loads((DEFAULT_WEIGHTS / "metrics.json").read_text(encoding="utf-8"))
    card = DEFAULT_WEIGHTS / "README.md"
    if "sst_dev" not in metrics or not card.is_file():
        pytest.skip("weights without a card")
    text = card.read_text(encoding="utf-8")
    for name in ("sst_dev", "imdb_dev"):
        assert f"| {100 * metrics[name]['accuracy']:.1f} |" in text
    for row in metrics["behaviour"]:
        passed = f"| {row['n']} | {row['passed']} | {100 * row['pass_rate']:.1f} |"
        assert f"| {row['capability']} {passed}" in text


def test_the_shipped_files_stay_small():
    assert sum(p.stat().st_size for p in DEFAULT_WEIGHTS.iterdir()) < 12_000_000

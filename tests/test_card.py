"""The card says what was measured, and what fell short."""

import numpy as np

from sentiment.behaviour import run_suite
from train.data.labelled import Example
from train.measure.card import (
    NEGATOR,
    SENTENCES,
    Scored,
    behaviour_rows,
    figures,
    shortfalls,
    slices,
    text,
)

RECIPE = {"hidden_dim": 256, "words": 60_000, "epochs": 3}


def metrics(accuracy=0.93, passed=1.0):
    group = {"n": 100, "accuracy": accuracy, "log_loss": 0.2, "ece": 0.02, "low": 0.8, "high": 1.0}
    rows = behaviour_rows(run_suite(Scored(lambda texts: np.full(len(texts), 0.5))))
    rows = [{**row, "pass_rate": passed} for row in rows]
    return {
        "sst_dev": {**group, "ece_low": 0.01, "ece_high": 0.04},
        "imdb_dev": {**group, "accuracy": 0.95},
        "prefixes": group,
        "minimal_pairs": {"n": 50, "label": 50, "last": 49, "max": 48, "mean": 47},
        "slices": [{"sst_dev": "with a negator", **group}],
        "behaviour": rows,
        "robustness": [
            {"name": "one typo", "n": 9, "flipped": 0, "low": 0, "high": 0.3, "share": 0}
        ],
        "known_failures": [{"text": "a | b", "wanted": "positive", "probability": 0.2}],
    }


def test_a_model_that_reaches_all_has_no_shortfall():
    assert shortfalls(metrics()) == []
    assert "None." in text(metrics(), RECIPE)


def test_goals_missed_are_named_and_floors_missed_stand_out():
    missed = shortfalls(metrics(accuracy=0.91, passed=0.9))
    assert any(line.startswith("SST-2 dev accuracy: 91.0 %") and "held" in line for line in missed)
    assert any(line.startswith("failures of negated praise: 10.0 %") for line in missed)
    under = shortfalls(metrics(accuracy=0.89, passed=0.5))
    assert sum("**under the floor" in line for line in under) >= 10


def test_the_card_is_a_hub_card_with_escaped_failures():
    card = text(metrics(), RECIPE)
    assert card.startswith("---\nlanguage: en\n")
    assert "a \\| b" in card
    assert "| SST-2 dev, sentences | 100 | 93.0 | 80.0 to 100.0 | 0.200 | 0.020 (0.010 to" in card
    assert (
        "final state alone* (the sum of the ledger's `last`) goes from above to below nought in 49"
        in card
    )


def test_slices_partition_by_negator():
    examples = [Example("not good", 0.0), Example("isn't bad", 1.0), Example("nothing", 0.0)]
    examples += [Example("notable work", 1.0), Example("a good knot", 1.0)]
    assert [bool(NEGATOR.search(e.text)) for e in examples] == [True, True, True, False, False]
    found = slices([0.1, 0.9, 0.2, 0.8, 0.3], examples)
    assert found["with a negator"]["n"] == 3
    assert found["without a negator"]["accuracy"] == 0.5
    assert figures([0.9], [Example("x", 1.0)])["accuracy"] == 1


def test_twenty_sentences_of_our_own_with_negation():
    assert len({sentence for sentence, _ in SENTENCES}) >= 20

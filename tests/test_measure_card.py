"""What is measured for the card of film reviews, and what fell short."""

import numpy as np

from sentiment.behaviour import run_suite
from sentiment.records import Figures, Metrics
from train.data.labelled import Example
from train.measure.card import NEGATOR, SENTENCES, Scored, behaviour_rows, figures, slices
from train.measure.goals import shortfalls


def metrics(accuracy=0.93, passed=1.0):
    group = Figures(100, accuracy, 0.2, 0.02, 0.8, 1.0)
    rows = behaviour_rows(run_suite(Scored(lambda texts: np.full(len(texts), 0.5))))
    return Metrics(
        {"sst_dev": group, "imdb_dev": Figures(100, 0.95, 0.2, 0.02)},
        tables={
            "slices": ({"sst_dev": "with a negator", "accuracy": accuracy},),
            "behaviour": tuple({**row, "pass_rate": passed} for row in rows),
            "robustness": ({"name": "one typo", "n": 9, "share": 0},),
        },
    )


def test_a_model_that_reaches_all_has_no_shortfall():
    assert shortfalls(metrics()) == []


def test_domains_have_goals_of_their_own():
    row = {
        "domain": "comments",
        "polar": 300,
        "neutral": 50,
        "accuracy": 0.83,
        "vader_accuracy": 0.80,
        "neutral_inside": 0.40,
        "ece": 0.06,
    }
    found = metrics()
    missed = shortfalls(found.updated(Metrics(tables={"domains": (row,)})))
    assert len(missed) == 3
    assert missed[0].startswith("comments, accuracy ahead of VADER: 3.0 %, goal 5.0 % (floor")
    assert "**under the floor of 52.0 %**" in missed[1]
    few = {**row, "polar": 199, "neutral_inside": None}
    assert shortfalls(found.updated(Metrics(tables={"domains": (few,)}))) == []


def test_goals_missed_are_named_and_floors_missed_stand_out():
    missed = shortfalls(metrics(accuracy=0.91, passed=0.9))
    assert any(line.startswith("SST-2 dev accuracy: 91.0 %") and "held" in line for line in missed)
    assert any(line.startswith("failures of negated praise: 10.0 %") for line in missed)
    under = shortfalls(metrics(accuracy=0.89, passed=0.5))
    assert sum("**under the floor" in line for line in under) >= 10


def test_slices_partition_by_negator():
    examples = [Example("not good", 0.0), Example("isn't bad", 1.0), Example("nothing", 0.0)]
    examples += [Example("notable work", 1.0), Example("a good knot", 1.0)]
    assert [bool(NEGATOR.search(e.text)) for e in examples] == [True, True, True, False, False]
    found = slices([0.1, 0.9, 0.2, 0.8, 0.3], examples)
    assert found["with a negator"].n == 3
    assert found["without a negator"].accuracy == 0.5
    assert figures([0.9], [Example("x", 1.0)]).accuracy == 1


def test_twenty_sentences_of_our_own_with_negation():
    assert len({sentence for sentence, _ in SENTENCES}) >= 20

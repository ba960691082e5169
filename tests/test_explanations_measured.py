"""The evaluation of explanations: its statistics by hand, its cases on a treebank of our own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from sentiment.classifier import SentimentClassifier
from tests.conftest import tiny_classifier
from train.__main__ import app
from train.measure.constituents import LabelledSentence, modified
from train.measure.explanations import Study
from train.measure.figures import Case, auc, figure, mean, shares

TREE = LabelledSentence(
    "the film was not very good",
    1,
    {
        (0, 6): 1,
        (0, 2): 2,
        (3, 6): 1,
        (4, 6): 4,
        (5, 6): 3,
        (3, 4): 2,
    },
)


def test_auc_counts_pairs() -> None:
    scores, truths = [0.1, 0.4, 0.4, 0.9, 0.2], [False, False, True, True, True]
    cases = [Case(i, s, t) for i, (s, t) in enumerate(zip(scores, truths, strict=True))]
    pairs = [
        (a.score > b.score) + 0.5 * (a.score == b.score)
        for a in cases
        if a.truth
        for b in cases
        if not b.truth
    ]
    assert auc(cases) == pytest.approx(np.mean(pairs))
    assert np.isnan(auc(cases[2:]))


def test_intervals_resample_sentences() -> None:
    same = [Case(number, float(number % 2), True) for number in range(50) for _ in range(20)]
    found = figure("q", "m", same, mean)
    assert (found.value, found.n) == (0.5, 1000)
    assert found.low < 0.4 < 0.6 < found.high  # fifty sentences, not a thousand cases


def test_modifiers_and_what_they_do() -> None:
    found = {(one.whole, one.part): (one.kind, one.sign) for one in modified(TREE)}
    assert found == {((3, 6), (4, 6)): ("turned", 1), ((4, 6), (5, 6)): ("intensified", 1)}


def test_parts_share_the_variance() -> None:
    parts = np.random.default_rng(0).normal(size=(40, 3)) * [3, 1, 0]
    found = {one.method: one for one in shares(parts)}
    assert sum(one.value for one in found.values()) == pytest.approx(1)
    logits = parts.sum(axis=1)
    expected = np.cov(parts[:, 0], logits)[0, 1] / logits.var(ddof=1)
    assert found["final state"].value == pytest.approx(expected)
    assert found["final state"].low <= expected <= found["final state"].high


def test_cases_are_what_the_model_says(tmp_path: Path) -> None:
    classifier = tiny_classifier(1)
    study = Study(classifier)
    assert study.add(0, TREE)
    alone = study.cases["phrases", "read alone"]
    expected = [classifier.predict(text).logit for text in ("not very good", "very good")]
    assert [case.score for case in alone] == pytest.approx(expected, abs=1e-9)
    assert [case.truth for case in alone] == [False, True]
    against = study.cases["phrases against their sentence", "read alone"]
    assert [case.score for case in against] == pytest.approx(expected[1:], abs=1e-9)
    (turned,) = study.cases["turned or kept", "read alone"]
    difference = expected[0] - classifier.predict("not").logit - expected[1]
    assert turned.score == pytest.approx(-difference, abs=1e-9)
    assert {case.truth for case in study.cases["turned or intensified", "decomposition"]} == {
        True,
        False,
    }
    assert not study.add(1, LabelledSentence("film's", 1, {(0, 1): 1}))


def test_the_command_measures_a_treebank(tmp_path: Path) -> None:
    classifier: SentimentClassifier = tiny_classifier(2)
    classifier.save_pretrained(tmp_path / "weights")
    rows = [
        {
            "sentence_id": number,
            "text": " ".join(TREE.text.split()[start:end]),
            "rating": rating,
            "start": start,
            "end": end,
            "is_sentence": (start, end) == (0, 6),
        }
        for number in range(3)
        for (start, end), rating in TREE.spans.items()
    ]
    (tmp_path / "sst").mkdir()
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "sst" / "dev.parquet")
    arguments = ["explain-eval", "--data", str(tmp_path / "sst"), "--json"]
    done = CliRunner().invoke(app, [*arguments, "--weights", str(tmp_path / "weights")])
    assert done.exit_code == 0, (done.output, done.exception)
    document = json.loads(done.stdout.splitlines()[-1])
    assert document["sentences"] == 3
    questions = {one["question"] for one in document["figures"]}
    assert {"phrases", "comprehensiveness", "share of the logit's variance"} <= questions

"""Texts that share beginnings are read as the model reads each of them by itself."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from torch import Tensor

from sentiment import explain
from sentiment.explain import prefixes
from sentiment.explain.rankings import FRACTIONS, RANDOM_RANKINGS
from sentiment.explain.reading import Method
from sentiment.model import pad
from sentiment.text import UNKNOWN_ID
from tests.explaining import SHAPES, TEXT, read, shaped


def texts(seed: int, count: int, words: int = 9) -> list[list[int]]:
    """Random texts of few words, so that many share a beginning, end in another, or are equal."""
    generator = random.Random(seed)
    return [
        [generator.randrange(1, words) for _ in range(generator.choice((1, 2, 3, 7)))]
        for _ in range(count)
    ]


@pytest.mark.parametrize("shape", list(SHAPES))
@pytest.mark.parametrize("most", [4096, 5])
def test_by_reading_each_alone(shape: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefixes, "MOST_PATHS", most)
    model = shaped(shape).model
    for seed, words in enumerate((3, 9)):
        sentences = texts(seed, 60, words)
        with torch.inference_mode():
            expected = torch.cat([model(*pad([one])) for one in sentences])  # (N, O)
        found = prefixes.logits(model, sentences)
        torch.testing.assert_close(found, expected.double(), rtol=0, atol=1e-12)


def test_a_shared_beginning_is_stepped_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model, stepped = shaped("default").model, []
    step = prefixes._Cells.step

    def counted(cells: prefixes._Cells, state: Tensor, gates: Tensor) -> None:
        stepped.append(len(state))
        step(cells, state, gates)

    monkeypatch.setattr(prefixes._Cells, "step", counted)
    prefixes.logits(model, [[3, 4, 5], [3, 4, 6], [3, 4], [3, 4, 5], [7, 4, 5]])
    assert stepped == [2, 2, 3]


def test_only_an_lstm_of_one_direction_shares() -> None:
    model = shaped("default").model
    assert prefixes.shares_prefixes(model)
    model.train()
    assert not prefixes.shares_prefixes(model)
    model.eval()


def test_a_reading_rereads_by_it() -> None:
    reading = read(shaped("default"), "not very good , but fine")
    found = reading.reread([(), (UNKNOWN_ID,), reading.encoding.ids])
    assert found[0] == found[1]
    assert float(found[2, 0]) == pytest.approx(reading.logit, abs=1e-12)
    assert reading.reread([]).shape == (0, 1)


@pytest.fixture
def stepped(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many tokens each step of the recurrence reads."""
    found: list[int] = []
    step = prefixes._Cells.step

    def counted(cells: prefixes._Cells, state: Tensor, gates: Tensor) -> None:
        found.append(len(state))
        step(cells, state, gates)

    monkeypatch.setattr(prefixes._Cells, "step", counted)
    return found


def test_a_study_steps_few_tokens(stepped: list[int]) -> None:
    """What studies cost, counted in steps of the recurrence rather than in seconds."""
    count = 56
    reading = read(shaped("default"), " ".join([TEXT] * 4))
    assert reading.count == count

    def steps(method: Method[object]) -> int:
        stepped.clear()
        reading.of(method)
        return sum(stepped)

    triangle = count * (count + 1) // 2
    assert steps(explain.hierarchy) <= triangle  # all phrases: one pass a start
    assert steps(explain.deletion) <= triangle  # behind each deletion
    # behind each deletion; of ten orders and their reverses the parts that are judged below
    assert steps(explain.shapley) <= triangle + count + RANDOM_RANKINGS * 4 * count
    assert steps(explain.interactions) <= 5 * count + 4 * count  # short phrases, far pairs
    reading.of(explain.token_scores)
    rankings = len(reading.of(explain.ranked_scores)) + RANDOM_RANKINGS
    assert steps(explain.faithfulness) <= rankings * count * len(FRACTIONS)  # removed and kept
    for method in (explain.hierarchy, explain.deletion, explain.shapley, explain.faithfulness):
        assert steps(method) == 0  # found once


def test_studies_together_read_less_and_find_the_same(stepped: list[int]) -> None:
    classifier, text = shaped("default"), " ".join([TEXT] * 4)
    alone, joint = read(classifier, text), read(classifier, text)
    apart = [
        *(lane.scores for lane in explain.ranked_scores(alone)),
        [one.interaction for one in alone.of(explain.interactions)],
        [node.score for node in alone.of(explain.hierarchy).nodes],
        alone.of(explain.faithfulness).random_sufficiency,
        [method.comprehensiveness for method in alone.of(explain.faithfulness).methods],
    ]
    one_by_one = sum(stepped)
    stepped.clear()
    explain.together(joint)
    assert sum(stepped) <= 0.75 * one_by_one
    assert len(stepped) <= 2 * alone.count  # two batches: scores that are read are judged later
    stepped.clear()
    found = [
        *(lane.scores for lane in explain.ranked_scores(joint)),
        [one.interaction for one in joint.of(explain.interactions)],
        [node.score for node in joint.of(explain.hierarchy).nodes],
        joint.of(explain.faithfulness).random_sufficiency,
        [method.comprehensiveness for method in joint.of(explain.faithfulness).methods],
    ]
    assert not stepped
    for one, other in zip(apart, found, strict=True):
        np.testing.assert_allclose(np.array(one), np.array(other), atol=1e-10)
    explain.together(joint)
    assert not stepped  # found once
    joint.reread([(3, 4), (3,)])
    assert sum(stepped) == 2  # nothing that was read ahead is kept

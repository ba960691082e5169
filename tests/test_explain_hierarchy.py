"""The phrase tree: a binary tree whose neighbours join that prefer each other."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from itertools import pairwise

import pytest

from sentiment import explain
from sentiment.classifier import SentimentClassifier
from tests.explaining import TEXT, TEXTS, every_shape, every_text, read, shaped


@every_shape
@every_text
def test_joins_by_a_brute_force_search(shape: str, text: str) -> None:
    reading = read(shaped(shape), text)
    found = explain.hierarchy(reading)
    count = reading.count

    @cache
    def score(start: int, end: int) -> float:
        return explain.read_alone(reading, [(start, end)])[0].logit

    assert found.run == 1
    assert len(found.nodes) == 2 * count - 1
    groups = [(t, t + 1) for t in range(count)]
    assert [(node.start, node.end) for node in found.nodes[:count]] == groups
    for node in found.nodes[:count]:
        assert (node.joint, node.children) == (0, ())
        assert node.score == pytest.approx(score(node.start, node.end), abs=1e-12)
    joined = list(found.nodes[count:])
    while len(groups) > 1:
        joints = [abs(score(a[0], b[1]) - score(*a) - score(*b)) for a, b in pairwise(groups)]
        mutual = [
            place
            for place, joint in enumerate(joints)
            if joint == max(joints[max(0, place - 1) : place + 2])
            and joint not in joints[max(0, place - 1) : place]  # of equal ones the leftmost
        ]
        for place in reversed(mutual):
            (start, middle), (_, end) = groups[place : place + 2]
            (node,) = [one for one in joined if (one.start, one.end) == (start, end)]
            joined.remove(node)
            left, right = (found.nodes[child] for child in node.children)
            assert (left.start, left.end, right.start, right.end) == (start, middle, middle, end)
            assert node.score == pytest.approx(score(start, end), abs=1e-12)
            assert node.joint == pytest.approx(node.score - left.score - right.score, abs=1e-12)
            groups[place : place + 2] = [(start, end)]
    assert not joined
    assert groups == [(0, count)]
    assert found.nodes[-1].score == pytest.approx(reading.logit, abs=1e-10)


def test_a_long_text_has_leaves_of_several_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    for bound in ("MOST_LEAVES", "LONG_LEAVES"):
        monkeypatch.setattr(import_module("sentiment.explain.hierarchy"), bound, 4)
    reading = read(shaped("default"), TEXT)  # 14 tokens
    found = explain.hierarchy(reading)
    assert found.run == 4
    leaves = [(node.start, node.end) for node in found.nodes if not node.children]
    assert leaves == [(0, 4), (4, 8), (8, 12), (12, 14)]
    assert found.nodes[-1].score == pytest.approx(reading.logit, abs=1e-10)


@pytest.mark.parametrize("text", TEXTS)
def test_shipped_weights(shipped: SentimentClassifier, text: str) -> None:
    explanation = shipped.explain(text)
    top = explanation.hierarchy.nodes[-1]
    assert (top.start, top.end) == (0, len(explanation.tokens))
    assert top.score == pytest.approx(explanation.logit, abs=1e-4)

"""The max-pool tournament against brute-force loops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from sentiment import explain
from sentiment.classifier import SentimentClassifier
from tests.explaining import TEXT, every_shape, every_text, read, shaped


@every_shape
@every_text
def test_winners_runners_up_and_margins_by_sorting(shape: str, text: str) -> None:
    reading = read(shaped(shape), text)
    found, hidden = explain.tournament(reading), reading.hidden
    for unit in range(hidden.shape[1]):
        channel = hidden[:, unit].tolist()
        order = sorted(range(len(channel)), key=lambda t: (-channel[t], t))
        assert found.winners[unit] == order[0]
        assert found.contributions[unit] == pytest.approx(
            float(reading.head("max")[unit]) * channel[order[0]], abs=1e-12
        )
        if len(order) == 1:
            assert (found.runners_up[unit], found.margins[unit]) == (-1, np.inf)
        else:
            assert found.runners_up[unit] == order[1]
            assert found.margins[unit] == pytest.approx(
                channel[order[0]] - channel[order[1]], abs=1e-12
            )
    if reading.trace.winners is not None:
        assert found.winners.tolist() == reading.trace.winners[0].tolist()


@every_shape
@every_text
def test_shares_sum_to_one(shape: str, text: str) -> None:
    reading = read(shaped(shape), text)
    found = explain.tournament(reading)
    width = reading.hidden.shape[1]
    counts = np.bincount(found.winners, minlength=reading.count)
    np.testing.assert_allclose(found.shares, counts / width, atol=1e-12)
    assert found.shares.sum() == pytest.approx(1, abs=1e-12)
    for t in range(reading.count):
        own = found.contributions[found.winners == t]
        assert found.token_contributions[t] == pytest.approx(own.sum(), abs=1e-12)
        size = np.abs(found.contributions).sum()
        expected = np.abs(own).sum() / size if size else 0
        assert found.weighted_shares[t] == pytest.approx(expected, abs=1e-12)
    assert found.weighted_shares.sum() == pytest.approx(
        float("max" in reading.model.pooling), abs=1e-12
    )


def test_ties_go_to_the_first_position() -> None:
    reading = read(shaped("default"), "good good good")
    hidden = torch.zeros_like(reading.trace.hidden)  # all tokens tie in every channel
    tied = replace(reading, trace=replace(reading.trace, hidden=hidden))
    found = explain.tournament(tied)
    assert set(found.winners.tolist()) == {0}
    assert set(found.runners_up.tolist()) == {1}
    assert not found.margins.any()
    assert found.shares.tolist() == [1, 0, 0]
    assert not found.weighted_shares.any()  # nothing was contributed


def test_shipped_weights(shipped: SentimentClassifier) -> None:
    pooling = shipped.explain(TEXT).pooling
    assert pooling.shares.sum() == pytest.approx(1, abs=1e-12)
    assert pooling.weighted_shares.sum() == pytest.approx(1, abs=1e-12)
    assert (pooling.margins >= 0).all()

"""Shapley values by all orders of the tokens, their sum, and what sampling claims of its error."""

from __future__ import annotations

from itertools import pairwise, permutations, product

import numpy as np
import pytest
import torch

from sentiment import explain
from sentiment.classifier import SentimentClassifier
from sentiment.explain.rankings import RANDOM_RANKINGS, kept, random_rankings, top_parts
from sentiment.explain.reading import Reading
from sentiment.explain.regression import coalitions, regressed, solved
from sentiment.explain.shapley import MOST_TOKENS, SHORT, exact, sampled
from sentiment.text import UNKNOWN_ID
from tests.explaining import TEXT, TEXTS, every_shape, read, shaped


def by_all_orders(reading: Reading) -> list[float]:
    """The mean gain of each token over every order of adding them, one text at a time."""
    known: dict[frozenset[int], float] = {}

    def worth(present: frozenset[int]) -> float:
        if present not in known:
            kept = [one for t, one in enumerate(reading.encoding.ids) if t in present]
            ids = kept or [UNKNOWN_ID]
            logits = reading.model(torch.tensor([ids]), torch.tensor([len(ids)]))
            known[present] = float(logits[0, reading.target])
        return known[present]

    count = reading.count
    gains = np.zeros(count)
    orders = list(permutations(range(count)))
    for order in orders:
        for before, after in pairwise(range(count + 1)):
            token = order[before]
            gains[token] += worth(frozenset(order[:after])) - worth(frozenset(order[:before]))
    return (gains / len(orders)).tolist()


@every_shape
def test_exact_values_are_the_mean_over_all_orders(shape: str) -> None:
    for text in ("good", "not good", "the film was not good"):
        reading = read(shaped(shape), text)
        found = explain.shapley(reading)
        assert found is not None
        assert found.exact
        assert not found.errors.any()
        np.testing.assert_allclose(found.scores, by_all_orders(reading), atol=1e-10)


@every_shape
@pytest.mark.parametrize("text", TEXTS)
def test_the_sum_is_the_distance_from_an_unknown_word(shape: str, text: str) -> None:
    classifier = shaped(shape)
    reading = read(classifier, text)
    found = explain.shapley(reading)
    assert found is not None
    unknown = read(classifier, "xyzzy", reading.target)
    assert found.reference_logit == pytest.approx(unknown.logit, abs=1e-10)
    assert found.scores.sum() == pytest.approx(reading.logit - unknown.logit, abs=1e-9)
    assert abs(found.residual) <= 1e-9


def test_a_draw_is_the_mean_of_its_orders_and_their_reverses() -> None:
    reading = read(shaped("default"), "the film was not very good")
    found = sampled(reading, 3, seed=5)
    generator = np.random.default_rng(5)

    def worth(present: set[int]) -> float:
        ids = [one for t, one in enumerate(reading.encoding.ids) if t in present]
        return float(reading.reread([ids])[0, 0])

    draws = []
    for _ in range(3):
        order = generator.permutation(reading.count).tolist()
        gains = np.zeros(reading.count)
        for one in (order, order[::-1]):
            for place, token in enumerate(one):
                gains[token] += (worth({*one[: place + 1]}) - worth({*one[:place]})) / 2
        draws.append(gains)
    np.testing.assert_allclose(found.scores, np.mean(draws, axis=0), atol=1e-10)
    errors = np.std(draws, axis=0, ddof=1) / np.sqrt(3)
    np.testing.assert_allclose(found.errors, errors, atol=1e-10)
    assert found.permutations == 6


def test_samples_lie_about_the_exact_values_by_their_error() -> None:
    reading = read(shaped("wide"), "the film was not very good")
    truth = exact(reading).scores
    distances = []
    for seed in range(60):
        found = sampled(reading, 8, seed)
        distances.append((found.scores - truth) / np.maximum(found.errors, 1e-12))
    spread = np.array(distances)[:, exact(reading).scores != 0]
    assert 0.8 < np.mean(np.abs(spread) < 2) < 0.99  # Student's t with 7 degrees: 0.914
    assert abs(spread.mean()) < 0.3


def test_regression_over_all_coalitions_is_exact() -> None:
    """Charnes et al. 1988: with the kernel's weight for each, the values are Shapley's."""
    reading = read(shaped("wide"), "the film was not very good")
    count = reading.count
    members = np.array(list(product((False, True), repeat=count))[1:-1])  # (2^T - 2, T)
    logits = reading.reread([(), *kept(reading, members)])[:, 0].numpy()
    found = solved(members, logits[1:] - logits[0], reading.logit - float(logits[0]))
    np.testing.assert_allclose(found, by_all_orders(reading), atol=1e-10)


def test_regression_of_a_sum_is_the_summands() -> None:
    """Where coalitions are worth the sum of their tokens, any coalitions tell these."""
    worth = np.random.default_rng(3).normal(size=30)
    members = coalitions(30)
    found = solved(members, members @ worth, float(worth.sum()))
    np.testing.assert_allclose(found, worth, atol=1e-10)


def test_a_longer_text_is_given_a_regression() -> None:
    classifier = shaped("wide")
    reading = read(classifier, " ".join([TEXT, TEXT]))
    found, count = explain.shapley(reading), reading.count
    assert found is not None
    assert count > SHORT
    assert not found.exact
    assert found.permutations == RANDOM_RANKINGS
    unknown = read(classifier, "xyzzy").logit
    assert found.scores.sum() == pytest.approx(reading.logit - unknown, abs=1e-9)
    assert abs(found.residual) <= 1e-9
    assert (found.errors > 0).all()
    sampled_values = sampled(reading, 40, seed=7)
    noise = np.hypot(found.errors, sampled_values.errors)
    assert np.mean(np.abs(found.scores - sampled_values.scores) < 3 * noise) > 0.9
    assert np.corrcoef(found.scores, sampled_values.scores)[0, 1] > 0.8


def test_the_errors_of_a_regression_are_those_of_leaving_out_a_draw() -> None:
    reading = read(shaped("default"), " ".join([TEXT, TEXT]))
    found, members = regressed(reading), coalitions(reading.count)
    logits = reading.reread([(), *kept(reading, members)])[:, 0].numpy()
    gains, whole = logits[1:] - logits[0], reading.logit - float(logits[0])
    orders = random_rankings(reading.count)
    assert (orders[1::2] == orders[::2, ::-1]).all()
    left = []
    for draw in range(10):
        rows = [*members[: 2 * reading.count].tolist()]
        for number, part in enumerate(top_parts(orders)):
            if number // 2 != draw:
                rows += [half.tolist() for one in part for half in (one, ~one)]
        known = {tuple(row): gain for row, gain in zip(members.tolist(), gains, strict=True)}
        chosen = np.array(rows)
        left.append(solved(chosen, np.array([known[tuple(row)] for row in rows]), whole))
    expected = np.sqrt(9 * np.var(left, axis=0))
    np.testing.assert_allclose(found.errors, expected, atol=1e-10)


def test_one_pair_knows_no_error() -> None:
    with pytest.raises(ValueError, match="at least two pairs"):
        sampled(read(shaped("default"), TEXT), 1, 0)


def test_a_long_text_has_none() -> None:
    reading = read(shaped("small"), " ".join(["good"] * (MOST_TOKENS + 1)))
    assert explain.shapley(reading) is None
    assert "Shapley values" not in [lane.name for lane in explain.token_scores(reading)]


def test_shipped_weights(shipped: SentimentClassifier) -> None:
    found, again = shipped.explain(TEXT).shapley, shipped.explain(TEXT).shapley
    assert found is not None
    assert again is not None
    assert found.scores.tolist() == again.scores.tolist()
    assert abs(found.residual) <= 1e-4
    assert (found.errors > 0).all()

"""Contextual decomposition against both recursions in full, with every gate split by Shapley."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest
import torch
from torch import Tensor

from sentiment import explain
from sentiment.classifier import SentimentClassifier
from sentiment.explain import decomposition
from sentiment.explain.gates import replay
from sentiment.explain.reading import Reading
from tests.explaining import TEXT, every_shape, pooled, read, shaped, weights


def shapley(function: Callable[[Tensor], Tensor], bias: Tensor, *players: Tensor) -> list[Tensor]:
    """Each player's mean marginal, over all orders, in function(bias + sum of those before)."""
    orders = list(permutations(range(len(players))))
    worth = [torch.zeros_like(bias) for _ in players]
    for order in orders:
        total = bias
        for player in order:
            grown = total + players[player]
            worth[player] = worth[player] + (function(grown) - function(total)) / len(orders)
            total = grown
    return worth


def both_recursions(reading: Reading, start: int, end: int) -> tuple[Tensor, Tensor]:
    """beta and gamma of the top layer, (T, H) each, as the formulas are written."""
    lstm = reading.model.lstm
    width = lstm.hidden_size
    inside = [start <= t < end for t in range(reading.count)]
    embedded = reading.embedded[0]
    mine = [x if one else torch.zeros_like(x) for x, one in zip(embedded, inside, strict=True)]
    others = [torch.zeros_like(x) if one else x for x, one in zip(embedded, inside, strict=True)]
    for layer in range(lstm.num_layers):
        w, u, bias = weights(lstm, layer)
        b_i, b_f, b_g, b_o = bias.chunk(4)
        beta = gamma = beta_cell = gamma_cell = torch.zeros(width, dtype=embedded.dtype)
        betas, gammas = [], []
        for t, one in enumerate(inside):
            rho = w @ mine[t] + u @ beta
            kappa = w @ others[t] + u @ gamma
            (rho_i, rho_f, rho_g, rho_o), (k_i, k_f, k_g, k_o) = rho.chunk(4), kappa.chunk(4)
            r_i, s_i = shapley(torch.sigmoid, b_i, rho_i, k_i)
            r_f, s_f = shapley(torch.sigmoid, b_f, rho_f, k_f)
            r_g, s_g = shapley(torch.tanh, b_g, rho_g, k_g)
            bb_i, bb_f, bb_g = b_i.sigmoid(), b_f.sigmoid(), b_g.tanh()
            old = beta_cell
            beta_cell = (
                r_i * (r_g + bb_g) + bb_i * r_g + one * bb_i * bb_g + (r_f + bb_f) * beta_cell
            )
            gamma_cell = (
                s_i * (r_g + s_g + bb_g)
                + (r_i + bb_i) * s_g
                + (not one) * bb_i * bb_g
                + (r_f + s_f + bb_f) * gamma_cell
                + s_f * old
            )
            shown = torch.sigmoid(b_o + rho_o + k_o)
            zero = torch.zeros_like(beta_cell)
            beta, gamma = (
                shown * part for part in shapley(torch.tanh, zero, beta_cell, gamma_cell)
            )
            betas.append(beta)
            gammas.append(gamma)
        mine, others = betas, gammas
    return torch.stack(mine), torch.stack(others)


def spans(count: int) -> list[tuple[int, int]]:
    return [(start, end) for start in range(count) for end in range(start + 1, count + 1)]


@every_shape
@pytest.mark.parametrize("text", ["good", "not very good , but fine", "xyzzy good plugh"])
def test_every_span_equals_both_recursions_split_by_shapley(shape: str, text: str) -> None:
    reading = read(shaped(shape), text)
    hidden = reading.hidden
    winners = hidden.argmax(dim=0)
    found = explain.phrases(reading, spans(reading.count))
    for phrase in found:
        beta, gamma = both_recursions(reading, phrase.start, phrase.end)
        torch.testing.assert_close(beta + gamma, hidden, rtol=0, atol=1e-12)
        for score, states in ((phrase.score, beta), (phrase.rest, gamma)):
            expected = float(pooled(reading.model, reading.target, states, winners))
            assert score == pytest.approx(expected, abs=1e-10)
        assert phrase.score + phrase.rest + phrase.bias == pytest.approx(reading.logit, abs=1e-10)
        assert phrase.residual == pytest.approx(0, abs=1e-10)
        assert phrase.last + phrase.max + phrase.mean == pytest.approx(phrase.score, abs=1e-12)


@every_shape
def test_the_whole_text_leaves_nothing(shape: str) -> None:
    reading = read(shaped(shape), TEXT)
    (whole,) = explain.phrases(reading, [(0, reading.count)])
    assert whole.rest == pytest.approx(0, abs=1e-10)
    assert whole.score == pytest.approx(reading.logit - reading.bias, abs=1e-10)


@every_shape
def test_a_step_of_the_whole_text_is_a_step_of_the_lstm(shape: str) -> None:
    """What ``decompose`` takes as given for a phrase that began the text, so rounding stays out."""
    reading = read(shaped(shape), "not very good , but fine")
    layers = replay(reading)
    steps, inside = [decomposition._Step(layer, 1) for layer in layers], torch.tensor([0])
    for t in range(reading.count):
        below = None
        for layer, step in zip(layers, steps, strict=True):
            below, cell = step(t, 1, inside, below)
            torch.testing.assert_close(below[0], layer.hidden[t], rtol=0, atol=1e-11)
            torch.testing.assert_close(cell[0], layer.cell[t], rtol=0, atol=1e-11)


@every_shape
def test_parts_go_through_their_own_pool(shape: str) -> None:
    reading = read(shaped(shape), TEXT)
    (phrase,) = explain.phrases(reading, [(2, 5)])
    beta, _ = both_recursions(reading, 2, 5)
    assert phrase.last == pytest.approx(float(reading.head("last") @ beta[-1]), abs=1e-10)
    assert phrase.mean == pytest.approx(float(reading.head("mean") @ beta.mean(dim=0)), abs=1e-10)


@every_shape
def test_many_spans_at_once_equal_one_by_one(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = read(shaped(shape), "not very good but fine at all , never dull")
    wanted = spans(reading.count)[::-1]
    together = explain.phrases(reading, wanted)
    monkeypatch.setattr(decomposition, "BATCH_UNITS", 3 * reading.hidden.shape[1])
    in_threes = explain.phrases(reading, wanted)
    assert [(phrase.start, phrase.end) for phrase in together] == wanted
    for phrase, batched, span in zip(together, in_threes, wanted, strict=True):
        (alone,) = explain.phrases(reading, [span])
        for name in ("score", "rest", "last", "max", "mean", "interaction"):
            assert getattr(phrase, name) == pytest.approx(getattr(alone, name), abs=1e-12)
            assert getattr(batched, name) == pytest.approx(getattr(alone, name), abs=1e-12)


@every_shape
def test_interaction_is_the_score_beyond_the_single_tokens(shape: str) -> None:
    reading = read(shaped(shape), TEXT)
    singles = explain.phrases(reading, [(t, t + 1) for t in range(reading.count)])
    assert [single.interaction for single in singles] == [0] * reading.count
    (phrase,) = explain.phrases(reading, [(3, 6)])
    alone = sum(single.score for single in singles[3:6])
    assert phrase.interaction == pytest.approx(phrase.score - alone, abs=1e-12)
    lane = decomposition.decomposition_scores(reading)
    assert lane.values.tolist() == pytest.approx([single.score for single in singles], abs=1e-12)


@pytest.mark.parametrize("span", [(0, 0), (3, 2), (-1, 2), (0, 99)])
def test_a_span_outside_the_text_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="a phrase must lie"):
        explain.phrases(read(shaped("default"), TEXT), [span])


@pytest.mark.parametrize("text", ["not good", TEXT, "It is not a good film , but never dull ."])
def test_shipped_weights(shipped: SentimentClassifier, text: str) -> None:
    explanation = shipped.explain(text)
    reading = read(shipped, text)
    count = len(explanation.tokens)
    for phrase in explanation.phrases([(0, 1), (0, 2), (count - 1, count), (0, count)]):
        beta, gamma = both_recursions(reading, phrase.start, phrase.end)
        winners = reading.hidden.argmax(dim=0)
        for score, states in ((phrase.score, beta), (phrase.rest, gamma)):
            expected = float(pooled(reading.model, 0, states, winners))
            assert score == pytest.approx(expected, abs=1e-4)
        assert abs(phrase.residual) <= 1e-4
    assert explanation.phrase(0, count).rest == pytest.approx(0, abs=1e-4)


def test_not_good_shows_negation(shipped: SentimentClassifier) -> None:
    explanation = shipped.explain("not good")
    assert explanation.phrase(1, 2).score > 0
    assert explanation.interaction(0, 2) < 0
    assert explanation.phrase(0, 2).score < 0


def test_single_precision_agrees_with_double(
    shipped: SentimentClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = read(shipped, " ".join([TEXT] * 6))
    spans = [(t, t + 1) for t in range(reading.count)]
    found, rests = decomposition.decompose(reading, spans)
    monkeypatch.setattr(decomposition, "LARGE", 0.0)  # no half of a cell is small enough
    exact, exact_rests = decomposition.decompose(reading, spans)
    assert not torch.equal(found, exact)
    torch.testing.assert_close(found, exact, rtol=0, atol=1e-5)
    torch.testing.assert_close(rests, exact_rests, rtol=0, atol=1e-5)

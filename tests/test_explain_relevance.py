"""LRP by an own loop of messages, one unit to one unit, and its conservation."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sentiment import explain
from sentiment.classifier import SentimentClassifier
from sentiment.explain.reading import Reading
from sentiment.explain.relevance import EPSILON
from tests.explaining import TEXT, every_shape, every_text, read, shaped, weights

Array = NDArray[np.float64]


def messages(parts: Array, bias: Array, sums: Array, relevance: Array, count: int) -> Array:
    """Relevance of inputs (I,) by the epsilon rule, from summands (O, I) of sums (O,)."""
    found = np.zeros(parts.shape[1])
    for out in range(len(sums)):
        sign = EPSILON if sums[out] >= 0 else -EPSILON
        for one in range(parts.shape[1]):
            share = parts[out, one] + (bias[out] + sign) / count
            found[one] += share / (sums[out] + sign) * relevance[out]
    return found


def by_messages(reading: Reading) -> tuple[Array, float]:
    """Relevance of the tokens (T,), and of the states before them, by messages through all sums."""
    absorbed = 0.0
    gates = explain.gates(reading)
    hidden = gates.hidden
    count, width = hidden.shape
    parts = reading.model.pooling
    head = {part: reading.head(part).double().numpy() for part in parts}
    winners = hidden.argmax(axis=0)
    pools = {
        "last": hidden[-1],
        "max": hidden.max(axis=0),
        "mean": hidden.mean(axis=0),
    }
    pooled = np.concatenate([pools[part] for part in parts])
    row = np.concatenate([head[part] for part in parts])
    whole = np.array([pooled @ row + reading.bias])
    shares = messages(
        (pooled * row)[None], np.array([reading.bias]), whole, whole, len(pooled)
    ).reshape(len(parts), width)
    incoming = np.zeros((count, width))
    rows = dict(zip(parts, shares, strict=True))
    sign = EPSILON if whole[0] >= 0 else -EPSILON
    even = (reading.bias + sign) / len(pooled) * whole[0] / (whole[0] + sign)
    for unit in range(width):
        if "last" in rows:
            incoming[-1, unit] += rows["last"][unit]
        if "max" in rows:
            incoming[winners[unit], unit] += rows["max"][unit]
        if "mean" in rows:
            signal = rows["mean"][unit] - even
            size = np.abs(hidden[:, unit]).sum()
            for t in range(count):
                incoming[t, unit] += signal * hidden[t, unit] / hidden[:, unit].sum()
                incoming[t, unit] += even * abs(hidden[t, unit]) / size
    for number in range(len(gates.layers) - 1, -1, -1):
        layer = gates.layers[number]
        below = gates.layers[number - 1].hidden if number else None
        states = reading.embedded[0].double().numpy() if below is None else below
        w_ih, w_hh, bias = (one.double().numpy() for one in weights(reading.model.lstm, number))
        rows_g = slice(2 * width, 3 * width)
        outgoing = np.zeros_like(states)
        by_hidden, by_cell = np.zeros(width), np.zeros(width)
        for t in range(count - 1, -1, -1):
            before = layer.hidden[t - 1] if t else np.zeros(width)
            earlier = layer.cell[t - 1] if t else np.zeros(width)
            at_cell = by_cell + by_hidden + incoming[t]
            offered, by_cell = np.zeros(width), np.zeros(width)
            for unit in range(width):
                summands = np.array(
                    [
                        layer.input[t, unit] * layer.candidate[t, unit],
                        layer.forget[t, unit] * earlier[unit],
                    ]
                )
                offered[unit], by_cell[unit] = messages(
                    summands[None], np.zeros(1), layer.cell[t, [unit]], at_cell[[unit]], 2
                )
            inputs = np.concatenate([states[t], before])
            matrix = np.concatenate([w_ih[rows_g], w_hh[rows_g]], axis=1)  # (H, E + H)
            sums = matrix @ inputs + bias[rows_g]
            found = messages(matrix * inputs, bias[rows_g], sums, offered, len(inputs))
            outgoing[t], by_hidden = found[: states.shape[1]], found[states.shape[1] :]
        incoming = outgoing
        absorbed += by_hidden.sum() + by_cell.sum()
    return incoming.sum(axis=1), absorbed


@every_shape
def test_equals_the_messages_of_every_sum(shape: str) -> None:
    for text in ("not good", "the film was not good"):
        reading = read(shaped(shape), text)
        found = explain.relevance(reading)
        scores, initial = by_messages(reading)
        np.testing.assert_allclose(found.scores, scores, rtol=1e-7, atol=1e-9)
        assert found.initial == pytest.approx(initial, rel=1e-7, abs=1e-9)


@every_shape
@every_text
def test_relevance_is_conserved_but_for_the_first_state(shape: str, text: str) -> None:
    reading = read(shaped(shape), text)
    found = explain.relevance(reading)
    scale = max(1.0, float(np.abs(found.scores).sum()))
    assert found.scores.sum() + found.initial == pytest.approx(reading.logit, abs=1e-9 * scale)
    assert found.residual == pytest.approx(-found.initial, abs=1e-9 * scale)


def test_without_biases_nothing_but_epsilon_leaks() -> None:
    classifier = shaped("two layers")
    for name, parameter in classifier.model.named_parameters():
        if "bias" in name:
            parameter.data.zero_()
    for text in ("good", TEXT):
        found = explain.relevance(read(classifier, text))
        assert abs(found.residual) <= 0.05 * max(1.0, float(np.abs(found.scores).sum()))


def test_shipped_weights(shipped: SentimentClassifier) -> None:
    for text in (TEXT, " ".join([TEXT] * 20)):
        explanation = shipped.explain(text)
        found = explanation.relevance
        total = found.scores.sum() + found.initial
        assert total == pytest.approx(explanation.logit, abs=1e-3)

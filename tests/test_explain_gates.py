"""Replayed gates against nn.LSTM, and the memory ledger against a loop of products."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sentiment import explain
from sentiment.classifier import SentimentClassifier
from sentiment.explain.gates import replay
from tests.conftest import tiny_classifier
from tests.explaining import (
    TEXT,
    every_shape,
    every_text,
    final_cells,
    read,
    scaled,
    shaped,
    weights,
)


@every_shape
@every_text
def test_the_replay_is_nn_lstm(shape: str, text: str) -> None:
    reading = read(shaped(shape), text)
    found = explain.gates(reading)
    assert len(found.layers) == reading.model.lstm.num_layers
    assert found.residual <= 1e-12
    np.testing.assert_allclose(found.hidden, reading.hidden, atol=1e-12)
    for t in range(reading.count):
        cells = final_cells(reading.model, reading.embedded[0, : t + 1])
        for layer, cell in zip(found.layers, cells, strict=True):
            np.testing.assert_allclose(layer.cell[t], cell, atol=1e-12)


@every_shape
def test_each_gate_is_its_own_row_of_the_weights(shape: str) -> None:
    reading = read(shaped(shape), TEXT)
    states = reading.embedded[0]
    for number, layer in enumerate(explain.gates(reading).layers):
        w_ih, w_hh, bias = weights(reading.model.lstm, number)
        hidden = torch.as_tensor(layer.hidden.copy())
        before = torch.cat([torch.zeros_like(hidden[:1]), hidden[:-1]])
        sums = states @ w_ih.T + before @ w_hh.T + bias  # (T, 4H)
        i, f, g, o = sums.chunk(4, dim=1)
        np.testing.assert_allclose(layer.input, i.sigmoid(), atol=1e-12)
        np.testing.assert_allclose(layer.forget, f.sigmoid(), atol=1e-12)
        np.testing.assert_allclose(layer.candidate, g.tanh(), atol=1e-12)
        np.testing.assert_allclose(layer.output, o.sigmoid(), atol=1e-12)
        states = hidden


@every_shape
@every_text
def test_the_final_cell_is_the_sum_of_what_was_kept(shape: str, text: str) -> None:
    reading = read(shaped(shape), text)
    found, gates = explain.memory(reading), explain.gates(reading)
    cell = final_cells(reading.model, reading.embedded[0])[-1].numpy()
    np.testing.assert_allclose(found.kept.sum(axis=0), cell, atol=1e-12)
    assert found.residual <= 1e-12
    for s in range(reading.count):
        kept = gates.input[s] * gates.candidate[s]
        assert found.written_norms[s] == pytest.approx(np.linalg.norm(kept), abs=1e-12)
        for u in range(s + 1, reading.count):
            kept = kept * gates.forget[u]
        np.testing.assert_allclose(found.kept[s], kept, atol=1e-12)
        assert found.kept_norms[s] == pytest.approx(np.linalg.norm(kept), abs=1e-12)
        assert found.shares[s] == pytest.approx(kept @ cell / (cell @ cell), abs=1e-10)
    assert found.shares.sum() == pytest.approx(1, abs=1e-10)


def test_an_empty_cell_has_no_shares() -> None:
    classifier = shaped("default")
    with torch.no_grad():
        for parameter in classifier.model.lstm.parameters():
            parameter.zero_()
    found = explain.memory(read(classifier, TEXT))
    assert not found.shares.any()
    assert found.residual == 0


def test_shipped_weights(shipped: SentimentClassifier) -> None:
    explanation = shipped.explain(TEXT)
    assert explanation.gates.residual <= 1e-5
    assert explanation.memory.residual <= 1e-4
    assert explanation.memory.shares.sum() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("text", [" ".join([TEXT] * 100), "good " * 1400])
def test_shipped_weights_over_fourteen_hundred_tokens(
    shipped: SentimentClassifier, text: str
) -> None:
    """Cells of repeated words grow to hundreds: the residual is told in units of the largest."""
    reading = read(shipped, text)
    assert reading.count == 1400
    assert explain.gates(reading).residual <= 1e-5
    assert explain.memory(reading).residual <= 1e-5


def test_explanations_share_the_weights_in_float64() -> None:
    """Whoever keeps many explanations keeps the weights once; other weights are others."""
    classifier = tiny_classifier(dtype=torch.float32)
    first, second = (replay(classifier.explain(text)._reading)[0] for text in ("good", "bad film"))
    assert first.recurrent is second.recurrent
    assert first.weight is second.weight
    with torch.no_grad():
        classifier.model.recurrence.get_parameter("weight_hh_l0").mul_(2)
    changed = replay(classifier.explain("good")._reading)[0]
    assert torch.equal(changed.recurrent, 2 * first.recurrent)


def test_weights_in_float64_are_made_once_until_they_are_written_to() -> None:
    classifier = shaped("default")
    (first,), (again,) = (replay(read(classifier, TEXT)) for _ in range(2))
    assert again.weight is first.weight
    assert again.recurrent is first.recurrent
    (written,) = replay(read(scaled(classifier, 0.5), TEXT))
    torch.testing.assert_close(written.recurrent, weights(classifier.model.lstm, 0)[1])
    assert not written.recurrent.equal(first.recurrent)

"""Gradient reach against finite differences and autograd through a written-out cell."""

from __future__ import annotations

import copy
import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor

from sentiment import explain
from sentiment.classifier import SentimentClassifier
from sentiment.explain.backwards import hidden_path
from sentiment.explain.reach import input_norms
from sentiment.explain.reading import Reading
from sentiment.model import ModelConfig, PackedLSTMClassifier, build
from tests.explaining import TEXT, every_shape, finite_difference, read, scaled, shaped, weights


def twin_of(classifier: SentimentClassifier, layers: int = 1) -> PackedLSTMClassifier:
    torch.manual_seed(11)
    model = classifier.model
    config = ModelConfig(
        classifier.encoder.vocabulary_size,
        8,
        7,
        layers=layers,
        labels=classifier.labels,
        pooling=model.pooling,
        cell="rnn",
    )
    return build(config).double().eval().requires_grad_(False)


def final_from_cell(reading: Reading, step: int, cell: Tensor) -> Tensor:
    """w_last . h_T when the top layer's cell after ``step`` is ``cell``; its gates as written."""
    gates = explain.gates(reading)
    top = len(gates.layers) - 1
    w, u, bias = weights(reading.model.lstm, top)
    below = reading.embedded[0] if top == 0 else torch.tensor(gates.layers[top - 1].hidden)
    hidden = torch.tensor(gates.output[step]) * torch.tanh(cell)
    for x in below[step + 1 :]:
        i, f, g, o = (w @ x + u @ hidden + bias).chunk(4)
        cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
        hidden = o.sigmoid() * cell.tanh()
    return reading.head("last") @ hidden


@every_shape
def test_the_cell_path_by_finite_differences_and_autograd(shape: str) -> None:
    reading = read(shaped(shape), TEXT)
    found = explain.gradient_reach(reading)
    if "last" not in reading.model.pooling:
        assert found.cell is None
        assert "final state" in found.note
        return
    assert found.cell is not None
    for step in range(reading.count):
        cell = torch.tensor(explain.gates(reading).cell[step])
        leaf = cell.clone().requires_grad_()
        (exact,) = torch.autograd.grad(final_from_cell(reading, step, leaf), leaf)
        assert found.cell[step] == pytest.approx(float(exact.norm()), rel=1e-9, abs=1e-14)
        if step % 5 == 0:
            rough = finite_difference(partial(final_from_cell, reading, step), cell)
            assert found.cell[step] == pytest.approx(float(rough.norm()), rel=1e-4, abs=1e-9)


@every_shape
def test_the_forget_path_by_cells_whose_gates_stand_still(shape: str) -> None:
    reading = read(shaped(shape), TEXT)
    found = explain.gradient_reach(reading)
    if "last" not in reading.model.pooling:
        assert found.forget is None
        return
    assert found.forget is not None
    assert found.cell is not None
    assert found.forget[-1] == pytest.approx(found.cell[-1], rel=1e-12)
    gates, weight = explain.gates(reading), reading.head("last")
    for step in range(reading.count):
        leaf = torch.tensor(gates.cell[step]).requires_grad_()
        cell: Tensor = leaf
        for later in range(step + 1, reading.count):
            written = torch.tensor(gates.input[later] * gates.candidate[later])
            cell = torch.tensor(gates.forget[later]) * cell + written
        last = weight @ (torch.tensor(gates.output[-1]) * torch.tanh(cell))
        (exact,) = torch.autograd.grad(last, leaf)
        assert found.forget[step] == pytest.approx(float(exact.norm()), rel=1e-9, abs=1e-14)


@every_shape
def test_the_whole_heads_gradient_by_finite_differences(shape: str) -> None:
    reading = read(shaped(shape), "not very good film")
    found = explain.gradient_reach(reading).full

    for t in range(reading.count):

        def logit(x: Tensor, t: int = t) -> Tensor:
            embedded = reading.embedded.clone()
            embedded[0, t] = x
            lengths = torch.tensor([reading.count])
            return reading.model.run(embedded, lengths).logits[0, reading.target]

        rough = finite_difference(logit, reading.embedded[0, t])
        assert found[t] == pytest.approx(float(rough.norm()), rel=1e-4, abs=1e-9)


@every_shape
def test_the_written_out_backward_pass_by_autograd(shape: str) -> None:
    classifier = shaped(shape)
    classifier.twin = twin = twin_of(classifier)
    reading = read(classifier, TEXT)
    found = explain.gradient_reach(reading)
    for model, norms in ((reading.model, found.full), (twin, found.twin_full)):
        embedded = model.embedding(reading.ids).detach()
        expected = input_norms(model, embedded, reading.target)
        assert norms is not None
        np.testing.assert_allclose(norms, expected, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("layers", [1, 2])
def test_the_twins_hidden_path_by_autograd(layers: int) -> None:
    classifier = shaped("default")
    classifier.twin = twin = twin_of(classifier, layers)
    reading = read(classifier, TEXT)
    found = explain.gradient_reach(reading)
    assert found.note == ""
    assert found.twin_hidden is not None
    embedded = twin.embedding(reading.ids)
    hidden = twin.run(embedded, torch.tensor([reading.count])).hidden[0]  # (T, H)
    states = [embedded[0]]
    for layer in range(layers):
        below, above = states[-1], []
        w, u, bias = weights(twin.recurrence, layer)
        state = torch.zeros(u.shape[0], dtype=u.dtype)
        for x in below:
            state = torch.tanh(w @ x + u @ state + bias).requires_grad_()
            above.append(state)
        states.append(torch.stack(above))
    torch.testing.assert_close(states[-1], hidden, rtol=0, atol=1e-12)
    w, u, bias = weights(twin.recurrence, layers - 1)
    width = twin.recurrence.hidden_size
    head = twin.fc.weight[0, :width]
    for step in range(reading.count):

        def final(state: Tensor, step: int = step) -> Tensor:
            for x in states[-2][step + 1 :].detach():
                state = torch.tanh(w @ x + u @ state + bias)
            return head @ state

        leaf = hidden[step].clone().requires_grad_()
        (exact,) = torch.autograd.grad(final(leaf), leaf)
        assert found.twin_hidden[step] == pytest.approx(float(exact.norm()), rel=1e-9)
        rough = finite_difference(final, hidden[step].clone())
        assert found.twin_hidden[step] == pytest.approx(float(rough.norm()), rel=1e-4, abs=1e-9)
    assert found.twin_full is not None
    np.testing.assert_allclose(found.twin_full, input_norms(twin, embedded.detach(), 0), atol=1e-14)


def test_without_a_twin_its_part_is_none_and_says_so() -> None:
    found = explain.gradient_reach(read(shaped("default"), TEXT))
    assert found.twin_full is None
    assert found.twin_hidden is None
    assert "no vanilla RNN twin" in found.note


def test_an_exploding_rnn_stays_finite_and_shows_it() -> None:
    classifier = shaped("default")
    twin = twin_of(classifier)
    with torch.no_grad():
        for parameter in twin.recurrence.parameters():
            parameter.zero_()
        twin.recurrence.get_parameter("weight_hh_l0").copy_(3 * torch.eye(7, dtype=torch.float64))
    embedded = torch.zeros(1, 2000, 8, dtype=torch.float64)  # h stays 0, so the slope stays 3
    hidden = twin.run(embedded, torch.tensor([2000])).hidden[0]  # (T, H)
    recurrent = twin.recurrence.get_parameter("weight_hh_l0")
    norms = hidden_path(recurrent, hidden, torch.ones(7, dtype=torch.float64))
    assert np.isfinite(norms).all()
    assert norms[-1] == pytest.approx(math.sqrt(7))
    assert norms[-11] == pytest.approx(math.sqrt(7) * 3**10)
    assert norms[0] == pytest.approx(np.finfo(np.float64).max, rel=1e-9)


def test_the_cell_carries_gradient_where_its_gates_stay_open() -> None:
    classifier = scaled(shaped("default"), 0.01)
    hidden = classifier.model.lstm.hidden_size
    with torch.no_grad():
        classifier.model.lstm.get_parameter("bias_ih_l0")[hidden : 2 * hidden] = (
            20.0  # forget nothing
        )
    reach = explain.gradient_reach(read(classifier, " ".join([TEXT] * 5))).cell
    assert reach is not None
    assert reach[0] > 0.9 * reach[-2]


def test_gradients_that_vanish_or_explode_are_followed_in_single_precision() -> None:
    """Each step is a multiplication by one number, so that the norms are its powers."""
    for slope, count in ((0.01, 60), (30.0, 100)):
        recurrent, hidden = slope * torch.eye(7), torch.zeros(count, 7)
        norms = hidden_path(recurrent, hidden, torch.ones(7))
        exact = math.sqrt(7) * slope ** np.arange(count - 1, -1, -1.0)
        np.testing.assert_allclose(norms, exact, rtol=1e-4)


def test_shipped_weights_by_double_precision(shipped: SentimentClassifier) -> None:
    reading = read(shipped, " ".join([TEXT] * 6))
    reach = explain.gradient_reach(reading)
    exact = Reading(
        copy.deepcopy(reading.model).double(),
        reading.encoding,
        reading.ids,
        reading.embedded.double(),
        replace(reading.trace, hidden=reading.hidden[None].double()),
        reading.labels,
    )
    expected = explain.gradient_reach(exact)
    np.testing.assert_allclose(reach.full, expected.full, rtol=1e-4)
    for found, double in ((reach.cell, expected.cell), (reach.forget, expected.forget)):
        assert found is not None
        assert double is not None
        assert (found > 0).all()
        np.testing.assert_allclose(found, double, rtol=1e-4)
    full = input_norms(reading.model, reading.embedded, reading.target)
    np.testing.assert_allclose(reach.full, full, rtol=1e-3)

"""State norms come from the pass that made the logit; cell norms agree with nn.LSTM."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sentiment import explain
from sentiment.model import ModelConfig, build
from tests.explaining import TEXT, every_shape, every_text, final_cells, read, shaped


@every_shape
@every_text
def test_norms_and_changes_by_a_loop(shape: str, text: str) -> None:
    reading = read(shaped(shape), text)
    with torch.no_grad():
        hidden, _ = reading.model.lstm(reading.embedded)
    states = hidden[0].numpy()
    norms, changes = explain.hidden_norms(reading), explain.state_changes(reading)
    np.testing.assert_allclose(explain.hidden_states(reading), states, atol=1e-12)
    for t in range(reading.count):
        before = states[t - 1] if t else 0
        assert norms[t] == pytest.approx((states[t] ** 2).sum() ** 0.5, abs=1e-12)
        assert changes[t] == pytest.approx(((states[t] - before) ** 2).sum() ** 0.5, abs=1e-12)


@every_shape
def test_cell_norms_are_those_of_nn_lstm_on_each_prefix(shape: str) -> None:
    reading = read(shaped(shape), TEXT)
    norms = explain.cell_norms(reading)
    assert norms is not None
    for t in range(reading.count):
        cell = final_cells(reading.model, reading.embedded[0, : t + 1])[-1]
        assert norms[t] == pytest.approx(float(cell.norm()), abs=1e-12)


def test_a_vanilla_rnn_has_no_cell() -> None:
    classifier = shaped("default")
    torch.manual_seed(0)
    config = ModelConfig(classifier.encoder.vocabulary_size, 8, 6, cell="rnn")
    classifier.model = build(config).double().eval().requires_grad_(False)
    explanation = classifier.explain(TEXT)
    assert explanation.cell_norms is None
    assert explanation.hidden_norms.shape == (explanation.hidden_states.shape[0],)
    assert "cell norm" not in [lane.name for lane in explanation.lanes]
    assert explanation.gradient_reach.cell is None
    assert "No cell path" in explanation.gradient_reach.note
    assert explanation.faithfulness.methods
    with pytest.raises(ValueError, match="vanilla RNN"):
        _ = explanation.gates

"""GRU cells and models of two directions: the laws that hold for them, and what is absent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from sentiment.checkpoint import CONFIG
from sentiment.classifier import SentimentClassifier
from sentiment.errors import AbsentError
from sentiment.model import pad
from sentiment.ui.answers import Reader, server_functions
from sentiment.ui.limits import RefusedError, checked_text
from sentiment.ui.panels import memory, padding, read
from sentiment.ui.panels.compare import comparison_view
from tests.conftest import answered, tiny_classifier
from tests.explaining import TEXT, scaled

TEXTS = ["good", "not good", TEXT]
KINDS: dict[str, dict[str, Any]] = {
    "GRU": {"cell": "gru"},
    "GRU, two layers": {"cell": "gru", "layers": 2},
    "bidirectional LSTM": {"bidirectional": True},
    "bidirectional LSTM, two layers": {"bidirectional": True, "layers": 2},
    "bidirectional LSTM, final state": {"bidirectional": True, "pooling": ("last",)},
    "bidirectional GRU": {"cell": "gru", "bidirectional": True},
    "bidirectional GRU, three labels": {
        "cell": "gru",
        "bidirectional": True,
        "labels": ("bad", "so-so", "good"),
    },
    "bidirectional vanilla RNN": {"cell": "rnn", "bidirectional": True},
}
every_kind = pytest.mark.parametrize("kind", list(KINDS))
every_text = pytest.mark.parametrize("text", TEXTS)


def of(kind: str) -> SentimentClassifier:
    return scaled(tiny_classifier(**KINDS[kind]), 2.0)


@every_kind
def test_the_forward_path_is_that_of_torch(kind: str) -> None:
    model = of(kind).model
    ids, lengths = pad([[3, 4, 5, 6], [7], [8, 9]])
    trace = model.run(model.embedding(ids), lengths)
    for row, length in enumerate(lengths.tolist()):
        alone = model.embedding(ids[row : row + 1, :length])
        states, final = model.recurrence(alone)  # (1, length, H)
        final = final[0] if isinstance(final, tuple) else final
        ends = (final[-2], final[-1]) if model.recurrence.bidirectional else (final[-1],)
        last = torch.cat(ends, dim=1)[0]
        parts = {"last": last, "max": states[0].amax(dim=0), "mean": states[0].mean(dim=0)}
        logits = model.fc(torch.cat([parts[part] for part in model.pooling]))
        torch.testing.assert_close(trace.hidden[row, :length], states[0], atol=1e-12, rtol=0)
        torch.testing.assert_close(trace.final_hidden[row], last, atol=1e-12, rtol=0)
        torch.testing.assert_close(trace.logits[row], logits, atol=1e-12, rtol=0)


@every_kind
@every_text
def test_ledger_running_verdict_and_deletion_hold(kind: str, text: str) -> None:
    classifier = of(kind)
    found = classifier.explain(text)
    target = 0 if len(found.prediction.labels) == 2 else classifier.labels.index(found.target)

    def logit(ids: tuple[int, ...]) -> float:
        return classifier.logits([ids or (1,)])[0][target]

    ids = found.encoding.ids
    assert found.ledger.residual == pytest.approx(0, abs=1e-10)
    assert found.ledger.total.sum() + found.ledger.bias == pytest.approx(found.logit, abs=1e-10)
    for end in range(1, len(ids) + 1):
        running = found.running
        parts = running.last[end - 1] + running.max[end - 1] + running.mean[end - 1]
        assert running.logits[end - 1] == pytest.approx(logit(ids[:end]), abs=1e-10)
        assert parts + running.bias == pytest.approx(running.logits[end - 1], abs=1e-12)
        without = logit(ids[: end - 1] + ids[end:])
        assert found.deletion.scores[end - 1] == pytest.approx(found.logit - without, abs=1e-10)


@every_kind
def test_attributions_add_up_and_winners_win(kind: str) -> None:
    found = of(kind).explain("not very good at all")
    gradients = found.integrated_gradients
    change = found.logit - gradients.baseline_logit
    assert gradients.scores.sum() == pytest.approx(change + gradients.residual, abs=1e-9)
    assert gradients.converged
    shapley = found.shapley
    assert shapley is not None
    assert shapley.scores.sum() == pytest.approx(found.logit - shapley.reference_logit, abs=1e-9)
    states = found.hidden_states
    assert found.pooling.winners.tolist() == states.argmax(axis=0).tolist()
    assert len(found.pooling.winners) == of(kind).model.width == states.shape[1]
    assert found.pooling.shares.sum() == pytest.approx(1)


@every_kind
def test_a_step_is_the_way_to_the_state_from_where_its_direction_came(kind: str) -> None:
    found = of(kind).explain(TEXT)
    states = found.hidden_states
    forward, backward = found.forward_states, states[:, found.forward_states.shape[1] :]
    squares = (np.diff(forward, axis=0, prepend=0 * forward[:1]) ** 2).sum(axis=1)
    squares += (np.diff(backward, axis=0, append=0 * backward[:1]) ** 2).sum(axis=1)
    np.testing.assert_allclose(found.state_changes, squares**0.5, atol=1e-12)


@pytest.mark.parametrize("kind", ["GRU", "GRU, two layers", "bidirectional GRU"])
def test_gru_gates_are_replayed(kind: str) -> None:
    classifier = of(kind)
    found = classifier.explain(TEXT)
    gates = found.gru_gates
    gru = classifier.model.recurrence
    assert gates.residual < 1e-12
    assert len(gates.layers) == gru.num_layers
    assert len(gates.backward) == gru.num_layers * gru.bidirectional
    cell = nn.GRUCell(8, 12).double()
    for name, direction in [("", gates.layers), ("_reverse", gates.backward)]:
        if direction:
            cell.load_state_dict(
                {n: gru.state_dict()[f"{n}_l0{name}"] for n in cell.state_dict()}, strict=True
            )
            states = direction[0].hidden if not name else direction[0].hidden[::-1].copy()
            inputs = found._reading.embedded[0] if not name else found._reading.embedded[0].flip(0)
            assert_steps(cell, inputs, torch.tensor(states))
    top = gates.layers[-1]
    before = np.concatenate([0 * top.hidden[:1], top.hidden[:-1]])
    np.testing.assert_allclose(
        top.hidden, (1 - top.update) * top.candidate + top.update * before, atol=1e-12
    )
    with pytest.raises(AbsentError, match="GRU"):
        _ = found.gates


def assert_steps(cell: nn.GRUCell, inputs: Tensor, states: Tensor) -> None:
    hidden = torch.zeros(1, states.shape[1], dtype=torch.float64)
    for one, state in zip(inputs, states, strict=True):
        hidden = cell(one.unsqueeze(0), hidden)
        torch.testing.assert_close(hidden[0], state, atol=1e-12, rtol=0)


@pytest.mark.parametrize("kind", ["bidirectional LSTM", "bidirectional LSTM, two layers"])
def test_both_directions_of_an_lstm_are_replayed(kind: str) -> None:
    found = of(kind).explain(TEXT)
    gates = found.gates
    assert gates.residual < 1e-12
    assert len(gates.layers) == len(gates.backward) == of(kind).model.recurrence.num_layers
    np.testing.assert_allclose(gates.hidden, found.forward_states, atol=1e-12)
    top = gates.backward[-1]
    after = np.concatenate([top.cell[1:], 0 * top.cell[:1]])
    np.testing.assert_allclose(top.cell, top.forget * after + top.input * top.candidate, atol=1e-12)
    np.testing.assert_allclose(
        np.concatenate([gates.hidden, top.hidden], axis=1), found.hidden_states, atol=1e-12
    )
    with pytest.raises(AbsentError, match="GRU"):
        _ = found.gru_gates


@every_kind
def test_what_is_of_one_direction_alone_is_absent_everywhere(kind: str) -> None:
    classifier = of(kind)
    found = classifier.explain("not good at all")
    kind_of_model = classifier.model.kind
    studies: list[Callable[[], object]] = [
        lambda: found.memory,
        lambda: found.relevance,
        lambda: found.phrase(0, 2),
    ]
    for study in studies:
        with pytest.raises(AbsentError, match=f"one direction; this model is a {kind_of_model}"):
            study()
    assert found.cell_norms is None
    assert kind_of_model in found.gradient_reach.note
    assert found.gradient_reach.cell is None
    document = json.loads(json.dumps(found.to_dict()))
    assert document["memory"] is None
    assert document["hierarchy"]["nodes"][-1]["score"] == pytest.approx(found.logit, abs=1e-6)
    gated = {"LRP", "contextual decomposition", "cell norm", "memory kept"}
    assert not gated & {lane["name"] for lane in document["lanes"]}
    assert {"deletion", "Shapley values"} <= {lane["name"] for lane in document["lanes"]}
    assert "not good at all" in found.to_html()


@every_kind
def test_a_checkpoint_comes_back(kind: str, tmp_path: Path) -> None:
    classifier = tiny_classifier(dtype=torch.float32, **KINDS[kind])
    classifier.save_pretrained(tmp_path / "one")
    raw = json.loads((tmp_path / "one" / CONFIG).read_text())
    assert raw.get("bidirectional", False) == KINDS[kind].get("bidirectional", False)
    loaded = SentimentClassifier.from_folder(tmp_path / "one")
    assert loaded.config == classifier.config
    ours, theirs = loaded.predict(TEXT).logits, classifier.predict(TEXT).logits
    assert ours == pytest.approx(theirs, abs=2e-3)


@every_kind
def test_the_page_draws_what_there_is(kind: str) -> None:
    reader = Reader(of(kind))
    calls = {call.__name__: answered(call) for call in server_functions(reader)}
    assert calls["explain"]([{"text": TEXT}])["tokens"]
    more = calls["more"]([{"text": TEXT}])
    assert "shapley" in more["lanes"]
    assert "phrase" not in more["lanes"]
    phrase = calls["phrase"]([{"text": TEXT, "start": 3, "end": 6}])
    assert phrase["share"] is None
    alone = reader.classifier.predict("not very good").logits[-1]
    if len(reader.classifier.labels) == 2:
        assert phrase["alone"]["logit"] == pytest.approx(alone, abs=1e-9)
    for panel in (memory, read):
        functions = {call.__name__: answered(call) for call in panel.functions(reader)}
        name = "memory" if panel is memory else "network"
        answer = functions[name]([{"text": TEXT}])
        refused = name == "memory" or reader.classifier.model.recurrence.bidirectional
        assert ("one direction" in answer.get("message", "")) == refused
    comparison = reader.classifier.compare("good", "not good")
    assert comparison.residual == pytest.approx(0, abs=1e-10)
    assert comparison_view(comparison, reader.known)["logit_delta"] == comparison.logit_delta


@pytest.mark.parametrize("kind", ["GRU", "bidirectional LSTM"])
def test_padding_that_is_read_moves_the_final_state(kind: str) -> None:
    classifier = of(kind)
    found: Any = padding.drift(Reader(classifier), "not good")
    ids = classifier.encoder.encode("not good").ids
    logits = [classifier.logits([ids + (0,) * extra])[0][0] for extra in (0, 1, 5)]
    drawn = found["logits"]
    assert [drawn[0], drawn[1], drawn[5]] == pytest.approx(logits, abs=1e-5)
    assert found["moved"][0] == 0
    assert found["moved"][5] > 0


def test_a_model_of_two_directions_reads_shorter_texts_on_the_page() -> None:
    with pytest.raises(RefusedError, match="up to 200"):
        checked_text("good " * 201, of("bidirectional LSTM"))
    checked_text("good " * 201, of("GRU"))

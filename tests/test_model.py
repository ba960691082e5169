"""Laws of the two classifiers: equal to a hand-written cell, blind to padding and company."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from sentiment.classifier import SentimentClassifier
from sentiment.model import (
    LSTMSentimentClassifier,
    ModelConfig,
    PackedLSTMClassifier,
    build,
    pad,
)
from tests.conftest import tiny_classifier

POOLINGS = [
    pooling
    for count in (1, 2, 3)
    for pooling in itertools.combinations(("last", "max", "mean"), count)
]


def model(
    pooling: tuple[str, ...] = ("last", "max", "mean"), layers: int = 1, cell: str = "lstm"
) -> PackedLSTMClassifier:
    torch.manual_seed(1)
    config = ModelConfig(30, 6, 9, layers=layers, pooling=pooling, cell=cell)
    return build(config).double().eval()


def by_hand(network: PackedLSTMClassifier, ids: list[int]) -> tuple[Tensor, Tensor, Tensor]:
    """Hidden states (T, H), final cell (H,) and logits (O,) from the gate equations."""
    inputs = list(network.embedding(torch.tensor(ids)))  # T of (E,)
    lstm = network.lstm
    for layer in range(lstm.num_layers):
        w_ih, w_hh = getattr(lstm, f"weight_ih_l{layer}"), getattr(lstm, f"weight_hh_l{layer}")
        bias = getattr(lstm, f"bias_ih_l{layer}") + getattr(lstm, f"bias_hh_l{layer}")
        h = c = torch.zeros(lstm.hidden_size, dtype=inputs[0].dtype)
        outputs = []
        for x in inputs:
            i, f, g, o = (w_ih @ x + w_hh @ h + bias).chunk(4)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            outputs.append(h)
        inputs = outputs
    hidden = torch.stack(inputs)
    parts = {"last": hidden[-1], "max": hidden.max(0).values, "mean": hidden.mean(0)}
    pooled = torch.cat([parts[part] for part in network.pooling])
    return hidden, c, network.fc.weight @ pooled + network.fc.bias


def test_an_embedding_starts_as_torch_starts_it() -> None:
    torch.manual_seed(0)
    wanted = nn.Embedding(9, 4, padding_idx=0)
    torch.manual_seed(0)
    ours = PackedLSTMClassifier(9, 4, 3).embedding
    torch.testing.assert_close(ours.weight, wanted.weight, rtol=0, atol=0)
    assert (ours.padding_idx, ours.weight.requires_grad) == (0, True)


def test_the_first_examples_shapes() -> None:
    padded = LSTMSentimentClassifier(vocab_size=100, embed_dim=32, hidden_dim=64, output_dim=1)
    assert padded(torch.randint(0, 100, (4, 10))).shape == (4, 1)
    packed = PackedLSTMClassifier(vocab_size=10, embed_dim=8, hidden_dim=16)
    x = torch.tensor([[1, 2, 3, 4, 5], [2, 3, 4, 0, 0], [1, 5, 0, 0, 0]])
    assert packed(x, torch.tensor([5, 3, 2])).shape == (3, 1)
    assert set(packed.state_dict()) == {
        *["embedding.weight", "fc.weight", "fc.bias"],
        *[f"lstm.{kind}_{way}_l0" for kind in ("weight", "bias") for way in ("ih", "hh")],
    }


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_equals_a_hand_written_cell(pooling: tuple[str, ...], layers: int) -> None:
    network = model(pooling, layers)
    ids = [3, 7, 7, 1, 29]
    hidden, cell, logits = by_hand(network, ids)
    trace = network.run(network.embedding(torch.tensor([ids])), torch.tensor([5]))
    torch.testing.assert_close(trace.hidden[0], hidden, atol=1e-12, rtol=0)
    assert trace.final_cell is not None
    torch.testing.assert_close(trace.final_cell[0], cell, atol=1e-12, rtol=0)
    torch.testing.assert_close(trace.logits[0], logits, atol=1e-12, rtol=0)


SENTENCES = st.lists(st.lists(st.integers(1, 29), min_size=1, max_size=9), min_size=1, max_size=5)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("layers", [1, 2])
@given(sentences=SENTENCES, extra=st.integers(0, 6), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_company_order_and_padding_never_matter(
    cell: str, layers: int, sentences: list[list[int]], extra: int, seed: int
) -> None:
    network = model(layers=layers, cell=cell)
    alone = torch.cat([network(*pad([ids])) for ids in sentences])
    order = torch.randperm(len(sentences), generator=torch.Generator().manual_seed(seed))
    rectangle, lengths = pad([sentences[i] for i in order])
    rectangle = torch.nn.functional.pad(rectangle, (0, extra))
    torch.testing.assert_close(network(rectangle, lengths), alone[order], atol=1e-10, rtol=0)
    longest_first = lengths.argsort(descending=True)
    torch.testing.assert_close(
        network(rectangle[longest_first], lengths[longest_first]),
        alone[order][longest_first],
        atol=1e-10,
        rtol=0,
    )


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@given(sentences=SENTENCES)
@settings(max_examples=25, deadline=None)
def test_padded_rectangle_equals_packing(cell: str, sentences: list[list[int]]) -> None:
    network = model(layers=2, cell=cell)
    rectangle, lengths = pad(sentences)
    results = []
    for recur in (network._recur_padded, network._recur_packed):
        embedded = network.embedding(rectangle).detach().requires_grad_(True)
        hidden, final, _ = recur(embedded, lengths)
        pooled, winners = network.pool(hidden, final, lengths)
        logits = network.fc(pooled)
        logits.sum().backward()
        results.append((logits, pooled, winners, embedded.grad))
    for padded, packed in zip(*results, strict=True):
        torch.testing.assert_close(padded, packed, atol=1e-10, rtol=1e-4)


def test_shipped_weights_are_blind_to_company(shipped: SentimentClassifier) -> None:
    texts = ["not good", "A very long sentence that is, all in all, not a bad one at all .", "bad"]
    alone = [shipped.predict(text).logit for text in texts]
    together = [prediction.logit for prediction in shipped.predict_batch(texts * 3)]
    assert together == pytest.approx(alone * 3, abs=1e-5)
    ids, lengths = pad([shipped.encoder.encode(texts[0]).ids])
    padded = torch.nn.functional.pad(ids, (0, 50))
    assert float(shipped.model(padded, lengths)) == pytest.approx(alone[0], abs=1e-5)


def test_max_pool_never_picks_padding_even_when_all_is_negative() -> None:
    network = model(("max",))
    hidden = torch.full((2, 4, 9), -0.5, dtype=torch.float64)
    hidden[0, 1] = -0.25
    hidden[:, 2:] = 7.0
    pooled, winners = network.pool(hidden, hidden[:, 1], torch.tensor([2, 1]))
    assert winners is not None
    assert winners.tolist() == [[1] * 9, [0] * 9]
    assert pooled.max() < 0


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("sentences", [[[3, 4, 5], [6]], [[3, 4], [5, 6]], [[7] * 20, [8], [9, 2]]])
def test_without_winners_the_logits_are_the_same(
    pooling: tuple[str, ...], sentences: list[list[int]]
) -> None:
    network = model(pooling)
    ids, lengths = pad(sentences)
    with torch.inference_mode():
        embedded = network.embedding(ids)
        shown = network.run(embedded, lengths)
        scored = network.run(embedded, lengths, winners=False)
        assert scored.winners is None
        torch.testing.assert_close(scored.logits, shown.logits, rtol=0, atol=1e-14)
        assert network(ids, lengths).equal(scored.logits)
    assert network(ids, lengths).requires_grad


def test_the_first_of_equal_maxima_wins() -> None:
    network = model(("max",))
    hidden = torch.zeros(1, 64, 9, dtype=torch.float64)
    hidden[0, 5:] = 1.0
    _, winners = network.pool(hidden, hidden[:, -1], torch.tensor([64]))
    assert winners is not None
    assert winners.unique().tolist() == [5]


@pytest.mark.parametrize(
    ("lengths", "error", "message"),
    [
        (torch.tensor([0, 2]), ValueError, r"between 1 and 3.*got \[0, 2\]"),
        (torch.tensor([-1, 2]), ValueError, "between 1 and 3"),
        (torch.tensor([4, 2]), ValueError, "between 1 and 3"),
        (torch.tensor([2]), ValueError, r"shape \(2,\), got shape \(1,\)"),
        (torch.tensor([[1], [2]]), ValueError, r"got shape \(2, 1\)"),
        (torch.tensor([1.0, 2.0]), TypeError, "integers, got one of torch.float32"),
        (torch.tensor([True, True]), TypeError, "got one of torch.bool"),
        ([1, 2], TypeError, "integers, got list"),
        (None, TypeError, "got NoneType"),
    ],
)
def test_bad_lengths_say_what_is_wrong(
    lengths: Tensor, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        model()(torch.ones(2, 3, dtype=torch.long), lengths)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_gradient_flows_to_every_parameter(cell: str) -> None:
    network = model(layers=2, cell=cell).train()
    network(*pad([[1, 2, 3], [4, 5]])).sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_the_unpacked_classifier_drifts_under_padding() -> None:
    torch.manual_seed(0)
    unpacked = LSTMSentimentClassifier(20, 8, 16, 1).double()
    packed = PackedLSTMClassifier(20, 8, 16).double()
    packed.load_state_dict(unpacked.state_dict())
    ids = torch.tensor([[3, 4, 5]])
    padded = torch.nn.functional.pad(ids, (0, 20))
    assert (unpacked(padded) - unpacked(ids)).abs().item() > 1e-3
    drift = packed(padded, torch.tensor([3])) - packed(ids, torch.tensor([3]))
    assert drift.abs().item() < 1e-12
    assert (packed(ids, torch.tensor([3])) - unpacked(ids)).abs().item() < 1e-12


@pytest.mark.parametrize(
    "change",
    [
        {"vocab_size": 0},
        {"hidden_dim": -3},
        {"layers": 1.5},
        {"dropout": 1.0},
        {"dropout": math.nan},
        {"pooling": ()},
        {"pooling": ("max", "max")},
        {"pooling": ("attention",)},
        {"cell": "elman"},
        {"bidirectional": 1},
        {"labels": ("one",)},
        {"labels": ("one", "one")},
    ],
)
def test_a_config_that_makes_no_model_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="got"):
        ModelConfig(**{"vocab_size": 5, **change})  # type: ignore[arg-type]


def test_two_labels_share_one_output_and_three_have_three() -> None:
    assert ModelConfig(5).output_dim == 1
    three = tiny_classifier(labels=("no", "maybe", "yes"))
    prediction = three.predict("not good")
    assert len(prediction.logits) == len(prediction.probabilities) == 3
    assert sum(prediction.probabilities) == pytest.approx(1)
    assert prediction.probability is None
    assert prediction.neutral is None

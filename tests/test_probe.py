"""A new head begins as the logistic regression of the labels on what the head reads."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from sentiment.model import ModelConfig, PackedLSTMClassifier, build
from train.data.corpus import Corpus, TrainingSet
from train.fit.probe import STRENGTH, probe_head

WORDS = 40


def model_of(labels: tuple[str, ...]) -> PackedLSTMClassifier:
    torch.manual_seed(0)
    return build(ModelConfig(WORDS, embed_dim=8, hidden_dim=12, dropout=0.5, labels=labels))


def texts_of(count: int, classes: int) -> TrainingSet:
    """Texts of unlike length whose label is told by the words that they are of."""
    draw = np.random.default_rng(3)
    targets = np.arange(count) % classes
    ids = [
        (2 + target + classes * draw.integers(0, 5, 1 + n % 7)) for n, target in enumerate(targets)
    ]
    goals = torch.from_numpy(targets) if classes > 2 else torch.from_numpy(targets).float()
    return TrainingSet(Corpus([row.tolist() for row in ids]), goals, torch.ones(count))


@pytest.mark.parametrize("labels", [("ham", "spam"), ("a", "b", "c", "d")])
def test_the_head_is_the_regression_of_the_labels_on_the_pooled_states(
    labels: tuple[str, ...],
) -> None:
    model, data = model_of(labels).train(), texts_of(90, len(labels))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    probe_head(model, data)
    changed = {n for n, value in model.state_dict().items() if not torch.equal(value, before[n])}
    assert changed == {"fc.weight", "fc.bias"}
    assert model.training

    model.eval()
    pooled, logits = [], []
    for ids in (
        data.corpus.flat[s : s + n]
        for s, n in zip(data.corpus.starts.tolist(), data.corpus.lengths.tolist(), strict=True)
    ):
        with torch.no_grad():
            trace = model.run(model.embedding(ids.long().unsqueeze(0)), torch.tensor([len(ids)]))
        pooled.append(trace.pooled[0].double().numpy())
        logits.append(trace.logits[0].double().numpy())
    scaled = np.array(pooled) / (np.array(pooled).std(axis=0) + 1e-6)
    oracle = LogisticRegression(C=STRENGTH, max_iter=1000).fit(scaled, data.targets.long().numpy())
    wanted = oracle.decision_function(scaled)
    found = np.array(logits)
    if len(labels) == 2:
        assert np.allclose(found[:, 0], wanted, atol=1e-2)
    else:  # a softmax is the same with a constant added to all logits of a text
        assert np.allclose(
            found - found.mean(axis=1, keepdims=True),
            wanted - wanted.mean(axis=1, keepdims=True),
            atol=1e-2,
        )
    own = found.argmax(axis=1) if len(labels) > 2 else found[:, 0] > 0
    assert (own == data.targets.numpy()).mean() > 0.95


def test_weights_of_texts_count() -> None:
    plain, weighed = model_of(("ham", "spam")), model_of(("ham", "spam"))
    data = texts_of(60, 2)
    probe_head(plain, data)
    probe_head(weighed, TrainingSet(data.corpus, data.targets, 1.0 + 9.0 * data.targets))
    assert weighed.fc.bias.item() > plain.fc.bias.item()


@pytest.mark.parametrize("targets", [[0.0, 0.5, 1.0], [0.0, 0.0, 0.0], [0.2, 0.9, 1.0]])
def test_a_head_stays_where_a_label_is_missing_or_targets_are_shares(targets: list[float]) -> None:
    model = model_of(("ham", "spam"))
    before = copy.deepcopy(model.fc.state_dict())
    corpus = Corpus([[2, 3], [4], [5, 6, 7]])
    probe_head(model, TrainingSet(corpus, torch.tensor(targets), torch.ones(3)))
    assert all(torch.equal(value, before[name]) for name, value in model.fc.state_dict().items())

"""A new head that begins as a linear probe, so that training does not first undo the encoder."""

from __future__ import annotations

import copy

import numpy as np
import torch
from numpy.typing import NDArray

from sentiment.model import PackedLSTMClassifier
from train.data.corpus import TrainingSet

MOST = 3000
"""Texts that the probe reads, drawn from all: more change little and cost seconds."""
STRENGTH = 0.1
"""The inverse of the probe's penalty, on features of unit deviation."""


@torch.no_grad()
def probe_head(model: PackedLSTMClassifier, data: TrainingSet, *, seed: int = 0) -> None:
    """Set the head to the logistic regression of the targets on the pooled states.

    From a random head the first steps of training distort what the encoder knows; from this one
    they need not (linear probing, then fine-tuning: Kumar et al. 2022, ICLR, arXiv:2202.10054).
    The head stays as it was where some label has no text among those drawn, or where targets are
    shares and not labels.
    """
    texts, targets = _drawn(data, seed)
    classes = max(2, model.fc.out_features)
    if set(targets.tolist()) != set(range(classes)):
        return
    from sklearn.linear_model import LogisticRegression

    features = _pooled(model, data, texts)  # (N, P * H)
    scale = features.std(axis=0) + 1e-6  # (P * H,)
    probe = LogisticRegression(C=STRENGTH, max_iter=1000)
    probe.fit(features / scale, targets.long().numpy(), data.weights[texts].double().numpy())
    model.fc.weight.copy_(torch.from_numpy(probe.coef_ / scale))
    model.fc.bias.copy_(torch.from_numpy(probe.intercept_))


def _drawn(data: TrainingSet, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Indexes (N,) of texts from the shortest to the longest, and their targets (N,)."""
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randperm(len(data.targets), generator=generator)[:MOST]
    drawn = drawn[data.corpus.lengths[drawn].argsort(stable=True)]
    return drawn, data.targets[drawn]


def _pooled(
    model: PackedLSTMClassifier, data: TrainingSet, texts: torch.Tensor
) -> NDArray[np.float64]:
    """What the head reads of each text, (N, P * H)."""
    reader = copy.deepcopy(model).eval()
    rows = []
    for indexes in texts.split(64):
        ids, lengths = data.corpus.rectangle(indexes)  # (B, T), (B,)
        rows.append(reader.run(reader.embedding(ids), lengths).pooled)  # (B, P * H)
    return torch.cat(rows).double().numpy()

"""A new head that begins as a linear probe, so that training does not first undo the encoder."""

from __future__ import annotations

import copy

import numpy as np
import torch
from numpy.typing import NDArray

from sentiment.model import PackedLSTMClassifier
from train.data.corpus import TrainingSet

STRENGTH = 0.1
"""The inverse of the probe's penalty, on features of unit deviation."""


@torch.no_grad()
def probe_head(model: PackedLSTMClassifier, data: TrainingSet) -> None:
    """Set the head to the logistic regression of the targets on the pooled states.

    From a random head the first steps of training distort what the encoder knows; from this one
    they need not (linear probing, then fine-tuning: Kumar et al. 2022, ICLR, arXiv:2202.10054).
    Where texts are many, training finds as good a head by itself. The head stays as it was where
    some label has no text, or where targets are shares and not labels.
    """
    if set(data.targets.tolist()) != set(range(max(2, model.fc.out_features))):
        return
    from sklearn.linear_model import LogisticRegression

    features = _pooled(model, data)  # (N, P * H)
    scale = features.std(axis=0) + 1e-6  # (P * H,)
    probe = LogisticRegression(C=STRENGTH, max_iter=1000)
    probe.fit(features / scale, data.targets.long().numpy(), data.weights.double().numpy())
    model.fc.weight.copy_(torch.from_numpy(probe.coef_ / scale))
    model.fc.bias.copy_(torch.from_numpy(probe.intercept_))


def _pooled(model: PackedLSTMClassifier, data: TrainingSet) -> NDArray[np.float64]:
    """What the head reads of each text, (N, P * H)."""
    reader = copy.deepcopy(model).eval()
    pooled = torch.zeros(len(data.targets), model.fc.in_features)
    for indexes in data.corpus.batches(64, 8192):
        ids, lengths = data.corpus.rectangle(indexes)  # (B, T), (B,)
        pooled[indexes] = reader.run(reader.embedding(ids), lengths).pooled  # (B, P * H)
    return pooled.double().numpy()

"""Figures of a classifier: accuracy, log loss, expected calibration error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch.nn import functional

from sentiment.behaviour import wilson_interval
from sentiment.records import Figures

__all__ = [
    "Figures",
    "binary_metrics",
    "class_metrics",
    "expected_calibration_error",
    "wilson_interval",
    "with_interval",
]


def with_interval(figures: Figures) -> Figures:
    """The same, with the accuracy's 95 % interval (Wilson)."""
    low, high = wilson_interval(round(figures.accuracy * figures.n), figures.n)
    return replace(figures, low=low, high=high)


def binary_metrics(probabilities: Sequence[float], labels: Sequence[int]) -> Figures:
    """Figures of probabilities of "positive" against labels 0/1.

    Raises ValueError for no texts or unlike counts.
    """
    if len(probabilities) != len(labels) or not len(labels):
        raise ValueError(
            f"need one label per probability and at least one, "
            f"got {len(probabilities)} probabilities, {len(labels)} labels"
        )
    p, y = np.asarray(probabilities, dtype=float), np.asarray(labels, dtype=int)
    return Figures(
        len(y),
        float(((p >= 0.5) == (y == 1)).mean()),
        functional.binary_cross_entropy(
            torch.tensor(p), torch.tensor(y, dtype=torch.double)
        ).item(),
        expected_calibration_error(p, y),
    )


def class_metrics(probabilities: Sequence[Sequence[float]], labels: Sequence[int]) -> Figures:
    """Figures of probabilities (N, K) of K labels against label numbers.

    Raises ValueError for no texts or unlike counts.
    """
    if len(probabilities) != len(labels) or not len(labels):
        raise ValueError(
            f"need one label per row of probabilities and at least one, "
            f"got {len(probabilities)} rows, {len(labels)} labels"
        )
    p, y = np.asarray(probabilities, dtype=float), np.asarray(labels, dtype=int)
    right = p.argmax(axis=1) == y
    return Figures(
        len(y),
        float(right.mean()),
        functional.nll_loss(torch.tensor(p).clamp_min(1e-15).log(), torch.tensor(y)).item(),
        _calibration_error(p.max(axis=1), right, bins=10),
    )


def expected_calibration_error(
    probabilities: Sequence[float] | np.ndarray, labels: Sequence[int] | np.ndarray, bins: int = 10
) -> float:
    """Mean gap between confidence and accuracy of the verdict, over bins of equal mass.

    Confidence is that of the predicted label. Guo et al. 2017, arXiv:1706.04599; equal-mass
    bins: Nguyen & O'Connor 2015, arXiv:1508.05154.
    """
    p, y = np.asarray(probabilities, dtype=float), np.asarray(labels, dtype=int)
    confidence = np.maximum(p, 1 - p)
    right = (p >= 0.5) == (y == 1)
    return _calibration_error(confidence, right, bins)


def _calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int) -> float:
    order = np.argsort(confidence, kind="stable")
    gaps = [
        abs(confidence[part].mean() - right[part].mean()) * len(part)
        for part in np.array_split(order, bins)
        if len(part)
    ]
    return float(sum(gaps) / len(confidence))

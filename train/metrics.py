"""Figures of a binary classifier: accuracy, log loss, expected calibration error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import log_loss


@dataclass(frozen=True, slots=True)
class Metrics:
    """``accuracy``, ``log_loss`` (nats) and ``ece`` over ``n`` texts."""

    n: int
    accuracy: float
    log_loss: float
    ece: float


def binary_metrics(probabilities: Sequence[float], labels: Sequence[int]) -> Metrics:
    """Metrics of probabilities of "positive" against labels 0/1.

    Raises ValueError for no texts or unlike counts.
    """
    if len(probabilities) != len(labels) or not len(labels):
        raise ValueError(
            f"need one label per probability and at least one, "
            f"got {len(probabilities)} probabilities, {len(labels)} labels"
        )
    p, y = np.asarray(probabilities, dtype=float), np.asarray(labels, dtype=int)
    return Metrics(
        len(y),
        float(((p >= 0.5) == (y == 1)).mean()),
        float(log_loss(y, p, labels=[0, 1])),
        expected_calibration_error(p, y),
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
    order = np.argsort(confidence, kind="stable")
    gaps = [
        abs(confidence[part].mean() - right[part].mean()) * len(part)
        for part in np.array_split(order, bins)
        if len(part)
    ]
    return float(sum(gaps) / len(p))


def wilson_interval(successes: int, count: int, z: float = 1.959964) -> tuple[float, float]:
    """95 % interval of a share. Wilson 1927."""
    if not count:
        return 0.0, 1.0
    share = successes / count
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count**2)) / (1 + z * z / count)
    return max(0.0, centre - half), min(1.0, centre + half)

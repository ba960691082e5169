"""Temperature scaling, folded into the head so that no parameter is added.

Guo et al. 2017, arXiv:1706.04599.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from sentiment.model import PackedLSTMClassifier
from train.measure.metrics import expected_calibration_error


@dataclass(frozen=True, slots=True)
class Calibration:
    """ECE with temperatures fitted on the other folds, and its 95 % bootstrap interval."""

    ece: float
    low: float
    high: float
    temperature: float


def fit_temperature(logits: Sequence[float], labels: Sequence[int]) -> float:
    """The temperature whose scaled logits have the least log loss."""
    from scipy.optimize import minimize_scalar

    z, y = np.asarray(logits, dtype=float), np.asarray(labels, dtype=float)

    def loss(log_temperature: float) -> float:
        scaled = z / np.exp(log_temperature)
        return float((np.logaddexp(0, scaled) - y * scaled).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2.5, 2.5), method="bounded").x))


def class_temperature(logits: NDArray[np.float64], numbers: NDArray[np.int64]) -> float:
    """The same for logits (N, O) of two labels (O = 1) or more and label numbers (N,)."""
    if logits.shape[1] == 1:
        return fit_temperature(logits[:, 0].tolist(), numbers.tolist())
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    own = logits[np.arange(len(numbers)), numbers]  # (N,)

    def loss(log_temperature: float) -> float:
        scale = np.exp(-log_temperature)
        return float((logsumexp(logits * scale, axis=1) - own * scale).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2.5, 2.5), method="bounded").x))


def cross_fitted_logits(
    logits: NDArray[np.float64], numbers: NDArray[np.int64], *, folds: int = 5, seed: int = 0
) -> NDArray[np.float64]:
    """Logits (N, O), each divided by the temperature of the folds that its text is not in."""
    fold = np.random.default_rng(seed).permutation(len(numbers)) % folds
    scaled = np.empty_like(logits)
    for number in range(folds):
        inside = fold == number
        scaled[inside] = logits[inside] / class_temperature(logits[~inside], numbers[~inside])
    return scaled


def mildest_temperature(
    logits: Sequence[float], labels: Sequence[int], bound: float = 0.028
) -> float:
    """The temperature nearest to 1, on the way to the best, whose ECE is within ``bound``.

    Sharpening what is under-confident on polar sentences moves neutral ones, which calibration
    on polar labels does not see, out of their zone: so no more of it than calibration asks for.
    """
    z, y = np.asarray(logits, dtype=float), np.asarray(labels, dtype=int)
    best = fit_temperature(logits, labels)
    for temperature in np.linspace(1.0, best, 41):
        p = 1 / (1 + np.exp(-z / temperature))
        if expected_calibration_error(p, y) <= bound:
            return float(temperature)
    return best


@torch.no_grad()
def fold_temperature(model: PackedLSTMClassifier, temperature: float) -> None:
    """Divide the logits of ``model`` by ``temperature``, in its head's weight and bias."""
    if not temperature > 0:
        raise ValueError(f"a temperature must be positive, got {temperature}")
    model.fc.weight.div_(temperature)
    model.fc.bias.div_(temperature)


def cross_fitted(
    logits: Sequence[float],
    labels: Sequence[int],
    *,
    folds: int = 5,
    resamples: int = 500,
    seed: int = 0,
) -> Calibration:
    """Calibration of texts with the temperature fitted on the folds that they are not in."""
    z, y = np.asarray(logits, dtype=float), np.asarray(labels, dtype=int)
    random = np.random.default_rng(seed)
    fold = random.permutation(len(z)) % folds
    p: NDArray[np.float64] = np.zeros(len(z))
    for number in range(folds):
        inside = fold == number
        temperature = mildest_temperature(z[~inside].tolist(), y[~inside].tolist())
        p[inside] = 1 / (1 + np.exp(-z[inside] / temperature))
    draws = [random.integers(0, len(z), len(z)) for _ in range(resamples)]
    eces = [expected_calibration_error(p[d], y[d]) for d in draws]
    low, high = np.quantile(eces, (0.025, 0.975))
    return Calibration(
        expected_calibration_error(p, y),
        float(low),
        float(high),
        mildest_temperature(z.tolist(), y.tolist()),
    )

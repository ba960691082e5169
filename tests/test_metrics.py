"""Figures against hand-made cases and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss

from train.measure.metrics import (
    binary_metrics,
    class_metrics,
    expected_calibration_error,
    wilson_interval,
)


def test_perfect_and_wrong() -> None:
    perfect = binary_metrics([0.999, 0.001], [1, 0])
    assert (perfect.n, perfect.accuracy) == (2, 1.0)
    assert perfect.log_loss == pytest.approx(-np.log(0.999))
    assert binary_metrics([0.9, 0.9], [0, 0]).accuracy == 0


def test_figures_are_those_of_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    p = generator.dirichlet([1, 1, 1], 50)
    y = generator.integers(0, 3, 50)
    many = class_metrics(p.tolist(), y.tolist())
    assert many.log_loss == pytest.approx(log_loss(y, p, labels=[0, 1, 2]))
    assert many.accuracy == accuracy_score(y, p.argmax(axis=1))
    two = binary_metrics(p[:, 0].tolist(), (y == 0).astype(int).tolist())
    assert two.log_loss == pytest.approx(log_loss(y == 0, p[:, 0]))
    assert two.accuracy == accuracy_score(y == 0, p[:, 0] >= 0.5)


def test_calibration_of_known_cases() -> None:
    assert expected_calibration_error([0.8] * 10, [1] * 8 + [0] * 2, bins=1) == pytest.approx(0)
    assert expected_calibration_error([0.8] * 10, [1] * 5 + [0] * 5, bins=1) == pytest.approx(0.3)
    assert expected_calibration_error([0.2] * 10, [0] * 10, bins=5) == pytest.approx(0.2)


def test_wilson_interval_matches_its_table() -> None:
    low, high = wilson_interval(90, 100)
    assert (low, high) == (pytest.approx(0.8256, abs=1e-4), pytest.approx(0.9448, abs=1e-4))
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert wilson_interval(5, 5)[1] == 1.0


def test_counts_must_agree() -> None:
    with pytest.raises(ValueError, match="got 1 probabilities, 2 labels"):
        binary_metrics([0.5], [1, 0])
    with pytest.raises(ValueError, match="at least one"):
        binary_metrics([], [])

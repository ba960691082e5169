"""Completeness, padding, baselines and batches of integrated gradients, by an own quadrature."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
import torch
from torch import Tensor

from sentiment import explain
from sentiment.classifier import SentimentClassifier
from sentiment.explain.reading import Reading
from sentiment.model import PackedLSTMClassifier, Trace
from tests.explaining import TEXT, TEXTS, every_shape, every_text, read, shaped

# the package exports a function of the same name
module = import_module("sentiment.explain.integrated_gradients")


def quadrature(
    reading: Reading, start: Tensor, alphas: Tensor, weights: Tensor, padding: int
) -> Tensor:
    """Attributions (T + padding,) by a rule's nodes (S,) in one batch of padded sentences."""
    count, steps = reading.count, len(alphas)
    end = reading.embedded[0]  # (T, E)
    path = start + alphas.view(-1, 1, 1) * (end - start)  # (S, T, E)
    junk = torch.full((steps, padding, path.shape[2]), 7.0, dtype=path.dtype)
    inputs = torch.cat([path, junk], dim=1).requires_grad_()
    logits = reading.model.run(inputs, torch.full((steps,), count)).logits[:, reading.target]
    (gradients,) = torch.autograd.grad(logits.sum(), inputs)  # (S, T + padding, E)
    mean = (gradients * weights.view(-1, 1, 1)).sum(dim=0)
    difference = torch.cat([end - start, junk[0]])  # of padding against an empty baseline
    return (mean * difference).sum(dim=1)


def midpoint_rule(steps: int) -> tuple[Tensor, Tensor]:
    return (torch.arange(steps).double() + 0.5) / steps, torch.full((steps,), 1 / steps).double()


def trapezoid_rule(steps: int) -> tuple[Tensor, Tensor]:
    weights = torch.full((steps + 1,), 1 / steps).double()
    weights[[0, -1]] /= 2
    return torch.linspace(0, 1, steps + 1).double(), weights


@every_shape
@every_text
def test_completeness(shape: str, text: str) -> None:
    reading = read(shaped(shape), text)
    found = explain.integrated_gradients(reading)
    start = reading.model.embedding.weight[1].expand_as(reading.embedded)  # "unknown"
    with torch.no_grad():
        at_start = reading.model.run(start, torch.tensor([reading.count])).logits[0]
    assert found.baseline_logit == pytest.approx(float(at_start[reading.target]), abs=1e-12)
    difference = reading.logit - found.baseline_logit
    assert found.residual == pytest.approx(found.scores.sum() - difference, abs=1e-12)
    assert found.tolerance == pytest.approx(max(1e-3, 0.05 * abs(difference)))
    assert found.converged
    assert abs(found.residual) <= found.tolerance


@every_shape
def test_equals_an_own_quadrature_where_padding_gets_nothing(shape: str) -> None:
    reading = read(shaped(shape), TEXT)
    start = reading.model.embedding.weight[0].expand_as(reading.embedded)
    for steps in (8, 16):
        for found, rule in (
            (module.midpoints, midpoint_rule),
            (module.trapezoid, trapezoid_rule),
        ):
            expected = quadrature(reading, start[0], *rule(steps), padding=3)
            scores = found(reading, start, steps)
            # Captum rounds the nodes' weights to fp32
            torch.testing.assert_close(scores, expected[: reading.count], rtol=1e-6, atol=1e-8)
            assert not expected[reading.count :].any()


def test_rounds_use_the_gradients_of_those_before(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = read(shaped("default"), TEXT)
    start = reading.model.embedding.weight[1].expand_as(reading.embedded)
    monkeypatch.setattr(module, "RELATIVE", 0.0)
    monkeypatch.setattr(module, "ABSOLUTE", 0.0)
    monkeypatch.setattr(module, "MOST_STEPS", 32)
    found = explain.integrated_gradients(reading)
    expected = quadrature(reading, start[0], *trapezoid_rule(32), padding=0)
    assert found.steps == 32
    np.testing.assert_allclose(found.scores, expected.numpy(), rtol=1e-6, atol=1e-8)


def test_batches_of_the_path_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = read(shaped("default"), TEXT)
    whole = explain.integrated_gradients(reading)
    monkeypatch.setattr(module, "BATCH_TOKENS", 1)
    single = explain.integrated_gradients(reading)
    np.testing.assert_allclose(whole.scores, single.scores, atol=1e-12)


@pytest.mark.parametrize("baseline", list(explain.BASELINES))
def test_every_baseline_is_complete(baseline: str) -> None:
    reading = replace(read(shaped("wide"), TEXT), baseline=baseline)
    found = explain.integrated_gradients(reading)
    weight = reading.model.embedding.weight
    row = {"padding": weight[0], "unknown": weight[1], "mean embedding": weight[2:].mean(dim=0)}
    start = row[baseline].expand_as(reading.embedded)
    with torch.no_grad():
        expected = float(reading.model.run(start, torch.tensor([reading.count])).logits[0, 0])
    assert (found.baseline, found.baseline_logit) == (baseline, pytest.approx(expected))
    assert found.converged
    fine = quadrature(reading, start[0], *midpoint_rule(200), padding=0)
    assert float(abs(fine.sum() - (reading.logit - expected))) <= found.tolerance


def test_an_unknown_baseline_is_refused() -> None:
    with pytest.raises(ValueError, match="baseline must be among unknown, padding"):
        explain.integrated_gradients(replace(read(shaped("default"), TEXT), baseline="zero"))


def test_steps_double_until_the_residual_passes_or_the_most_is_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading = read(shaped("default"), TEXT)
    asked = []

    def wrong(reading: Reading, start: Tensor, steps: int) -> Tensor:
        asked.append(steps)
        return torch.full((reading.count,), 100.0, dtype=torch.float64)

    for rule in ("midpoints", "trapezoid"):
        monkeypatch.setattr(module, rule, wrong)
    found = explain.integrated_gradients(reading)
    assert asked == [8, 8, 16, 32, 64, 128]
    assert (found.steps, found.converged) == (256, False)
    assert found.residual > found.tolerance
    asked.clear()
    monkeypatch.setattr(module, "MOST_TOKEN_STEPS", (8 + 9 + 16 + 32) * reading.count)
    assert explain.integrated_gradients(reading).steps == 64  # fewer for a long text, and it says
    assert asked == [8, 8, 16, 32]


def test_a_thousand_words_take_thirteen_gradients_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work of the longest text that the page takes, counted and not timed."""
    points = []
    run = PackedLSTMClassifier.run

    def counted(model: PackedLSTMClassifier, embedded: Tensor, lengths: Tensor) -> Trace:
        if embedded.requires_grad:
            points.append(len(embedded))
        return run(model, embedded, lengths)

    reading = read(shaped("small"), " ".join(["good", "awful"] * 500))
    monkeypatch.setattr(PackedLSTMClassifier, "run", counted)
    monkeypatch.setattr(module, "ABSOLUTE", 0.0)
    monkeypatch.setattr(module, "RELATIVE", 0.0)
    found = explain.integrated_gradients(reading)
    assert points == [6, 7]
    assert (found.steps, found.converged) == (12, False)  # and it says so


@pytest.mark.parametrize("text", TEXTS)
def test_shipped_weights(shipped: SentimentClassifier, text: str) -> None:
    found = shipped.explain(text).integrated_gradients
    assert found.converged
    assert found.steps <= 256

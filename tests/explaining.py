"""What the tests of explanations share: models of several shapes, and a slow honest LSTM."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from sentiment import explain
from sentiment.classifier import SentimentClassifier
from sentiment.explain.reading import Reading
from sentiment.model import PackedLSTMClassifier
from tests.conftest import tiny_classifier

TEXT = "the film was not very good , but it was never dull at all"
TEXTS = ["good", "not good", TEXT, "xyzzy plugh", "good good good good", "awful film"]
SHAPES: dict[str, dict[str, object]] = {
    "default": {},
    "small": {"hidden_dim": 3, "seed": 1},
    "wide": {"hidden_dim": 40, "seed": 2},
    "two layers": {"layers": 2, "seed": 3},
    "three layers": {"layers": 3, "hidden_dim": 5, "seed": 4},
    "last": {"pooling": ("last",), "seed": 5},
    "max": {"pooling": ("max",), "seed": 6},
    "mean, max": {"pooling": ("mean", "max"), "seed": 7},
    "three labels": {"labels": ("bad", "so-so", "good"), "seed": 8},
    "three labels, two layers": {"labels": ("bad", "so-so", "good"), "layers": 2, "seed": 9},
}

every_shape = pytest.mark.parametrize("shape", list(SHAPES))
every_text = pytest.mark.parametrize("text", TEXTS)


def shaped(shape: str) -> SentimentClassifier:
    """A random fp64 classifier with weights large enough to bend the gates."""
    classifier = tiny_classifier(**SHAPES[shape])  # type: ignore[arg-type]
    return scaled(classifier, 3.0)


def scaled(classifier: SentimentClassifier, factor: float) -> SentimentClassifier:
    """The same classifier, its recurrent weights and biases multiplied."""
    with torch.no_grad():
        for parameter in classifier.model.recurrence.parameters():
            parameter.mul_(factor)
    return classifier


def read(classifier: SentimentClassifier, text: str, target: int | None = None) -> Reading:
    """A reading as ``SentimentClassifier.explain`` makes it.

    The shape of three labels and two layers is asked for its least likely label, so that every
    law is held to a target which is not the verdict.
    """
    if target is None and len(classifier.labels) > 2 and classifier.model.recurrence.num_layers > 1:
        target = int(torch.tensor(classifier.predict(text).logits).argmin())
    return explain.read(
        classifier.model,
        classifier.encoder.encode(text),
        classifier.labels,
        target=target,
        twin=classifier.twin,
        encoder=classifier.encoder,
    )


def weights(lstm: nn.Module, layer: int) -> tuple[Tensor, Tensor, Tensor]:
    """W_ih, W_hh and both biases together."""
    w_ih, w_hh, b_ih, b_hh = (
        getattr(lstm, f"{name}_l{layer}").detach()
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    return w_ih, w_hh, b_ih + b_hh


def final_cells(model: PackedLSTMClassifier, embedded: Tensor) -> Tensor:
    """c_T of every layer (L, H) by nn.LSTM itself, from embeddings (T, E)."""
    with torch.no_grad():
        _, (_, cells) = model.lstm(embedded.unsqueeze(0))
    return cells[:, 0]


def pooled(model: PackedLSTMClassifier, target: int, states: Tensor, winners: Tensor) -> Tensor:
    """The head without its bias over states (T, H), the max read at given winners (H,)."""
    parts = {
        "last": states[-1],
        "max": torch.stack([states[t, unit] for unit, t in enumerate(winners.tolist())]),
        "mean": states.mean(dim=0),
    }
    row = model.fc.weight[target].detach()
    return row @ torch.cat([parts[part] for part in model.pooling])


def finite_difference(
    function: Callable[[Tensor], Tensor], point: Tensor, step: float = 1e-6
) -> Tensor:
    """Central differences of a scalar function at a vector (D,)."""
    gradient = torch.zeros_like(point)
    for index in range(len(point)):
        shift = torch.zeros_like(point)
        shift[index] = step
        gradient[index] = (function(point + shift) - function(point - shift)) / (2 * step)
    return gradient

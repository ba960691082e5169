"""Whether training was worth it: the trained model beside its start, on texts not trained on."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sentiment.classifier import SentimentClassifier
from sentiment.model import PackedLSTMClassifier
from sentiment.text import TextEncoder
from train.data.corpus import TrainingSet
from train.data.labelled import Example
from train.fit import loop
from train.fit.step import LoopSettings
from train.fit.texts import training_set
from train.measure.truth import Probabilities, logits_of, numbers_of, softmax

FOLDS = 3
Begin = Callable[[TrainingSet], PackedLSTMClassifier]
"""The model that training on such texts begins with, a new one each time."""


@dataclass(frozen=True, slots=True)
class Gain:
    """What training changed on ``n`` texts: ``points`` of accuracy and their standard error.

    Where labels are ``uneven`` each weighs the same. ``log_loss`` is its change in nats. Texts
    that ``chose`` the epoch speak a little too well of training.
    """

    n: int
    points: float
    error: float
    log_loss: float
    uneven: bool = False
    chose: bool = False
    probe: bool = False

    @property
    def worth_it(self) -> bool:
        """Whether more verdicts are right, or as many with a lower log loss."""
        return (self.points, -self.log_loss) > (0.0, 0.0)

    def __str__(self) -> str:
        start = "the linear probe over the start's states" if self.probe else "the start as it was"
        done = "trained" if self.worth_it else f"kept {start}"
        return (
            f"{done}: on {self.n:,} texts {'that chose the epoch' if self.chose else 'new to both'}"
            f", training changed the {'balanced ' if self.uneven else ''}accuracy by "
            f"{self.points:+.1f} points (standard error {self.error:.1f})"
        )


def gain(
    trained: Probabilities, start: Probabilities, numbers: NDArray[np.int64], *, uneven: bool
) -> Gain:
    """Training's gain from the probabilities (N, K) of both models for label numbers (N,)."""
    rows = np.arange(len(numbers))
    right = [(p.argmax(axis=1) == numbers).astype(float) for p in (trained, start)]
    sizes = np.bincount(numbers)
    weights = 1.0 / sizes[numbers] if uneven else np.ones(len(numbers))  # (N,)
    weights /= weights.sum()
    each = right[0] - right[1]  # (N,)
    points = float((weights * each).sum())
    error = float(np.sqrt((weights**2 * (each - points) ** 2).sum()))
    own = [np.log(np.maximum(p[rows, numbers], 1e-12)) for p in (trained, start)]
    log_loss = float((weights * (own[1] - own[0])).sum())
    return Gain(len(numbers), 100 * points, 100 * error, log_loss, uneven)


def gain_on(
    trained: PackedLSTMClassifier,
    start: PackedLSTMClassifier,
    encoder: TextEncoder,
    labels: Sequence[str],
    examples: list[Example],
) -> Gain:
    """The gain on texts that training did not learn from, and that chose its best epoch."""
    texts, numbers = [e.text for e in examples], numbers_of(examples, labels)
    after, before = (
        softmax(logits_of(SentimentClassifier(model, encoder, labels), texts))
        for model in (trained, start)
    )
    found = gain(after, before, numbers, uneven=_uneven(numbers, labels))
    return replace(found, chose=True)


def cross_fitted_gain(
    begin: Begin,
    encoder: TextEncoder,
    labels: Sequence[str],
    examples: list[Example],
    settings: LoopSettings,
) -> Gain:
    """The gain on each third of the texts over what ``begin`` makes of the others."""
    examples = [e for e in examples if len(labels) > 2 or e.target != 0.5]
    numbers = numbers_of(examples, labels)
    fold = np.random.default_rng(settings.seed).permutation(len(examples)) % FOLDS
    before, after = np.zeros((2, len(examples), len(labels)))
    for number in range(FOLDS):
        inside = np.flatnonzero(fold == number)
        texts = [examples[i].text for i in inside]
        learnt = [one for one, other in zip(examples, fold, strict=True) if other != number]
        data = training_set(encoder, learnt, classes=len(labels) > 2)
        model = begin(data)
        untouched = SentimentClassifier(copy.deepcopy(model).eval(), encoder, labels)
        before[inside] = softmax(logits_of(untouched, texts))
        model.requires_grad_(True)  # a classifier's model rests
        if settings.embedding_learning_rate == 0:
            model.embedding.weight.requires_grad_(False)
        best, _ = loop.train(model, data, None, settings, None)
        after[inside] = softmax(logits_of(SentimentClassifier(best, encoder, labels), texts))
    return gain(after, before, numbers, uneven=_uneven(numbers, labels))


def _uneven(numbers: NDArray[np.int64], labels: Sequence[str]) -> bool:
    return int(np.bincount(numbers).max()) * len(labels) > 1.5 * len(numbers)

"""How to train by the size of the data: steps and not passes decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from train.data.held_out import CHOOSE_FROM
from train.fit.loop import LoopSettings
from train.fit.start import Head

Number = TypeVar("Number", int, float)

CALIBRATE_FROM = 30
"""Fewer texts say nothing of a temperature."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person fixed; None leaves it to the size of the data."""

    epochs: int | None = None
    patience: int | None = None
    learning_rate: float | None = None
    embedding_learning_rate: float | None = None
    batch_size: int | None = None
    word_dropout: float | None = None
    bfloat16: bool = False
    seed: int = 0


def _given(asked: Number | None, otherwise: Number) -> Number:
    return otherwise if asked is None else asked


def loop_settings(texts: int, *, head: Head | None, asked: Asked) -> LoopSettings:
    """Settings for so many training ``texts``.

    ``head`` as ``started_model`` tells it, None from nothing. From a finished model a thousand
    steps are enough (350 where it knows the labels and no texts choose the epoch), from nothing
    two thousand; each text is seen three times at least, and 30
    (60) times at most. Labels that the start knows nothing of want the rate of a model from
    nothing. Raises SentimentError for a number that trains nothing.
    """
    started = head is not None
    batch = _given(asked.batch_size, 32 if texts < 20_000 else 64)
    steps, most = (1000, 30) if started else (2000, 60)
    if head in ("kept", "between") and texts < CHOOSE_FROM:
        steps = 350  # more only learn these few texts by heart, and none chooses the epoch
    # A batch of none is refused with the other settings.
    passes = round(steps * batch / max(texts, 1))
    epochs = _given(asked.epochs, max(3, min(most, passes)))
    rate = _given(asked.learning_rate, 1e-3 if head in ("kept", "between") else 2e-3)
    embedding = asked.embedding_learning_rate
    if embedding is None and head == "kept":
        embedding = 0.0 if texts < CHOOSE_FROM else 0.3 * rate
    word_dropout = asked.word_dropout
    if word_dropout is None:
        word_dropout = 0.05 if started else 0.0
    return LoopSettings(
        epochs=epochs,
        batch_size=batch,
        learning_rate=rate,
        embedding_learning_rate=embedding,
        averaging=0.99,
        word_dropout=word_dropout,
        warmup=0.1,
        patience=_given(asked.patience, max(3, epochs // 3)),
        bfloat16=asked.bfloat16,
        lazy_embedding=started and embedding != 0,
        seed=asked.seed,
    )

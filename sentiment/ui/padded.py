"""What a network makes of padding that it reads as if it were words, and a text where that shows.

The classic head is one over the final state alone, of the loaded model's own weights: what is
left of a verdict when the maximum and the mean of the words are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from sentiment import behaviour
from sentiment.classifier import SentimentClassifier
from sentiment.explain import prefix_pools, read, running_verdict
from sentiment.suite import MINIMAL_PAIRS
from sentiment.text import PADDING, PADDING_ID
from sentiment.values import Encoding, FloatArray, RunningVerdict, Token

MOST_PADDING = 40
LONGEST, TOGETHER, LEAST_MOVED = 16, 64, 0.1
"""Tokens of the longest text that is tried, how many are read together, and how far one must go."""


@dataclass(frozen=True)
class PaddedStates:
    """A text with 0 to ``MOST_PADDING`` padding tokens behind it, read as words.

    ``classic`` (MOST_PADDING + 1,) are the probabilities by the final state alone; empty where
    the head has no such part, or the model other labels than two.
    """

    running: RunningVerdict  # over words and padding
    states: Tensor  # (MOST_PADDING + 1, H)
    words: int
    classic: tuple[float, ...]


def padded_states(classifier: SentimentClassifier, text: str, target: int = 0) -> PaddedStates:
    """Read a text and the padding behind it, as a network does that is not told the length."""
    encoding = classifier.encoder.encode(text)
    count = len(encoding.ids)
    nothing = Token(PADDING, len(text), len(text), known=True)
    padded = Encoding(
        text,
        encoding.ids + (PADDING_ID,) * MOST_PADDING,
        encoding.tokens + (nothing,) * MOST_PADDING,
    )
    reading = read(classifier.model, padded, classifier.labels, target=target)
    running = running_verdict(reading)
    states = reading.of(prefix_pools)["last"][count - 1 :]  # (MOST_PADDING + 1, H)
    classic = _odds(running.last[count - 1 :] + running.bias) if _has_classic(classifier) else ()
    return PaddedStates(running, states, count, classic)


def turning_example(classifier: SentimentClassifier) -> str | None:
    """The text whose verdict by the final state padding moves furthest into another reading.

    One that is negative or positive without padding goes before one that is neutral. None where
    none of the texts tried is so moved, or the model has no head over that state.
    """
    if not _has_classic(classifier):
        return None
    candidates = dict.fromkeys(text for pair in MINIMAL_PAIRS for text in pair)
    best, furthest = None, (False, 0.0)
    for text, odds in _classic_odds(classifier, list(candidates)):
        own = behaviour.reading(odds[0])
        moved = [abs(value - odds[0]) for value in odds if behaviour.reading(value) != own]
        found = (own != "neutral", max(moved, default=0.0))
        # A verdict at the edge of its zone would turn at a breath.
        if found[1] > LEAST_MOVED and found > furthest:
            best, furthest = text, found
    return best


def _classic_odds(
    classifier: SentimentClassifier, texts: Sequence[str]
) -> Iterator[tuple[str, tuple[float, ...]]]:
    model = classifier.model
    head = model.fc.weight.detach()[0].reshape(len(model.pooling), -1)  # (P, H)
    last, bias = head[model.pooling.index("last")], model.fc.bias.detach()[0]
    rows = zip(texts, classifier.encoder.ids_batch(texts), strict=True)
    kept = [(text, ids) for text, ids in rows if 0 < len(ids) <= LONGEST]
    for start in range(0, len(kept), TOGETHER):
        part = kept[start : start + TOGETHER]
        width = max(len(ids) for _, ids in part) + MOST_PADDING
        rectangle = torch.full((len(part), width), PADDING_ID)  # (B, T)
        for row, (_, ids) in zip(rectangle, part, strict=True):
            row[: len(ids)] = torch.tensor(ids)
        with torch.inference_mode():
            whole = torch.full((len(part),), width)
            hidden = model.run(model.embedding(rectangle), whole).hidden  # (B, T, H)
            logits = (hidden @ last + bias).double().numpy()  # (B, T)
        for (text, ids), values in zip(part, logits, strict=True):
            yield text, _odds(values[len(ids) - 1 : len(ids) + MOST_PADDING])


def _has_classic(classifier: SentimentClassifier) -> bool:
    model = classifier.model
    # A state that reads backwards too is not that of a prefix.
    one_way = not getattr(model.recurrence, "bidirectional", False)
    return one_way and len(classifier.labels) == 2 and "last" in model.pooling


def _odds(logits: FloatArray) -> tuple[float, ...]:
    return tuple(torch.as_tensor(logits).double().sigmoid().tolist())

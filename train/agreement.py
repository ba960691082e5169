"""Whether an imported model says what the person's own does, and which choices would make it so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product
from pathlib import Path

from sentiment.classifier import SentimentClassifier
from sentiment.model import POOLINGS
from sentiment.tables import ReadOptions
from sentiment.text import RULES
from train.data.tables import DataError, column, load_table

EQUAL = 0.02
"""Largest gap of a logit that 16 bits explain."""
TRIED = 20
"""So many texts tell a choice from another."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What tensors do not tell of a class: how it splits texts, and what its head reads.

    ``backward_first`` says that the head reads the backward direction's final state before the
    forward one's, as ``torch.cat((hidden[-1], hidden[-2]), dim=1)`` gives them.
    """

    rule: str
    pooling: tuple[str, ...]
    backward_first: bool = False

    def __str__(self) -> str:
        order = " --backward-first" if self.backward_first else ""
        return f"--tokenization {self.rule} --pooling {','.join(self.pooling)}{order}"


@dataclass(frozen=True, slots=True)
class ExpectedLogits:
    """Texts, and the logits that the person's own model gave each, one or one a label."""

    texts: tuple[str, ...]
    logits: tuple[tuple[float, ...], ...]

    def gap(self, classifier: SentimentClassifier) -> float:
        """The greatest gap of a logit, in logits. Raises DataError for another number of logits."""
        gap = 0.0
        for theirs, prediction in zip(
            self.logits, classifier.predict_batch(self.texts), strict=True
        ):
            own = [prediction.logit] if len(prediction.labels) == 2 else list(prediction.logits)
            if len(theirs) == 2 and len(own) == 1:
                theirs = (theirs[1] - theirs[0],)
            if len(theirs) != len(own):
                raise DataError(
                    f"want {len(own)} logits a text, got {list(theirs)} of {prediction.text[:20]!r}"
                )
            gap = max(gap, *(abs(a - b) for a, b in zip(theirs, own, strict=True)))
        return gap


def expected_logits(check: Path, reading: ReadOptions | None = None) -> ExpectedLogits:
    """What a table says with columns "text" and "logits": a number, or one a label in a list.

    Raises DataError where a column is missing, TableError for a file that cannot be read.
    """
    table = load_table(str(check), reading=reading)
    texts = tuple(str(text) for text in column(table, "text", str(check)))
    logits = []
    for given in column(table, "logits", str(check)):
        theirs = json.loads(given) if isinstance(given, str) else given
        logits.append(tuple(theirs) if isinstance(theirs, list) else (theirs,))
    return ExpectedLogits(texts, tuple(logits))


def agreeing_choices(
    made: Callable[[Choices], SentimentClassifier],
    asked: Choices,
    wanted: ExpectedLogits,
    *,
    both: bool,
) -> Choices | None:
    """The first other choices by which the model says what was ``wanted``; None where none do.

    ``made`` imports the model by its choices; ``both`` says that it has two directions.
    """
    few = replace(wanted, texts=wanted.texts[:TRIED], logits=wanted.logits[:TRIED])
    return next((one for one in _others(asked, both=both) if few.gap(made(one)) <= EQUAL), None)


def _others(asked: Choices, *, both: bool) -> Iterator[Choices]:
    """The choices that differ, those in one thing before those in more."""
    rules: Sequence[str] = (asked.rule, *(rule for rule in RULES if rule != asked.rule))
    poolings = [asked.pooling, *permutations(POOLINGS, len(asked.pooling))]
    orders = (asked.backward_first, not asked.backward_first) if both else (asked.backward_first,)
    found = dict.fromkeys(Choices(*one) for one in product(rules, poolings, orders))
    kept = [one for one in found if "last" in one.pooling or not one.backward_first]

    def changed(one: Choices) -> int:
        return sum(
            (
                one.rule != asked.rule,
                one.pooling != asked.pooling,
                one.backward_first != asked.backward_first,
            )
        )

    yield from sorted((one for one in kept if one != asked), key=changed)

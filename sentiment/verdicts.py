"""Texts to their verdicts, as rows of a table: what each process of scoring does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sentiment.legibility import legibility
from sentiment.values import Encoding

if TYPE_CHECKING:
    from sentiment.classifier import SentimentClassifier

SLICE_CHARACTERS = 1 << 20
GROUP_TOKENS = 1 << 16

Verdict = tuple[Any, ...]
"""label, leaning, probability, logit, error, and each label's probability where it is asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """``bfloat16`` multiplies in 16 bits; ``probabilities`` adds that of each label."""

    bfloat16: bool = False
    probabilities: bool = False

    def failed(self, classifier: SentimentClassifier, error: str | None) -> Verdict:
        """The verdict on a text that has none."""
        each = len(classifier.labels) if self.probabilities else 0
        return (None, None, None, None, error, *[None] * each)


def slices(texts: Sequence[str], errors: Sequence[str | None]) -> Iterator[list[int]]:
    """Numbers of the texts without an error, in slices that one process reads at once."""
    chosen, held = [], 0
    for i, text in enumerate(texts):
        if errors[i] is None:
            chosen.append(i)
            held += len(text)
            if held >= SLICE_CHARACTERS:
                yield chosen
                chosen, held = [], 0
    if chosen:
        yield chosen


def verdicts(
    classifier: SentimentClassifier,
    texts: Sequence[str],
    asked: Asked,
    on_batch: Callable[[], None] | None = None,
) -> tuple[list[Verdict], int]:
    """The verdict on each text of a slice, and the tokens read.

    ``on_batch`` is called before every step of some thousand tokens; what it raises ends the work.
    """
    if on_batch is not None:
        on_batch()
    ids = classifier.encoder.ids_batch(texts)
    told, language = legibility(classifier.encoder), classifier.language
    errors = [told.fault(text, one, language) for text, one in zip(texts, ids, strict=True)]
    found = [asked.failed(classifier, error) for error in errors]
    kept = [i for i, error in enumerate(errors) if error is None]
    tokens = 0
    for group in _groups(kept, ids):
        if on_batch is not None:
            on_batch()
        rows = classifier.logits([ids[i] for i in group], bfloat16=asked.bfloat16)
        for i, row in zip(group, rows, strict=True):
            one = classifier.prediction(Encoding(texts[i], tuple(ids[i]), ()), row)
            chance = max(one.probabilities) if one.probability is None else one.probability
            each = one.probabilities if asked.probabilities else ()
            found[i] = (one.reading, one.leaning, chance, one.logit, None, *each)
            tokens += len(ids[i])
    return found, tokens


def _groups(chosen: Sequence[int], ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """The chosen texts by length, in groups between which a run can be stopped."""
    group, held = [], 0
    for i in sorted(chosen, key=lambda i: len(ids[i])):
        group.append(i)
        held += len(ids[i])
        if held >= GROUP_TOKENS:
            yield group
            group, held = [], 0
    if group:
        yield group

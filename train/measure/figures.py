"""Figures that say how well a method answers a question, from cases sentence by sentence.

Intervals are 95 % bootstrap over sentences.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 500
QUESTIONS = {
    "phrases": "what is a phrase worth? AUC against its label",
    "phrases against their sentence": "the same, of phrases labelled against their sentence",
    "turned or intensified": "did a negator turn it? AUC against intensifiers",
    "turned or kept": "the same, against negators that leave the label",
    "strongest interaction spans the negation": "the strongest interaction spans the negation",
    "comprehensiveness": "probability lost without the words ranked first (comprehensiveness)",
    "sufficiency": "probability lost with those words alone (sufficiency; lower is better)",
    "converges on long texts": "integrated gradients converge on long texts",
    "share of the logit's variance": "which part carries the verdict? share of its variance",
}
"""In the words of the page and the card, in their order there."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One method's answer to one question, with the bounds of a 95 % interval."""

    question: str
    method: str
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Case:
    """A number that a method gave in a sentence, beside the truth it is to tell (1 or 0)."""

    sentence: int
    score: float
    truth: bool


def auc(cases: Sequence[Case]) -> float:
    """The chance that a true case scores above a false one, ties counted half; nan without both."""
    scores = np.array([case.score for case in cases])
    truth = np.array([case.truth for case in cases], dtype=bool)
    if truth.all() or not truth.any():
        return float("nan")
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (counts.cumsum() - (counts - 1) / 2)[places]  # 1 for the lowest
    positives, negatives = int(truth.sum()), int((~truth).sum())
    above = ranks[truth].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))


def mean(cases: Sequence[Case]) -> float:
    """The mean score."""
    return float(np.mean([case.score for case in cases])) if cases else float("nan")


def figure(
    question: str, method: str, cases: Sequence[Case], statistic: Callable[[Sequence[Case]], float]
) -> Figure:
    """A statistic with its interval: sentences, which hold several cases each, are resampled."""
    groups: dict[int, list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.sentence].append(case)
    numbers, generator = list(groups), np.random.default_rng(0)
    drawn = []
    for _ in range(RESAMPLES if numbers else 0):
        chosen = generator.choice(len(numbers), size=len(numbers))
        found = statistic([case for index in chosen for case in groups[numbers[index]]])
        if found == found:  # a resample without both kinds has no AUC
            drawn.append(found)
    low, high = np.percentile(drawn, [2.5, 97.5]) if drawn else (float("nan"), float("nan"))
    return Figure(question, method, statistic(cases), float(low), float(high), len(cases))


def shares(parts: NDArray[np.float64]) -> list[Figure]:
    """Each part's covariance with the logit over its variance, from parts (N, 3); they sum to 1."""
    generator = np.random.default_rng(0)

    def share(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        centred = rows - rows.mean(axis=0)
        logits = centred.sum(axis=1)
        size = float((logits**2).sum())  # zero where all sentences are alike
        found: NDArray[np.float64] = (centred * logits[:, None]).sum(axis=0)
        return found / size if size > 0 else np.full(3, np.nan)

    drawn = [share(parts[generator.choice(len(parts), len(parts))]) for _ in range(RESAMPLES)]
    kept = [row for row in drawn if not np.isnan(row).any()] or [np.full(3, np.nan)]
    low, high = np.percentile(kept, [2.5, 97.5], axis=0)
    names = ("final state", "max-pool", "mean-pool")
    return [
        Figure("share of the logit's variance", *row, len(parts))
        for row in zip(names, share(parts).tolist(), low.tolist(), high.tolist(), strict=True)
    ]


def told(found: Sequence[Figure]) -> tuple[dict[str, Any], ...]:
    """Rows of a table: question by question, the best method first."""
    rows: list[dict[str, Any]] = []
    for question, words in QUESTIONS.items():
        asked = [one for one in found if one.question == question]
        lower = question == "sufficiency"
        ranked = sorted(asked, key=lambda one: one.value if lower else -one.value)
        rows += [
            {
                "question": words,
                "method": one.method,
                "value": round(one.value, 3),
                "interval": f"{one.low:.3f} to {one.high:.3f}",
                "n": one.n,
            }
            for one in ranked
        ]
    return tuple(rows)

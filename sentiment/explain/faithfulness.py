"""Faithfulness: do the tokens that a method ranks highest carry the verdict?

Comprehensiveness and sufficiency with AOPC, DeYoung et al. 2020 (ERASER), arXiv:1911.03429,
deleting tokens rather than masking them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from sentiment.explain.lanes import judged_scores
from sentiment.explain.rankings import FRACTIONS, SEED, Integers, kept, random_rankings, top_parts
from sentiment.explain.reading import Reading, Sentence
from sentiment.values import (
    Faithfulness,
    FloatArray,
    MethodFaithfulness,
    TokenScores,
    floats,
)


def faithfulness(reading: Reading) -> Faithfulness:
    """The rankings of the lanes that are judged against 20 seeded random ones."""
    return judged(reading, reading.of(judged_scores))


def judged(reading: Reading, methods: Sequence[TokenScores]) -> Faithfulness:
    """The same of any token scores.

    Both sides delete whole tokens; of signed scores those towards the class rank first, of
    unsigned ones the largest, the first position on ties. The random rankings are ten and their
    reverses: the lower half of the one is the upper half of the other.
    """
    single, towards = len(reading.labels) <= 2, _towards(reading)
    label = reading.labels[int(reading.logit > 0) if single else reading.target]
    scores = _scores(reading, methods)  # (M, T)
    rankings = [*_rankings(scores), *random_rankings(reading.count)]  # (M + R)
    logits = reading.reread(_texts(reading, rankings))
    probabilities = _probabilities(logits, reading.target, towards)
    whole = float(_probabilities(reading.trace.logits.double(), reading.target, towards)[0])
    read = probabilities.reshape(2, len(rankings), -1).mean(axis=2)  # (2, M + R)
    comprehensiveness, sufficiency = whole - read[0], whole - read[1]  # (M + R,) each
    count_methods = len(methods)
    random_comprehensiveness = comprehensiveness[count_methods:]
    random_sufficiency = sufficiency[count_methods:]
    return Faithfulness(
        label=label,
        probability=whole,
        methods=tuple(
            MethodFaithfulness(
                method.name,
                float(comp),
                float(suff),
                _percentile(comp, random_comprehensiveness),
                _percentile(-suff, -random_sufficiency),
            )
            for method, comp, suff in zip(
                methods,
                comprehensiveness[:count_methods],
                sufficiency[:count_methods],
                strict=True,
            )
        ),
        fractions=FRACTIONS,
        random_comprehensiveness=floats(random_comprehensiveness),
        random_sufficiency=floats(random_sufficiency),
        agreement=floats(agreement(scores)),
        seed=SEED,
    )


def ranked_texts(reading: Reading, methods: Sequence[TokenScores]) -> list[Sentence]:
    """What ``judged`` reads of the methods."""
    return _texts(reading, _rankings(_scores(reading, methods)))


def random_texts(reading: Reading) -> list[Sentence]:
    """What ``judged`` reads whatever the methods."""
    return _texts(reading, [*random_rankings(reading.count)])


def agreement(scores: NDArray[np.float64]) -> FloatArray:
    """Spearman's rank correlation between rows (M, M), ties sharing their mean rank."""
    ranks = np.empty_like(scores)
    for row, values in enumerate(scores):
        _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
        ranks[row] = (counts.cumsum() - (counts + 1) / 2)[inverse]
    ranks -= ranks.mean(axis=1, keepdims=True)
    norms = np.sqrt((ranks**2).sum(axis=1, keepdims=True))
    unit = np.divide(ranks, norms, out=np.zeros_like(ranks), where=norms > 0)
    return floats(np.clip(unit @ unit.T, -1, 1))


def _towards(reading: Reading) -> float:
    """The sign of scores towards the class."""
    return -1.0 if len(reading.trace.logits[0]) == 1 and reading.logit <= 0 else 1.0


def _scores(reading: Reading, methods: Sequence[TokenScores]) -> NDArray[np.float64]:
    """Scores (M, T), the highest of which are judged."""
    towards = _towards(reading)
    return np.array([m.scores * towards if m.signed else m.scores for m in methods])


def _rankings(scores: NDArray[np.float64]) -> list[Integers]:
    return [np.argsort(-row, kind="stable") for row in scores]


def _texts(reading: Reading, rankings: Sequence[Integers]) -> list[Sentence]:
    """The text without the top tokens of each ranking, then with these alone."""
    chosen = top_parts(rankings)  # (M + R, tops, T)
    return kept(reading, np.concatenate([~chosen, chosen]).reshape(-1, reading.count))


def _probabilities(logits: torch.Tensor, target: int, towards: float) -> NDArray[np.float64]:
    """The class's probability (N,) from logits (N, O)."""
    if logits.shape[1] == 1:
        result: NDArray[np.float64] = torch.sigmoid(towards * logits[:, 0]).numpy()
    else:
        result = logits.softmax(dim=1)[:, target].numpy()
    return result


def _percentile(value: float, reference: NDArray[np.float64]) -> float:
    """The share of the reference that is lower, in per cent, ties counted half."""
    return float(50 * ((reference < value).mean() + (reference <= value).mean()))

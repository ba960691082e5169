"""Faithfulness: do the tokens that a method ranks highest carry the verdict?

Comprehensiveness and sufficiency with AOPC, DeYoung et al. 2020 (ERASER), arXiv:1911.03429,
deleting tokens rather than masking them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from sentiment.explain.lanes import ranked_scores
from sentiment.explain.reading import Reading
from sentiment.values import (
    Faithfulness,
    FloatArray,
    MethodFaithfulness,
    TokenScores,
    floats,
)

FRACTIONS = (0.01, 0.05, 0.1, 0.2, 0.5)
RANDOM_RANKINGS = 20
SEED = 0


def faithfulness(reading: Reading) -> Faithfulness:
    """Every method's ranking against 20 seeded random ones."""
    return judged(reading, reading.of(ranked_scores))


def judged(reading: Reading, methods: Sequence[TokenScores]) -> Faithfulness:
    """The same of any token scores.

    Both sides delete whole tokens; of signed scores those towards the class rank first, of
    unsigned ones the largest, the first position on ties.
    """
    ids, count = reading.encoding.ids, reading.count
    single = len(reading.trace.logits[0]) == 1
    towards = 1.0 if not single or reading.logit > 0 else -1.0
    label = reading.labels[int(reading.logit > 0) if single else reading.target]
    scores = np.array([m.scores * towards if m.signed else m.scores for m in methods])  # (M, T)
    generator = np.random.default_rng(SEED)
    rankings = [np.argsort(-row, kind="stable") for row in scores]
    rankings += [generator.permutation(count) for _ in range(RANDOM_RANKINGS)]
    tops = sorted({max(1, math.ceil(fraction * count)) for fraction in FRACTIONS})

    chosen = np.zeros((len(rankings), len(tops), count), dtype=np.bool_)  # (M + R, tops, T)
    for row, ranking in enumerate(rankings):
        for column, top in enumerate(tops):
            chosen[row, column, ranking[:top]] = True
    kept = np.concatenate([~chosen, chosen]).reshape(-1, count)
    tokens = np.array(ids)
    logits = reading.reread([tokens[row].tolist() for row in kept])
    probabilities = _probabilities(logits, reading.target, towards)
    whole = float(_probabilities(reading.trace.logits.double(), reading.target, towards)[0])
    read = probabilities.reshape(2, len(rankings), len(tops)).mean(axis=2)  # (2, M + R)
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

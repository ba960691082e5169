"""Random orders of a text's tokens, and the top parts of an order: what two studies read alike.

Faithfulness deletes or keeps the top parts, and a long text's Shapley values are estimated from
the same texts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from sentiment.explain.reading import Reading, Sentence

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

FRACTIONS = (0.01, 0.05, 0.1, 0.2, 0.5)
"""Of DeYoung et al. 2020 (ERASER), arXiv:1911.03429."""
RANDOM_RANKINGS = 20
SEED = 0


def orders(count: int, pairs: int, seed: int) -> Integers:
    """Drawn permutations of the tokens, each before its reverse, (P, 2, T).

    More pairs of one seed begin with those of fewer.
    """
    generator = np.random.default_rng(seed)
    drawn = np.array([generator.permutation(count) for _ in range(pairs)])  # (P, T)
    return np.stack([drawn, drawn[:, ::-1]], axis=1)


def random_rankings(count: int) -> Integers:
    """Ten random rankings, each before its reverse, (20, T)."""
    return orders(count, RANDOM_RANKINGS // 2, SEED).reshape(-1, count)


def tops(count: int) -> list[int]:
    """How many tokens the top parts hold, equal ones once."""
    return sorted({max(1, math.ceil(fraction * count)) for fraction in FRACTIONS})


def top_parts(rankings: Sequence[Integers] | Integers) -> Booleans:
    """Which tokens each top part of each ranking (R, T) holds, (R, tops, T)."""
    places = np.array(rankings).argsort(axis=1)  # (R, T)
    return places[:, None, :] < np.array(tops(places.shape[1]))[:, None]


def kept(reading: Reading, present: Iterable[Sequence[bool]] | Booleans) -> list[Sentence]:
    """For every row (T,) the text without the absent."""
    ids = reading.encoding.ids
    rows = present.tolist() if isinstance(present, np.ndarray) else present
    return [tuple(compress(ids, row)) for row in rows]

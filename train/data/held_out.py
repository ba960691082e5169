"""Which texts are held out: told by the texts alone, so that every way of reading agrees."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from train.data.labels import POLAR
from train.data.tables import DataError

MOST = 20_000
"""Held-out texts, at most about so many: of more than ten times as many texts it is no tenth."""
CHOOSE_FROM = 1000
"""With as many training texts a tenth of them chooses the epoch; fewer are all learnt from."""

Numbers = NDArray[np.uint64]
"""A text's first 64 bits of SHA-256, as ``fingerprint.number`` gives them, (N,)."""


def held_out(
    numbers: Numbers, targets: NDArray[np.float64], labels: Sequence[str] = POLAR
) -> frozenset[int]:
    """The numbers of a tenth of each label's distinct texts, those of the least numbers.

    A text that is there several times counts under its first target (N,). Raises DataError where
    one of the ``labels`` has only one text.
    """
    distinct, first = np.unique(numbers, return_index=True)  # (D,) by size, (D,)
    apart = max(10.0, len(distinct) / MOST)
    target_of = targets[first]  # (D,)
    chosen: set[int] = set()
    for target in np.unique(target_of).tolist():
        of_it = distinct[target_of == target]
        if len(of_it) < 2:
            known = float(target).is_integer() and target < len(labels)
            name = labels[int(target)] if known else f"{target:g}"
            raise DataError(
                f"only one text has the label {name!r}; want two or more of each, one "
                "to train on and one to measure"
            )
        chosen.update(of_it[: math.ceil(len(of_it) / apart)].tolist())
    return frozenset(chosen)


def to_choose(numbers: Numbers, targets: NDArray[np.float64]) -> frozenset[int]:
    """The numbers of the texts that choose the epoch among those to train on; none of few."""
    if len(numbers) < CHOOSE_FROM:
        return frozenset()
    try:
        return held_out(numbers, targets)
    except DataError:  # a label with one text, which is learnt from
        return frozenset()

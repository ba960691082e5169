"""Arrays that nobody writes to, and the three bands of a verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

POLAR = ("negative", "positive")
"""The labels between which there is a neutral reading."""
UNKNOWN_READING = "unknown"
"""The reading of a text of which the model knows nothing."""
NEUTRAL_ZONE = (1 / 3, 2 / 3)
"""Probabilities of the second of two labels, ends included, that the page calls neutral, or
undecided of other labels than negative and positive."""


def between(labels: Sequence[str]) -> str:
    """What the page calls a probability within ``NEUTRAL_ZONE``."""
    return "neutral" if tuple(labels) == POLAR else "undecided"


def _plain(values: ArrayLike) -> ArrayLike:
    """A tensor as an array, anything else as it is; asked by name, since torch stays outside."""
    return values.numpy() if hasattr(values, "numpy") else values


def shortened(text: str, most: int = 60) -> str:
    """The beginning of a text, for showing."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def floats(values: ArrayLike) -> FloatArray:
    """A read-only float64 copy."""
    array = np.array(_plain(values), dtype=np.float64)
    array.setflags(write=False)
    return array


def integers(values: ArrayLike) -> IntArray:
    """A read-only int64 copy."""
    array = np.array(_plain(values), dtype=np.int64)
    array.setflags(write=False)
    return array


def plain(value: Any) -> Any:
    """Frozen values and arrays as JSON values; numbers that JSON lacks become None.

    ``kept`` of a memory, a (T, H) matrix, is left out: its norms and shares say it by token.
    """
    if is_dataclass(value):
        names = [field.name for field in fields(value) if field.name != "kept"]
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value

"""Sentences of everyday English written for the recipe, each with its reading: written.txt.

What constructed sentences lack is variety: praise and complaint told by facts alone, plain facts
beside them in the same words, irony, wishes, denials, comments and faces. Sentences that differ
by one detail stand side by side, and are held out together.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from train.data.labelled import Example

FILE = Path(__file__).with_name("written.txt")
TARGETS = {"negative": 0.04, "neutral": 0.5, "positive": 0.96}
"""Readings as targets, a little short of certainty: a few lines can be read otherwise."""


@cache
def written_examples(split: str = "train") -> tuple[Example, ...]:
    """The sentences to learn from, or every tenth score of lines ("dev"), held out.

    Raises ValueError for a line without a reading.
    """
    found = []
    for number, line in enumerate(FILE.read_text(encoding="utf-8").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        reading, _, text = line.partition(": ")
        if reading not in TARGETS or not text:
            raise ValueError(f"{FILE.name}, line {number}: want a reading and a text, got {line!r}")
        if (number // 20 % 10 == 0) == (split == "dev"):
            found.append(Example(text, TARGETS[reading]))
    return tuple(found)

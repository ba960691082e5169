"""A text's phrases, joined bottom-up by what they do to each other when read together.

After Singh et al. 2019, arXiv:1806.05337; there one phrase grows at a time where its score changes
most, here two neighbours join when each interacts more strongly with the other than with its other
neighbour. A phrase's score is its logit read alone, so that every node re-predicts, and all phrases
that could come about are read at once: those of one start are prefixes of one another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from sentiment.explain.reading import Reading, Sentence, runs
from sentiment.values import Hierarchy, HierarchyNode

Span = tuple[int, int]
Score = Callable[[Reading, Sequence[Span]], Sequence[float]]
"""From a reading and spans to a score of each."""

MOST_LEAVES = 64
LONG_LEAVES = 32
"""Runs of tokens that are joined where there are more tokens than ``MOST_LEAVES``."""


def hierarchy(reading: Reading) -> Hierarchy:
    """A binary tree over the tokens, or over at most 32 runs of them in a text of over 64."""
    return joined(reading, _logits)


def joined(reading: Reading, score: Score) -> Hierarchy:
    """The tree of any score of spans."""
    leaves = _leaves(reading.count)
    spans = _phrases(leaves)
    scores = dict(zip(spans, score(reading, spans), strict=True))
    nodes = [HierarchyNode(*span, scores[span], 0.0, ()) for span in leaves]
    groups = list(range(len(nodes)))  # from left to right
    while len(groups) > 1:
        pairs = list(pairwise(groups))
        spans = [(nodes[left].start, nodes[right].end) for left, right in pairs]
        joints = [
            scores[span] - nodes[left].score - nodes[right].score
            for span, (left, right) in zip(spans, pairs, strict=True)
        ]
        for place in reversed(_mutual([abs(joint) for joint in joints])):
            nodes.append(
                HierarchyNode(*spans[place], scores[spans[place]], joints[place], pairs[place])
            )
            groups[place : place + 2] = [len(nodes) - 1]
    return Hierarchy(tuple(nodes), leaves[0][1] - leaves[0][0])


def hierarchy_texts(reading: Reading) -> list[Sentence]:
    """The phrases that ``hierarchy`` reads."""
    ids = reading.encoding.ids
    return [ids[start:end] for start, end in _phrases(_leaves(reading.count))]


def _leaves(count: int) -> list[Span]:
    return runs(count, LONG_LEAVES if count > MOST_LEAVES else count)


def _phrases(leaves: Sequence[Span]) -> list[Span]:
    """All runs of neighbouring leaves."""
    return [(start, end) for place, (start, _) in enumerate(leaves) for _, end in leaves[place:]]


def _logits(reading: Reading, spans: Sequence[Span]) -> list[float]:
    """The target's logit of every span read alone."""
    ids = reading.encoding.ids
    logits: list[float] = reading.reread([ids[start:end] for start, end in spans])[
        :, reading.target
    ].tolist()
    return logits


def _mutual(strengths: list[float]) -> list[int]:
    """Pairs that both partners prefer to any other; of equal ones the leftmost."""
    padded = [-1.0, *strengths, -1.0]
    return [
        place
        for place, strength in enumerate(strengths)
        if padded[place] < strength >= padded[place + 2]
    ]

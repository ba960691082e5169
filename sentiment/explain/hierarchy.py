"""A text's phrases, joined bottom-up by what they do to each other when read together.

After Singh et al. 2019, arXiv:1806.05337; there one phrase grows at a time where its score changes
most, here two neighbours join when each interacts more strongly with the other than with its other
neighbour. A phrase's score is its logit read alone, so that every node re-predicts. Phrases of up
to twelve words are read first; when a longer one could come about, all that still can are read at
once. Those of one start are prefixes of one another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from sentiment.explain.reading import Reading, Sentence, runs
from sentiment.values import Hierarchy, HierarchyNode

Span = tuple[int, int]
Score = Callable[[Reading, Sequence[Span]], Sequence[float]]
"""From a reading and spans to a score of each."""

MOST_LEAVES = 64
LONG_LEAVES = 32
"""Runs of tokens that are joined where there are more tokens than ``MOST_LEAVES``."""


FIRST_WORDS = 12
"""Of the phrases read first. Then some 14 groups of sixty words are left to begin a longer one."""


@dataclass(frozen=True, slots=True)
class _Joins:
    """A tree that grows: its nodes, those yet without a parent from left to right, known scores."""

    nodes: tuple[HierarchyNode, ...]
    groups: tuple[int, ...]
    scores: Mapping[Span, float]

    def spans(self) -> list[Span]:
        """The tokens of each group."""
        return [(self.nodes[group].start, self.nodes[group].end) for group in self.groups]


def hierarchy(reading: Reading) -> Hierarchy:
    """A binary tree over the tokens, or over at most 32 runs of them in a text of over 64."""
    return _ended(reading, reading.of(_first_joins), _logits)


def joined(reading: Reading, score: Score) -> Hierarchy:
    """The tree of any score of spans."""
    return _ended(reading, _begun(reading, score), score)


def hierarchy_texts(reading: Reading) -> list[Sentence]:
    """The phrases that ``hierarchy`` reads first."""
    return _texts(reading, _first(_leaves(reading.count)))


def later_hierarchy_texts(reading: Reading) -> list[Sentence]:
    """The phrases that it reads when it has joined what it can by the first."""
    return _texts(reading, _left(reading.of(_first_joins)))


def _first_joins(reading: Reading) -> _Joins:
    return _begun(reading, _logits)


def _begun(reading: Reading, score: Score) -> _Joins:
    """All joins that short phrases decide."""
    leaves = _leaves(reading.count)
    spans = _first(leaves)
    scores = dict(zip(spans, score(reading, spans), strict=True))
    nodes = tuple(HierarchyNode(*span, scores[span], 0.0, ()) for span in leaves)
    return _grown(_Joins(nodes, tuple(range(len(nodes))), scores))


def _ended(reading: Reading, joins: _Joins, score: Score) -> Hierarchy:
    if spans := _left(joins):
        known = dict(zip(spans, score(reading, spans), strict=True))
        joins = _grown(replace(joins, scores={**joins.scores, **known}))
    return Hierarchy(joins.nodes, joins.nodes[0].end)


def _grown(joins: _Joins) -> _Joins:
    """Join, round by round, until one group is left or a round would need an unknown score."""
    nodes, groups, scores = [*joins.nodes], [*joins.groups], joins.scores
    while len(groups) > 1:
        pairs = list(pairwise(groups))
        spans = [(nodes[left].start, nodes[right].end) for left, right in pairs]
        if not all(span in scores for span in spans):
            break
        joints = [
            scores[span] - nodes[left].score - nodes[right].score
            for span, (left, right) in zip(spans, pairs, strict=True)
        ]
        for place in reversed(_mutual([abs(joint) for joint in joints])):
            nodes.append(
                HierarchyNode(*spans[place], scores[spans[place]], joints[place], pairs[place])
            )
            groups[place : place + 2] = [len(nodes) - 1]
    return _Joins(tuple(nodes), tuple(groups), scores)


def _leaves(count: int) -> list[Span]:
    return runs(count, LONG_LEAVES if count > MOST_LEAVES else count)


def _first(leaves: Sequence[Span]) -> list[Span]:
    """Short phrases of words; of runs of words, which are few, all."""
    longest = FIRST_WORDS if leaves[0][1] == 1 else len(leaves)
    return _phrases(leaves, longest)


def _left(joins: _Joins) -> list[Span]:
    """The phrases that can still come about and are not known."""
    spans = joins.spans()
    return [span for span in _phrases(spans, len(spans)) if span not in joins.scores]


def _phrases(leaves: Sequence[Span], longest: int) -> list[Span]:
    """All runs of up to ``longest`` neighbouring leaves."""
    return [
        (start, end)
        for place, (start, _) in enumerate(leaves)
        for _, end in leaves[place : place + longest]
    ]


def _texts(reading: Reading, spans: Sequence[Span]) -> list[Sentence]:
    ids = reading.encoding.ids
    return [ids[start:end] for start, end in spans]


def _logits(reading: Reading, spans: Sequence[Span]) -> list[float]:
    """The target's logit of every span read alone."""
    logits: list[float] = reading.reread(_texts(reading, spans))[:, reading.target].tolist()
    return logits


def _mutual(strengths: list[float]) -> list[int]:
    """Pairs that both partners prefer to any other; of equal ones the leftmost."""
    padded = [-1.0, *strengths, -1.0]
    return [
        place
        for place, strength in enumerate(strengths)
        if padded[place] < strength >= padded[place + 2]
    ]

"""Agglomerative contextual decomposition: phrases joined bottom-up by their interaction.

After Singh et al. 2019, arXiv:1806.05337; there one phrase grows at a time where its score changes
most, here two neighbours join when each interacts more strongly with the other than with its other
neighbour. Many pairs join in one round, so a text needs few rounds of one batch each.
"""

from __future__ import annotations

from itertools import pairwise

from sentiment.explain.decomposition import Span, decompose
from sentiment.explain.reading import Reading, runs
from sentiment.values import Hierarchy, HierarchyNode

MOST_LEAVES = 64
LONG_LEAVES = 32
"""Runs of tokens that are joined where there are more tokens than ``MOST_LEAVES``."""


def hierarchy(reading: Reading) -> Hierarchy:
    """A binary tree over the tokens, or over at most 32 runs of them in a text of over 64."""
    long = reading.count > MOST_LEAVES
    leaves = runs(reading.count, min(MOST_LEAVES, LONG_LEAVES) if long else MOST_LEAVES)
    scores: dict[Span, float] = {}

    def score(spans: list[Span]) -> None:
        new = [span for span in spans if span not in scores]
        totals = decompose(reading, new)[0].sum(dim=1).tolist()
        scores.update(zip(new, totals, strict=True))

    score(leaves + [(left[0], right[1]) for left, right in pairwise(leaves)])
    nodes = [HierarchyNode(*span, scores[span], 0.0, ()) for span in leaves]
    groups = list(range(len(nodes)))  # from left to right
    while len(groups) > 1:
        pairs = list(pairwise(groups))
        spans = [(nodes[left].start, nodes[right].end) for left, right in pairs]
        score(spans)
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


def _mutual(strengths: list[float]) -> list[int]:
    """Pairs that both partners prefer to any other; of equal ones the leftmost."""
    padded = [-1.0, *strengths, -1.0]
    return [
        place
        for place, strength in enumerate(strengths)
        if padded[place] < strength >= padded[place + 2]
    ]

"""Agglomerative contextual decomposition: phrases joined bottom-up by their interaction.

After Singh et al. 2019, arXiv:1806.05337; there a phrase grows where its score changes most, here
the two neighbours join whose joint score differs most from the sum of theirs.
"""

from __future__ import annotations

from itertools import pairwise

from sentiment.explain.decomposition import Span, decompose
from sentiment.explain.reading import Reading, runs
from sentiment.values import Hierarchy, HierarchyNode

MOST_LEAVES = 64


def hierarchy(reading: Reading) -> Hierarchy:
    """A binary tree over the tokens, or over runs of tokens in a text of over 64."""
    leaves = runs(reading.count, MOST_LEAVES)
    scores: dict[Span, float] = {}

    def score(spans: list[Span]) -> None:
        new = [span for span in spans if span not in scores]
        totals = decompose(reading, new)[0].sum(dim=1).tolist()
        scores.update(zip(new, totals, strict=True))

    score(leaves + [(a[0], b[1]) for a, b in pairwise(leaves)])
    nodes = [HierarchyNode(*span, scores[span], 0.0, ()) for span in leaves]
    open_nodes = list(range(len(nodes)))  # from left to right
    while len(open_nodes) > 1:
        pairs = list(pairwise(open_nodes))
        score([(nodes[a].start, nodes[b].end) for a, b in pairs])
        joints = [
            scores[nodes[a].start, nodes[b].end] - nodes[a].score - nodes[b].score for a, b in pairs
        ]
        place = max(range(len(pairs)), key=lambda i: abs(joints[i]))  # leftmost on ties
        left, right = pairs[place]
        start, end = nodes[left].start, nodes[right].end
        nodes.append(HierarchyNode(start, end, scores[start, end], joints[place], (left, right)))
        open_nodes[place : place + 2] = [len(nodes) - 1]
    return Hierarchy(tuple(nodes), leaves[0][1] - leaves[0][0])

"""A treebank's sentences with their labelled constituents, and what modifiers do to the labels."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sentiment import negation
from train.data.tables import load_table

MOST_BEFORE = 3  # words of a negator or intensifier before what it is about
INTENSIFIERS = frozenset({"very", "really", "so", "too", "quite", "extremely", "truly", "more"})

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """A sentence, its rating and the ratings (0 to 4, 2 neutral) of its constituents."""

    text: str
    rating: int
    spans: dict[Span, int]


@dataclass(frozen=True, slots=True)
class Modified:
    """A constituent AB of a modifier A and a constituent B, and what A did to B's label."""

    whole: Span
    part: Span
    kind: str  # "turned", "kept" or "intensified"
    sign: int  # of B


def sentences(source: str) -> list[LabelledSentence]:
    """The dev sentences of a treebank laid out as SST's: constituents with token spans."""
    table = load_table(source, "dev")
    spans: dict[int, dict[Span, int]] = defaultdict(dict)
    whole: dict[int, tuple[str, int]] = {}
    for number, text, rating, start, end, is_sentence in zip(
        *(table[name] for name in ("sentence_id", "text", "rating", "start", "end", "is_sentence")),
        strict=True,
    ):
        spans[number][start, end] = rating
        if is_sentence:
            whole[number] = (text, rating)
    return [LabelledSentence(*whole[number], spans[number]) for number in sorted(whole)]


def modified(sentence: LabelledSentence) -> list[Modified]:
    """Negators and intensifiers with the polar constituent they stand before."""
    words = sentence.text.lower().split()
    found = []
    for (start, end), rating in sentence.spans.items():
        for place in range(start + 1, min(start + MOST_BEFORE, end - 1) + 1):
            inner = sentence.spans.get((place, end), 2)
            if inner == 2:
                continue
            before = words[start:place]
            sign = 1 if inner > 2 else -1
            if before[-1] in INTENSIFIERS and len(before) == 1:
                found.append(Modified((start, end), (place, end), "intensified", sign))
            elif negation.NEGATORS & set(before) and rating != 2:
                kind = "turned" if (rating > 2) != (inner > 2) else "kept"
                found.append(Modified((start, end), (place, end), kind, sign))
                break
    return found

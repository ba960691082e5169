"""The studies of one text together, so that what several read is read once."""

from __future__ import annotations

from sentiment.explain.alone import interaction_texts, interactions
from sentiment.explain.deletion import deletion, deletion_scores, deletion_texts
from sentiment.explain.faithfulness import faithfulness, random_texts, ranked_texts
from sentiment.explain.hierarchy import hierarchy, hierarchy_texts, later_hierarchy_texts
from sentiment.explain.lanes import judged_lanes
from sentiment.explain.reading import Method, Reading, Sentence
from sentiment.explain.shapley import shapley, shapley_scores, shapley_texts

MOST_TOKENS = 64
"""In longer texts the studies share little, and one batch of all would be large."""
_READ = (deletion_scores, shapley_scores)
"""Methods of lanes whose scores are themselves read from other texts."""
_FIRST: tuple[Method[object], ...] = (deletion, shapley, interactions)


def together(reading: Reading, *, phrases: bool = True) -> None:
    """Find deletion, Shapley values, interactions and faithfulness of a text.

    And the hierarchy, which reads ``phrases``. In a text of up to 64 tokens what they read forms
    two batches: in the second what the first decides, that is the rankings of scores that are read
    themselves, and the hierarchy's longer phrases. They find what each finds alone, to rounding.
    """
    known = map(reading.found, (*_FIRST, faithfulness))
    shares = reading.count <= MOST_TOKENS and not any(known)
    with reading.ahead(_asked(reading, phrases) if shares else []):
        for study in _FIRST:
            reading.of(study)
        with reading.ahead(_asked_then(reading, phrases) if shares else []):
            reading.of(faithfulness)
            if phrases:
                reading.of(hierarchy)


def _asked(reading: Reading, phrases: bool) -> list[Sentence]:
    """What the studies will read first."""
    lanes = [reading.of(lane) for lane in judged_lanes(reading) if lane.method not in _READ]
    return [
        *deletion_texts(reading),
        *shapley_texts(reading),
        *interaction_texts(reading),
        *(hierarchy_texts(reading) if phrases else ()),
        *ranked_texts(reading, lanes),
        *random_texts(reading),
    ]


def _asked_then(reading: Reading, phrases: bool) -> list[Sentence]:
    """What they will read when they know that."""
    lanes = [reading.of(lane) for lane in judged_lanes(reading) if lane.method in _READ]
    later = later_hierarchy_texts(reading) if phrases else []
    return [*ranked_texts(reading, lanes), *later]

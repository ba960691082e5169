"""The studies of one text together, so that what several read is read once."""

from __future__ import annotations

from sentiment.explain.alone import interaction_texts, interactions
from sentiment.explain.deletion import deletion, deletion_scores, deletion_texts
from sentiment.explain.faithfulness import faithfulness, faithfulness_texts
from sentiment.explain.hierarchy import hierarchy, hierarchy_texts
from sentiment.explain.lanes import judged_lanes
from sentiment.explain.reading import Method, Reading, Sentence
from sentiment.explain.shapley import shapley, shapley_scores, shapley_texts

MOST_TOKENS = 64
"""In longer texts the studies share little, and one batch of all would be large."""
_READ = (deletion_scores, shapley_scores)
"""Methods of lanes whose scores are themselves read from other texts."""
_STUDIES: tuple[Method[object], ...] = (deletion, shapley, interactions, faithfulness)


def together(reading: Reading, *, phrases: bool = True) -> None:
    """Find deletion, Shapley values, interactions and faithfulness of a text.

    And the hierarchy, which reads all ``phrases``. In a text of up to 64 tokens what they read
    forms one batch, but for the rankings of scores that are read themselves. They find what each
    of them finds alone, to rounding.
    """
    with reading.ahead(_asked(reading, phrases)):
        for study in _STUDIES:
            reading.of(study)
        if phrases:
            reading.of(hierarchy)


def _asked(reading: Reading, phrases: bool) -> list[Sentence]:
    """What the studies will read; nothing where it is not worth a batch of its own."""
    if reading.count > MOST_TOKENS or any(map(reading.found, _STUDIES)):
        return []
    known = [reading.of(lane) for lane in judged_lanes(reading) if lane.method not in _READ]
    return [
        *deletion_texts(reading),
        *shapley_texts(reading),
        *interaction_texts(reading),
        *(hierarchy_texts(reading) if phrases else ()),
        *faithfulness_texts(reading, known),
    ]

"""The smallest edit that turns the verdict: single edits first, then pairs.

Every candidate is a text of its own, tokenised and read like any other, so what is found
re-predicts by construction. Wachter et al. 2017, arXiv:1711.00399, for the idea.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import torch
from torch import Tensor

from sentiment import negation
from sentiment.explain.deletion import deletion
from sentiment.explain.reading import Reading
from sentiment.values import Edit, SmallestEdit

PAIR_TOKENS = 12
MOST_TOKENS = 128  # in a long text, only the words with the highest deletion scores are edited
LONG = 256


def smallest_edit(reading: Reading) -> SmallestEdit:
    """One edit, or two over the twelve tokens with the highest deletion scores.

    Scores are those of the predicted label, whichever the reading explains. Raises ValueError for
    a reading without its encoder.
    """
    text, count = reading.encoding.text, reading.count
    label = _labels(reading, reading.trace.logits)[0]
    outputs = reading.trace.logits[0]  # (O,)
    predicted = 0 if len(outputs) == 1 else int(outputs.argmax())
    towards = -1.0 if len(outputs) == 1 and outputs[0] <= 0 else 1.0
    about = reading if predicted == reading.target else replace(reading, target=predicted)
    scores = about.of(deletion).scores * towards
    ranked = sorted(range(count), key=lambda t: (-scores[t], t))
    editable = set(ranked[: MOST_TOKENS if count > LONG else count])
    paired = set(ranked[:PAIR_TOKENS])
    singles = [edit for edit in negation.edits(text) if edit.token in editable]
    candidates = [(edit,) for edit in singles]
    found, tried = _flips(reading, candidates, label)
    if found is None:
        pairs = [
            pair
            for pair in combinations([edit for edit in singles if edit.token in paired], 2)
            if pair[0].token != pair[1].token
        ]
        found, more = _flips(reading, pairs, label)
        tried += more
    where = f"the {MOST_TOKENS} words with the highest deletion scores" if count > LONG else "words"
    stated = (
        f"Deleting, negating, replacing by an opposite or a neutral word, intensifying or "
        f"diminishing {where}, one at a time, then two at a time among the "
        f"{min(PAIR_TOKENS, count)} words with the highest deletion scores."
    )
    edits, edited, new_label, logit = found or ((), text, label, reading.logit)
    return SmallestEdit(edits, edited, new_label, logit, stated, tried, tuple(sorted(paired)))


def _flips(
    reading: Reading, candidates: Sequence[tuple[Edit, ...]], label: str
) -> tuple[tuple[tuple[Edit, ...], str, str, float] | None, int]:
    """The candidate that another label wins by the largest margin, and how many were read.

    The margin is over the label that it takes the place of, in logits.
    """
    if reading.encoder is None:
        raise ValueError("this reading has no encoder, which edited texts need")
    texts: dict[str, tuple[Edit, ...]] = {}
    for edits in candidates:
        edited = negation.apply(reading.encoding.text, edits)
        if edited is not None:
            texts.setdefault(edited, edits)
    encoded = zip(texts, reading.encoder.ids_batch(list(texts)), strict=True)
    readable = {text: ids for text, ids in encoded if ids}  # what loses its only word has none
    if not readable:
        return None, 0
    logits = reading.reread(list(readable.values()))  # (N, O)
    labels = _labels(reading, logits)
    if logits.shape[1] == 1:
        margins = logits[:, 0].abs().tolist()  # (N,)
    else:
        margins = (logits.amax(dim=1) - logits[:, reading.labels.index(label)]).tolist()  # (N,)
    flipped = [row for row, new in enumerate(labels) if new != label]
    if not flipped:
        return None, len(readable)
    best = max(flipped, key=lambda row: margins[row])
    text = list(readable)[best]
    return (texts[text], text, labels[best], float(logits[best, reading.target])), len(readable)


def _labels(reading: Reading, logits: Tensor) -> list[str]:
    """The verdict of each row of logits (N, O)."""
    if logits.shape[1] == 1:
        return [reading.labels[int(positive)] for positive in logits[:, 0] > 0]
    return [reading.labels[best] for best in torch.argmax(logits, dim=1).tolist()]

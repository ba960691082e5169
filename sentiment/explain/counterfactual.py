"""The smallest edit that turns the verdict: single edits first, then pairs.

Every candidate is a text of its own, tokenised and read like any other, so what is found
re-predicts by construction. Wachter et al. 2017, arXiv:1711.00399, for the idea.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from torch import Tensor

from sentiment import negation
from sentiment.explain.deletion import deletion
from sentiment.explain.reading import Reading
from sentiment.values import NEUTRAL_ZONE, Edit, SmallestEdit

PAIR_TOKENS = 12
MOST_TOKENS = 128  # in a long text, only the words with the highest deletion scores are edited
LONG = 256

Found = tuple[tuple[Edit, ...], str, str, float]


def smallest_edit(reading: Reading) -> SmallestEdit:
    """One edit, or two over the twelve tokens with the highest deletion scores.

    Of those that turn the verdict the one that changes the fewest characters, one without a
    deletion before one with it. With two labels, to turn is to come out of the neutral zone on
    the other side. A neutral word must read inside that zone alone and in its place. Scores are
    those of the predicted label, whichever the reading explains. Raises ValueError for a reading
    without its encoder.
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
    singles = without_opinions(reading, singles)
    found, tried = _smallest(reading, [(edit,) for edit in singles], label)
    if found is None:
        pairs = _pairs(text, [edit for edit in singles if edit.token in paired])
        found, more = _smallest(reading, pairs, label)
        tried += more
    where = f"the {MOST_TOKENS} words with the highest deletion scores" if count > LONG else "words"
    stated = (
        f"Negating, replacing by an opposite or a neutral word, intensifying or diminishing "
        f"{where} by rules of grammar where the sentence is plain, then deleting some; one at a "
        "time, then two at a time among "
        f"the {min(PAIR_TOKENS, count)} words with the highest deletion scores. The smallest has "
        "the fewest edits, then the fewest characters changed."
    )
    edits, edited, new_label, logit = found or ((), text, label, reading.logit)
    return SmallestEdit(edits, edited, new_label, logit, stated, tried, tuple(sorted(paired)))


def _pairs(text: str, singles: Sequence[Edit]) -> list[tuple[Edit, ...]]:
    """Two edits at different words; a negator and another, or two that turn, in two sentences.

    In one sentence they would undo each other, turn half of a list, or weaken the denial.
    """
    sentences = negation.sentences(text)
    found: list[tuple[Edit, ...]] = []
    for pair in combinations(singles, 2):
        apart = len({sentences[edit.token] for edit in pair}) > 1
        turning = all(edit.kind in (*negation.NEGATING, "neutral") for edit in pair)
        denying = any(edit.kind in negation.NEGATING[:2] for edit in pair)
        if pair[0].token != pair[1].token and (apart or not (turning or denying)):
            found.append(pair)
    return found


def changed(text: str, edits: Sequence[Edit]) -> int:
    """Characters that edits take out of a text and put into it."""
    total = 0
    for edit in edits:
        old, new = text[edit.start : edit.end], edit.replacement
        while old and new and old[0] == new[0]:
            old, new = old[1:], new[1:]
        while old and new and old[-1] == new[-1]:
            old, new = old[:-1], new[:-1]
        total += len(old) + len(new)
    return total


def without_opinions(reading: Reading, edits: Sequence[Edit]) -> list[Edit]:
    """The edits less those whose "neutral" word reads as an opinion, alone or in its place.

    Its place is the word with its neighbours. Raises ValueError for a reading without its encoder.
    """
    if reading.encoder is None:
        raise ValueError("this reading has no encoder, which edited texts need")
    neutral = [edit for edit in edits if edit.kind == "neutral"]
    if not neutral or len(reading.labels) > 2:
        return list(edits)
    words, places = [], []
    for edit in neutral:
        new = edit.replacement.split()
        before, after = edit.text[: edit.start].split(), edit.text[edit.start :].split()
        words.append(new[-1])
        places.append(" ".join([*before[-1:], *after[: len(new) + 1]]))
    logits = reading.reread(reading.encoder.ids_batch([*words, *places]))  # (2N, 1)
    inside = [not polar for polar in _polar(logits)]
    count = len(neutral)
    opinions = {
        edit
        for edit, alone, placed in zip(neutral, inside[:count], inside[count:], strict=True)
        if not (alone and placed)
    }
    return [edit for edit in edits if edit not in opinions]


def _smallest(
    reading: Reading, candidates: Sequence[tuple[Edit, ...]], label: str
) -> tuple[Found | None, int]:
    """The turning candidate with the fewest characters changed, and how many were read.

    Candidates without a deletion go first; only where none of them turns it are the others read.
    """
    tried = 0
    for deleting in (False, True):
        texts: dict[str, tuple[Edit, ...]] = {}
        for edits in candidates:
            if any(edit.kind == "delete" for edit in edits) == deleting:
                edited = negation.apply(reading.encoding.text, edits)
                if edited is not None:
                    texts.setdefault(edited, edits)
        found, count = _turning(reading, texts, label)
        tried += count
        if found is not None:
            return found, tried
    return None, tried


def _turning(
    reading: Reading, texts: dict[str, tuple[Edit, ...]], label: str
) -> tuple[Found | None, int]:
    if reading.encoder is None:
        raise ValueError("this reading has no encoder, which edited texts need")
    encoded = zip(texts, reading.encoder.ids_batch(list(texts)), strict=True)
    readable = {text: ids for text, ids in encoded if ids}  # what loses its only word has none
    if not readable:
        return None, 0
    logits = reading.reread(list(readable.values()))  # (N, O)
    labels, polar = _labels(reading, logits), _polar(logits)
    turned = [
        (changed(reading.encoding.text, texts[text]), row, text)
        for row, text in enumerate(readable)
        if labels[row] != label and polar[row]
    ]
    if not turned:
        return None, len(readable)
    _, row, text = min(turned)
    return (texts[text], text, labels[row], float(logits[row, reading.target])), len(readable)


def _labels(reading: Reading, logits: Tensor) -> list[str]:
    """The verdict of each row of logits (N, O)."""
    if logits.shape[1] == 1:
        return [reading.labels[int(positive)] for positive in logits[:, 0] > 0]
    return [reading.labels[best] for best in logits.argmax(dim=1).tolist()]


def _polar(logits: Tensor) -> list[bool]:
    """Whether each row of logits (N, O) lies outside the neutral zone; more labels have none."""
    if logits.shape[1] > 1:
        return [True] * len(logits)
    low, high = NEUTRAL_ZONE
    return [not low <= p <= high for p in logits[:, 0].double().sigmoid().tolist()]

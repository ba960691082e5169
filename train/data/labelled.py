"""Texts with labels: SST trees, a person's own files, Hub data sets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentiment.tables import ReadOptions
from train.data.fingerprint import number
from train.data.held_out import Numbers, held_out, to_choose
from train.data.labels import (
    POLAR,
    USUAL_SCALE,
    Found,
    Labelling,
    Scale,
    labelling,
    number_of,
    spelled,
)
from train.data.pairs import Pairs, count_labels
from train.data.tables import (
    DataError,
    NoSplitError,
    column,
    has_splits,
    load_table,
    open_split,
    stream_split,
)

SST_TARGETS = (0.0, 0.0, 0.5, 1.0, 1.0)  # by rating; see README, "Targets"


@dataclass(frozen=True, slots=True)
class Example:
    """A text with its target in [0, 1] (1 is positive) and its weight in the loss.

    With more than two labels the target is the label's number.
    """

    text: str
    target: float
    weight: float = 1.0


def binary_examples(
    source: str,
    split: str,
    text_column: str = "text",
    label_column: str = "label",
    *,
    reading: ReadOptions | None = None,
) -> list[Example]:
    """Examples with targets in [0, 1], from labels 0/1 or from SST's ratings 0 to 4.

    Of SST's trees the train split gives every distinct phrase, phrases that repeat with other
    ratings the mean of their targets; any other split gives whole polar sentences, as SST-2 has.
    """
    table = load_table(source, split, reading=reading)
    if {"rating", "is_sentence"} <= table.keys():
        rows = _treebank_rows(table, source)
        if split != "train":
            return [Example(t, SST_TARGETS[r]) for t, r, whole in rows if whole and r != 2]
        targets: dict[str, list[float]] = {}
        for text, rating, _ in rows:
            targets.setdefault(text, []).append(SST_TARGETS[rating])
        return [Example(text, sum(seen) / len(seen)) for text, seen in targets.items()]
    if text_column not in table and "sentence" in table:
        text_column = "sentence"  # stanfordnlp/sst2's name for it
    texts = column(table, text_column, source)
    labels = column(table, label_column, source)
    examples = []
    for row, (text, label) in enumerate(zip(texts, labels, strict=True)):
        value = None if isinstance(label, bool) else number_of(label)
        if value is None or not 0 <= value <= 1:
            raise DataError(f"{source} row {row}: label must lie in [0, 1], got {label!r}")
        if not isinstance(text, str) or not text.strip():
            raise DataError(f"{source} row {row}: no text")
        examples.append(Example(text, value))
    return examples


def treebank_rows(
    source: str, split: str = "train", *, reading: ReadOptions | None = None
) -> list[tuple[str, int, bool]]:
    """Every phrase of SST's trees with its rating, 0 to 4, and whether it is a whole sentence.

    Raises DataError for a source without these columns, and for what is no such rating.
    """
    return _treebank_rows(load_table(source, split, reading=reading), source)


def _treebank_rows(table: dict[str, list[Any]], source: str) -> list[tuple[str, int, bool]]:
    columns = (column(table, name, source) for name in ("text", "rating", "is_sentence"))
    rows = []
    for row, (text, rating, whole) in enumerate(zip(*columns, strict=True)):
        if not isinstance(text, str) or not text.strip():
            raise DataError(f"{source} row {row}: no text")
        if rating not in range(len(SST_TARGETS)):
            raise DataError(f"{source} row {row}: rating must be 0 to 4, got {rating!r}")
        rows.append((text, int(rating), bool(whole)))
    return rows


@dataclass(frozen=True, slots=True)
class LabelledData:
    """What to train on, what to choose on, and the labels' names in the order of the outputs.

    ``scale`` is that of ratings, if the labels are such.
    """

    train: list[Example]
    dev: list[Example]
    labels: tuple[str, ...] = POLAR
    scale: Scale | None = None


def labelled_data(
    source: str,
    text_column: str = "text",
    label_column: str = "label",
    *,
    labels: Sequence[str] | None = None,
    ratings: bool | Scale = False,
    balance: bool = False,
    reading: ReadOptions | None = None,
) -> LabelledData:
    """Training and dev examples of a file, folder or Hub data set.

    Labels may be numbers in [0, 1] (1 is positive), names or whole numbers of two or more
    classes; names that differ by case or blanks alone are one. With ``ratings`` they are numbers
    of a scale of which the lower half is negative, the upper positive and the middle neither: the
    given scale, or that of the training rows, rare ones far off aside. ``labels`` gives the
    classes' names in the order that is wanted.
    ``balance`` weighs examples so that every class counts the same. Where there is no dev split,
    a fixed tenth of the distinct texts of each class becomes it. Rows without text or label are
    left out with a note; what the labels mean is printed. Raises DataError for what cannot be
    trained on.
    """
    if is_treebank(source, "train", reading):
        train, dev = (binary_examples(source, split, reading=reading) for split in ("train", "dev"))
        return LabelledData(_balanced(train, 2) if balance else train, dev)
    train, meaning = _examples(source, "train", text_column, label_column, labels, ratings, reading)
    names = meaning.names
    own = own_dev(
        source, text_column, label_column, meaning, labels=labels, ratings=ratings, reading=reading
    )
    if own is None:
        train, own = split_dev(train, names)
        print(without_dev(source, len(own)), flush=True)
    dev = decided(own, names)
    check_split(source, {example.target for example in train}, len(train), dev)
    train = _balanced(train, len(names)) if balance else train
    return LabelledData(train, dev, names, meaning.scale)


def own_dev(
    source: str,
    text_column: str,
    label_column: str,
    meaning: Labelling,
    *,
    labels: Sequence[str] | None = None,
    ratings: bool | Scale = False,
    reading: ReadOptions | None = None,
    stream: bool = False,
) -> list[Example] | None:
    """The examples of a source's dev split, whose labels have the training rows' meaning.

    None where it has no such split. ``stream`` as ``Pairs`` takes it. Raises DataError where its
    labels are not those of the training rows.
    """
    if not has_splits(source):
        return None
    names = meaning.names
    known = names if labels is None and names != POLAR else labels
    scale = meaning.scale or ratings
    try:
        dev, found = _examples(
            source, "dev", text_column, label_column, known, scale, reading, stream=stream
        )
    except NoSplitError:
        return None
    if found.names != names:
        raise DataError(
            f"{source}: the dev split's labels {', '.join(found.names)} are not the "
            f"training split's {', '.join(names)}"
        )
    return dev


def without_dev(source: str, count: int) -> str:
    """What there is to say where the held-out texts are some of the training rows."""
    return f"{source} has no dev split: {count:,} texts are kept for it"


def decided(examples: list[Example], labels: Sequence[str]) -> list[Example]:
    """Examples that a verdict can be right about: of two labels those of neither are left out."""
    return [e for e in examples if e.target != 0.5] if len(labels) == 2 else examples


def check_split(source: str, targets: Collection[float], count: int, dev: list[Example]) -> None:
    """Raise DataError where there is nothing to learn or to measure on.

    ``targets`` are the distinct ones of ``count`` training texts.
    """
    if len(targets) < 2:
        raise DataError(f"{source}: all labels are the same; training needs two or more")
    if not dev:
        raise DataError(f"{source} gives {count:,} training and {len(dev)} dev texts")


def is_treebank(
    source: str, split: str, reading: ReadOptions | None = None, *, stream: bool = False
) -> bool:
    """Whether a source has SST's columns: ratings of phrases, some of which are sentences."""
    rows = (stream_split if stream else open_split)(source, split, reading)
    if rows is None:
        return {"rating", "is_sentence"} <= load_table(source, split).keys()
    names = rows.columns()
    if names is None:
        first = next(rows.rows(), {})
        names = list(first)
    return {"rating", "is_sentence"} <= set(names)


def _examples(
    source: str,
    split: str,
    text_column: str,
    label_column: str,
    labels: Sequence[str] | None,
    ratings: bool | Scale,
    reading: ReadOptions | None,
    *,
    stream: bool = False,
) -> tuple[list[Example], Labelling]:
    """The examples of one split, what their labels mean, and all notes printed."""
    pairs = Pairs(source, split, text_column, label_column, stream=stream, reading=reading)
    kept = [pair for window in pairs.windows() for pair in window]
    if not kept:
        raise pairs.none()
    found: dict[Any, Found] = {}
    count_labels(found, kept, source)
    meaning = labelling(found, source, labels=labels, ratings=ratings)
    for note in (*pairs.notes(), *meaning.notes):
        print(note, flush=True)
    targets = meaning.targets
    examples = [Example(p.text, targets[p.label]) for p in kept if p.label in targets]
    return examples, meaning


def labelled_examples(
    source: str,
    split: str,
    text_column: str,
    label_column: str,
    labels: Sequence[str],
    *,
    ratings: bool | Scale = False,
    reading: ReadOptions | None = None,
) -> list[Example]:
    """Examples of one split for a model with these labels, to measure it on.

    With ``ratings`` those in the middle are left out; where no scale is given, whole numbers from
    1 to 5 are of the scale 1 to 5, though some of them be missing. Raises DataError for labels
    that are none of the model's.
    """
    if is_treebank(source, split, reading):
        return binary_examples(source, split, reading=reading)
    pairs = Pairs(source, split, text_column, label_column, reading=reading)
    values = {pair.label for window in pairs.windows() for pair in window}
    names = {label.casefold() for label in labels}
    named = all(spelled(value).casefold() in names for value in values)
    free = tuple(labels) == POLAR and (ratings is not False or not named)
    if ratings is True and {number_of(value) for value in values} <= {1, 2, 3, 4, 5}:
        ratings = USUAL_SCALE
    examples, meaning = _examples(
        source, split, text_column, label_column, None if free else labels, ratings, reading
    )
    if meaning.names != tuple(labels):
        raise DataError(
            f"{source}: labels {', '.join(meaning.names[:5])} are none of the model's "
            f"{', '.join(labels)}; numbers on a scale want --ratings"
        )
    if ratings is False:
        return examples
    return [example for example in examples if example.target != 0.5]


def _balanced(examples: list[Example], count: int) -> list[Example]:
    """The same, weighted so that each label weighs the same in sum; the mean weight is 1."""
    sizes = Counter(round(example.target + 1e-9) for example in examples)
    return [
        Example(e.text, e.target, len(examples) / (count * sizes[round(e.target + 1e-9)]))
        for e in examples
    ]


def split_dev(
    examples: list[Example], labels: Sequence[str] = POLAR
) -> tuple[list[Example], list[Example]]:
    """Training and dev examples: a tenth of the distinct texts of each label goes to dev.

    They are at most about 20,000. Which ones depends on the texts alone, so that it stays the
    same when rows are reordered, and no text is on both sides. Raises DataError where one
    of the ``labels`` has only one text.
    """
    numbers, targets = _numbered(examples)
    return _parted(examples, numbers, held_out(numbers, targets, labels))


def split_choose(examples: list[Example]) -> tuple[list[Example], list[Example]]:
    """Examples to learn from and those to choose the epoch by, none of few."""
    numbers, targets = _numbered(examples)
    return _parted(examples, numbers, to_choose(numbers, targets))


def _numbered(examples: list[Example]) -> tuple[Numbers, NDArray[np.float64]]:
    numbers = np.array([number(example.text) for example in examples], np.uint64)
    return numbers, np.array([example.target for example in examples])


def _parted(
    examples: list[Example], numbers: Numbers, chosen: frozenset[int]
) -> tuple[list[Example], list[Example]]:
    """Those whose texts are not among the chosen, and those whose texts are."""
    sides: tuple[list[Example], list[Example]] = [], []
    for example, one in zip(examples, numbers.tolist(), strict=True):
        sides[one in chosen].append(example)
    return sides

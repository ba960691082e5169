"""Texts with labels: SST trees, a person's own files, Hub data sets."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sentiment.tables import ReadOptions
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
from train.data.tables import DataError, NoSplitError, column, load_table, open_split

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
    names, scale = meaning.names, meaning.scale
    try:
        if Path(source).is_file():
            raise NoSplitError(source)
        known = names if labels is None and names != POLAR else labels
        dev, dev_meaning = _examples(
            source, "dev", text_column, label_column, known, scale or ratings, reading
        )
    except NoSplitError:
        train, dev = split_dev(train, names)
        print(f"{source} has no dev split: {len(dev):,} texts are kept for it", flush=True)
    else:
        if dev_meaning.names != names:
            raise DataError(
                f"{source}: the dev split's labels {', '.join(dev_meaning.names)} are not the "
                f"training split's {', '.join(names)}"
            )
    if len(names) == 2:
        dev = [example for example in dev if example.target != 0.5]
    if len({example.target for example in train}) < 2:
        raise DataError(f"{source}: all labels are the same; training needs two or more")
    if not train or not dev:
        raise DataError(f"{source} gives {len(train)} training and {len(dev)} dev texts")
    train = _balanced(train, len(names)) if balance else train
    return LabelledData(train, dev, names, scale)


def is_treebank(source: str, split: str, reading: ReadOptions | None = None) -> bool:
    """Whether a source has SST's columns: ratings of phrases, some of which are sentences."""
    rows = open_split(source, split, reading)
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
) -> tuple[list[Example], Labelling]:
    """The examples of one split, what their labels mean, and all notes printed."""
    pairs = Pairs(source, split, text_column, label_column, reading=reading)
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

    Which ones depends on the texts alone, so that it stays the same when rows are reordered, and
    no text is on both sides. Raises DataError where one of the ``labels`` has only one text.
    """
    target_of = {example.text: example.target for example in reversed(examples)}
    by_target: dict[float, list[str]] = {}
    for text, target in target_of.items():
        by_target.setdefault(target, []).append(text)
    chosen: set[str] = set()
    for target, texts in by_target.items():
        if len(texts) < 2:
            known = float(target).is_integer() and target < len(labels)
            name = labels[int(target)] if known else f"{target:g}"
            raise DataError(
                f"only one text has the label {name!r}; want two or more of each, one "
                "to train on and one to measure"
            )
        texts.sort(key=lambda text: hashlib.sha256(text.encode("utf-8", "replace")).digest())
        chosen.update(texts[: math.ceil(len(texts) / 10)])
    train = [example for example in examples if example.text not in chosen]
    return train, [example for example in examples if example.text in chosen]

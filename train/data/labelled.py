"""Texts with labels: SST trees, a person's own files, Hub data sets."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sentiment import text as words_of
from train.data.tables import DataError, NoSplitError, column, load_table

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
    source: str, split: str, text_column: str = "text", label_column: str = "label"
) -> list[Example]:
    """Examples with targets in [0, 1], from labels 0/1 or from SST's ratings 0 to 4.

    Of SST's trees the train split gives every distinct phrase, phrases that repeat with other
    ratings the mean of their targets; any other split gives whole polar sentences, as SST-2 has.
    """
    table = load_table(source, split)
    if {"rating", "is_sentence"} <= table.keys():
        rows = zip(table["text"], table["rating"], table["is_sentence"], strict=True)
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
    for row, (text, value) in enumerate(zip(texts, labels, strict=True)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise DataError(f"{source} row {row}: label must lie in [0, 1], got {value!r}")
        if not isinstance(text, str) or not text.strip():
            raise DataError(f"{source} row {row}: no text")
        examples.append(Example(text, float(value)))
    return examples


MAX_LABELS = 100
_POLAR_NAMES = (("negative", "positive"), ("neg", "pos"), ("false", "true"), ("no", "yes"))


@dataclass(frozen=True, slots=True)
class LabelledData:
    """What to train on, what to choose on, and the labels' names in the order of the outputs."""

    train: list[Example]
    dev: list[Example]
    labels: tuple[str, ...] = ("negative", "positive")


def labelled_data(
    source: str,
    text_column: str = "text",
    label_column: str = "label",
    *,
    labels: Sequence[str] | None = None,
    ratings: bool = False,
    balance: bool = False,
) -> LabelledData:
    """Training and dev examples of a file, folder or Hub data set.

    Labels may be numbers in [0, 1] (1 is positive), names or whole numbers of two or more
    classes, or, with ``ratings``, numbers of which the lower half is negative, the upper positive
    and the middle neither. ``labels`` gives the classes' names in the order that is wanted.
    ``balance`` weighs examples so that every class counts the same. Where there is no dev split,
    a fixed tenth of the distinct texts of each class becomes it. Rows without text or label are
    left out with a note. Raises DataError for what cannot be trained on.
    """
    table = load_table(source, "train")
    if {"rating", "is_sentence"} <= table.keys():
        train, dev = (binary_examples(source, split) for split in ("train", "dev"))
        return LabelledData(_balanced(train, 2) if balance else train, dev)
    texts, values = _usable_rows(table, text_column, label_column, source)
    names, targets = targets_of(values, labels, ratings, source)
    try:
        dev_table = None if Path(source).is_file() else load_table(source, "dev")
    except NoSplitError:
        dev_table = None
    train = [Example(text, target) for text, target in zip(texts, targets, strict=True)]
    if dev_table is None:
        train, dev = split_dev(train)
        print(f"{source} has no dev split: {len(dev):,} texts are kept for it", flush=True)
    else:
        dev_texts, dev_values = _usable_rows(dev_table, text_column, label_column, source)
        known = names if labels is None and not _is_polar(names) else labels
        dev_names, dev_targets = targets_of(dev_values, known, ratings, source)
        if dev_names != names:
            raise DataError(
                f"{source}: the dev split's labels {', '.join(dev_names)} are not the training "
                f"split's {', '.join(names)}"
            )
        dev = [Example(text, target) for text, target in zip(dev_texts, dev_targets, strict=True)]
    if len(names) == 2:
        dev = [example for example in dev if example.target != 0.5]
    if len({example.target for example in train}) < 2:
        raise DataError(f"{source}: all labels are the same; training needs two or more")
    if not train or not dev:
        raise DataError(f"{source} gives {len(train)} training and {len(dev)} dev texts")
    return LabelledData(_balanced(train, len(names)) if balance else train, dev, names)


def labelled_examples(
    source: str,
    split: str,
    text_column: str,
    label_column: str,
    labels: Sequence[str],
    *,
    ratings: bool = False,
) -> list[Example]:
    """Examples of one split for a model with these labels, to measure it on.

    With ``ratings`` those in the middle are left out. Raises DataError for labels that are none
    of the model's.
    """
    table = load_table(source, split)
    if {"rating", "is_sentence"} <= table.keys():
        return binary_examples(source, split)
    texts, values = _usable_rows(table, text_column, label_column, source)
    polar = _is_polar(labels)
    named = {_name(value) for value in values} <= set(labels)
    names, targets = targets_of(values, None if polar and not named else labels, ratings, source)
    if names != tuple(labels):
        raise DataError(
            f"{source}: labels {', '.join(names[:5])} are none of the model's "
            f"{', '.join(labels)}; numbers on a scale want --ratings"
        )
    examples = [Example(text, target) for text, target in zip(texts, targets, strict=True)]
    return [example for example in examples if example.target != 0.5] if ratings else examples


def _usable_rows(
    table: dict[str, list[Any]], text_column: str, label_column: str, source: str
) -> tuple[list[str], list[Any]]:
    """Texts and labels of the rows that have both."""
    if text_column == "text" and "text" not in table and "sentence" in table:
        text_column = "sentence"  # stanfordnlp/sst2's name for it
    texts, labels = column(table, text_column, source), column(table, label_column, source)
    kept = [
        (str(text), label)
        for text, label in zip(texts, labels, strict=True)
        if text is not None
        and words_of.words(str(text))
        and label is not None
        and label != ""
        and label == label  # not NaN
    ]
    if not kept:
        raise DataError(f"{source}: no row has both {text_column!r} and {label_column!r}")
    if len(kept) < len(texts):
        left_out = len(texts) - len(kept)
        print(f"{source}: {left_out:,} rows without text or label are left out", flush=True)
    return [text for text, _ in kept], [label for _, label in kept]


def _is_polar(names: Sequence[str]) -> bool:
    return tuple(names) == _POLAR_NAMES[0]


def targets_of(
    values: Sequence[Any], labels: Sequence[str] | None, ratings: bool, source: str
) -> tuple[tuple[str, ...], list[float]]:
    """The labels' names and each value's target."""
    numeric = all(isinstance(value, int | float) for value in values)
    if ratings:
        if not numeric:
            raise DataError(f"{source}: ratings must be numbers, got {_first_text(values)!r}")
        low, high = min(values), max(values)
        if low == high:
            raise DataError(f"{source}: all ratings are {low}")
        middle = (low + high) / 2
        return _POLAR_NAMES[0], [0.5 + 0.5 * (v > middle) - 0.5 * (v < middle) for v in values]
    if labels is None and numeric and all(0 <= value <= 1 for value in values):
        return _POLAR_NAMES[0], [float(value) for value in values]
    found = {_name(value) for value in values}
    if labels is None:
        names = _ordered(found, numeric)
    else:
        names = tuple(labels)
        if foreign := sorted(found - set(names)):
            raise DataError(f"{source}: labels {foreign[:5]} are none of {', '.join(names)}")
    if not 2 <= len(names) <= MAX_LABELS:
        hint = "; numbers on a scale want --ratings" if numeric else ""
        raise DataError(
            f"{source}: want 2 to {MAX_LABELS} labels, got {len(names)} distinct: "
            f"{', '.join(names[:5])}{hint}"
        )
    numbers = {name: float(number) for number, name in enumerate(names)}
    targets = [numbers[_name(value)] for value in values]
    if labels is None and len(names) == 2:
        folded = tuple(name.lower() for name in names)
        if folded in (*_POLAR_NAMES[:2], ("-1", "1")):
            names = _POLAR_NAMES[0]
    return names, targets


def _name(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _ordered(found: set[str], numeric: bool) -> tuple[str, ...]:
    """Numbers by size, names by the alphabet, but the bad end before neutral before the good."""
    if numeric:
        return tuple(sorted(found, key=float))
    folded = {name.lower(): name for name in found}
    for low, high in _POLAR_NAMES:
        if folded.keys() == {low, "neutral", high}:
            return folded[low], folded["neutral"], folded[high]
    return tuple(sorted(found))


def _first_text(values: Sequence[Any]) -> Any:
    return next(value for value in values if not isinstance(value, int | float))


def _balanced(examples: list[Example], count: int) -> list[Example]:
    """The same, weighted so that each label weighs the same in sum; the mean weight is 1."""
    sizes = Counter(round(example.target + 1e-9) for example in examples)
    return [
        Example(e.text, e.target, len(examples) / (count * sizes[round(e.target + 1e-9)]))
        for e in examples
    ]


def split_dev(examples: list[Example]) -> tuple[list[Example], list[Example]]:
    """Training and dev examples: a tenth of the distinct texts of each label goes to dev.

    Which ones depends on the texts alone, so that it stays the same when rows are reordered, and
    no text is on both sides. Raises DataError where a label has only one text.
    """
    target_of = {example.text: example.target for example in reversed(examples)}
    by_target: dict[float, list[str]] = {}
    for text, target in target_of.items():
        by_target.setdefault(target, []).append(text)
    chosen: set[str] = set()
    for target, texts in by_target.items():
        if len(texts) < 2:
            raise DataError(
                f"only one text has the label number {target:g}; want two or more of each, one "
                "to train on and one to measure"
            )
        texts.sort(key=lambda text: hashlib.sha256(text.encode("utf-8", "replace")).digest())
        chosen.update(texts[: math.ceil(len(texts) / 10)])
    train = [example for example in examples if example.text not in chosen]
    return train, [example for example in examples if example.text in chosen]

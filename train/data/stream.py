"""Labelled texts larger than memory: read twice in windows, kept tokenised on disk.

The first pass counts words and labels, the second writes token ids into one flat file that
training maps into memory. What stays resident is some 40 bytes a text, and the dev texts.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sentiment import checkpoint
from sentiment import text as words_of
from sentiment.tables import TableError, open_source
from sentiment.text import TextEncoder, new_tokenizer
from train.data.corpus import Corpus, TrainingSet, cut
from train.data.labelled import Example, targets_of
from train.data.tables import DataError
from train.data.vocabulary import choose_words, count_words

TOKENS, ROWS, ABOUT = "tokens.i32", "rows.npz", "stream.json"
WINDOW = 4096
MAX_TOKENS = 400
MAX_DEV = 20_000
MAX_DISTINCT = 10_000
MAX_COUNTED = 2_000_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """Tokenised texts to train on, texts to choose on, the labels and the tokenizer."""

    train: TrainingSet
    dev: list[Example]
    labels: tuple[str, ...]
    encoder: TextEncoder


def prepare(
    source: str,
    folder: Path,
    text_column: str,
    label_column: str,
    *,
    words: int,
    labels: Sequence[str] | None = None,
    ratings: bool = False,
    min_count: int = 2,
    common: Sequence[str] = (),
) -> None:
    """Tokenise ``source``, a file, a glob or a Hub data set, into ``folder``.

    A tenth of the texts, by their hash and at most about 20,000, is kept for dev. Raises
    DataError for a source that cannot be trained on.
    """
    counts: Counter[str] = Counter()
    values: dict[Any, int] = {}
    total = 0
    for texts, found in _windows(source, text_column, label_column):
        counts.update(count_words(texts))
        if len(counts) > MAX_COUNTED:  # rare words of a stream without end
            counts = Counter({word: count for word, count in counts.items() if count > 1})
        for value in found:
            values[value] = values.get(value, 0) + 1
        if len(values) > MAX_DISTINCT:
            raise DataError(f"{source}: {label_column!r} has over {MAX_DISTINCT:,} distinct values")
        total += len(texts)
    if not total:
        raise DataError(f"{source}: no row has both {text_column!r} and {label_column!r}")
    distinct = sorted(values, key=str)
    names, targets = targets_of(distinct, labels, ratings, source)
    target_of = dict(zip(distinct, targets, strict=True))
    core = Counter({word: count for word, count in counts.items() if count >= min_count})
    chosen = choose_words(core, Counter(), common, words)
    encoder = TextEncoder(new_tokenizer(chosen))
    folder.mkdir(parents=True, exist_ok=True)
    encoder.save(folder / checkpoint.TOKENIZER)
    dev = _write(source, folder, text_column, label_column, target_of, encoder, total)
    if len(names) == 2:
        dev = [example for example in dev if example.target != 0.5]
    if not dev:
        raise DataError(f"{source} gives no dev texts; leave out --stream for so few")
    about = {"labels": names, "dev": [asdict(example) for example in dev]}
    (folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")


def read(folder: Path, *, balance: bool = False) -> Prepared:
    """What ``prepare`` wrote; the tokens stay on disk until they are needed."""
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    names = tuple(about["labels"])
    rows = np.load(folder / ROWS)
    lengths = torch.from_numpy(rows["lengths"].astype(np.int64))
    targets = torch.from_numpy(rows["targets"])
    weights = torch.ones(len(targets))
    if balance:
        numbers = (targets + 1e-6).round().long()
        sizes = torch.bincount(numbers, minlength=len(names)).clamp(min=1)
        weights = len(targets) / (len(names) * sizes[numbers].float())
    return Prepared(
        TrainingSet(
            Corpus.on_disk(folder / TOKENS, lengths),
            targets.long() if len(names) > 2 else targets,
            weights,
        ),
        [Example(**example) for example in about["dev"]],
        names,
        TextEncoder.from_file(folder / checkpoint.TOKENIZER),
    )


def _write(
    source: str,
    folder: Path,
    text_column: str,
    label_column: str,
    target_of: dict[Any, float],
    encoder: TextEncoder,
    total: int,
) -> list[Example]:
    """The second pass: ids of the training texts on disk, the dev texts given back."""
    share = min(0.1, MAX_DEV / total)
    lengths, targets, dev = array("i"), array("f"), []
    with (folder / TOKENS).open("wb") as file:
        for texts, values in _windows(source, text_column, label_column):
            ids = encoder.ids_batch(texts)
            for text, value, sentence in zip(texts, values, ids, strict=True):
                if _draw(text) < share:
                    dev.append(Example(text, target_of[value]))
                    continue
                kept = cut(sentence, MAX_TOKENS)
                file.write(np.asarray(kept, dtype=np.int32).tobytes())
                lengths.append(len(kept))
                targets.append(target_of[value])
    if not lengths:
        raise DataError(f"{source} gives no training texts")
    np.savez(
        folder / ROWS,
        lengths=np.frombuffer(lengths, dtype=np.int32),
        targets=np.frombuffer(targets, dtype=np.float32),
    )
    return dev


def _draw(text: str) -> float:
    """A number in [0, 1) that depends on the text alone."""
    digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _windows(
    source: str, text_column: str, label_column: str
) -> Iterator[tuple[list[str], list[Any]]]:
    """Texts and labels of the rows that have both."""
    try:
        rows = open_source(source)
        rows.check_column(text_column)
        rows.check_column(label_column)
    except TableError as error:
        raise DataError(str(error)) from error
    for window in rows.windows(WINDOW, None, (0, 1)):
        texts, labels = [], []
        for row in window.rows:
            text, label = row.get(text_column), _number(row.get(label_column))
            if isinstance(text, str) and label is not None and words_of.words(text):
                texts.append(text)
                labels.append(label)
        if texts:
            yield texts, labels


def _number(value: Any) -> Any:
    """A csv's text as the number it spells; None for what is no label."""
    if isinstance(value, str):
        value = value.strip()
        for kind in (int, float):
            try:
                value = kind(value)
                break
            except ValueError:
                continue
    return None if value == "" or value is None or value != value else value

"""Labelled and unlabelled texts: SST trees, IMDB reviews, a person's own files, Hub data sets."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sentiment import text as words_of
from sentiment.text import PADDING, UNKNOWN, UNKNOWN_ID, TextEncoder

SST_TARGETS = (0.0, 0.0, 0.5, 1.0, 1.0)  # by rating; see README, "Targets"
FILE_KINDS = {".parquet": "parquet", ".csv": "csv", ".jsonl": "json", ".json": "json"}


class DataError(ValueError):
    """Data that cannot be used; the message says what was got and what is wanted."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text with its target in [0, 1] (1 is positive) and its weight in the loss."""

    text: str
    target: float
    weight: float = 1.0


def load_table(source: str, split: str = "train") -> dict[str, list[Any]]:
    """Columns of a parquet, csv or jsonl file, of a folder of such files, or of a Hub data set.

    A folder gives the file that ``split`` names ("dev" also finds "validation"). Raises
    DataError where there is none.
    """
    import datasets

    path = Path(source)
    if path.is_dir():
        names = (split, "validation") if split == "dev" else (split,)
        found = [
            file
            for name in names
            for pattern in (f"{name}.*", f"{name}-*", f"data/{name}-*")
            for file in sorted(path.glob(pattern))
            if file.suffix in FILE_KINDS
        ]
        if not found:
            raise DataError(f"{path} has no {split} file among {', '.join(FILE_KINDS)}")
        files = found if len({f.suffix for f in found}) == 1 else found[:1]
    elif path.is_file():
        if path.suffix not in FILE_KINDS:
            raise DataError(f"{path}: want one of {', '.join(FILE_KINDS)}, got {path.suffix!r}")
        files = [path]
    elif path.is_absolute() or source.startswith(".") or path.suffix in FILE_KINDS:
        raise DataError(f"no file or folder at {path}")
    else:
        hub_split = {"dev": "validation"}.get(split, split)
        return datasets.load_dataset(source, split=hub_split)[:]
    data = datasets.load_dataset(
        FILE_KINDS[files[0].suffix], data_files=[str(f) for f in files], split="train"
    )
    columns: dict[str, list[Any]] = data[:]
    return columns


def column(table: dict[str, list[Any]], name: str, source: str) -> list[Any]:
    """One column. Raises DataError that lists the columns there are."""
    if name not in table:
        raise DataError(f"{source} has no column {name!r}; it has {', '.join(table)}")
    return table[name]


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


def is_imdb_dev(text: str) -> bool:
    """Whether a review belongs to the fixed tenth of IMDB's train split that is kept for dev."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % 10 == 0


def count_words(texts: Iterable[str]) -> Counter[str]:
    """How often each normalised word occurs."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(words_of.words(text))
    return counts


def choose_words(
    core: Counter[str], more: Counter[str], common: Sequence[str], size: int
) -> list[str]:
    """A vocabulary of ``size`` words: all of ``core``, the commonest of ``more``, then ``common``.

    ``more`` gives up to three quarters of what ``core`` leaves, ``common`` (words of a vector
    file, commonest first) the rest. Reserved names are never words.
    """
    chosen = dict.fromkeys(word for word, _ in core.most_common(size))
    room = size - len(chosen)
    fresh = [word for word, count in more.most_common() if word not in chosen and count > 2]
    chosen |= dict.fromkeys(fresh[: 3 * room // 4 if common else room])
    for word in common:
        if len(chosen) >= size:
            break
        if words_of.words(word) == [word]:
            chosen.setdefault(word)
    return [word for word in chosen if word not in (PADDING, UNKNOWN)][:size]


def load_vectors(source: Path) -> tuple[list[str], np.ndarray[Any, Any]]:
    """Words, commonest first, and their vectors (V, E), float32.

    ``source`` is a folder with words.txt and vectors.f16.npy, or a text file in GloVe's format
    (Pennington et al. 2014).
    """
    if source.is_dir():
        names = (source / "words.txt").read_text(encoding="utf-8").split("\n")
        vectors = np.load(source / "vectors.f16.npy", mmap_mode="r")
        return names[: len(vectors)], vectors
    names, rows = [], []
    with source.open(encoding="utf-8") as lines:
        for line in lines:
            word, *numbers = line.rstrip().split(" ")
            names.append(word)
            rows.append(np.array(numbers, dtype=np.float32))
    return names, np.stack(rows)


def initial_embedding(
    encoder: TextEncoder, names: Sequence[str], vectors: np.ndarray[Any, Any], seed: int = 0
) -> tuple[Tensor, float]:
    """Embedding (V, E) with the file's vectors, and the share of the vocabulary they cover.

    Rows are scaled so that their entries have a standard deviation of 0.4 or less, like GloVe's;
    words without a vector get small random ones, "unknown" the mean.
    """
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(encoder.vocabulary_size, vectors.shape[1], generator=generator) * 0.1
    found = [(encoder.word_id(name), i) for i, name in enumerate(names)]
    found = [(row, i) for row, i in found if row != UNKNOWN_ID]
    rows = torch.tensor([row for row, _ in found])
    weight[rows] = torch.from_numpy(np.asarray(vectors[[i for _, i in found]], dtype=np.float32))
    weight[UNKNOWN_ID] = weight[rows].mean(0)
    weight[0] = 0
    return weight, len(set(rows.tolist())) / encoder.vocabulary_size


class Corpus:
    """Tokenised texts in two flat arrays, so that no step does Python work per token."""

    def __init__(self, ids: Sequence[Sequence[int]], *, max_tokens: int | None = None) -> None:
        kept = [_cut(sentence, max_tokens) for sentence in ids]
        self.lengths = torch.tensor([len(sentence) for sentence in kept], dtype=torch.int64)
        if len(kept) and int(self.lengths.min()) == 0:
            raise DataError("a text without words cannot be trained on")
        self.starts = self.lengths.cumsum(0) - self.lengths  # (N,)
        self.flat = torch.from_numpy(
            np.fromiter((i for sentence in kept for i in sentence), dtype=np.int32)
        )

    def __len__(self) -> int:
        return len(self.lengths)

    def rectangle(self, indexes: Tensor) -> tuple[Tensor, Tensor]:
        """Ids (B, T), padded with 0, and lengths (B,) of the chosen sentences."""
        lengths = self.lengths[indexes]  # (B,)
        steps = torch.arange(int(lengths.max()))  # (T,)
        valid = steps < lengths.unsqueeze(1)  # (B, T)
        places = (self.starts[indexes].unsqueeze(1) + steps).clamp(max=len(self.flat) - 1)
        return torch.where(valid, self.flat[places], 0).long(), lengths

    def batches(
        self, batch_size: int, batch_tokens: int, generator: torch.Generator | None = None
    ) -> list[Tensor]:
        """Indexes in batches of like length, each within both limits.

        With a generator, sentences are shuffled within windows of fifty batches and the batches
        among themselves; without, sorted by length.
        """
        count = len(self)
        if generator is None:
            order = self.lengths.argsort(stable=True)
        else:
            order = torch.randperm(count, generator=generator)
            windows = order.split(50 * batch_size)
            order = torch.cat([w[self.lengths[w].argsort(stable=True)] for w in windows])
        batches, start = [], 0
        lengths = self.lengths[order].tolist()
        for end in range(1, count + 1):
            if end < count and end - start < batch_size:
                widest = max(lengths[start], lengths[end])
                if (end + 1 - start) * widest <= batch_tokens:
                    continue
            batches.append(order[start:end])
            start = end
        if generator is not None:
            batches = [batches[i] for i in torch.randperm(len(batches), generator=generator)]
        return batches


def _cut(ids: Sequence[int], max_tokens: int | None) -> Sequence[int]:
    """The first and last half of a text too long: reviews open and close with their verdict."""
    if max_tokens is None or len(ids) <= max_tokens:
        return ids
    half = max_tokens // 2
    return [*ids[:half], *ids[len(ids) - (max_tokens - half) :]]


_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')]*\s+(?=[\"'(]*[A-Z0-9])|<br\s*/?>|\n+")


def review_sentences(reviews: Iterable[str], shortest: int = 4, longest: int = 40) -> list[str]:
    """Distinct sentences of reviews, in their order, whose words number within the bounds."""
    found: dict[str, None] = {}
    for review in reviews:
        for piece in _SENTENCE_END.split(review):
            piece = piece.strip()
            if shortest <= piece.count(" ") + 1 <= longest:
                found.setdefault(piece)
    return list(found)

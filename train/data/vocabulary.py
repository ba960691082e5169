"""The words of a model: counted, chosen, and started from word vectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sentiment import text as words_of
from sentiment.text import PADDING, UNKNOWN, UNKNOWN_ID, TextEncoder
from train.data.tables import DataError


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
    (Pennington et al. 2014). Raises DataError for other text.
    """
    if source.is_dir():
        names = (source / "words.txt").read_text(encoding="utf-8").split("\n")
        vectors = np.load(source / "vectors.f16.npy", mmap_mode="r")
        return names[: len(vectors)], vectors
    names, rows = [], []
    with source.open(encoding="utf-8") as lines:
        try:
            for line in lines:
                word, *numbers = line.rstrip().split(" ")
                names.append(word)
                rows.append(np.array(numbers, dtype=np.float32))
            vectors = np.stack(rows)
        except ValueError as error:
            raise DataError(
                f"{source}: line {len(names)}: want a word and its numbers, as many as in the "
                f"other lines: {error}"
            ) from error
    return names, vectors


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


def carried_over(
    encoder: TextEncoder,
    names: Sequence[str],
    vectors: np.ndarray[Any, Any],
    old: TextEncoder,
    trained: Tensor,
    seed: int = 0,
) -> tuple[Tensor, float]:
    """Embedding (V, E) for a new vocabulary that goes on from ``trained`` (V', E).

    Words that ``old`` has keep their trained rows; others get the file's vectors, mapped by least
    squares, over the words of both, into the trained space; words of neither get small random
    ones. Also gives the share of words with a trained row.
    """
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(encoder.vocabulary_size, trained.shape[1], generator=generator) * 0.1
    place = {name: row for row, name in enumerate(names)}
    known = encoder.tokenizer.get_vocab()
    rows = {row: old.word_id(word) for word, row in known.items()}
    kept = {row: source for row, source in rows.items() if source != UNKNOWN_ID}
    both = [(old.word_id(word), place[word]) for word in old.tokenizer.get_vocab() if word in place]
    given = _with_one(vectors, [i for _, i in both])  # (N, E + 1)
    mapping = torch.linalg.lstsq(given, trained[[row for row, _ in both]]).solution
    fresh = [(row, place[word]) for word, row in known.items() if row not in kept and word in place]
    if fresh:
        weight[[row for row, _ in fresh]] = _with_one(vectors, [i for _, i in fresh]) @ mapping
    weight[list(kept)] = trained[list(kept.values())]
    weight[UNKNOWN_ID] = trained[UNKNOWN_ID]
    weight[0] = 0
    return weight, len(kept) / encoder.vocabulary_size


def _with_one(vectors: np.ndarray[Any, Any], rows: Sequence[int]) -> Tensor:
    """The chosen rows (N, E) with a column of ones behind, (N, E + 1)."""
    chosen = torch.from_numpy(np.asarray(vectors[list(rows)], dtype=np.float32))
    return torch.cat([chosen, torch.ones(len(chosen), 1)], dim=1)

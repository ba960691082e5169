"""Tokenised texts as flat arrays, and batches of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from sentiment.batches import length_batches
from train.data.tables import DataError

WINDOW_BATCHES = (50, 200)
"""Batches of a window: the more, the liker their texts; the fewer, the more they change."""


class Corpus:
    """Tokenised texts in two flat arrays, so that no step does Python work per token."""

    def __init__(self, ids: Sequence[Sequence[int]], *, max_tokens: int | None = None) -> None:
        kept = [cut(sentence, max_tokens) for sentence in ids]
        self.lengths = torch.tensor([len(sentence) for sentence in kept], dtype=torch.int64)
        if len(kept) and int(self.lengths.min()) == 0:
            raise DataError("a text without words cannot be trained on")
        self.starts = self.lengths.cumsum(0) - self.lengths  # (N,)
        self.flat = torch.from_numpy(
            np.fromiter((i for sentence in kept for i in sentence), dtype=np.int32)
        )

    @classmethod
    def on_disk(cls, file: Path, lengths: Tensor) -> Corpus:
        """Texts whose ids lie one behind the other in ``file``, int32; read where needed."""
        corpus = cls([])
        corpus.lengths = lengths
        corpus.starts = lengths.cumsum(0) - lengths  # (N,)
        corpus.flat = torch.from_file(str(file), size=int(lengths.sum()), dtype=torch.int32)
        return corpus

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

        With a generator, sentences are shuffled within windows of fifty batches, of many texts up
        to two hundred, and the batches among themselves; without, sorted by length.
        """
        count = len(self)
        if generator is None:
            order = self.lengths.argsort(stable=True)
        else:
            order = torch.randperm(count, generator=generator)
            least, most = WINDOW_BATCHES
            windows = order.split(min(most, max(least, count // (64 * batch_size))) * batch_size)
            order = torch.cat([w[self.lengths[w].argsort(stable=True)] for w in windows])
        found = length_batches(
            self.lengths.tolist(),
            most_tokens=batch_tokens,
            most_texts=batch_size,
            order=order.tolist(),
        )
        batches = [torch.tensor(batch) for batch in found]
        if generator is not None:
            batches = [batches[i] for i in torch.randperm(len(batches), generator=generator)]
        return batches

    def padding(self, batches: Sequence[Tensor]) -> float:
        """The share of padding in the batches' rectangles."""
        room = sum(len(batch) * int(self.lengths[batch].max()) for batch in batches)
        filled = sum(int(self.lengths[batch].sum()) for batch in batches)
        return 1 - filled / max(room, 1)


def cut(ids: Sequence[int], max_tokens: int | None) -> Sequence[int]:
    """The first and last half of a text too long: reviews open and close with their verdict."""
    if max_tokens is None or len(ids) <= max_tokens:
        return ids
    half = max_tokens // 2
    return [*ids[:half], *ids[len(ids) - (max_tokens - half) :]]


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Tokenised texts with targets, (N,) floats in [0, 1] or class numbers, and weights (N,).

    ``chance`` (N,), if given, is how likely a text is read in an epoch; batches, which hold
    texts of like length, come and go whole, by the mean chance of their texts.
    """

    corpus: Corpus
    targets: Tensor
    weights: Tensor
    chance: Tensor | None = None

"""One step of training: optimizers and their schedule, the loss, the average of the weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from sentiment.errors import SentimentError
from sentiment.model import PackedLSTMClassifier, Trace
from sentiment.text import UNKNOWN_ID
from train.data.corpus import TrainingSet
from train.fit.distributed import ALONE, Processes
from train.fit.row_adam import RowAdam


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """How to train; units in the names or here.

    ``batch_tokens`` bounds a batch with its padding. ``averaging`` is the decay of the
    exponential moving average of the weights at every fifth step, and at each of the first fifty
    (Polyak & Juditsky 1992).
    ``word_dropout`` is the chance of a token being read as unknown. ``patience`` is the number
    of epochs without a better dev accuracy, or the same at a lower log loss, after which training
    stops. ``bfloat16`` multiplies matrices in 16 bits (weights and their averages stay in 32):
    nearly twice as fast where the processor knows it, refused where not. ``last_state`` weighs a
    second loss, that of the head's part over the final state alone, so that this part too changes
    sign with the verdict.
    ``lazy_embedding`` updates only the words of a batch (Adam's moments of the others rest), which
    makes small batches over a large vocabulary several times faster.
    Raises SentimentError for a number that trains nothing.
    """

    epochs: int = 6
    batch_size: int = 128
    batch_tokens: int = 8192
    learning_rate: float = 2e-3
    embedding_learning_rate: float | None = None
    weight_decay: float = 1e-2
    clip: float = 1.0
    averaging: float = 0.99
    word_dropout: float = 0.0
    warmup: float = 0.05
    patience: int = 3
    bfloat16: bool = False
    last_state: float = 0.0
    lazy_embedding: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "batch_tokens", "patience"):
            if (value := getattr(self, name)) < 1:
                raise SentimentError(f"{name} must be at least 1, got {value}")
        if not 0 < self.learning_rate < math.inf:
            raise SentimentError(f"learning_rate must be above 0, got {self.learning_rate}")
        slow = self.embedding_learning_rate
        if slow is not None and not 0 <= slow < math.inf:
            raise SentimentError(f"embedding_learning_rate must be 0 or more, got {slow}")
        for name in ("word_dropout", "averaging", "warmup"):
            if not 0 <= (value := getattr(self, name)) < 1:
                raise SentimentError(f"{name} must be 0 or more and below 1, got {value}")


def optimizers_of(
    model: PackedLSTMClassifier, settings: LoopSettings
) -> list[torch.optim.Optimizer]:
    """AdamW; with ``lazy_embedding`` Adam too, over the embedding's rows of a batch alone."""
    embedding = list(model.embedding.parameters())
    rest = [p for name, p in model.named_parameters() if not name.startswith("embedding.")]
    rate = settings.embedding_learning_rate
    rate = settings.learning_rate if rate is None else rate
    model.embedding.sparse = settings.lazy_embedding
    groups: list[dict[str, Any]] = [{"params": rest, "weight_decay": settings.weight_decay}]
    if not settings.lazy_embedding:
        groups.append({"params": embedding, "lr": rate})
    main = torch.optim.AdamW(groups, lr=settings.learning_rate, weight_decay=0.0, fused=True)
    if not settings.lazy_embedding:
        return [main]
    return [main, RowAdam(embedding, lr=rate)]


def schedule(step: int, total: int, warmup: float) -> float:
    """Linear warm-up, then linear decay to nothing."""
    rise = max(1, int(warmup * total))
    return min((step + 1) / rise, max(0.0, (total - step) / max(1, total - rise)))


def epoch_batches(data: TrainingSet, settings: LoopSettings, epoch: int) -> list[Tensor]:
    """The epoch's batches, (B,) indexes each, of those that are drawn in it."""
    generator = torch.Generator().manual_seed(1_000_003 * settings.seed + epoch)
    batches = data.corpus.batches(settings.batch_size, settings.batch_tokens, generator)
    if data.chance is None:
        return batches
    drawn = torch.rand(len(batches), generator=generator).tolist()
    return [b for b, draw in zip(batches, drawn, strict=True) if draw < data.chance[b].mean()]


def step_on(
    model: PackedLSTMClassifier,
    data: TrainingSet,
    indexes: Tensor,
    optimizers: Sequence[torch.optim.Optimizer],
    settings: LoopSettings,
    processes: Processes = ALONE,
    *,
    stopping: bool = False,
) -> tuple[float, int, bool]:
    """The batch's loss, its tokens, and whether any process is ``stopping``; told together."""
    model.train()
    for optimizer in optimizers:
        optimizer.zero_grad(set_to_none=True)
    share = processes.share(indexes)
    loss, count = torch.zeros(()), 0
    if len(share):
        ids, lengths = data.corpus.rectangle(share)  # (B, T), (B,)
        if settings.word_dropout:
            dropped = (torch.rand(ids.shape) < settings.word_dropout) & (ids != 0)
            ids = ids.masked_fill(dropped, UNKNOWN_ID)
        device = processes.device
        with torch.autocast(device.type, torch.bfloat16, enabled=settings.bfloat16):
            trace = model.run(model.embedding(ids.to(device)), lengths)
        targets, weights = data.targets[share].to(device), data.weights[share].to(device)
        loss = _loss(trace.logits.float(), targets, weights)
        if settings.last_state:
            loss = loss + settings.last_state * _loss(_last_part(model, trace), targets, weights)
        if processes.count > 1:  # the mean over the whole batch, of which this is a part
            loss = loss * (weights.sum() / data.weights[indexes].sum().to(device))
        loss.backward()
        count = int(lengths.sum())
    table = model.embedding.weight if settings.lazy_embedding else None
    numbers = [loss.item(), count, stopping]
    total, tokens, stops = processes.sum_gradients(model.parameters(), table, numbers)
    dense = [p for p in model.parameters() if p.grad is not None and not p.grad.is_sparse]
    nn.utils.clip_grad_norm_(dense, settings.clip)
    for optimizer in optimizers:
        optimizer.step()
    return total, int(tokens), stops > 0


def _last_part(model: PackedLSTMClassifier, trace: Trace) -> Tensor:
    """Logits (B, O) of the final state's part of the head, with the bias."""
    width = trace.final_hidden.shape[1]
    start = model.pooling.index("last") * width
    weight = model.fc.weight[:, start : start + width]  # (O, H)
    return nn.functional.linear(trace.final_hidden.float(), weight, model.fc.bias)


def _loss(logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """Weighted mean cross-entropy (nats); of soft binary targets or of class numbers."""
    if targets.is_floating_point():
        each = nn.functional.binary_cross_entropy_with_logits(
            logits.squeeze(1), targets, reduction="none"
        )
    else:
        each = nn.functional.cross_entropy(logits, targets, reduction="none")
    return (each * weights).sum() / weights.sum()


@torch.no_grad()
def average_into(average: nn.Module, model: nn.Module, decay: float) -> None:
    """Move ``average`` towards the model: ``decay`` of it stays."""
    for slow, fast in zip(average.parameters(), model.parameters(), strict=True):
        if fast.requires_grad:  # what is frozen is its own average
            slow.lerp_(fast, 1 - decay)

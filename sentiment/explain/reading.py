"""One text read once: what every explanation starts from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast

import torch
from torch import Tensor

from sentiment.batches import length_batches
from sentiment.explain.prefixes import logits as shared_logits
from sentiment.explain.prefixes import shares_prefixes
from sentiment.model import PackedLSTMClassifier, Trace, pad
from sentiment.text import UNKNOWN_ID, TextEncoder
from sentiment.values import Encoding

Value = TypeVar("Value", covariant=True)

Sentence = tuple[int, ...]
"""Ids of a text that is read."""

BATCH_TOKENS = 8192  # bounds the memory of rereading, padding included


class Method(Protocol[Value]):
    """An explanation method: from a reading to a frozen value, with nothing kept elsewhere."""

    def __call__(self, reading: Reading, /) -> Value: ...


@dataclass(frozen=True, eq=False)
class Reading:
    """A model, a text and the trace of the one forward pass over it.

    ``target`` is the output whose logit z is explained: 0 for the single logit of a two-label
    model. ``baseline`` is that of integrated gradients, ``twin`` the vanilla RNN trained beside
    the model, ``encoder`` what edited texts go through. Tensors carry no gradient. What a method
    finds is kept for the others.
    """

    model: PackedLSTMClassifier
    encoding: Encoding
    ids: Tensor  # (1, T)
    embedded: Tensor  # (1, T, E)
    trace: Trace
    labels: tuple[str, ...]
    target: int = 0
    baseline: str = "unknown"
    twin: PackedLSTMClassifier | None = None
    encoder: TextEncoder | None = None
    _found: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)
    _ahead: dict[Sentence, list[float]] = field(default_factory=dict, init=False, repr=False)

    def of(self, method: Method[Value]) -> Value:
        """What the method finds in this reading, worked out once.

        Threads that ask at the same time may work it out twice; they find the same.
        """
        if method not in self._found:
            self._found.setdefault(method, method(self))
        return cast(Value, self._found[method])

    def found(self, method: Method[object]) -> bool:
        """Whether ``of`` has the method's value already."""
        return method in self._found

    @property
    def count(self) -> int:
        """T, the number of tokens."""
        return self.trace.hidden.shape[1]

    @property
    def hidden(self) -> Tensor:
        """Hidden states of the top layer, (T, H)."""
        return self.trace.hidden[0]

    @property
    def one_way(self) -> bool:
        """Whether the model reads from left to right alone."""
        return not self.model.recurrence.bidirectional

    @property
    def steps(self) -> Tensor:
        """How far each token moves the state, (T, H), in float64: h_t - h_{t-1} with h_0 = 0.

        The backward half of a model of two directions moves from right to left, from the state at
        the next token.
        """
        hidden = self.hidden.double()  # (T, H)
        forward = torch.diff(hidden, dim=0, prepend=torch.zeros_like(hidden[:1]))  # (T, H)
        if self.one_way:
            return forward
        half = hidden.shape[1] // 2
        backward = -torch.diff(hidden, dim=0, append=torch.zeros_like(hidden[:1]))  # (T, H)
        return torch.cat([forward[:, :half], backward[:, half:]], dim=1)

    @property
    def logit(self) -> float:
        """z, the explained logit."""
        return float(self.trace.logits[0, self.target])

    @property
    def bias(self) -> float:
        """The head's bias b of z."""
        return float(self.model.fc.bias[self.target])

    def head(self, part: str) -> Tensor:
        """The weights (H,) of one pooled part ("last", "max" or "mean"); zeros if it is absent."""
        return head(self.model, self.target, part)

    @property
    def heads(self) -> Tensor:
        """The weights (T, H, 3) of every hidden state in the last, max and mean pools."""
        return heads(self.model, self.target, self.trace)

    def reread(self, sentences: Sequence[Sequence[int]]) -> Tensor:
        """All logits (N, O) of other sentences of ids, in float64.

        An empty sentence is read as the one token "unknown". An LSTM of one direction reads a
        beginning that sentences share once. Batches are of like length, and bounded, so memory
        does not grow with N. What was read ahead is not read again.
        """
        if sentences and shares_prefixes(self.model):
            return self._shared([tuple(one) or (UNKNOWN_ID,) for one in sentences])
        outputs = self.model.fc.out_features
        logits = torch.empty(len(sentences), outputs, dtype=torch.float64)  # (N, O)
        sizes = [max(1, len(sentence)) for sentence in sentences]
        with torch.inference_mode():
            for chosen in length_batches(sizes, most_tokens=BATCH_TOKENS):
                rectangle, lengths = pad([sentences[i] or (UNKNOWN_ID,) for i in chosen])
                logits[chosen] = self.model(rectangle, lengths).double()
        return logits

    @contextmanager
    def ahead(self, sentences: Sequence[Sequence[int]]) -> Iterator[None]:
        """Read in one batch the sentences that several methods will ask for, and keep them a while.

        Together they share more beginnings, and fill the steps of the network better. Of a model
        that shares no beginnings nothing is read. Within another ``ahead`` only what that has not
        read is, and the end of the inner one forgets the sentences of both.
        """
        if sentences and shares_prefixes(self.model):
            wanted = dict.fromkeys(tuple(one) or (UNKNOWN_ID,) for one in sentences)
            rows = [one for one in wanted if one not in self._ahead]
            self._ahead.update(zip(rows, shared_logits(self.model, rows).tolist(), strict=True))
        try:
            yield
        finally:
            self._ahead.clear()

    def _shared(self, rows: Sequence[Sentence]) -> Tensor:
        """Logits (N, O) of sentences that are not empty, those read ahead as they were read."""
        if not self._ahead:
            return shared_logits(self.model, rows)
        found = {row: self._ahead.get(row) for row in rows}
        missing = [row for row, logits in found.items() if logits is None]
        if missing:
            found |= zip(missing, shared_logits(self.model, missing).tolist(), strict=True)
        return torch.tensor([found[row] for row in rows], dtype=torch.float64)


def head(model: PackedLSTMClassifier, target: int, part: str) -> Tensor:
    """The weights (H,) of one pooled part for one output; zeros if the head lacks the part."""
    width = model.width
    if part not in model.pooling:
        return torch.zeros(width, dtype=model.fc.weight.dtype)
    start = model.pooling.index(part) * width
    return model.fc.weight[target, start : start + width].detach()


def heads(model: PackedLSTMClassifier, target: int, trace: Trace) -> Tensor:
    """The weights (T, H, 3) of every hidden state of one text in the last, max and mean pools.

    In float64. The max keeps the winners of the trace.
    """
    count, width = trace.hidden.shape[1:]
    found = torch.zeros(count, width, 3, dtype=torch.float64)
    last, most, mean = (head(model, target, part).double() for part in ("last", "max", "mean"))
    found[-1, :, 0] = last
    if trace.winners is not None:
        found[trace.winners[0], torch.arange(width), 1] = most
    found[:, :, 2] = mean / count
    return found


def read(
    model: PackedLSTMClassifier,
    encoding: Encoding,
    labels: Sequence[str] = ("negative", "positive"),
    *,
    target: int | None = None,
    baseline: str = "unknown",
    twin: PackedLSTMClassifier | None = None,
    encoder: TextEncoder | None = None,
) -> Reading:
    """Run the model once over a text with at least one token.

    ``target`` None explains the highest logit, which is the only one of a two-label model.
    Raises ValueError for a model that is not on the CPU, where explanations are exact and quick.
    """
    if (device := model.embedding.weight.device).type != "cpu":
        raise ValueError(f"explanations run on the CPU; move the model there, it is on {device}")
    with torch.no_grad():
        ids = torch.tensor([encoding.ids])  # (1, T)
        embedded = model.embedding(ids)  # (1, T, E)
        trace = model.run(embedded, torch.tensor([len(encoding.ids)]))
    number = int(trace.logits[0].argmax()) if target is None else target
    return Reading(
        model, encoding, ids, embedded, trace, tuple(labels), number, baseline, twin, encoder
    )


def runs(count: int, most: int) -> list[tuple[int, int]]:
    """Tokens 0 to count in at most ``most`` runs of equal length, the last perhaps shorter.

    The stated rule for long texts: where a method cannot afford one answer a token, it gives
    one a run.
    """
    length = -(-count // most)
    return [(start, min(start + length, count)) for start in range(0, count, length)]


def spread(scores: Sequence[float], spans: Sequence[tuple[int, int]]) -> list[float]:
    """One score a run to one a token: each token of a run bears an equal part."""
    return [
        score / (end - start)
        for score, (start, end) in zip(scores, spans, strict=True)
        for _ in range(start, end)
    ]

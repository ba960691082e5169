"""The two classifiers and the one forward path that trains, predicts and explains.

Sizes, named once: B sentences in a batch, T tokens (the longest of the batch), V words, E
embedding features, H hidden units (of both directions together, forward first, where a model
reads in two), P poolings, O outputs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from sentiment.errors import SentimentError
from sentiment.kernels import fused

POOLINGS = ("last", "max", "mean")
CELLS = ("lstm", "gru", "rnn")


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """All that is needed to build a model before its weights are read.

    ``pooling`` names the parts of the head's input in their order. ``labels`` name the verdicts:
    two labels share one output, the log-odds of the second; more have an output each.
    ``bidirectional`` layers have ``hidden_dim`` units for each direction.
    Raises SentimentError where a field makes no model.
    """

    vocab_size: int
    embed_dim: int = 100
    hidden_dim: int = 256
    layers: int = 1
    dropout: float = 0.0
    pooling: tuple[str, ...] = POOLINGS
    cell: str = "lstm"
    labels: tuple[str, ...] = ("negative", "positive")
    bidirectional: bool = False

    def __post_init__(self) -> None:
        for name in ("vocab_size", "embed_dim", "hidden_dim", "layers"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise SentimentError(f"{name} must be a whole number of at least 1, got {value!r}")
        if isinstance(self.dropout, bool) or not isinstance(self.dropout, int | float):
            raise SentimentError(f"dropout must be a number, got {self.dropout!r}")
        if not 0 <= self.dropout < 1:
            raise SentimentError(f"dropout must lie in [0, 1), got {self.dropout!r}")
        if not self.pooling or len(set(self.pooling)) != len(self.pooling):
            raise SentimentError(f"pooling must name parts once each, got {self.pooling!r}")
        if unknown := [part for part in self.pooling if part not in POOLINGS]:
            raise SentimentError(f"pooling must be among {POOLINGS}, got {unknown}")
        if self.cell not in CELLS:
            raise SentimentError(f"cell must be among {CELLS}, got {self.cell!r}")
        if not isinstance(self.bidirectional, bool):
            raise SentimentError(f"bidirectional must be true or false, got {self.bidirectional!r}")
        if len(set(self.labels)) != len(self.labels) or len(self.labels) < 2:
            raise SentimentError(f"labels must be two or more distinct names, got {self.labels!r}")
        if not all(isinstance(label, str) and label for label in self.labels):
            raise SentimentError(f"labels must be names, got {self.labels!r}")

    @property
    def output_dim(self) -> int:
        """1 for two labels, else one per label."""
        return 1 if len(self.labels) == 2 else len(self.labels)

    def to_dict(self) -> dict[str, object]:
        """Plain JSON values; ``bidirectional`` only where it is so, as earlier versions read."""
        plain = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}
        if not self.bidirectional:
            del plain["bidirectional"]
        return plain


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that one forward pass computed.

    ``final_cell`` is None for a GRU or vanilla RNN, which has no cell, and for sentences of unlike
    length in one padded rectangle, where the fused kernel returns only the cell at its right
    edge; ``sentiment.explain.gates`` replays all cells. ``winners`` is None without max-pooling.
    In two directions the final state is the forward one after the last token beside the backward
    one after the first.
    """

    hidden: Tensor  # (B, T, H), the top layer; what lies at padding is meaningless
    lengths: Tensor  # (B,)
    final_hidden: Tensor  # (B, H)
    final_cell: Tensor | None  # (B, H)
    pooled: Tensor  # (B, P * H)
    winners: Tensor | None  # (B, H), the first position of each channel's maximum
    logits: Tensor  # (B, O)


class LSTMSentimentClassifier(nn.Module):
    """Padded and unpacked: the final state is read after the last *padding* token.

    Kept because it shows what padding does. ``forward`` takes ids (B, T), gives logits (B, O).
    """

    def __init__(self, vocab_size: int, embed_dim: int, hidden_dim: int, output_dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim, padding_idx=0)
        self.lstm = nn.LSTM(embed_dim, hidden_dim, batch_first=True)
        self.fc = nn.Linear(hidden_dim, output_dim)

    def forward(self, text: Tensor) -> Tensor:
        embedded = self.embedding(text)  # (B, T, E)
        _, (final_hidden, _) = self.lstm(embedded)  # (1, B, H)
        logits: Tensor = self.fc(final_hidden[-1])  # (B, O)
        return logits


class PackedLSTMClassifier(nn.Module):
    """Reads exactly the valid tokens of each sentence; the head sees pooled hidden states.

    ``forward`` takes ids (B, T) and lengths (B,), in any order, and gives logits (B, O). With
    ``pooling=("last",)`` this is the classic many-to-one LSTM. Concatenating the final state
    with max- and mean-pooling: Howard & Ruder 2018, arXiv:1801.06146, section 3.3.
    """

    lstm: nn.LSTM
    cell: ClassVar[str] = "lstm"
    layer_kind: ClassVar[Callable[..., nn.RNNBase]] = nn.LSTM

    def __init__(
        self,
        vocab_size: int,
        embed_dim: int,
        hidden_dim: int,
        *,
        pooling: Sequence[str] = ("last",),
        layers: int = 1,
        dropout: float = 0.0,
        output_dim: int = 1,
        bidirectional: bool = False,
    ) -> None:
        super().__init__()
        self.pooling = tuple(pooling)
        self.embedding = _embedding(vocab_size, embed_dim)
        recurrence = type(self).layer_kind(
            embed_dim,
            hidden_dim,
            layers,
            batch_first=True,
            dropout=dropout if layers > 1 else 0.0,
            bidirectional=bidirectional,
        )
        setattr(self, self.cell, recurrence)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(self.width * len(self.pooling), output_dim)

    @property
    def recurrence(self) -> nn.RNNBase:
        """The recurrent layers, whose name in the state_dict is the cell's."""
        layers: nn.RNNBase = getattr(self, self.cell)
        return layers

    @property
    def kind(self) -> str:
        """What reads the text, in words: "LSTM", "bidirectional GRU", "vanilla RNN" ..."""
        return kind_of(self.cell, self.recurrence.bidirectional)

    @property
    def width(self) -> int:
        """H, the units of a hidden state, of both directions where there are two."""
        return self.recurrence.hidden_size * (1 + self.recurrence.bidirectional)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return self.run(self.embedding(x), lengths, winners=torch.is_grad_enabled()).logits

    def run(self, embedded: Tensor, lengths: Tensor, *, winners: bool = True) -> Trace:
        """The one forward path, from embeddings (B, T, E) and lengths (B,).

        Without ``winners`` nobody is to read them or the hidden states, and no gradient is asked
        for: the same logits in less time, of a trace whose ``hidden`` is overwritten.
        Raises TypeError for lengths that are not an integer tensor, ValueError for lengths of
        another count than the sentences', below 1 or above T.
        """
        lengths = _checked_lengths(lengths, embedded)  # (B,), on the CPU
        hidden, final_hidden, final_cell = self.recur(self.dropout(embedded), lengths)
        pool = self.pool if winners else self._pool_in_place
        pooled, places = pool(hidden, final_hidden, lengths)
        logits = self.fc(self.dropout(pooled))  # (B, O)
        return Trace(hidden, lengths, final_hidden, final_cell, pooled, places, logits)

    def recur(self, embedded: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Hidden states (B, T, H), final hidden state (B, H) and, where known, cell (B, H).

        On a CPU the padded rectangle goes through the fused kernel, which PackedSequence of
        unlike lengths would miss (pytorch#149194), and the state is gathered at ``length - 1``:
        in one direction no valid state depends on the padding behind it. Packed elsewhere, and
        where a second direction would begin in the padding.
        """
        rectangular = not self.recurrence.bidirectional or _full(lengths, embedded)
        if embedded.device.type == "cpu" and rectangular:
            return self._recur_padded(embedded, lengths)
        return self._recur_packed(embedded, lengths)

    def _recur_padded(
        self, embedded: Tensor, lengths: Tensor
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        hidden, state = self._layer(embedded)  # (B, T, H)
        if _full(lengths, hidden):
            return hidden, *self._final(state)
        last = (lengths - 1).view(-1, 1, 1).expand(-1, 1, hidden.shape[2])  # (B, 1, H)
        return hidden, hidden.gather(1, last).squeeze(1), None

    def _layer(self, embedded: Tensor) -> tuple[Tensor, Tensor | tuple[Tensor, Tensor]]:
        if self.cell == "lstm":
            return fused(self.recurrence, embedded)
        found: tuple[Tensor, Tensor] = self.recurrence(embedded)
        return found

    def _recur_packed(
        self, embedded: Tensor, lengths: Tensor
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
        states, state = self.recurrence(packed)
        hidden, _ = pad_packed_sequence(
            states, batch_first=True, total_length=embedded.shape[1]
        )  # (B, T, H)
        return hidden, *self._final(state)

    def _final(self, state: Tensor | tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor | None]:
        """The top layer's final hidden state and cell, (B, H), from the states of all layers."""
        hidden, cell = state if isinstance(state, tuple) else (state, None)
        if not self.recurrence.bidirectional:
            return hidden[-1], None if cell is None else cell[-1]
        both = torch.cat([hidden[-2], hidden[-1]], dim=1)  # (B, H)
        return both, None if cell is None else torch.cat([cell[-2], cell[-1]], dim=1)

    def pool(
        self, hidden: Tensor, final_hidden: Tensor, lengths: Tensor
    ) -> tuple[Tensor, Tensor | None]:
        """The head's input (B, P * H) and the winners (B, H) of the max-pool, if it has one."""
        full = _full(lengths, hidden)
        steps = torch.arange(hidden.shape[1], device=hidden.device)  # (T,)
        lengths = lengths.to(hidden.device).unsqueeze(1)  # (B, 1)
        padding = (steps >= lengths).unsqueeze(2)  # (B, T, 1)
        parts, winners = [], None
        for part in self.pooling:
            if part == "last":
                parts.append(final_hidden)
            elif part == "max":
                valid = hidden if full else hidden.masked_fill(padding, -math.inf)  # (B, T, H)
                highest, winners = valid.max(dim=1)  # (B, H)
                parts.append(highest)
            else:
                valid = hidden if full else hidden.masked_fill(padding, 0.0)  # (B, T, H)
                parts.append(valid.sum(dim=1) / lengths.to(hidden.dtype))
        return torch.cat(parts, dim=1), winners

    def _pool_in_place(
        self, hidden: Tensor, final_hidden: Tensor, lengths: Tensor
    ) -> tuple[Tensor, None]:
        """The head's input (B, P * H) as ``pool`` has it; overwrites what lies at padding."""
        counts = lengths.to(hidden.device).unsqueeze(1)  # (B, 1)
        padding = None
        if not _full(lengths, hidden):
            steps = torch.arange(hidden.shape[1], device=hidden.device)  # (T,)
            padding = (steps >= counts).unsqueeze(2)  # (B, T, 1)
        parts = {"last": final_hidden}
        if "mean" in self.pooling:
            valid = hidden if padding is None else hidden.masked_fill_(padding, 0.0)  # (B, T, H)
            parts["mean"] = valid.sum(dim=1) / counts.to(hidden.dtype)  # (B, H)
        if "max" in self.pooling:
            valid = hidden if padding is None else hidden.masked_fill_(padding, -math.inf)
            parts["max"] = valid.amax(dim=1)  # (B, H)
        return torch.cat([parts[part] for part in self.pooling], dim=1), None


class PackedGRUClassifier(PackedLSTMClassifier):
    """The same with a GRU: two gates and no cell. Cho et al. 2014, arXiv:1406.1078."""

    cell = "gru"
    layer_kind = nn.GRU


class PackedRNNClassifier(PackedLSTMClassifier):
    """The vanilla-RNN twin (tanh): same embedding, width and head, no gates and no cell."""

    cell = "rnn"
    layer_kind = nn.RNN


_KINDS = {
    kind.cell: kind for kind in (PackedLSTMClassifier, PackedGRUClassifier, PackedRNNClassifier)
}


def build(config: ModelConfig) -> PackedLSTMClassifier:
    """A model of that configuration, with random weights."""
    return _KINDS[config.cell](
        config.vocab_size,
        config.embed_dim,
        config.hidden_dim,
        pooling=config.pooling,
        layers=config.layers,
        dropout=config.dropout,
        output_dim=config.output_dim,
        bidirectional=config.bidirectional,
    )


def kind_of(cell: str, bidirectional: bool) -> str:
    """A cell of ``CELLS`` in words."""
    name = {"lstm": "LSTM", "gru": "GRU", "rnn": "vanilla RNN"}[cell]
    return f"bidirectional {name}" if bidirectional else name


def bfloat16_pays(device: torch.device | None = None) -> bool:
    """Whether the device multiplies in bfloat16 itself: a processor that does not is far slower."""
    if device is not None and device.type != "cpu":
        return True
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def pad(ids: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Ids as a rectangle (B, T) with 0 behind each sentence, and the lengths (B,)."""
    counts = [len(sentence) for sentence in ids]
    width = max(counts, default=0)
    lengths = torch.tensor(counts, dtype=torch.int64)
    if len(set(counts)) <= 1:
        return torch.tensor([*ids], dtype=torch.int64).view(len(ids), width), lengths
    rectangle = torch.zeros(len(ids), width, dtype=torch.int64)  # (B, T)
    valid = torch.arange(width) < lengths.unsqueeze(1)  # (B, T)
    rectangle[valid] = torch.tensor([*chain.from_iterable(ids)], dtype=torch.int64)
    return rectangle, lengths


def _embedding(vocab_size: int, embed_dim: int) -> nn.Embedding:
    """As nn.Embedding makes it, but on the "meta" device without drawing random numbers.

    Such a draw imports torch's compiler, two seconds of every start.
    """
    weight = torch.empty(vocab_size, embed_dim)  # (V, E)
    if not weight.is_meta:
        nn.init.normal_(weight)
        weight[0] = 0.0
    embedding: nn.Embedding = nn.Embedding.from_pretrained(weight, freeze=False, padding_idx=0)
    return embedding


def _full(lengths: Tensor, hidden: Tensor) -> bool:
    """Whether no sentence of the batch has padding."""
    return int(lengths.min()) == hidden.shape[1] if len(lengths) else True


def _checked_lengths(lengths: Tensor, embedded: Tensor) -> Tensor:
    if not isinstance(lengths, Tensor):
        raise TypeError(f"lengths must be a tensor of integers, got {type(lengths).__name__}")
    if lengths.dtype not in (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8):
        raise TypeError(f"lengths must be a tensor of integers, got one of {lengths.dtype}")
    if embedded.dim() != 3:
        raise ValueError(f"need embeddings (B, T, E), got shape {tuple(embedded.shape)}")
    batch, width, _ = embedded.shape
    if lengths.shape != (batch,):
        raise ValueError(
            f"need one length per sentence, shape ({batch},), got shape {tuple(lengths.shape)}"
        )
    lengths = lengths.to("cpu", torch.int64)
    if batch and (int(lengths.min()) < 1 or int(lengths.max()) > width):
        raise ValueError(
            f"lengths must lie between 1 and {width}, the padded width, got "
            f"{lengths.tolist() if batch <= 16 else (int(lengths.min()), int(lengths.max()))}"
        )
    return lengths

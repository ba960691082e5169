"""One text read once: what every explanation starts from."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from sentiment.model import PackedLSTMClassifier, Trace
from sentiment.values import Encoding


@dataclass(frozen=True, slots=True)
class Reading:
    """A model, a text and the trace of the one forward pass over it.

    ``target`` is the output whose logit z is explained: 0 for the single logit of a two-label
    model. Tensors carry no gradient.
    """

    model: PackedLSTMClassifier
    encoding: Encoding
    ids: Tensor  # (1, T)
    embedded: Tensor  # (1, T, E)
    trace: Trace
    target: int

    @property
    def hidden(self) -> Tensor:
        """Hidden states of the top layer, (T, H)."""
        return self.trace.hidden[0]

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
        width = self.trace.hidden.shape[2]
        if part not in self.model.pooling:
            return torch.zeros(width, dtype=self.trace.hidden.dtype)
        start = self.model.pooling.index(part) * width
        weights: Tensor = self.model.fc.weight[self.target, start : start + width]
        return weights.detach()


def read(model: PackedLSTMClassifier, encoding: Encoding, target: int = 0) -> Reading:
    """Run the model once over a text with at least one token."""
    with torch.no_grad():
        ids = torch.tensor([encoding.ids])  # (1, T)
        embedded = model.embedding(ids)  # (1, T, E)
        trace = model.run(embedded, torch.tensor([len(encoding.ids)]))
    return Reading(model, encoding, ids, embedded, trace, target)

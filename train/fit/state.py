"""The state of a training run on disk: written whole, read back for the same run alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import nn

from sentiment.durable import flush
from sentiment.errors import SentimentError
from train.data.corpus import TrainingSet
from train.fit.step import LoopSettings

STATE = "training_state.pt"
LENGTH = ("epochs", "patience")  # what a resumed run may have otherwise: to train further


def identity(model: nn.Module, data: TrainingSet, choice: str) -> dict[str, str]:
    """What a resumed run must share: the model's shape, the data, and what ``choice`` names."""
    return {
        "model": repr(model),
        "data": _data_hash(data),
        "choice": hashlib.sha256(choice.encode()).hexdigest(),
    }


def write_state(folder: Path, state: dict[str, Any]) -> None:
    """Put a run's state into ``folder`` in place of the one before."""
    partial = folder / f"{STATE}.partial"
    torch.save({**state, "digest": _digest(state)}, partial)
    flush(partial)
    partial.replace(folder / STATE)
    flush(folder)


def read_state(folder: Path, settings: LoopSettings, same: dict[str, str]) -> dict[str, Any]:
    """The state that a run of these settings left.

    Raises FileNotFoundError where there is none, SentimentError where it is damaged or another
    run's.
    """
    path = folder / STATE
    if not path.is_file():
        raise FileNotFoundError(f"nothing to resume: no {path}")
    try:
        state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    except (RuntimeError, UnpicklingError, EOFError, OSError) as error:
        raise SentimentError(f"{path} is damaged; start anew without --resume") from error
    if state.pop("digest", None) != _digest(state):  # torch reads tensors of changed bytes
        raise SentimentError(f"{path} is damaged; start anew without --resume")
    if other := [k for k, v in same.items() if state.get("identity", {}).get(k) != v]:
        named = {"model": "sizes or dropout", "data": "data or labels", "choice": "dev data"}
        raise SentimentError(
            f"{path} was written with other {', '.join(named[one] for one in other)}; "
            "go on with the same, or start anew without --resume"
        )
    wanted = asdict(settings)
    before = state["settings"]
    if changed := [k for k, v in wanted.items() if k not in LENGTH and before.get(k) != v]:
        raise SentimentError(f"{path} was written with other settings: {', '.join(changed)}")
    return state


def _digest(state: Any) -> str:
    """A hash of all values of a state, its tensors' bytes included."""
    found = hashlib.sha256()

    def take(value: Any) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                found.update(repr(key).encode())
                take(inner)
        elif isinstance(value, list | tuple):
            found.update(f"[{len(value)}".encode())
            for inner in value:
                take(inner)
        elif isinstance(value, torch.Tensor):
            whole = value.detach().cpu().coalesce().values() if value.is_sparse else value
            found.update(f"{whole.dtype}{tuple(whole.shape)}".encode())
            plain = whole.detach().cpu().contiguous()
            found.update(plain.reshape(-1).view(torch.uint8).numpy().data)
        else:
            found.update(repr(value).encode())

    take(state)
    return found.hexdigest()


def _data_hash(data: TrainingSet) -> str:
    """A hash of all that is trained on: ids, targets, weights and chances."""
    found = hashlib.sha256()
    arrays = [data.corpus.lengths, *data.corpus.flat.split(1 << 24), data.targets, data.weights]
    for array in (*arrays, *([] if data.chance is None else [data.chance])):
        found.update(array.contiguous().numpy().tobytes())
    return found.hexdigest()

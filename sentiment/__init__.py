"""LSTM Microscope: how a packed LSTM reads a sentence and makes up its mind."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from sentiment import start

__version__ = "0.2.0"

if TYPE_CHECKING:
    from sentiment.checkpoint import CheckpointError
    from sentiment.classifier import EmptyTextError, SentimentClassifier, load
    from sentiment.errors import SentimentError
    from sentiment.model import LSTMSentimentClassifier, ModelConfig, PackedLSTMClassifier
    from sentiment.values import Prediction, Token

_HOMES = {
    "CheckpointError": "checkpoint",
    "EmptyTextError": "classifier",
    "SentimentClassifier": "classifier",
    "SentimentError": "errors",
    "load": "classifier",
    "LSTMSentimentClassifier": "model",
    "ModelConfig": "model",
    "PackedLSTMClassifier": "model",
    "Prediction": "values",
    "Token": "values",
}

__all__ = [
    "CheckpointError",
    "EmptyTextError",
    "LSTMSentimentClassifier",
    "ModelConfig",
    "PackedLSTMClassifier",
    "Prediction",
    "SentimentClassifier",
    "SentimentError",
    "Token",
    "load",
]


def __dir__() -> list[str]:
    modules = {name for name, one in globals().items() if isinstance(one, ModuleType)}
    return sorted({*__all__, *modules, *(name for name in globals() if name.startswith("__"))})


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used (PEP 562), so that the import stays light."""
    if name in _HOMES:
        with start.uncollected():
            return getattr(import_module(f"sentiment.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'sentiment' has no attribute {name!r}")

"""An exported graph run by onnxruntime: its logits, held against the classifier's own."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentiment.batches import length_batches
from sentiment.classifier import SentimentClassifier
from sentiment.model import pad
from sentiment.text import UNKNOWN_ID
from train.data.tables import DataError
from train.measure.truth import logits_of

TOLERANCE = 1e-4
QUANTIZED = ("LSTM", "Gemm", "Gather")
SAMPLES = ("a good film", "not good at all", "It is not that I did not like it , but still .")


def runtime() -> Any:
    """The module onnxruntime. Raises DataError where it is not installed."""
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        raise DataError("checking and int8 want pip install 'lstm-microscope[onnx]'") from error
    return onnxruntime


def runtime_installed() -> bool:
    """Whether onnxruntime can be imported."""
    return find_spec("onnxruntime") is not None


def graph_logits(
    file: Path, classifier: SentimentClassifier, texts: Sequence[str]
) -> NDArray[np.float64]:
    """Logits (N, O) of the graph in ``file``, in batches of unlike length, for the texts."""
    module = runtime()
    session = module.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    ids = [row or [UNKNOWN_ID] for row in classifier.encoder.ids_batch(list(texts))]
    logits = np.zeros((len(ids), classifier.model.fc.out_features))
    for chosen in length_batches([len(row) for row in ids], most_tokens=8192):
        rectangle, lengths = pad([ids[i] for i in chosen])  # (B, T), (B,)
        given = {"ids": rectangle.numpy(), "lengths": lengths.numpy()}
        logits[chosen] = session.run(["logits"], given)[0]
    return logits


def largest_gap(file: Path, classifier: SentimentClassifier, texts: Sequence[str]) -> float:
    """The largest difference of a logit between the graph and the classifier on the texts."""
    found = graph_logits(file, classifier, texts)
    return float(np.abs(found - logits_of(classifier, texts)).max())


def quantize(file: Path, out: Path) -> None:
    """Write the graph with 8-bit weights; products are dynamic, in 8 bits where onnxruntime can."""
    runtime()
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(file, out, weight_type=QuantType.QInt8, op_types_to_quantize=list(QUANTIZED))

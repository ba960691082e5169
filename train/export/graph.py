"""A classifier as an ONNX graph: ids and lengths in, logits and probabilities out.

ONNX's own LSTM, GRU and RNN take the lengths, in both directions, so that no padding is read and
one graph serves every batch. Shapes: B sentences, T tokens, E embedding features, D directions, H
units of one direction, O outputs, K labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from sentiment.classifier import SentimentClassifier
from sentiment.model import PackedLSTMClassifier

OPSET = 17
IR_VERSION = 8
"""Of ONNX 1.12, which brought that opset: later runtimes read it, and so do those of 2022."""
_ORDER = {"lstm": (0, 3, 1, 2), "gru": (1, 0, 2), "rnn": (0,)}
"""Where torch keeps each gate that ONNX wants in turn: i o f c, z r h."""
_OPERATORS: dict[str, tuple[str, dict[str, Any]]] = {
    "lstm": ("LSTM", {}),
    "gru": ("GRU", {"linear_before_reset": 1}),
    "rnn": ("RNN", {}),
}


def onnx_model(classifier: SentimentClassifier) -> onnx.ModelProto:
    """The graph, checked: ids (B, T) and lengths (B,), int64, to logits (B, O) and
    probabilities (B, K), float32; B and T are free, opset ``OPSET``.

    Ids behind a sentence's length are not read. Raises onnx.checker.ValidationError for a graph
    that is none.
    """
    graph = _Graph()
    model, labels = classifier.model, len(classifier.labels)
    states, final = _recurrence(graph, model)
    logits = _head(graph, model, states, final)
    _probabilities(graph, logits, labels)
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "length"])
    lengths = helper.make_tensor_value_info("lengths", TensorProto.INT64, ["batch"])
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", width])
        for name, width in (("logits", model.fc.out_features), ("probabilities", labels))
    ]
    made = helper.make_model(
        helper.make_graph(graph.nodes, "classifier", [ids, lengths], outputs, graph.constants),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="lstm-microscope",
    )
    helper.set_model_props(made, {"labels": "\n".join(classifier.labels)})
    onnx.checker.check_model(made, full_check=True)
    return made


class _Graph:
    """Nodes and constants under names that nobody gives twice."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, value: NDArray[Any] | Sequence[int]) -> str:
        name = f"constant_{len(self.constants)}"
        array = np.ascontiguousarray(value)
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def add(self, operator: str, *inputs: str, name: str | None = None, **given: Any) -> str:
        """A node of one output, whose name is given back."""
        return self.many(operator, inputs, [name or f"{operator}_{len(self.nodes)}"], **given)[0]

    def many(
        self, operator: str, inputs: Sequence[str], outputs: Sequence[str], **given: Any
    ) -> Sequence[str]:
        self.nodes.append(helper.make_node(operator, list(inputs), list(outputs), **given))
        return outputs


def _array(tensor: Any) -> NDArray[np.float32]:
    return np.asarray(tensor.detach().cpu().float().numpy())


def _recurrence(graph: _Graph, model: PackedLSTMClassifier) -> tuple[str, str]:
    """Names of the top layer's states (T, B, D * H) and final states (D, B, H)."""
    embedding = graph.constant(_array(model.embedding.weight))  # (V, E)
    rows = graph.add("Gather", embedding, "ids")  # (B, T, E)
    states = graph.add("Transpose", rows, perm=[1, 0, 2])  # (T, B, E)
    lengths = graph.add("Cast", "lengths", to=TensorProto.INT32)  # (B,)
    layers, final = model.recurrence, ""
    operator, given = _OPERATORS[model.cell]
    for layer in range(layers.num_layers):
        weights = [graph.constant(one) for one in _layer(model, layer)]
        both, final = graph.many(
            operator,
            [states, *weights, lengths],
            [f"states_{layer}", f"final_{layer}"],
            hidden_size=layers.hidden_size,
            direction="bidirectional" if layers.bidirectional else "forward",
            **given,
        )  # (T, D, B, H), (D, B, H)
        turned = graph.add("Transpose", both, perm=[0, 2, 1, 3])  # (T, B, D, H)
        states = graph.add("Reshape", turned, graph.constant(np.array([0, 0, -1])))
    return states, final


def _layer(model: PackedLSTMClassifier, layer: int) -> tuple[NDArray[np.float32], ...]:
    """A layer's weights for ONNX: (D, G * H, in), (D, G * H, H) and both biases (D, 2 * G * H)."""
    order = _ORDER[model.cell]

    def gates(name: str) -> NDArray[np.float32]:
        blocks = np.split(_array(getattr(model.recurrence, name)), len(order))
        return np.concatenate([blocks[gate] for gate in order])

    ends = ("", "_reverse") if model.recurrence.bidirectional else ("",)
    inputs = np.stack([gates(f"weight_ih_l{layer}{end}") for end in ends])
    recurrent = np.stack([gates(f"weight_hh_l{layer}{end}") for end in ends])
    biases = [
        np.concatenate([gates(f"bias_{kind}_l{layer}{end}") for kind in ("ih", "hh")])
        for end in ends
    ]
    return inputs, recurrent, np.stack(biases)


def _head(graph: _Graph, model: PackedLSTMClassifier, states: str, final: str) -> str:
    """The name of the logits (B, O): the linear head over the pooled states."""
    shape = graph.add("Shape", "ids", start=1)  # (1,), T
    none = graph.constant(np.array(0))
    length = graph.add("Squeeze", shape)
    steps = graph.add("Range", none, length, graph.constant(np.array(1)))  # (T,)
    column = graph.add("Unsqueeze", steps, graph.constant(np.array([1])))  # (T, 1)
    read = graph.add("Less", column, "lengths")  # (T, B)
    valid = graph.add("Unsqueeze", read, graph.constant(np.array([2])))  # (T, B, 1)
    parts = []
    for part in model.pooling:
        if part == "last":
            turned = graph.add("Transpose", final, perm=[1, 0, 2])  # (B, D, H)
            parts.append(graph.add("Reshape", turned, graph.constant(np.array([0, -1]))))
        elif part == "max":
            least = graph.constant(np.array(-np.inf, dtype=np.float32))
            kept = graph.add("Where", valid, states, least)  # (T, B, D * H)
            parts.append(graph.add("ReduceMax", kept, axes=[0], keepdims=0))
        else:
            zero = graph.constant(np.array(0, dtype=np.float32))
            kept = graph.add("Where", valid, states, zero)  # (T, B, D * H)
            summed = graph.add("ReduceSum", kept, graph.constant(np.array([0])), keepdims=0)
            counts = graph.add("Cast", "lengths", to=TensorProto.FLOAT)  # (B,)
            divisor = graph.add("Unsqueeze", counts, graph.constant(np.array([1])))  # (B, 1)
            parts.append(graph.add("Div", summed, divisor))
    pooled = graph.add("Concat", *parts, axis=1)  # (B, P * D * H)
    weight, bias = (graph.constant(_array(one)) for one in (model.fc.weight, model.fc.bias))
    return graph.add("Gemm", pooled, weight, bias, name="logits", transB=1)


def _probabilities(graph: _Graph, logits: str, labels: int) -> None:
    """One probability a label, (B, K); a single logit is the log-odds of the second label."""
    if labels > 2:
        graph.add("Softmax", logits, name="probabilities", axis=1)
        return
    second = graph.add("Sigmoid", logits)  # (B, 1)
    first = graph.add("Sigmoid", graph.add("Neg", logits))
    graph.add("Concat", first, second, name="probabilities", axis=1)

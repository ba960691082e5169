"""The Memory panel: gates, cell, the memory ledger and gradient reach. Drawn by memory.js."""

from __future__ import annotations

import numpy as np

from sentiment.explanation import Explanation
from sentiment.ui import view
from sentiment.ui.answers import Answer, Answered, Question, Reader, answering
from sentiment.ui.contract import Memory, Numbers
from sentiment.ui.drawn import drawn
from sentiment.ui.limits import RefusedError
from sentiment.ui.panel import Panel
from sentiment.values import FloatArray

UNITS, WINDOW = 24, 40
STATES = ("forget", "input", "candidate", "output", "cell", "hidden")


def build(reader: Reader) -> None:
    """Add the panel to the tab that is being built."""
    drawn("memory")


def functions(reader: Reader) -> list[Answered]:
    """The functions that the panel's scripts call by name."""

    def memory(question: Question) -> Answer:
        explanation = reader.explain(question)
        start = question.get("start", 0)
        if not isinstance(start, int) or not 0 <= start < len(explanation.tokens):
            raise RefusedError(f"The words are numbered from 0 to {len(explanation.tokens) - 1}.")
        weights = reader.classifier.model.fc.weight.detach().double().numpy()
        row = 0 if len(weights) == 1 else reader.classifier.labels.index(explanation.target)
        return memory_view(explanation, weights[row], start)

    return [answering(reader, memory, "memory")]


def memory_view(explanation: Explanation, weights: FloatArray, start: int) -> Memory:
    """What the panel draws: ``WINDOW`` words of the ``UNITS`` units that are worth most.

    ``weights`` (P * H,) is the head's row for the target. A unit's worth is its absolute weight,
    summed over the poolings, so that the order does not change with the text.
    """
    if explanation.cell_norms is None:
        raise RefusedError("Gates and memory are drawn of an LSTM that reads in one direction.")
    gates, ledger = explanation.gates, explanation.memory
    hidden = gates.hidden.shape[1]
    worth = np.abs(weights.reshape(-1, hidden)).sum(axis=0)  # (H,)
    units = np.argsort(-worth, kind="stable")[:UNITS]
    stop = min(start + WINDOW, len(explanation.tokens))

    def shown(values: FloatArray) -> list[Numbers]:
        return [view.numbers(values[start:stop, unit]) for unit in units]

    reach = explanation.gradient_reach
    return {
        "text": explanation.text,
        "tokens": view.token_list(explanation.text, explanation.tokens),
        "start": start,
        "stop": stop,
        "hidden": hidden,
        "units": units.tolist(),
        "worth": view.numbers(worth[units]),
        "states": {name: shown(getattr(gates, name)) for name in STATES},
        "means": {
            name: view.numbers(getattr(gates, name)[start:stop].mean(axis=1)) for name in STATES
        },
        "before": view.numbers(gates.cell[start - 1, units] if start else np.zeros(len(units))),
        "gates_residual": gates.residual,
        "ledger": {
            "written": view.numbers(ledger.written_norms),
            "kept": view.numbers(ledger.kept_norms),
            "shares": view.numbers(ledger.shares),
            "residual": ledger.residual,
        },
        "reach": {
            "cell": _optional(reach.cell),
            "forget": _optional(reach.forget),
            "full": view.numbers(reach.full),
            "twin_hidden": _optional(reach.twin_hidden),
            "twin_full": _optional(reach.twin_full),
            "note": reach.note,
        },
    }


def _optional(values: FloatArray | None) -> Numbers | None:
    # Far gradients are tiny and drawn on a logarithmic axis: six decimals would make them zero.
    return None if values is None else [float(v) for v in values]


PANEL = Panel("memory", "Memory", build, functions, about_sentence=True)

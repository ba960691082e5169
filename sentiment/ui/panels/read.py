"""The Read panel: a verdict, and word by word how it came about. Drawn by read.js."""

from __future__ import annotations

from functools import cache

import numpy as np

from sentiment.explanation import Explanation
from sentiment.ui import view
from sentiment.ui.answers import (
    MOST_STUDIED,
    STUDY,
    Answer,
    Answered,
    Question,
    Reader,
    answering,
    server_functions,
)
from sentiment.ui.contract import Network, StoryTold
from sentiment.ui.drawn import drawn
from sentiment.ui.limits import RefusedError
from sentiment.ui.panel import Panel
from sentiment.ui.stories import stories, told
from sentiment.values import FloatArray, floats


def build(reader: Reader) -> None:
    """Add the panel to the tab that is being built."""
    drawn("read")


def functions(reader: Reader) -> list[Answered]:
    """The functions that the panel's scripts call by name."""

    def network(question: Question) -> Answer:
        explanation = reader.explain(question)
        if reader.classifier.model.recurrence.bidirectional:
            raise RefusedError("The network is drawn for models that read in one direction.")
        if len(explanation.tokens) > MOST_STUDIED:
            raise RefusedError(f"The network is drawn for texts of up to {MOST_STUDIED} words.")
        weights = reader.classifier.model.fc.weight.detach().double().numpy()  # (O, P * H)
        row = 0 if len(weights) == 1 else reader.classifier.labels.index(explanation.target)
        return network_view(explanation, floats(weights[row]), reader.classifier.model.pooling)

    @cache
    def story_told(name: str) -> StoryTold:
        found = next((story for story in stories() if story.name == name), None)
        if found is None:
            names = ", ".join(story.name for story in stories())
            raise RefusedError(f"A story is one of {names}.")
        return told(found, reader.classifier)

    def story(question: Question) -> Answer:
        return story_told(str(question.get("name")))

    return [
        *server_functions(reader),
        answering(reader, story, "story", steps=STUDY, texts=()),
        answering(reader, network, "network"),
    ]


def network_view(
    explanation: Explanation, weights: FloatArray, pooling: tuple[str, ...]
) -> Network:
    """States, weights and gates that the zoom into the network draws.

    ``weights`` (P * H,) is the head's row for the target, one part a pooling, in their order.
    """
    states = explanation.hidden_states  # (T, H)
    parts = weights.reshape(len(pooling), -1)  # (P, H)
    units = np.argsort(-np.abs(parts).sum(axis=0), kind="stable")  # (H,)
    try:
        gates = explanation.gates
    except ValueError:  # a vanilla RNN has none
        gates = None
    return {
        "text": explanation.text,
        "units": units.tolist(),
        "hidden": [view.numbers(np.round(row[units], 4)) for row in states],
        "weights": {
            name: view.numbers(part[units]) for name, part in zip(pooling, parts, strict=True)
        },
        "bias": explanation.running.bias,
        "forget": None if gates is None else view.numbers(gates.forget.mean(axis=1)),
        "input": None if gates is None else view.numbers(gates.input.mean(axis=1)),
        "cell": (None if explanation.cell_norms is None else view.numbers(explanation.cell_norms)),
    }


PANEL = Panel("read", "Read", build, functions, about_sentence=True)

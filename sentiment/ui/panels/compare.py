"""The Compare panel: two texts on one scale, and what an edit does. Drawn by compare.js."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sentiment import negation
from sentiment.comparison import compare as compared
from sentiment.comparison import delta
from sentiment.explain.counterfactual import without_opinions
from sentiment.explain.lanes import LANES, Lane
from sentiment.explanation import Comparison, Explanation
from sentiment.ui import contract, view
from sentiment.ui.answers import (
    STUDY,
    VERDICT,
    Answer,
    Answered,
    Question,
    Reader,
    answering,
)
from sentiment.ui.contract import Compared, EditShown, ShortVerdict, Side
from sentiment.ui.drawn import drawn
from sentiment.ui.known import Known
from sentiment.ui.limits import RefusedError
from sentiment.ui.panel import Panel
from sentiment.ui.several import several, shuffled
from sentiment.values import (
    Edit,
    FloatArray,
    MinimalPair,
    Prediction,
    SmallestEdit,
    TokenScores,
    between,
    floats,
)

MOST_EDITED_TOKENS = 100
"""Longer texts are compared, but no edits of them are offered: each would be read anew."""
ONLY_SHORT = f"Edits are offered up to {MOST_EDITED_TOKENS} words."
NONE_PLAIN = (
    "No rule of grammar gives an edit that is sure to read well here. Choose a word to replace it "
    "or to put “not” before it."
)


NO_PAIR = (
    "This text has no pair of its own: no word or part of it can be changed so that the verdict "
    "moves. Write another text into the box above, and it stands beside yours."
)


def build(reader: Reader) -> None:
    """Add the panel to the tab that is being built."""
    drawn("compare")


def functions(reader: Reader) -> list[Answered]:
    """The functions that the panel's scripts call by name."""
    classifier = reader.classifier

    def compare(question: Question) -> Answer:
        first = reader.explain(question, "compare")
        labels = classifier.labels
        target = first.target if len(labels) > 2 else None
        second = reader.explain({**question, "target": target})
        return comparison_view(compared(first, second), reader.known)

    def edits(question: Question) -> Answer:
        explanation = reader.explain(question)
        short = _short(reader, explanation.text)
        readable = _offered(explanation) if short else []
        own = explanation.minimal_pair
        read = classifier.predict_batch(
            [e.text for e in readable] + ([own.edit.text] if own else [])
        )
        shown = [_short_verdict(verdict, reader.known) for verdict in read]
        return {
            "text": explanation.text,
            "tokens": view.token_list(explanation.text, explanation.tokens),
            "offered": [
                {**_edit(edit), "verdict": verdict}
                for edit, verdict in zip(readable, shown, strict=False)
            ],
            "own": {**_edit(own.edit), "verdict": shown[-1], "said": own_said(own)}
            if own
            else None,
            "own_note": None if own else NO_PAIR,
            "note": None if readable else NONE_PLAIN if short else ONLY_SHORT,
        }

    def smallest(question: Question) -> Answer:
        text = reader.text(question)
        if not _short(reader, text):
            raise RefusedError(f"Edits are searched up to {MOST_EDITED_TOKENS} words.")
        found = reader.explain(question).smallest_edit
        return smallest_view(found, classifier.predict(found.text))

    def shuffle(question: Question) -> Answer:
        return {"text": shuffled(classifier, reader.text(question), _seed(question))}

    def models(question: Question) -> Answer:
        return several(classifier, reader.text(question), _seed(question), reader.beside)

    return [
        answering(reader, compare, "compare", texts=("compare", "text")),
        answering(reader, edits, "edits"),
        answering(reader, shuffle, "shuffle", steps=VERDICT),
        answering(reader, models, "models"),
        answering(reader, smallest, "smallest", steps=STUDY),
    ]


def comparison_view(comparison: Comparison, known: Known) -> Compared:
    """Everything that the panel draws of two texts."""
    first, second = comparison.first, comparison.second
    path, shares = projection(first, second)
    return {
        "first": _side(first, known),
        "second": _side(second, known),
        "rows": [{"first": r.first, "second": r.second, "kind": r.kind} for r in comparison.rows],
        "deltas": {
            lane.key: view.numbers(delta(comparison.rows, one.scores, other.scores))
            for lane, one, other in _signed_lanes(first, second)
        },
        "distances": view.numbers(comparison.distances),
        "bias_delta": comparison.bias_delta,
        "logit_delta": comparison.logit_delta,
        "residual": comparison.residual,
        "path": {
            "first": path[: len(first.tokens) + 1].round(4).tolist(),
            "second": path[len(first.tokens) + 1 :].round(4).tolist(),
            "shares": [round(share, 4) for share in shares],
        },
    }


def projection(first: Explanation, second: Explanation) -> tuple[FloatArray, list[float]]:
    """Both texts' states on two common axes, (T1 + 1 + T2 + 1, 2), and each axis's variance share.

    Principal components of all states together, the zero state before the first word included in
    front of each text. The first axis is turned so that the running logit grows to the right.
    """
    start = np.zeros((1, first.forward_states.shape[1]))
    states = np.concatenate([start, first.forward_states, start, second.forward_states])
    centred = states - states.mean(axis=0)  # (T1 + T2 + 2, H)
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    if len(axes) < 2:
        raise RefusedError("Two texts need a word each to be compared.")
    places = centred @ axes[:2].T  # (T1 + T2 + 2, 2)
    logits = np.concatenate([[0.0], first.running.logits, [0.0], second.running.logits])
    if float(places[:, 0] @ (logits - logits.mean())) < 0:
        places[:, 0] *= -1
    variance = sizes**2
    whole = float(variance.sum()) or 1.0
    return floats(places), [float(v) / whole for v in variance[:2]]


def smallest_view(found: SmallestEdit, verdict: Prediction) -> contract.SmallestEdit:
    """The smallest edit that turns the verdict, or what was tried in vain.

    ``verdict`` is the prediction on the edited text.
    """
    turned = found.label
    if verdict.undecided:
        turned = f"{between(verdict.labels)}, leaning to {found.label}"
    return {
        "found": found.found,
        "text": found.text,
        "label": found.label,
        "verdict": turned,
        "logit": found.logit,
        "edits": [_edit(edit) for edit in found.edits],
        "candidates": found.candidates,
        "tried": found.tried,
    }


def _signed_lanes(
    first: Explanation, second: Explanation
) -> Iterator[tuple[Lane, TokenScores, TokenScores]]:
    """The lanes of both texts that are there at once and add to a logit."""
    lanes = {lane.name: lane for lane in LANES}
    for one, other in zip(first.lanes, second.lanes, strict=True):
        if one.signed:
            yield lanes[one.name], one, other


def _side(explanation: Explanation, known: Known) -> Side:
    return {
        "text": explanation.text,
        "verdict": view.verdict(explanation.prediction, known),
        "logit": explanation.logit,
        "target": explanation.target,
        "tokens": view.token_list(explanation.text, explanation.tokens),
        "bias": explanation.running.bias,
        "running": view.numbers(explanation.running.logits),
        "final": float(explanation.running.last[-1]),
    }


def _edit(edit: Edit) -> EditShown:
    return {
        "kind": edit.kind,
        "text": edit.text,
        "token": edit.token,
        "replacement": edit.replacement,
        "reason": edit.reason,
    }


def _short_verdict(prediction: Prediction, known: Known) -> ShortVerdict:
    return {
        "label": view.label(prediction, known),
        "probability": prediction.probability,
        "logit": prediction.logit,
    }


def _seed(question: Question) -> int:
    seed = question.get("seed")
    return seed if isinstance(seed, int) else 0


def own_said(pair: MinimalPair) -> str:
    """Why a text is first compared with this one, in words."""
    if pair.grammar == "plain" and pair.tried == 1:
        return f"A is your sentence with one word changed: {pair.edit.reason}."
    if pair.grammar == "plain":
        told = f"Of {pair.tried} plain edits of your sentence this one moves the verdict furthest"
    else:
        kind = "plain edit" if pair.grammar == "word" else "change of one word"
        told = (
            f"No {kind} of your sentence moves the verdict much. Of {pair.tried} changes, whether "
            "they read well or not, this one moves it furthest"
        )
    return f"{told}: {pair.edit.reason}."


def _offered(explanation: Explanation) -> list[Edit]:
    """The edits of a text that leave a word, those aside whose "neutral" word is an opinion."""
    encoder = explanation.reading.encoder
    plain = without_opinions(explanation.reading, negation.edits(explanation.text))
    return [edit for edit in plain if encoder is not None and encoder.encode(edit.text).ids]


def _short(reader: Reader, text: str) -> bool:
    return len(reader.classifier.encoder.encode(text).ids) <= MOST_EDITED_TOKENS


PANEL = Panel("compare", "Compare", build, functions, about_sentence=True)

"""Explanations as plain JSON for the scripts that draw them: raw numbers, never rescaled.

Scaling happens in the scripts alone, by the fixed full heights that ``scales`` gives them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from numpy.typing import ArrayLike

from sentiment.explain import LANES as ALL_LANES
from sentiment.explanation import Explanation
from sentiment.ui.contract import (
    FaithfulnessMeter,
    Ghost,
    Interplay,
    LaneShown,
    Mechanism,
    Numbers,
    Phrase,
    Piece,
    Reading,
    TokenShown,
    Verdict,
    WonUnit,
)
from sentiment.ui.known import Known
from sentiment.ui.words import warning
from sentiment.values import (
    Faithfulness,
    PhraseScore,
    Prediction,
    ReadAlone,
    StateAblation,
    Token,
    TokenScores,
    floats,
)

LANES = tuple(lane for lane in ALL_LANES if lane.page != 0)
PLAIN = {
    "gradients": "its share on the path from unknown words to this text",
    "ledger": "what the state at this word adds to the sum",
    "last": "what the final state adds here",
    "pool": "what the highs that it holds add",
    "mean": "what its state adds through the average",
    "deletion": "if this word were missing",
    "shapley": "its fair share over all orders of the words",
    "relevance": "what flows back to it, layer by layer",
    "phrase": "what this word alone put into the states",
    "wins": "hidden units whose high it holds",
    "norm": "size of the hidden state after it",
    "change": "how far it moved the hidden state",
    "cell": "size of the memory after it",
}
"""What each lane says of a word, in plain words."""


def numbers(values: ArrayLike) -> list[float | None]:
    """Floats short enough to send; None for what JSON has no number for."""
    return [round(x, 6) if math.isfinite(x) else None for x in floats(values).ravel().tolist()]


def lane_table() -> list[LaneShown]:
    """The lanes of the token strip in their order."""
    return [
        {
            "name": lane.key,
            "title": lane.title or lane.name,
            "term": lane.term or lane.name,
            "unit": lane.unit,
            "signed": lane.signed,
            "at_once": lane.at_once,
            "plain": PLAIN.get(lane.key, ""),
        }
        for lane in LANES
    ]


def scales(explanations: Iterable[Explanation]) -> dict[str, float]:
    """Full heights of the lanes, fixed for the page: round figures that hold its examples."""
    largest: dict[str, float] = {}
    own = {lane.key: lane.key for lane in LANES if lane.unit != "logit"}
    for explanation in explanations:
        for name, values in reading_lanes(explanation).items():
            top = max((abs(v) for v in values if v is not None), default=0.0)
            key = own.get(name, "logit")
            largest[key] = max(largest.get(key, 0.0), top)
    fixed = {lane.key: lane.scale for lane in LANES if lane.scale is not None}
    return {name: round_up(value) for name, value in largest.items()} | fixed


def round_up(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 4, 5, 7.5, 10 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1, 1.5, 2, 3, 4, 5, 7.5, 10)
    return next(float(f"{s * power:.6g}") for s in steps if s * power >= value)


def label(prediction: Prediction, known: Known) -> str:
    """The one reading that people see: the label, or what lies between two of them."""
    if prediction.fault is not None:
        return prediction.reading
    return known.between if prediction.undecided else prediction.label


def verdict(prediction: Prediction, known: Known) -> Verdict:
    """A prediction, and what to say about its words."""
    return {
        "text": prediction.text,
        "label": label(prediction, known),
        "leaning": prediction.label,
        "undecided": prediction.undecided,
        "probability": prediction.probability,
        "logit": prediction.logit,
        "labels": list(prediction.labels),
        "probabilities": list(prediction.probabilities),
        "notice": _fault(prediction) or warning(prediction.tokens),
    }


def _fault(prediction: Prediction) -> str | None:
    fault = prediction.fault
    return None if fault is None else f"The model can say nothing of this text: {fault}."


def token_list(text: str, tokens: tuple[Token, ...]) -> list[TokenShown]:
    """Tokens with the gap before each, so that the original text can be drawn in full."""
    shown: list[TokenShown] = []
    end = 0
    for token in tokens:
        shown.append({"text": token.text, "gap": text[end : token.start], "known": token.known})
        end = max(end, token.end)
    return shown


def reading_lanes(explanation: Explanation) -> dict[str, Numbers]:
    """The lanes that are there at once, (T,) each."""
    keys = {lane.name: lane.key for lane in LANES}
    return {keys[one.name]: numbers(one.scores) for one in explanation.lanes if one.name in keys}


def study_lanes(explanation: Explanation) -> dict[str, TokenScores]:
    """The other lanes by their keys, as far as the text is short enough for them."""
    count = len(explanation.tokens)
    return {
        lane.key: explanation.lane(lane.name)
        for lane in explanation.available_lanes
        if not lane.at_once and (lane.page is None or count <= lane.page)
    }


def reading(explanation: Explanation, known: Known, ghost: Ghost | None = None) -> Reading:
    """Everything that the Read panel draws first."""
    gradients, running = explanation.integrated_gradients, explanation.running
    binary = len(explanation.prediction.labels) == 2
    return {
        "text": explanation.text,
        "target": explanation.target,
        "revision": explanation.revision,
        "verdict": verdict(explanation.prediction, known),
        "logit": explanation.logit,
        "sentence": explanation.account.sentence,
        "mechanism": mechanism(explanation.state_ablation),
        "tokens": token_list(explanation.text, explanation.tokens),
        "lanes": reading_lanes(explanation),
        "running": {
            "logits": numbers(running.logits),
            "probabilities": numbers(running.probabilities) if binary else None,
            "last": numbers(running.last),
            "max": numbers(running.max),
            "mean": numbers(running.mean),
            "bias": running.bias,
            "flips": list(explanation.account.turns if binary else running.flips),
        },
        "ghost": ghost,
        "gradients": {
            "residual": gradients.residual,
            "tolerance": gradients.tolerance,
            "converged": gradients.converged,
            "steps": gradients.steps,
            "baseline": gradients.baseline,
            "baseline_logit": gradients.baseline_logit,
        },
        "ledger": {"bias": explanation.ledger.bias, "residual": explanation.ledger.residual},
        "channels": channels(explanation),
        "runs": {},
        "faithfulness": None,
        "interplay": None,
    }


def mechanism(ablation: StateAblation | None) -> Mechanism | None:
    """Why the verdict turned, in words, and what it would be without the state that carried it."""
    if ablation is None:
        return None
    without = {"hidden state": ablation.hidden, "cell": ablation.cell}
    return {
        "sentence": ablation.sentence,
        "token": ablation.token,
        "carrier": ablation.carrier,
        "blanked": None if ablation.carrier is None else round(without[ablation.carrier], 6),
    }


def channels(explanation: Explanation, most: int = 3) -> list[list[WonUnit]]:
    """For every token the hidden units it won that are worth most to the logit, (T, <= most)."""
    pooling = explanation.pooling
    worth = abs(pooling.contributions)
    won: list[list[WonUnit]] = [[] for _ in explanation.tokens]
    for unit in (-worth).argsort().tolist():
        token = int(pooling.winners[unit])
        if len(won[token]) < most:
            second = int(pooling.runners_up[unit])
            margin = float(pooling.margins[unit])
            won[token].append(
                {
                    "unit": unit,
                    "contribution": round(float(pooling.contributions[unit]), 6),
                    "margin": round(margin, 6) if math.isfinite(margin) else None,
                    "runner_up": second if second >= 0 else None,
                }
            )
    return won


def faithfulness(value: Faithfulness) -> FaithfulnessMeter:
    """The faithfulness meter."""
    return {
        "label": value.label,
        "probability": value.probability,
        "random": len(value.random_comprehensiveness),
        "random_comprehensiveness": float(value.random_comprehensiveness.mean()),
        "random_sufficiency": float(value.random_sufficiency.mean()),
        "methods": [
            {
                "name": method.name,
                "comprehensiveness": method.comprehensiveness,
                "sufficiency": method.sufficiency,
                "comprehensiveness_percentile": method.comprehensiveness_percentile,
                "sufficiency_percentile": method.sufficiency_percentile,
            }
            for method in value.methods
        ],
    }


def phrase(share: PhraseScore | None, alone: ReadAlone, words: Sequence[str]) -> Phrase:
    """A phrase read alone and its two halves, and its share in context, where there is one.

    ``words`` are the phrase's and, where it has halves, theirs.
    """
    first: Piece | None = None
    second: Piece | None = None
    if alone.first_logit is not None and alone.second_logit is not None:
        first = {"words": words[1], "logit": alone.first_logit}
        second = {"words": words[2], "logit": alone.second_logit}
    return {
        "start": alone.start,
        "end": alone.end,
        "words": words[0],
        "alone": {
            "logit": alone.logit,
            "probability": alone.probability,
            "interaction": alone.interaction,
            "first": first,
            "second": second,
        },
        "share": None
        if share is None
        else {
            "score": share.score,
            "rest": share.rest,
            "last": share.last,
            "max": share.max,
            "mean": share.mean,
            "bias": share.bias,
            "residual": share.residual,
            "interaction": share.interaction,
        },
    }


def interplay(explanation: Explanation) -> Interplay | None:
    """The two pieces of the text whose reading together differs most from reading them apart."""
    found = next(iter(explanation.interactions), None)
    if found is None or not found.interaction:
        return None
    encoding = explanation.encoding
    first, second = encoding.text_of(*found.first), encoding.text_of(*found.second)
    whole = encoding.text_of(found.first[0], found.second[1])
    return {
        "start": found.first[0],
        "end": found.second[1],
        "score": found.logit,
        "joint": found.interaction,
        "words": f"{first} … {second}" if found.apart else whole,
        "first": {"words": first, "logit": found.first_logit},
        "second": {"words": second, "logit": found.second_logit},
    }

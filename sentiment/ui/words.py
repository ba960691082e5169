"""Numbers of an explanation as sentences. Every sentence is true of the numbers or left out."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from sentiment.explanation import Explanation
from sentiment.values import Token

PARTS = {"last": "final-state", "max": "max-pool", "mean": "mean-pool"}
CLEAR_STEP = 0.1  # in probability; smaller flips are mere crossings of one half
_ENGLISH = """
the a an and or but of to in on at for with it its is was are were be not no this that i you
he she they we as by from so very all there what if than too just
"""
_OTHERS = """
le la les des une est et dans pour que qui pas avec sur der die das und ist nicht ein eine
mit auf den el los las una es y por para con muy il che non di per sono uma não com os het
een niet van och att som är jest nie się
"""


def signed(value: float) -> str:
    """A logit with its sign, and a true minus."""
    return f"{value:+.2f}".replace("-", "−")


def what_happened(explanation: Explanation, alone: float | None = None) -> str:
    """Which word did most to the running verdict, and which part of the head carried it.

    ``alone`` is the probability of the deciding word read by itself, where it is known.
    """
    tokens, running = explanation.tokens, explanation.running
    if len(explanation.prediction.labels) > 2:
        return _more_labels(explanation)
    end = running.probabilities[-1]
    if len(tokens) == 1:
        return f"One word was read, “{tokens[0].text}”, and it alone makes {end:.2f}."
    index = deciding_word(explanation)
    before, after = running.probabilities[index - 1 : index + 1].tolist()
    if index in running.flips:
        step = "turned the verdict"
    elif (after > before) == (end > 0.5):
        step = "moved the verdict furthest towards where it ends,"
    else:
        step = "moved the verdict furthest,"
    sentence = (
        f"“{tokens[index].text}” at token {index + 1} {step} from {before:.2f} to {after:.2f}"
    )
    sentence += f"; {_carrier(explanation, index)}."
    if alone is not None and (alone > 0.5) != (after > before) and abs(alone - 0.5) > 1 / 6:
        sentence += (
            f" By itself “{tokens[index].text}” reads {alone:.2f}: the words before it turn it."
        )
    if index < len(tokens) - 1:
        sentence += f" After the last word it stands at {end:.2f}."
    return sentence


def deciding_word(explanation: Explanation) -> int:
    """The last clear flip to the side of 1/2 on which the text ends, else the largest step there.

    A flip is clear if it moves the probability by ``CLEAR_STEP`` and half as far as the largest
    step. The first word has no verdict before it and is never meant; 0 for a text of one word.
    """
    odds = explanation.running.probabilities.tolist()
    towards = 1 if odds[-1] > 0.5 else -1
    steps = [0.0, *(towards * (after - before) for before, after in pairwise(odds))]
    if max(steps) <= 0:  # every step leads away, or there is none
        steps = [abs(step) for step in steps]
    largest = max(range(len(steps)), key=steps.__getitem__)
    for flip in reversed(explanation.running.flips):
        if steps[flip] >= max(CLEAR_STEP, steps[largest] / 2):
            return flip
    return largest


def _carrier(explanation: Explanation, index: int) -> str:
    running = explanation.running
    whole = float(running.logits[index] - running.logits[index - 1])
    steps = {
        name: float(getattr(running, name)[index] - getattr(running, name)[index - 1])
        for name in PARTS
    }
    name = max(steps, key=lambda part: steps[part] * (1 if whole > 0 else -1))
    if whole and steps[name] / whole > 0.5:
        return f"the {PARTS[name]} part did most of it"
    return f"the {PARTS[name]} part did the largest share of it"


def _more_labels(explanation: Explanation) -> str:
    logits = explanation.running.logits
    if len(logits) == 1:
        return (
            f"One word was read; it makes the logit of “{explanation.target}” {signed(logits[0])}."
        )
    index = max(range(1, len(logits)), key=lambda i: abs(float(logits[i] - logits[i - 1])))
    return (
        f"“{explanation.tokens[index].text}” at token {index + 1} moved the logit of "
        f"“{explanation.target}” furthest, from {signed(logits[index - 1])} to "
        f"{signed(logits[index])}; {_carrier(explanation, index)}."
    )


def warning(tokens: Sequence[Token], language: str | None = None) -> str | None:
    """A plain word on texts that the model can't be trusted with; None for the others.

    ``language`` is the one that the model learnt, None where that is not known.
    """
    words = [t for t in tokens if any(c.isalpha() for c in t.text)] or list(tokens)
    unknown = [token for token in words if not token.known]
    if len(unknown) == len(words):
        return "The model knows none of these words, so its verdict says nothing about them."
    if language == "English" and _foreign(words):
        return "This does not look like English, the language that the model learnt."
    if 2 * len(unknown) >= len(words):
        return (
            f"The model knows only {len(words) - len(unknown)} of these {len(words)} words. "
            "Its verdict rests on those alone; do not trust it."
        )
    if unknown:
        shown = ", ".join(f"“{token.text}”" for token in unknown[:8])
        more = f" and {len(unknown) - 8} more" if len(unknown) > 8 else ""
        return f"Unknown to the model, and all read as one and the same word: {shown}{more}"
    return None


def _foreign(words: Sequence[Token]) -> bool:
    letters = [c for token in words for c in token.text if c.isalpha()]
    latin = sum("LATIN" in unicodedata.name(c, "") for c in letters)
    if letters and latin < 0.7 * len(letters):
        return True
    lower = [token.text.lower() for token in words]
    english, others = set(_ENGLISH.split()), set(_OTHERS.split())
    foreign = sum(word in others for word in lower)
    return foreign >= 2 and foreign > sum(word in english for word in lower)

"""How the verdict came about: which words turned the running verdict, with read-alone evidence.

A turn is a step from one of the three readings (negative, neutral, positive) into another. The
first word turns nothing: before it nothing is read. Of all steps, its own included, the last holds;
it is named by its word if that word reads so alone, else by the phrase or the far negator that
explains it, and never by a mark or by a step too small to see.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import torch

from sentiment import negation
from sentiment.explain.alone import FURTHEST, LONGEST, read_alone
from sentiment.explain.ledger import running_verdict
from sentiment.explain.reading import Reading
from sentiment.explain.sentence import largest_step, sentence
from sentiment.values import NEUTRAL_ZONE, Account, FloatArray, ReadAlone, Turn, between

VISIBLE = 0.05
"""The least step in probability that a word is named for."""
_FUNCTION_WORDS = """
a an the this that these those it its i me my mine we us our you your he him his she her they them
their who whom whose which what and or nor so if as at by for from in into of off on onto out over
to up with about after before between during through under until upon while because since than
then there here when where why how be is are was were am been being do does did doing have has had
having will would shall should can could may might must 's 're 've 'll 'd 'm some such own same
also just only very too
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
_MARKS = {"...", "--", "``", "''"}


def account(reading: Reading) -> Account:
    """The turns of a two-label model's running verdict, and the sentence that tells them.

    With more labels there are no three readings: no turns, and a sentence on the largest step.
    """
    running = reading.of(running_verdict)
    if len(reading.labels) > 2:
        spoken = [t for t, word in enumerate(_words(reading)) if speaks(word)]
        target = reading.labels[reading.target]
        told = largest_step(reading.encoding, running, spoken, target)
        return Account(None, (), None, None, told)
    start = float(torch.tensor(reading.bias, dtype=torch.float64).sigmoid())
    odds = [start, *running.probabilities.tolist()]  # (T + 1,), before each token and at the end
    readings = [named(p, reading.labels) for p in odds]
    steps = [t for t, (old, new) in enumerate(pairwise(readings)) if old != new]
    turns = tuple(t for t in steps if t)
    last = _turn(reading, odds, steps[-1]) if steps else None
    earlier = _turn(reading, odds, steps[-2]) if len(steps) > 1 else None
    if last and earlier and (not _nameable(reading, earlier) or earlier.end > last.start):
        earlier = None
    told = sentence(reading.encoding, odds, readings[-1], len(turns), last, earlier)
    return Account(start, turns, last, earlier, told)


def named(probability: float, labels: Sequence[str] = ("negative", "positive")) -> str:
    """The reading of a probability of the second label: one of the labels, or what lies between."""
    if NEUTRAL_ZONE[0] <= probability <= NEUTRAL_ZONE[1]:
        return between(labels)
    return labels[int(probability > NEUTRAL_ZONE[1])]


def speaks(word: str) -> bool:
    """Whether a token is a word, an emoji or an emoticon rather than a mark."""
    if any(c.isalnum() or unicodedata.category(c) == "So" for c in word):
        return True
    return len(word) > 1 and word not in _MARKS and len(set(word)) > 1


def _turn(reading: Reading, odds: Sequence[float], token: int) -> Turn:
    """The turn at a token, ``odds`` being the probabilities from before the first word on."""
    words = _words(reading)
    became = named(odds[token + 1], reading.labels)
    turn = Turn(token, token, token + 1, odds[token], odds[token + 1], became, "plain")
    if abs(turn.after - turn.before) < VISIBLE:
        return replace(turn, kind="small")
    if not speaks(words[token]):
        return replace(turn, kind="close")
    content = words[token] not in FUNCTION_WORDS and not _clings(reading, words, token)
    (single,) = read_alone(reading, [(token, token + 1)])
    alone = single.probability if content else None
    if words[token] in negation.NEGATORS:
        turn = _by_negated(reading, words, odds, turn) or turn
    elif named(single.probability, reading.labels) != became:
        other = "against" if content and _opposed(reading, single, became) else "plain"
        turn = (
            _by_phrase(reading, words, odds, turn, alone)
            or _by_pair(reading, words, turn, alone)
            or replace(turn, kind=other, alone=alone)
        )
    elif content:
        turn = replace(turn, kind="word", alone=alone)
    return replace(turn, part=_part(reading, turn))


def _by_negated(
    reading: Reading, words: Sequence[str], odds: Sequence[float], turn: Turn
) -> Turn | None:
    """The shortest phrase from a negator on that reads so alone, where its last word does not."""
    start = _host(reading, words, turn.token)
    spans = []
    for end in range(turn.token + 2, min(turn.token + LONGEST, len(words)) + 1):
        if not speaks(words[end - 1]):
            break
        met = named(odds[start], reading.labels)
        holds = named(odds[end], reading.labels) == turn.reading != met
        visible = abs(odds[end] - odds[start]) >= VISIBLE
        if holds and visible and words[end - 1] not in FUNCTION_WORDS | negation.NEGATORS:
            spans.append((start, end))
    phrases = read_alone(reading, spans)
    singles = read_alone(reading, [(end - 1, end) for _, end in spans])
    for phrase, single in zip(phrases, singles, strict=True):
        read, other = (named(one.probability, reading.labels) for one in (phrase, single))
        if read == turn.reading != other:
            return replace(
                turn,
                start=phrase.start,
                end=phrase.end,
                before=odds[phrase.start],
                after=odds[phrase.end],
                kind="phrase",
                together=phrase.probability,
                alone=None if _clings(reading, words, phrase.end - 1) else single.probability,
            )
    return None


def _by_phrase(
    reading: Reading, words: Sequence[str], odds: Sequence[float], turn: Turn, alone: float | None
) -> Turn | None:
    """The shortest phrase that ends at the turn, reads so alone, and met another reading."""
    end, spans = turn.end, []
    for start in range(end - 2, max(-1, end - 1 - LONGEST), -1):
        if not speaks(words[start]):
            break
        met = named(odds[start], reading.labels)
        visible = abs(turn.after - odds[start]) >= VISIBLE
        if not reading.encoding.glued(start) and visible and met != turn.reading:
            spans.append((start, end))
    for phrase in read_alone(reading, spans):
        if named(phrase.probability, reading.labels) == turn.reading:
            return replace(
                turn,
                start=phrase.start,
                before=odds[phrase.start],
                kind="phrase",
                together=phrase.probability,
                alone=alone,
            )
    return None


def _by_pair(
    reading: Reading, words: Sequence[str], turn: Turn, alone: float | None
) -> Turn | None:
    """The nearest negator of the clause with which the turn's word reads so, side by side."""
    ids = reading.encoding.ids
    for negator in range(turn.token - 1, max(-1, turn.token - FURTHEST - 1), -1):
        if words[negator] in negation.CLAUSE_ENDS:
            break
        if negation.negates(words, negator) and negator < turn.token - 1:
            host = _host(reading, words, negator)
            logits = reading.reread([(*ids[host : negator + 1], ids[turn.token])])[:, 0]
            together = float(logits.sigmoid()[0])
            if named(together, reading.labels) == turn.reading:
                span = (host, negator + 1)
                return replace(turn, kind="pair", together=together, alone=alone, negator=span)
    return None


def _clings(reading: Reading, words: Sequence[str], token: int) -> bool:
    """Whether a token is the end of a word, as the "nt" of "dont": no text of its own."""
    return token > 0 and reading.encoding.glued(token) and speaks(words[token - 1])


def _host(reading: Reading, words: Sequence[str], negator: int) -> int:
    """The token to begin with so as to name a negator: of "n't" the verb it clings to."""
    return negator - (reading.encoding.glued(negator) and speaks(words[negator - 1]))


def _opposed(reading: Reading, single: ReadAlone, became: str) -> bool:
    """Whether a word alone reads as the label that it did not turn the text to."""
    return {named(single.probability, reading.labels), became} == set(reading.labels)


def _part(reading: Reading, turn: Turn) -> str | None:
    """The pool beside the final state that made over half of the step's logit, if one did."""
    if "last" not in reading.model.pooling:
        return None
    running = reading.of(running_verdict)

    def step(values: FloatArray, before: float) -> float:
        return float(values[turn.end - 1]) - (
            float(values[turn.start - 1]) if turn.start else before
        )

    whole = step(running.logits, reading.bias)
    for part in ("max", "mean"):
        if step(getattr(running, part), 0.0) / whole > 0.5:
            return part
    return None


def _nameable(reading: Reading, turn: Turn) -> bool:
    plain = turn.kind == "plain" and _words(reading)[turn.token] in FUNCTION_WORDS
    return turn.kind not in ("close", "small") and not plain


def _words(reading: Reading) -> list[str]:
    return [token.text.lower().replace("’", "'") for token in reading.encoding.tokens]

"""Phrases read alone, and what two pieces of a text do to each other when read together.

The evidence is the model's own verdict on short texts, so it re-predicts by construction. The
interaction z(AB) - z(A) - z(B) is the second difference of reading A and B, the discrete form of
Sundararajan et al. 2020, arXiv:1902.05622.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sentiment import negation
from sentiment.explain.reading import Reading, Sentence, runs
from sentiment.values import Interaction, ReadAlone

Span = tuple[int, int]

LONGEST = 5
"""Words of the longest phrase that the search for interactions reads."""
FURTHEST = 40
"""Words from a negator to the last word that it is read with."""
MOST_SPLITS = 64


def read_alone(reading: Reading, spans: Sequence[Span]) -> tuple[ReadAlone, ...]:
    """Every span [start, end) by itself and over its best split, all in one batch.

    A span of over 65 words is split before every n-th word. Raises ValueError for a span that is
    empty or reaches outside the text.
    """
    for start, end in spans:
        if not 0 <= start < end <= reading.count:
            raise ValueError(
                f"a phrase must lie in tokens 0 to {reading.count} and hold at least one, "
                f"got [{start}, {end})"
            )
    splits = {span: _splits(*span) for span in spans}
    halves = [
        half
        for (start, end), places in splits.items()
        for place in places
        for half in ((start, place), (place, end))
    ]
    logits, probabilities = _logits(reading, [*splits, *halves])
    return tuple(_best(span, splits[span], logits, probabilities) for span in spans)


def short_phrases(reading: Reading) -> tuple[ReadAlone, ...]:
    """All phrases of up to five words read alone, by their start, then their end."""
    return read_alone(reading, _short(reading.count))


def interaction_texts(reading: Reading) -> list[Sentence]:
    """What ``interactions`` reads: short phrases, and negators beside later words."""
    ids = reading.encoding.ids
    phrases = [ids[start:end] for start, end in _short(reading.count)]
    return phrases + [(ids[a], ids[b]) for a, b in _far_pairs(reading)]


def _short(count: int) -> list[Span]:
    """All phrases of up to five words."""
    return [(s, e) for s in range(count) for e in range(s + 1, min(s + LONGEST, count) + 1)]


def interactions(reading: Reading) -> tuple[Interaction, ...]:
    """Best splits of phrases of up to five words, and negators with later words, strongest first.

    A phrase counts if both halves hold a letter or digit. A negator meets every later word of its
    clause, up to forty words on; each such pair is read as two words side by side.
    """
    spoken = _spoken(reading)
    found = [
        Interaction(
            first=(one.start, one.split),
            second=(one.split, one.end),
            logit=one.logit,
            first_logit=one.first_logit,
            second_logit=one.second_logit,
            interaction=one.interaction,
        )
        for one in reading.of(short_phrases)
        if one.first_logit is not None
        and one.second_logit is not None
        and any(spoken[one.start : one.split])
        and any(spoken[one.split : one.end])
    ]
    found += _negated(reading)
    found.sort(key=lambda one: -abs(one.interaction))  # stable: of equal ones the first found
    return tuple(found)


def _spoken(reading: Reading) -> list[bool]:
    """Whether each token holds a letter or digit."""
    return [any(c.isalnum() for c in token.text) for token in reading.encoding.tokens]


def _far_pairs(reading: Reading) -> list[Span]:
    """Every negator and every later word of its clause that is not its neighbour."""
    spoken = _spoken(reading)
    words = [token.text.lower().replace("’", "'") for token in reading.encoding.tokens]
    pairs = []
    for negator in (t for t in range(len(words)) if negation.negates(words, t)):
        for later in range(negator + 1, min(negator + FURTHEST, reading.count - 1) + 1):
            if words[later] in negation.CLAUSE_ENDS:
                break
            if later > negator + 1 and spoken[later]:
                pairs.append((negator, later))
    return pairs


def _negated(reading: Reading) -> list[Interaction]:
    """Negators with later words of their clauses, read as two words side by side."""
    pairs = _far_pairs(reading)
    ids, target = reading.encoding.ids, reading.target
    together = reading.reread([(ids[a], ids[b]) for a, b in pairs])[:, target].tolist()
    alone = {(one.start, one.end): one.logit for one in reading.of(short_phrases)}
    return [
        Interaction(
            first=(a, a + 1),
            second=(b, b + 1),
            logit=logit,
            first_logit=alone[a, a + 1],
            second_logit=alone[b, b + 1],
            interaction=logit - alone[a, a + 1] - alone[b, b + 1],
        )
        for (a, b), logit in zip(pairs, together, strict=True)
    ]


def _splits(start: int, end: int) -> list[int]:
    """Places to split a span before, at most 64."""
    inner = end - start - 1
    return [start + 1 + first for first, _ in runs(inner, MOST_SPLITS)] if inner else []


def _logits(reading: Reading, spans: Iterable[Span]) -> tuple[dict[Span, float], dict[Span, float]]:
    """The target's logit and probability of every span read alone."""
    wanted = list(dict.fromkeys(spans))
    ids = reading.encoding.ids
    outputs = reading.reread([ids[start:end] for start, end in wanted])  # (N, O)
    logits = outputs[:, reading.target]  # (N,)
    if outputs.shape[1] == 1:
        probabilities = logits.sigmoid()  # (N,)
    else:
        probabilities = outputs.softmax(dim=1)[:, reading.target]  # (N,)
    return (
        dict(zip(wanted, logits.tolist(), strict=True)),
        dict(zip(wanted, probabilities.tolist(), strict=True)),
    )


def _best(
    span: Span,
    splits: Sequence[int],
    logits: dict[Span, float],
    probabilities: dict[Span, float],
) -> ReadAlone:
    start, end = span
    whole = logits[span]
    if not splits:
        return ReadAlone(start, end, whole, probabilities[span], start, None, None, 0.0)
    joints = [whole - logits[start, place] - logits[place, end] for place in splits]
    strengths = list(map(abs, joints))
    number = strengths.index(max(strengths))
    best = splits[number]
    return ReadAlone(
        start=start,
        end=end,
        logit=whole,
        probability=probabilities[span],
        split=best,
        first_logit=logits[start, best],
        second_logit=logits[best, end],
        interaction=joints[number],
    )

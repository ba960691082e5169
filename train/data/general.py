"""Everyday English: tweets, comments, reviews of anything, statements; local or on the Hub."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sentiment.tables import ReadOptions
from train.data.labelled import Example
from train.data.tables import DataError, column, load_table

_NAMES = (
    *("James", "Mary", "John", "Anna", "Robert", "Linda", "Mike", "Sarah", "David", "Emma"),
    *("Tom", "Maria", "Daniel", "Laura", "Chris", "Julia", "Kevin", "Nina", "Mark", "Sophie"),
    *("Ahmed", "Fatima", "Wei", "Priya", "Carlos", "Elena", "Jamal", "Aisha", "Omar", "Yuki"),
)
_FAITHS = ("Christian", "Muslim", "Jewish", "Hindu", "Buddhist")

_TARGETS = {"negative": 0.0, "neg": 0.0, "neutral": 0.5, "positive": 1.0, "pos": 1.0}

# Emotions of GoEmotions (Demszky et al. 2020, arXiv:2005.00547) as its authors group them;
# surprise is left out, being of either side.
_EMOTIONS = {
    1.0: "admiration amusement approval caring desire excitement gratitude joy love optimism "
    "pride relief",
    0.0: "anger annoyance disappointment disapproval disgust embarrassment fear grief "
    "nervousness remorse sadness",
    0.5: "neutral",
}
_EMOTION_TARGET = {name: target for target, names in _EMOTIONS.items() for name in names.split()}

_DOMAINS = {"tweet_eval": "tweets", "go_emotions": "comments", "amazon_polarity": "products"}

SOURCE_WEIGHT = {"goemotions": 0.7, "go_emotions": 0.7, "mpqa": 2.5}
"""Weights in the loss: less where labels are noisy, more for a few short texts; else 1."""

NEUTRAL_WEIGHT = 1.2
"""Of neutral texts, whose place is a zone while a polar one's is a half-line."""


@dataclass(frozen=True, slots=True)
class GeneralText:
    """A text; its target 0, 1/2 (neutral) or 1, or None; the data set and the domain it is of."""

    text: str
    target: float | None
    source: str
    domain: str


def load_general(
    source: str, split: str = "train", *, reading: ReadOptions | None = None
) -> list[GeneralText]:
    """Texts of a folder with columns text, target, source and domain, or of Hub data sets.

    Hub ids are separated by commas, a configuration follows its id behind a colon:
    ``cardiffnlp/tweet_eval:sentiment,google-research-datasets/go_emotions,fancyzhx/ag_news``.
    There a label named negative, neutral or positive gives the target, emotions are folded to
    those three (texts with several of them left out), and other labels give none. Raises
    DataError for a folder without these columns.
    """
    if "/" in source and "," not in source and ":" not in source:
        table = load_table(source, split, reading=reading)
        if {"target", "source", "domain"} <= table.keys():
            return _kept(
                GeneralText(as_typed(text or ""), _number(target), origin, domain)
                for text, target, origin, domain in zip(
                    column(table, "text", source),
                    table["target"],
                    table["source"],
                    table["domain"],
                    strict=True,
                )
            )
    return [text for name in source.split(",") for text in _of_hub(name.strip(), split, reading)]


def _of_hub(name: str, split: str, reading: ReadOptions | None) -> list[GeneralText]:
    identity, _, configuration = name.partition(":")
    table = load_table(identity, split, configuration or None, reading)
    found = next((c for c in ("text", "sentence", "content") if c in table), None)
    if found is None:
        raise DataError(f"{name} has no column of texts; it has {', '.join(table)}")
    labels: Sequence[Any] = table.get("labels") or table.get("label") or [None] * len(table[found])
    origin = identity.rsplit("/", 1)[-1]
    return _kept(
        GeneralText(
            as_typed(text or ""), _named_target(label), origin, _DOMAINS.get(origin, origin)
        )
        for text, label in zip(table[found], labels, strict=True)
    )


def _kept(texts: Any) -> list[GeneralText]:
    return [one for one in texts if one.text]


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)  # NaN is a gap


def _named_target(label: Any) -> float | None:
    """The target that a label's name, or the names of several emotions, stand for."""
    if isinstance(label, list):
        targets = {_EMOTION_TARGET.get(str(name)) for name in label}
        return targets.pop() if len(targets) == 1 else None
    if label in (0, 1):  # a label of two classes stays a number
        return float(label)
    return _TARGETS.get(str(label).lower())


_PLACEHOLDER = re.compile(r"\[(NAME|RELIGION)\]|\{link\}|(?<![&\w])(quot|#39|amp);")


def as_typed(text: str) -> str:
    """``text`` without a data set's placeholders: a name where one was taken out, and so on."""
    place = int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:4])

    def typed(match: re.Match[str]) -> str:
        if match[1] == "NAME":
            return _NAMES[(place + match.start()) % len(_NAMES)]
        if match[1] == "RELIGION":
            return _FAITHS[(place + match.start()) % len(_FAITHS)]
        return {"quot": '"', "#39": "'", "amp": "&"}.get(match[2] or "", "http://t.co/a")

    return _PLACEHOLDER.sub(typed, text).strip()


def class_weights(texts: Sequence[GeneralText]) -> dict[tuple[str, float], float]:
    """Weights by source and target: rarer classes of a source weigh more, half-way to balance.

    The root of (mean size of the source's classes / size of the class), within [1/2, 2], in
    sources that have negative, neutral and positive texts, each a twentieth or more; times the
    source's own weight and, for neutral texts, theirs.
    """
    sizes: dict[str, Counter[float]] = {}
    for one in texts:
        if one.target is not None:
            sizes.setdefault(one.source, Counter())[one.target] += 1
    weights = {}
    for source, counts in sizes.items():
        three = len(counts) == 3 and 20 * min(counts.values()) >= counts.total()
        for target, size in counts.items():
            mean = counts.total() / len(counts)
            rarity = min(2.0, max(0.5, math.sqrt(mean / size))) if three else 1.0
            neutral = NEUTRAL_WEIGHT if target == 0.5 else 1.0
            weights[source, target] = rarity * neutral * SOURCE_WEIGHT.get(source, 1.0)
    return weights


def general_examples(
    texts: Sequence[GeneralText],
    labels: dict[str, float],
    gold: float = 0.6,
    unlabelled_weight: float = 0.6,
) -> list[Example]:
    """Examples with ``gold`` of the own target where a text has a soft label in ``labels`` too.

    Texts without target count ``unlabelled_weight`` with their soft label, or are left out.
    """
    weights = class_weights(texts)
    examples = []
    for one in texts:
        soft = labels.get(one.text)
        if one.target is None:
            if soft is not None:
                examples.append(Example(one.text, soft, unlabelled_weight))
            continue
        target = one.target if soft is None else gold * one.target + (1 - gold) * soft
        examples.append(Example(one.text, target, weights[one.source, one.target]))
    return examples

"""What training starts from: a finished model whose vocabulary and labels grow to fit the data."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch
from tokenizers import Tokenizer

from sentiment import checkpoint
from sentiment.classifier import DEFAULT_WEIGHTS
from sentiment.model import ModelConfig, PackedLSTMClassifier, build
from sentiment.records import Recipe
from sentiment.text import PADDING, UNKNOWN, UNKNOWN_ID, TextEncoder
from sentiment.text import words as split_words
from train.data.tables import DataError

EMBEDDED, NOTHING = "embedded", "nothing"
FITS = 0.7
"""Share of the data's words that the embedded vocabulary must hold; English gives 0.9 and more."""
ENGLISH = frozenset(
    [
        "the",
        "and",
        "it",
        "to",
        "that",
        "this",
        "for",
        "with",
        "not",
        "you",
        "have",
        "my",
        "at",
        "as",
        "but",
        "are",
        "be",
        "they",
        "from",
        "by",
        "very",
        "all",
        "had",
        "were",
        "which",
        "what",
        "when",
        "would",
        "there",
        "their",
    ]
)
ENGLISH_SHARE = 0.06
"""Share of words in ``ENGLISH``, which other languages lack; English has 0.2 to 0.4."""
_POLAR = ("negative", "positive")
Head = Literal["kept", "between", "new"]
"""Whose a started model's head is: the start's own, its with neutral between, or a new one."""


@dataclass(frozen=True, slots=True)
class Start:
    """A model to go on from, by its ``name`` for training.json, and its own recipe."""

    name: str
    checkpoint: checkpoint.Checkpoint
    recipe: Recipe


def find_start(name: str) -> Start | None:
    """The model that ``name`` says: "embedded", "nothing", a checkpoint folder or a Hub id.

    Raises as ``checkpoint.load`` and ``hub.fetch``.
    """
    if name == NOTHING:
        return None
    if name == EMBEDDED:
        return Start(EMBEDDED, checkpoint.load(DEFAULT_WEIGHTS), Recipe.read(DEFAULT_WEIGHTS))
    from sentiment import hub

    if hub.is_repository(name):
        folder, commit = hub.fetch(name)
        return Start(f"{name}@{commit}", checkpoint.load(folder), Recipe())
    folder = Path(name)
    return Start(folder.resolve().name, checkpoint.load(folder), Recipe.read(folder))


def known_share(start: Start, texts: Sequence[str], most: int = 2000) -> float:
    """Share of the words of the first ``most`` texts that the vocabulary holds."""
    ids = start.checkpoint.encoder.ids_batch(list(texts[:most]))
    total = sum(len(row) for row in ids)
    return 1 - sum(row.count(UNKNOWN_ID) for row in ids) / max(total, 1)


def english_share(texts: Sequence[str], most: int = 2000) -> float:
    """Share of the words of the first ``most`` texts that only English has so often."""
    found = [word for text in texts[:most] for word in split_words(text)]
    return sum(word in ENGLISH for word in found) / max(len(found), 1)


def words_of(encoder: TextEncoder, texts: Iterable[str]) -> Counter[str]:
    """How often each word occurs, as this tokenizer normalises and splits them."""
    tokenizer = encoder.tokenizer
    counts: Counter[str] = Counter()
    for text in texts:
        normal = tokenizer.normalizer.normalize_str(text.encode("utf-8", "replace").decode())
        counts.update(word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal))
    return counts


def grown_encoder(
    encoder: TextEncoder, counts: Counter[str], *, most: int, min_count: int
) -> TextEncoder:
    """The same tokenizer with the commonest ``most`` counted words that it lacked.

    Words that occur less than ``min_count`` times stay unknown. Old words keep their ids.
    """
    raw = json.loads(encoder.tokenizer.to_str())
    vocabulary = raw["model"]["vocab"]
    fresh = [
        word
        for word, count in counts.most_common()
        if count >= min_count and word not in vocabulary and word not in (PADDING, UNKNOWN)
    ]
    for word in fresh[:most]:
        vocabulary[word] = len(vocabulary)
    return TextEncoder(Tokenizer.from_str(json.dumps(raw)))


def started_model(
    start: Start, encoder: TextEncoder, labels: Sequence[str], *, dropout: float, seed: int
) -> tuple[PackedLSTMClassifier, ModelConfig, Head]:
    """The start's model over a grown vocabulary, with a head for ``labels``, and whose it is.

    A word that is new begins as "unknown" does.
    Where the start tells negative and positive apart and a neutral label stands between, the new
    head begins with its verdict: minus half the log-odds, none, half of them.
    """
    old = start.checkpoint
    labels = tuple(labels)
    config = replace(old.config, vocab_size=encoder.vocabulary_size, labels=labels, dropout=dropout)
    torch.manual_seed(seed)
    model = build(config)
    state = old.model.state_dict()
    weight = model.embedding.weight.data  # (V, E)
    known = state["embedding.weight"].shape[0]
    weight[:known] = state["embedding.weight"]
    noise = torch.randn(weight.shape[0] - known, weight.shape[1])
    weight[known:] = state["embedding.weight"][UNKNOWN_ID] + 0.01 * noise
    head: Head = "kept" if labels == old.config.labels else "new"
    for name, value in state.items():
        if name != "embedding.weight" and (head == "kept" or not name.startswith("fc.")):
            model.state_dict()[name].copy_(value)
    folded = tuple(label.lower() for label in labels)
    if old.config.labels == _POLAR and sorted(folded) == sorted((*_POLAR, "neutral")):
        head = "between"
        halves = {"negative": -0.5, "neutral": 0.0, "positive": 0.5}
        with torch.no_grad():
            signs = torch.tensor([halves[label] for label in folded]).unsqueeze(1)  # (3, 1)
            model.fc.weight.copy_(signs * state["fc.weight"])
            model.fc.bias.copy_((signs * state["fc.bias"]).squeeze(1))
    return model, config, head


def chosen_start(name: str | None, texts: Sequence[str]) -> Start | None:
    """The start that was asked for, or else the embedded weights where their language fits."""
    if name is not None:
        return find_start(name)
    start = find_start(EMBEDDED)
    if start is None:  # pragma: no cover
        raise DataError("the embedded weights are missing")
    share = known_share(start, texts)
    if share >= FITS and english_share(texts) >= ENGLISH_SHARE:
        print(f"starting from the embedded weights, which know {share:.0%} of the words")
        return start
    print(
        "starting from nothing: the texts do not look like English, which the embedded weights "
        f"read (they know {share:.0%} of the words); --start embedded uses them all the same",
        flush=True,
    )
    return None

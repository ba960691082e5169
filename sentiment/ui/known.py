"""What is known of the loaded model beside its weights: language, data, licence by its card."""

from __future__ import annotations

from dataclasses import dataclass

import yaml  # type: ignore[import-untyped]

from sentiment.classifier import SentimentClassifier
from sentiment.values import between

CARD = "README.md"
LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian"}


@dataclass(frozen=True)
class Known:
    """A model's labels, and of its card the language's code, data sets, text and licence.

    What a card does not say is None or empty: the page then says nothing of it.
    """

    labels: tuple[str, ...]
    language: str | None = None
    datasets: tuple[str, ...] = ()
    card: str = ""
    license: str | None = None

    @property
    def language_name(self) -> str | None:
        """The language as people call it."""
        return None if self.language is None else LANGUAGES.get(self.language, self.language)

    @property
    def between(self) -> str:
        """What the page calls a probability between a third and two thirds."""
        return between(self.labels)


def known(classifier: SentimentClassifier) -> Known:
    """What the card beside the weights says; only the labels where there is none."""
    path = None if classifier.folder is None else classifier.folder / CARD
    if path is None or not path.is_file():
        return Known(classifier.labels)
    head, text = split(path.read_text(encoding="utf-8", errors="replace"))
    try:
        said = yaml.safe_load(head)
    except yaml.YAMLError:
        said = None
    said = said if isinstance(said, dict) else {}
    languages = _names(said.get("language"))
    return Known(
        classifier.labels,
        languages[0] if len(languages) == 1 else None,
        _names(said.get("datasets")),
        text,
        next(iter(_names(said.get("license"))), None),
    )


def split(card: str) -> tuple[str, str]:
    """A model card's metadata, and the text after it."""
    if card.startswith("---\n") and (end := card.find("\n---\n", 4)) >= 0:
        return card[4:end], card[end + 5 :]
    return "", card


def _names(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(str(one) for one in values if isinstance(one, str) and one)

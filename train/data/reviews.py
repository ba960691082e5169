"""Reviews of IMDB: which are kept for dev, and the sentences in them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from train.data.labelled import Example, labelled_examples
from train.data.labels import POLAR
from train.data.tables import Columns

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')]*\s+(?=[\"'(]*[A-Z0-9])|<br\s*/?>|\n+")


def is_imdb_dev(text: str) -> bool:
    """Whether a review belongs to the fixed tenth of IMDB's train split that is kept for dev."""
    return int(hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(), 16) % 10 == 0


def review_sentences(reviews: Iterable[str], shortest: int = 4, longest: int = 40) -> list[str]:
    """Distinct sentences of reviews, in their order, whose words number within the bounds."""
    found: dict[str, None] = {}
    for review in reviews:
        for piece in _SENTENCE_END.split(review):
            piece = piece.strip()
            if shortest <= piece.count(" ") + 1 <= longest:
                found.setdefault(piece)
    return list(found)


def imdb_dev(source: str, columns: Columns | None = None) -> list[Example]:
    """The fixed tenth of IMDB's train split."""
    return [example for example in _labelled(source, columns) if is_imdb_dev(example.text)]


def imdb_train(source: str, columns: Columns | None = None) -> list[Example]:
    """The rest of it, which is learnt from."""
    return [example for example in _labelled(source, columns) if not is_imdb_dev(example.text)]


def _labelled(source: str, columns: Columns | None) -> list[Example]:
    """Reviews with labels, read as ``fit`` reads them."""
    at = columns or Columns()
    return labelled_examples(
        source, "train", at.text, at.label, POLAR, ratings=at.ratings, reading=at.reading
    )

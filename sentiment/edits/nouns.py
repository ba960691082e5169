"""Where a noun phrase begins and ends, and what it names: pure rules over lower-case tokens."""

from __future__ import annotations

from collections.abc import Sequence

from sentiment.edits.lexicon import UNCOUNTED
from sentiment.edits.words import (
    AFTER_NO,
    AFTER_NOUN,
    LIGHT_NOUNS,
    NO_INSERTION,
    OBJECT_STARTS,
    QUESTIONS,
    SEEN,
)


def closes(words: Sequence[str], index: int) -> bool:
    """Whether the noun phrase ends with the word at ``index``."""
    return index + 1 >= len(words) or words[index + 1] in AFTER_NOUN


def seen(words: Sequence[str], index: int) -> bool:
    """Whether what the verb at ``index`` is about, up to three words on, can be looked at."""
    return bool(SEEN & set(words[index + 1 : index + 4]))


def light(words: Sequence[str], index: int) -> bool:
    """Whether the noun at ``index`` says nothing without its adjective: "in a good way"."""
    return index < len(words) and words[index] in LIGHT_NOUNS


def names(words: Sequence[str], index: int) -> bool:
    """Whether the word at ``index`` looks like the noun that an adjective stands before."""
    word = words[index] if index < len(words) else ""
    if not word[:1].isalpha() or word in OBJECT_STARTS | NO_INSERTION | QUESTIONS:
        return False
    return word not in {"and", "or", "but", "nor", "if", "enough", "not", "n't", "here", "there"}


def takes_some(noun: str) -> bool:
    """Whether "some" may stand before the noun: one without a plural, or a plural."""
    plural = noun.endswith("s") and not noun.endswith(("ss", "us", "is"))
    return noun not in AFTER_NO and noun[:1].isalpha() and (plural or noun in UNCOUNTED)

"""A plain word on what the model read, beside its numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from sentiment.values import Token

_ENGLISH = """
the a an and or but of to in on at for with it its is was are were be not no this that i you
he she they we as by from so very all there what if than too just
"""
_OTHERS = """
le la les des une est et dans pour que qui pas avec sur der die das und ist nicht ein eine
mit auf den el los las una es y por para con muy il che non di per sono uma não com os het
een niet van och att som är jest nie się
"""


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

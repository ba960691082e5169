"""A plain word on what the model read, beside its numbers."""

from __future__ import annotations

from collections.abc import Sequence

from sentiment.values import Token


def warning(tokens: Sequence[Token]) -> str | None:
    """A plain word on texts that the model can't be trusted with; None for the others."""
    words = [t for t in tokens if any(c.isalpha() for c in t.text)] or list(tokens)
    unknown = [token for token in words if not token.known]
    if len(unknown) == len(words):
        return "The model knows none of these words, so its verdict says nothing about them."
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

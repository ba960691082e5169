"""The one error of rows."""

from __future__ import annotations

from sentiment.errors import SentimentError


class TableError(SentimentError):
    """Rows that cannot be read or written; the message says what was got and what is wanted."""

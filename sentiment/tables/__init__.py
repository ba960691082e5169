"""Every reader of rows: one set of rules for scoring, the page and training."""

from sentiment.tables.sources import (
    DELIMITERS,
    KINDS,
    SURPLUS,
    Row,
    Source,
    TableError,
    Window,
    kind_of,
    open_source,
)

__all__ = [
    "DELIMITERS",
    "KINDS",
    "SURPLUS",
    "Row",
    "Source",
    "TableError",
    "Window",
    "kind_of",
    "open_source",
]

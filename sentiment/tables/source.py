"""A source of rows: what all kinds of them share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import compress
from pathlib import Path
from typing import Any

from sentiment.tables.errors import TableError
from sentiment.tables.rows import Row, Rows, Window, first_error, left_out
from sentiment.tables.spelling import Spelling

MAX_COLUMNS = 10_000
TEXT_COLUMNS = ("text", "sentence", "review", "content", "phrase", "comment", "body", "tweet")
"""Names that a column of texts bears by custom."""


def is_text_column(name: object) -> bool:
    """Whether a column of that name holds texts by custom."""
    return isinstance(name, str) and name.strip().casefold() in TEXT_COLUMNS


class Source:
    """Rows with their columns.

    ``kind`` names what it is; ``files`` are those that are read; ``notes`` say how, where that is
    not plain from their names, and grow while rows are read. ``truncated`` is known once the
    windows have been read.
    """

    kind = ""
    files: tuple[Path, ...] = ()
    truncated = False

    def __init__(self) -> None:
        self.notes: list[str] = []

    def pieces(self, size: int) -> Iterator[tuple[Rows, int]]:
        """All rows in order, in pieces of at most ``size``, each with its characters.

        A piece is whole (``size`` rows, or WINDOW_CHARACTERS) unless it is the source's last.
        """
        raise NotImplementedError

    def fraction(self) -> float | None:
        """Share of the source read so far, where it can be told."""
        return None

    def columns(self) -> list[str] | None:
        """The columns' names, where the source states them."""
        return None

    def headings(self) -> list[str] | None:
        """The columns' names as they stand in the source: empty ones are empty."""
        return self.columns()

    def nested(self) -> list[str] | None:
        """Dotted names of values inside columns, where the source states them."""
        return None

    def schema(self) -> Any:
        """The columns' Arrow schema, where the source has one."""
        return None

    def spelling(self) -> Spelling | None:
        """How the source's text is spelled, where an output can be spelled the same."""
        return None

    def tail(self) -> str:
        """The blank lines behind the last row, once all rows are read."""
        return ""

    def rows(self) -> Iterator[Row]:
        """All rows in order, as dicts; those that cannot be read are left out, and noted behind."""
        bad, first = 0, ""
        for rows, _ in self.pieces(1024):
            whole = [error is None for error in rows.errors]
            bad, first = bad + whole.count(False), first or first_error(rows)
            yield from compress(rows.records(), whole)
        if bad:
            self.notes.append(left_out(str(self.files[0] if self.files else ""), bad, first))

    def check_column(self, name: str) -> None:
        """Raise TableError, listing the columns there are, where ``name`` is none of them."""
        columns = self.columns()
        if columns is None or name in columns:
            return
        if "." not in name or name not in (self.nested() or []):
            listed = ", ".join(one if one.strip() else repr(one) for one in columns[:50])
            raise TableError(f"no column {name!r}; the source has {listed}{self.hint()}")

    def hint(self) -> str:
        """What may be wrong with the reading, for an error's end."""
        return ""

    def windows(self, size: int, limit: int | None, shard: tuple[int, int]) -> Iterator[Window]:
        """Every n-th window of ``size`` rows, fewer where they are long."""
        index, count = shard
        start, number = 0, 0
        for rows, _ in self.pieces(size):
            if limit is not None and start >= limit:
                self.truncated = True
                return
            if limit is not None and start + len(rows) > limit:
                self.truncated = True
                rows = rows.first(limit - start)
            if number % count == index:
                yield Window(start, rows, self.fraction())
            start, number = start + len(rows), number + 1


def checked_names(names: list[str], where: str) -> list[str]:
    """Names of columns, each once. Raises TableError for a name that is there twice."""
    if len(names) > MAX_COLUMNS:
        raise TableError(f"{where} has {len(names):,} columns; at most {MAX_COLUMNS:,} are read")
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if len(twice) > 0:
        raise TableError(f"{where}: a column's name is there twice: {', '.join(twice[:5])}")
    return names

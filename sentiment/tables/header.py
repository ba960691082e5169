"""Columns of tables whose fields are all text: csv, tsv, lines of text and sheets."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment.tables.dialect import looks_like_data
from sentiment.tables.pieces import Batch, pieces_of
from sentiment.tables.rows import Rows, TextRows
from sentiment.tables.source import Source, checked_names, is_text_column
from sentiment.tables.spelling import of_width

if TYPE_CHECKING:
    from sentiment.tables.delimited import Record

MOST_ABOVE = 10
"""Rows among which a header is looked for."""


@dataclass(frozen=True, slots=True)
class Header:
    """Columns by the names they are asked for, and as they stand in the file (may be empty)."""

    names: tuple[str, ...]
    headings: tuple[str, ...]

    @classmethod
    def of(cls, first: Sequence[str], file: Path, *, named: bool) -> Header:
        """That of a table's first row; without names in it columns are "1", "2" and so on.

        Raises TableError where there are too many names, or one is there twice.
        """
        if not named:
            numbers = tuple(str(i + 1) for i in range(len(first)))
            return cls(numbers, numbers)
        checked_names([name for name in first if name], str(file))
        return cls(tuple(told_apart(first)), tuple(first))

    def schema(self) -> Any:
        """The Arrow schema: text in every column."""
        import pyarrow as pa

        return pa.schema([(name, pa.string()) for name in self.names])

    def pieces(
        self, batches: Iterable[Batch], size: int, delimiter: str = ""
    ) -> Iterator[tuple[Rows, int]]:
        """Pieces of rows of just so many fields, which a ``delimiter`` separates in their text."""
        return pieces_of((self._fitted(one, delimiter) for one in batches), size, self._rows)

    def _fitted(self, batch: Batch, delimiter: str) -> Batch:
        width = len(self.names)
        if set(map(len, batch.values)) <= {width}:
            return batch
        pairs = zip(batch.values, batch.errors, strict=True)
        values, errors = zip(*(fitted(row, width, error) for row, error in pairs), strict=True)
        if batch.lines:
            texts = zip(batch.lines, map(len, batch.values), strict=True)
            lines = [of_width(line, found, width, delimiter) for line, found in texts]
            batch = batch._replace(lines=lines)
        return batch._replace(values=values, errors=errors)

    def _rows(self, batch: Batch) -> TextRows:
        return TextRows(self.names, batch.values, batch.errors, batch.places, batch.lines)


def plain_name(field: str) -> str:
    """A column's name without what is not seen around it: blanks, marks of byte order."""
    return field.strip("\ufeff\u200b\u200e\u200f\u2060" + string.whitespace + "\xa0").strip()


class Headed(Source):
    """A source with such a header; ``data_like`` tells that it rather looks like a row."""

    header: Header
    data_like = False

    def settle(self, first: Sequence[str], file: Path, *, named: bool) -> None:
        """Take the first row's names for the header's, and say where they look like none."""
        names = [plain_name(field) for field in first]
        self.data_like = named and looks_like_data(names)
        self.header = Header.of(names, file, named=named)
        if self.data_like:
            self.notes.append(
                f"{file}: the first line looks like data rather than names of columns; if it is, "
                "say that there is no header"
            )

    def say_below(self, file: Path, count: int) -> None:
        """Note rows below the header that go on with it."""
        if count:
            what = f"{count} rows go" if count > 1 else "a row goes"
            self.notes.append(
                f"{file}: below the header {what} on with it, as Qualtrics and SurveyMonkey write "
                "it: kept, without a verdict"
            )

    def hint(self) -> str:
        return "; the first line looks like data: is there a header at all?" * self.data_like

    def say_above(self, file: Path, count: int, first: str) -> None:
        """Note what stands above the header."""
        if count:
            what = f"{count} rows" if count > 1 else "a row"
            self.notes.append(
                f"{file}: {what} above the header left out ({first.strip():.60}); if the table "
                "begins there, say to skip 0 rows"
            )

    def columns(self) -> list[str]:
        return list(self.header.names)

    def headings(self) -> list[str]:
        return list(self.header.headings)

    def schema(self) -> Any:
        return self.header.schema()


def fitted(
    row: Sequence[str | None], width: int, error: str | None
) -> tuple[list[str | None], str | None]:
    """A row of just so many fields: gaps filled with None, surplus empty fields dropped."""
    if len(row) < width:
        return [*row, *[None] * (width - len(row))], error
    if error is None and any(row[width:]):
        shown = f"{list(row[width : width + 9])!r:.100}"
        error = f"{len(row)} fields, the header has {width}: {shown}"
    return list(row[:width]), error


def rows_above(rows: Sequence[Sequence[str | None]], *, cells: bool) -> int:
    """How many of the first rows are a title above the header, and no rows of the table.

    Such a row has one value at most, or begins with "#". The header behind them names a column of
    texts by custom; where rows are ``cells``, which no stray delimiter has cut, or the title has as
    many fields, it may be any row of several names over rows of several values.
    """
    for above, row in enumerate(rows[:MOST_ABOVE]):
        names = [value.strip() for value in row if value and value.strip()]
        if above == 0 and any(map(is_text_column, names)):
            return 0
        if len(names) < 2 or (not cells and names[0].startswith("#")):
            continue
        if above == 0 or any(map(is_text_column, names)):
            return above
        below = rows[above + 1 :]
        padded = len(row) > 2 and all(len(one) == len(row) for one in rows[:above])
        several = sum(sum(bool(value) for value in one) > 1 for one in below)
        is_header = len(set(names)) == len(names) and not looks_like_data(names)
        return (
            above
            if (cells or padded) and is_header and below and several >= 0.8 * len(below)
            else 0
        )
    return 0


def rows_are_named(records: Sequence[Record]) -> bool:
    """Whether each row begins with a number of its own that the header has no name for.

    So R's ``write.table`` and pandas' ``index_label=False`` have it. Without quotation marks a text
    with a comma would look the same: such numbers count one by one, before tabs or where the
    header's first name is that of texts. The first of the records is the header.
    """
    rows = [row for row in records[1:] if row.fields]
    width = len(records[0].fields) + 1 if records else 0
    if len(rows) < 2 or any(len(row.fields) != width for row in rows):
        return False
    firsts = [row.fields[0] for row in rows]
    if not all(one.isascii() and one.isdigit() for one in firsts):
        return False
    numbers = [int(one) for one in firsts]
    if not all((row.text or "").lstrip().startswith('"') for row in rows):
        begun = (
            numbers[0] in (0, 1) and len(rows) > 2 and all(b - a == 1 for a, b in pairwise(numbers))
        )
        texts = is_text_column(records[0].fields[0]) or "\t" in (records[0].text or "")
        return begun and texts and any(row.fields[-1] for row in rows)
    rising = all(a < b for a, b in pairwise(numbers))
    return rising and any(row.fields[-1] for row in rows)


_IMPORT_ID = re.compile(r'\s*\{\s*"ImportId"')
_ANSWERS = frozenset(["Response", "Open-Ended Response"])


def rows_below(rows: Sequence[Sequence[str | None]]) -> int:
    """How many of the first rows below the header go on with it.

    Qualtrics has the questions and a row of ``{"ImportId": …}`` there, SurveyMonkey a row that
    says which answer a column has.
    """
    for below, row in enumerate(rows[:2], 1):
        filled = [value for value in row if value and value.strip()]
        if filled and all(map(_IMPORT_ID.match, filled)):
            return below
    first = rows[0] if rows else ()
    return int(bool(first) and not (first[0] or "").strip() and not _ANSWERS.isdisjoint(first))


def going_on(batch: Batch, count: int) -> Batch:
    """The same rows, the first ``count`` of which bear the error that they are the header's."""
    count = min(count, len(batch.values))
    errors = ["the header goes on here: no row of its own"] * count
    return batch._replace(errors=[*errors, *batch.errors[count:]])


def told_apart(header: Sequence[str]) -> list[str]:
    """The names, empty ones as "column 3", which no other has."""
    names = list(header)
    for i, name in enumerate(names):
        if not name:
            unused = f"column {i + 1}"
            while unused in names:
                unused += "'"
            names[i] = unused
    return names

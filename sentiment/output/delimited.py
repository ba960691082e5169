"""csv and tsv out. Of an input of the same kind every row keeps its bytes, the verdict behind them.

Dialect, encoding, byte order mark, line ends, blank lines and what stands above the header are then
the input's. Only what a strict reader cannot read is written anew.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

from sentiment.output.formats import ROW, Added, AddedColumns, Format, kept_names
from sentiment.tables import DELIMITERS, Rows, Source, Spelling, TableError, TextRows
from sentiment.tables.dialect import Dialect
from sentiment.tables.encoding import Coding
from sentiment.tables.spelling import END, without_end

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class FieldLines:
    """Fields as lines of a dialect, without line ends.

    The csv writer ends lines in CR LF here, so that it quotes fields with either.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._lines: list[str] = []
        self._writer: Any = csv.writer(
            SimpleNamespace(write=self._lines.append),
            delimiter=dialect.delimiter,
            doublequote=not dialect.backslash,
            escapechar="\\" if dialect.backslash else None,
            lineterminator="\r\n",
        )

    def of(self, rows: Iterable[Sequence[Any]]) -> list[str]:
        """A line for each row."""
        if not self._dialect.quotes:
            return [self._dialect.delimiter.join(map(self._plain, row)) for row in rows]
        self._writer.writerows(rows)
        lines = [line[:-2] for line in self._lines]
        self._lines.clear()
        return lines

    def _plain(self, value: Any) -> str:
        """A value without what would end its field, which nothing quotes."""
        text = "" if value is None else str(value)
        for end in (self._dialect.delimiter, "\r", "\n"):
            text = text.replace(end, " ")
        return text


class Table(Format):
    """csv and tsv."""

    spelling: Spelling

    def __init__(self, kind: str, source: Source, *, added: AddedColumns, safe: bool) -> None:
        spelling = source.spelling()
        self._same = spelling is not None and spelling.kind == kind
        if spelling is None or not self._same:
            spelling = Spelling(kind, Coding("utf-8"), Dialect(DELIMITERS[kind]))
        self.spelling = spelling
        dialect = spelling.dialect or Dialect()
        self._delimiter, self._lines = dialect.delimiter, FieldLines(dialect)
        self._added, self._safe, self._source = added, safe, source
        self._names = source.columns()
        self._headings = source.headings()

    def columns(self) -> list[str] | None:
        return self._names

    def resume(self, columns: list[str] | None, first: Path) -> None:
        if self._names is None:
            self._names = self._headings = columns

    def begin(self, joined: IO[bytes]) -> None:
        spelling = self.spelling
        joined.write(spelling.coding.mark)
        header = self._header()
        number = ROW + self._delimiter if self._added.numbered else ""
        behind = self._lines.of([self._added.verdicts])[0]
        body, end = without_end(header)
        if number:
            body = body.lstrip("\r\n")
        line = f"{number}{body}{self._delimiter if body else ''}{behind}{end}"
        joined.write(spelling.coding.encoded(spelling.above + line))

    def _header(self) -> str:
        """The header of the input's columns, as it was where no name had to give way."""
        names, headings = self._names or [], self._headings or []
        kept = kept_names(names, self._added.names)
        shown = [
            self._cell(heading if new == old else new)
            for old, new, heading in zip(names, kept, headings, strict=True)
        ]
        there = self.spelling.header
        if there is not None and shown == headings:
            return there
        if there is not None and '"' not in there:  # else its names cannot be told from its text
            pieces = there.split(self._delimiter)
            if len(pieces) == len(shown):
                anew = zip(pieces, headings, shown, strict=True)
                return self._delimiter.join(
                    old if name == new else old.replace(name, new) for old, name, new in anew
                )
        return (self._lines.of([shown])[0] if shown else "") + self.spelling.line_end

    def write(self, file: IO[bytes], rows: Rows, added: Added) -> None:
        if self._names is None:
            self._names = self._headings = list(
                dict.fromkeys(name for row in rows.records() for name in row)
            )
        fields = rows.fields if isinstance(rows, TextRows) else self._fields(rows)
        lines: Sequence[str | None] = ()
        if self._same and isinstance(rows, TextRows):
            lines = rows.lines
        lines = lines or [None] * len(rows)
        if self._safe:
            safe = [[self._cell(value) for value in row] for row in fields]
            pairs = zip(lines, fields, safe, strict=True)
            lines = [line if list(row) == new else None for line, row, new in pairs]
            fields = safe
        self._write_lines(file, fields, lines, added)

    def _write_lines(
        self,
        file: IO[bytes],
        fields: Sequence[Sequence[Any]],
        lines: Sequence[str | None],
        added: Added,
    ) -> None:
        """Rows by the text that they came from, or by their fields where they have none."""
        pairs = zip(fields, lines, strict=True)
        anew = iter(self._lines.of([row for row, line in pairs if line is None]))
        behind = self._lines.of(zip(*added.columns(), strict=True))
        delimiter, line_end = self._delimiter, self.spelling.line_end
        if (numbers := added.numbers()) is None:
            text = [
                f"{next(anew)}{delimiter}{verdict}{line_end}"
                if line is None
                else f"{(body := line.rstrip(END))}{delimiter}{verdict}{line[len(body) :]}"
                for line, verdict in zip(lines, behind, strict=True)
            ]
        else:
            text = []
            for number, line, verdict in zip(numbers, lines, behind, strict=True):
                whole = f"{next(anew)}{line_end}" if line is None else line.lstrip("\r\n")
                body, end = without_end(whole)
                end = end or line_end  # another shard's rows may follow
                text.append(f"{number}{delimiter}{body}{delimiter}{verdict}{end}")
        file.write(self.spelling.coding.encoded("".join(text)))

    def join(self, joined: IO[bytes], parts: Iterable[Path]) -> None:
        super().join(joined, parts)
        if self._same and not self._added.numbered:
            joined.write(self.spelling.coding.encoded(self._source.tail()))

    def _fields(self, rows: Rows) -> list[list[Any]]:
        names = self._names or []
        known = set(names)
        fields = []
        for row, error in zip(rows.records(), rows.errors, strict=True):
            if error is None and (foreign := row.keys() - known):
                raise TableError(
                    f"column {min(foreign)!r} appears after the first rows; a csv has one header: "
                    "write to .jsonl"
                )
            fields.append([_cell_of(row.get(name)) for name in names])
        return fields

    def _cell(self, value: Any) -> Any:
        """A cell that no spreadsheet takes for a formula; numbers stay."""
        if not (self._safe and isinstance(value, str) and value.startswith(_FORMULA)):
            return value
        try:
            float(value)
        except ValueError:
            return "'" + value
        return value


def _cell_of(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value

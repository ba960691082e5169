"""Parquet out: the columns that Arrow read go out as they came."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from sentiment.output.formats import ADDED, ROW, Added, AddedColumns, Format, kept_names
from sentiment.tables import Row, Rows, Source, TableError, TextRows

_KINDS = (pa.string(), pa.string(), pa.float64(), pa.float64(), pa.string())
_FIELDS = [pa.field(name, kind) for name, kind in zip(ADDED, _KINDS, strict=True)]


class Parquet(Format):
    """parquet; one schema, of the source or of the first rows."""

    def __init__(self, source: Source, *, added: AddedColumns) -> None:
        self._added = added
        each = added.verdicts[len(ADDED) :]
        self._fields = [*_FIELDS, *(pa.field(name, pa.float64()) for name in each)]
        self._number = [pa.field(ROW, pa.int64())] if added.numbered else []
        schema = source.schema()
        self._schema: Any = None if schema is None else self._with_added(schema)

    def resume(self, columns: list[str] | None, first: Path) -> None:
        if self._schema is None:
            self._schema = pq.read_schema(first)

    def write(self, file: IO[bytes], rows: Rows, added: Added) -> None:
        try:
            pq.write_table(self._table(rows, added), file)
        except (pa.ArrowException, TypeError, OverflowError, UnicodeEncodeError) as error:
            raise TableError(
                f"a column holds values of several kinds ({error}); write to .jsonl"
            ) from error

    def _table(self, rows: Rows, added: Added) -> Any:
        arrow = getattr(rows, "table", None)
        if isinstance(rows, TextRows):
            fields = zip(*rows.fields, strict=True)
            arrays = [pa.array(list(map(_encodable, one)), pa.string()) for one in fields]
            arrow = pa.table(arrays, names=list(rows.names))
        if arrow is None:
            return self._from_objects(rows, added)
        numbers = added.numbers()
        columns = [] if numbers is None else [pa.array(numbers, pa.int64())]
        columns += [arrow.column(i) for i in range(arrow.num_columns)]
        columns += self._verdicts(added)
        if self._schema is None:
            self._schema = self._with_added(arrow.schema)
        return pa.table(columns, schema=self._schema)

    def _verdicts(self, added: Added) -> list[Any]:
        pairs = zip(added.columns(), self._fields, strict=True)
        return [pa.array(list(map(_encodable, one)), field.type) for one, field in pairs]

    def _from_objects(self, rows: Rows, added: Added) -> Any:
        records = [{_encodable(n): _encodable(v) for n, v in row.items()} for row in rows.records()]
        kept = [
            dict(zip(kept_names(row, self._added.names), row.values(), strict=True))
            for row in records
        ]
        if self._schema is None:
            self._schema = self._inferred(kept)
        names = list(self._schema.names)[len(self._number) : -len(self._fields)]
        known = set(names)
        for row, error in zip(kept, rows.errors, strict=True):
            if error is None and (foreign := row.keys() - known):
                raise TableError(
                    f"column {min(foreign)!r} appears after the first rows; parquet has one "
                    "schema: write to .jsonl"
                )
        numbers = added.numbers()
        columns = [] if numbers is None else [pa.array(numbers, pa.int64())]
        for name in names:
            kind = self._schema.field(name).type
            columns.append(pa.array([row.get(name) for row in kept], kind))
        return pa.table([*columns, *self._verdicts(added)], schema=self._schema)

    def _inferred(self, rows: list[Row]) -> Any:
        """The schema of the first rows; a column that is empty so far is taken for text."""
        fields = []
        for name in dict.fromkeys(name for row in rows for name in row):
            kind = pa.array([row.get(name) for row in rows]).type
            fields.append(pa.field(name, pa.string() if pa.types.is_null(kind) else kind))
        return pa.schema([*self._number, *fields, *self._fields])

    def _with_added(self, schema: Any) -> Any:
        names = kept_names(schema.names, self._added.names)
        kept = [field.with_name(name) for field, name in zip(schema, names, strict=True)]
        return pa.schema([*self._number, *kept, *self._fields])

    def join(self, joined: IO[bytes], parts: Iterable[Path]) -> None:
        schema = self._schema if self._schema is not None else self._inferred([])
        with pq.ParquetWriter(joined, schema) as writer:
            for part in parts:
                writer.write_table(pq.ParquetFile(part).read())


def _encodable(value: Any) -> Any:
    """A string with each lone surrogate, which UTF-8 cannot carry, as "?"; else the value."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "replace").decode("utf-8")
    return value

"""Parquet files. Columns stay as Arrow has them: only texts that are read become Python's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sentiment.tables.errors import TableError
from sentiment.tables.options import ReadOptions
from sentiment.tables.pieces import WINDOW_CHARACTERS
from sentiment.tables.rows import MISSING, Row, Rows, too_long
from sentiment.tables.source import Source, checked_names

BATCH = 256
"""Rows that are decoded at once: few, for a dictionary may hold a text of megabytes for each."""


@dataclass(frozen=True, slots=True)
class ArrowRows(Rows):
    """Rows of an Arrow table."""

    table: Any
    errors: Sequence[str | None]
    places: Sequence[int]
    place = "row"

    def first(self, count: int) -> ArrowRows:
        return ArrowRows(self.table.slice(0, count), self.errors[:count], self.places[:count])

    def column(self, name: str) -> Any:
        """One column, or a field of nested ones by its dotted name; None where there is none."""
        if name in self.table.column_names:
            return self.table.column(name)
        for start in range(1, len(parts := name.split("."))):
            outer = ".".join(parts[:start])
            if outer in self.table.column_names:
                try:
                    return pc.struct_field(self.table.column(outer), parts[start:])
                except (pa.ArrowInvalid, pa.ArrowNotImplementedError, TypeError):
                    return None
        return None

    def values(self, name: str) -> list[Any]:
        column = self.column(name)
        return [MISSING] * len(self) if column is None else python_values(column)

    def records(self) -> list[Row]:
        names = self.table.column_names
        columns = [python_values(column) for column in self.table.columns]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]

    def texts(self, name: str, most: int) -> tuple[list[str], list[str | None]]:
        column = self.column(name)
        if column is None or not is_text(column.type):
            return Rows.texts(self, name, most)
        sizes = bytes_of(column)
        found = [value for chunk in column.chunks for value in _words(chunk, 4 * most)]
        texts: list[str] = []
        errors: list[str | None] = []
        for value, size in zip(found, sizes.tolist(), strict=True):
            error = None
            if isinstance(value, str):
                if len(value) > most:
                    error = too_long(len(value), most)
                elif not value or value.isspace():
                    error = "empty text"
            elif value is None:
                error = too_long(size // 4, most) if size > 4 * most else "no text"
            else:
                error = f"the text is not UTF-8: {value[:40]!r}"
            texts.append("" if error or not isinstance(value, str) else value)
            errors.append(error)
        return texts, errors


def is_text(kind: Any) -> bool:
    """Whether an Arrow type holds texts, in a dictionary or not."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def bytes_of(column: Any) -> Any:
    """Bytes of each text of a column, (N,); a dictionary is not unfolded for it."""
    pieces = [_bytes_of(chunk) for chunk in column.chunks]
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int64)


def _bytes_of(chunk: Any) -> Any:
    if pa.types.is_dictionary(chunk.type):
        used, places = _used(chunk)
        lengths = pc.take(pc.binary_length(_plain(used)), places)
    else:
        lengths = pc.binary_length(_plain(chunk))
    return lengths.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)


def _used(chunk: Any) -> tuple[Any, Any]:
    """The words of a dictionary that rows use, and which of them each row has."""
    numbers = pc.unique(chunk.indices).drop_null()
    return pc.take(chunk.dictionary, numbers), pc.index_in(chunk.indices, value_set=numbers)


def _plain(array: Any) -> Any:
    """Of views, which have no length of their own, large strings."""
    return array.cast(pa.large_string()) if pa.types.is_string_view(array.type) else array


def _words(chunk: Any, most: int) -> list[Any]:
    """Texts as str, as bytes where they are not UTF-8, None where they have over ``most`` bytes."""
    if pa.types.is_dictionary(chunk.type):
        used, places = _used(chunk)
        words = _words(used, most)
        return [None if place is None else words[place] for place in places.to_pylist()]
    lengths = pc.binary_length(_plain(chunk))
    if (pc.max(lengths).as_py() or 0) > most:
        chunk = pc.if_else(pc.less_equal(lengths, most), chunk, None)
    try:
        found: list[Any] = chunk.to_pylist()
    except UnicodeDecodeError:
        found = [_text_or_bytes(value) for value in chunk.cast(pa.large_binary()).to_pylist()]
    return found


def _text_or_bytes(value: bytes | None) -> str | bytes | None:
    if value is None:
        return None
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value


def python_values(column: Any) -> list[Any]:
    """A column as Python has it; a value that Python cannot hold as Arrow's text of it."""
    try:
        found: list[Any] = column.to_pylist()
        return found
    except (ValueError, OverflowError, pa.ArrowException):
        return [_python_value(scalar) for scalar in column]


def _python_value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return bytes(scalar.as_buffer()).decode("utf-8", "backslashreplace")
    except (ValueError, OverflowError, pa.ArrowException):
        try:
            return scalar.cast(pa.string()).as_py()
        except (ValueError, OverflowError, pa.ArrowException):
            return None


class ParquetFiles(Source):
    """Parquet files of one schema, decoded in small batches."""

    kind = "parquet"

    def __init__(self, files: Sequence[Path], options: ReadOptions) -> None:
        super().__init__()
        self.files = tuple(files)
        self._most = options.most_characters
        try:
            self._readers = [pq.ParquetFile(file) for file in files]
        except (pa.ArrowException, OSError) as error:
            raise TableError(f"{files[0]} is not a parquet file: {_short(error)}") from error
        self._schema = self._readers[0].schema_arrow
        checked_names(list(self._schema.names), str(files[0]))
        for file, reader in zip(files, self._readers, strict=True):
            if not reader.schema_arrow.equals(self._schema):
                raise TableError(f"{file}: columns unlike the first file's")
        self._total = sum(reader.metadata.num_rows for reader in self._readers)
        declared = sum(
            reader.metadata.row_group(i).total_byte_size
            for reader in self._readers
            for i in range(reader.metadata.num_row_groups)
        )
        if self._most is not None and declared > self._most:
            raise TableError(
                f"{files[0].name} holds {declared / 1e6:,.0f} MB once it is unpacked; at most "
                f"{self._most / 1e6:,.0f} are read"
            )
        self._read = 0
        if self._most is not None:  # a dictionary's words may be unfolded to any size
            total = 0
            for batch in self._batches():
                total += int(_costs(batch).sum())
                self._check_total(total)

    def fraction(self) -> float | None:
        return self._read / self._total if self._total else None

    def columns(self) -> list[str]:
        return list(self._schema.names)

    def nested(self) -> list[str]:
        return [name for field in self._schema for name in _nested(field, "")]

    def schema(self) -> Any:
        return self._schema.remove_metadata()

    def pieces(self, size: int) -> Iterator[tuple[Rows, int]]:
        held: list[Any] = []
        rows, characters, start = 0, 0, 0
        for batch in self._batches():
            costs = _costs(batch)
            at = 0
            while at < batch.num_rows:
                sums = characters + costs[at:].cumsum()
                room = min(size - rows, int(np.searchsorted(sums, WINDOW_CHARACTERS)) + 1)
                taken = batch.slice(at, room)
                held.append(taken)
                at, rows = at + taken.num_rows, rows + taken.num_rows
                characters = int(sums[taken.num_rows - 1])
                if rows == size or characters >= WINDOW_CHARACTERS:
                    self._read = start + rows
                    yield self._piece(held, start), characters
                    start += rows
                    held, rows, characters = [], 0, 0
        if held:
            self._read = start + rows
            yield self._piece(held, start), characters

    def _piece(self, batches: list[Any], start: int) -> ArrowRows:
        table = pa.Table.from_batches(batches, schema=self._schema).replace_schema_metadata()
        count = table.num_rows
        return ArrowRows(table, [None] * count, range(start + 1, start + count + 1))

    def _check_total(self, total: int) -> None:
        if self._most is not None and total > self._most:
            raise TableError(
                f"{self.files[0].name} holds more than {self._most / 1e6:,.0f} MB of text once it "
                "is unpacked"
            )

    def _batches(self) -> Iterator[Any]:
        for file, reader in zip(self.files, self._readers, strict=True):
            batches = reader.iter_batches(batch_size=BATCH)
            while True:
                try:
                    batch = next(batches, None)
                except (pa.ArrowException, OSError, ValueError) as error:
                    raise TableError(
                        f"{file} is damaged: {_short(error)}; download or write it again"
                    ) from error
                if batch is None:
                    break
                yield batch


def _nested(field: Any, before: str) -> list[str]:
    if not pa.types.is_struct(field.type):
        return [f"{before}{field.name}"]
    return [name for inner in field.type for name in _nested(inner, f"{before}{field.name}.")]


def _costs(batch: Any) -> Any:
    """Bytes of each row's texts, (N,), and one for the row."""
    costs = np.ones(batch.num_rows, dtype=np.int64)
    for column in batch.columns:
        if is_text(column.type):
            costs += _bytes_of(column)
    return costs


def _short(error: Exception) -> str:
    return f"{error!s:.200}".splitlines()[0] if str(error) else type(error).__name__

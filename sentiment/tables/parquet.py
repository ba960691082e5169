"""Parquet files of one schema, decoded in small batches, and how much they may unfold to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sentiment.cancellation import check_cancelled
from sentiment.tables.arrow_rows import ArrowRows, chunk_bytes, is_text
from sentiment.tables.containers import most_unpacked
from sentiment.tables.errors import TableError
from sentiment.tables.options import ReadOptions
from sentiment.tables.pieces import WINDOW_CHARACTERS
from sentiment.tables.rows import Rows
from sentiment.tables.source import Source, checked_names

BATCH = 1024
"""Rows that are decoded at once, at most: fewer where a dictionary unfolds to long words."""
UNFOLDED = 1 << 25
"""Bytes to which the words of one column may unfold at once."""
MOST_DECLARED, MOST_PACKED = 1 << 28, 200
"""A column of a row group that is larger must be packed less tightly: it is decoded whole."""


class ParquetFiles(Source):
    """Parquet files of one schema, decoded in small batches."""

    kind = "parquet"

    def __init__(self, files: Sequence[Path], options: ReadOptions) -> None:
        super().__init__()
        self.files = tuple(files)
        self._most = options.most_characters
        try:
            self._readers = [pq.ParquetFile(file, pre_buffer=False) for file in files]
        except (pa.ArrowException, OSError) as error:
            raise TableError(f"{files[0]} is not a parquet file: {_short(error)}") from error
        self._schema = self._readers[0].schema_arrow
        checked_names(list(self._schema.names), str(files[0]))
        for file, reader in zip(files, self._readers, strict=True):
            if not reader.schema_arrow.equals(self._schema):
                raise TableError(f"{file}: columns unlike the first file's")
        self._total = sum(reader.metadata.num_rows for reader in self._readers)
        self._read = 0
        self._longest: dict[tuple[Path, int], int] = {}
        packed = sum(file.stat().st_size for file in files)
        most = self._most or most_unpacked(packed)
        declared = sum(one.total_uncompressed_size for one in self._chunks())
        if declared > most:
            raise TableError(
                f"{files[0].name} holds {declared / 1e6:,.0f} MB once it is unpacked; at most "
                f"{most / 1e6:,.0f} are read"
            )
        for one in self._chunks():
            large, small = one.total_uncompressed_size, one.total_compressed_size
            if large > max(MOST_DECLARED, MOST_PACKED * small):
                raise TableError(
                    f"{files[0].name}: column {one.path_in_schema!r} has {large / 1e6:,.0f} MB in "
                    f"one row group, out of {small:,} bytes: no table is packed like that"
                )
        # a dictionary's words may be unfolded to any size
        if self._most is not None or self._could_unfold_to() > most:
            self._check_unfolded(most)

    def _chunks(self) -> Iterator[Any]:
        """What is declared of each column of each row group."""
        for reader in self._readers:
            for i in range(reader.metadata.num_row_groups):
                group = reader.metadata.row_group(i)
                yield from (group.column(j) for j in range(group.num_columns))

    def _could_unfold_to(self) -> int:
        """Bytes, if every value were its dictionary's longest word."""
        total = 0
        for file, reader in zip(self.files, self._readers, strict=True):
            for i in range(reader.metadata.num_row_groups):
                with _damage(file):
                    total += self._longest_word(file, reader, i) * _most_values(reader, i)
        return total

    def _longest_word(self, file: Path, reader: Any, group: int) -> int:
        """``_longest_word``, asked once of each row group."""
        key = file, group
        if key not in self._longest:
            self._longest[key] = _longest_word(file, reader, group)
        return self._longest[key]

    def _check_unfolded(self, most: int) -> None:
        """Raise TableError where all values together, dictionaries unfolded, are over the limit."""
        total = 0
        for file, reader in zip(self.files, self._readers, strict=True):
            with _damage(file), _folded(file, reader) as folded:
                for batch in folded.iter_batches(batch_size=BATCH):
                    check_cancelled()
                    total += sum(map(_unfolded, batch.columns))
                    if total > most:
                        raise TableError(
                            f"{self.files[0].name} holds more than {most / 1e6:,.0f} MB of text "
                            "once it is unpacked"
                        )

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

    def _batches(self) -> Iterator[Any]:
        for file, reader in zip(self.files, self._readers, strict=True):
            for group in range(reader.metadata.num_row_groups):
                with _damage(file):
                    rows = max(1, reader.metadata.row_group(group).num_rows)
                    could = self._longest_word(file, reader, group) * _most_values(reader, group)
                    size = max(1, min(BATCH, UNFOLDED * rows // max(1, could)))
                    batches = reader.iter_batches(batch_size=size, row_groups=[group])
                while True:
                    check_cancelled()
                    with _damage(file):
                        batch = next(batches, None)
                    if batch is None:
                        break
                    yield batch


@contextmanager
def _damage(file: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, TableError):
            raise
        raise TableError(
            f"{file} is damaged: {_short(error)}; download or write it again"
        ) from error


def _folded(file: Path, reader: Any) -> Any:
    """The file again, its dictionaries not unfolded."""
    groups = range(reader.metadata.num_row_groups)
    packed = {one.path_in_schema for group in groups for one in _packed(reader, group)}
    return pq.ParquetFile(
        file, metadata=reader.metadata, read_dictionary=sorted(packed), pre_buffer=False
    )


def _packed(reader: Any, group: int) -> list[Any]:
    """What is declared of the columns of words that lie in a dictionary."""
    found = reader.metadata.row_group(group)
    columns = [found.column(i) for i in range(found.num_columns)]
    return [one for one in columns if one.physical_type == "BYTE_ARRAY" and one.has_dictionary_page]


def _most_values(reader: Any, group: int) -> int:
    """Values of the dictionary's column that has most; a row of lists holds many."""
    return max((one.num_values for one in _packed(reader, group)), default=0)


def _longest_word(file: Path, reader: Any, group: int) -> int:
    """Bytes of the longest word in the dictionaries of a row group, before they are unfolded."""
    packed = [one.path_in_schema for one in _packed(reader, group)]
    if not packed:
        return 0
    with _folded(file, reader) as folded:
        for batch in folded.iter_batches(batch_size=1, row_groups=[group], columns=packed):
            return max(map(_longest, batch.columns), default=0)
    return 0


def _longest(array: Any) -> int:
    """Bytes of the longest word in the dictionaries of an array and of those in it."""
    if pa.types.is_dictionary(array.type):
        return pc.max(pc.binary_length(array.dictionary)).as_py() or 0
    return max(map(_longest, _inner(array)), default=0)


def _unfolded(array: Any) -> int:
    """Bytes of an array, its dictionaries unfolded."""
    if pa.types.is_dictionary(array.type):
        return int(chunk_bytes(array).sum()) if _has_words(array.type) else int(array.nbytes)
    inner = _inner(array)
    return sum(map(_unfolded, inner)) if inner else int(array.nbytes)


def _inner(array: Any) -> list[Any]:
    """The arrays in a nested one."""
    if pa.types.is_struct(array.type):
        return list(array.flatten())
    if pa.types.is_map(array.type):
        return [array.keys, array.items]
    if pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        return [array.flatten()]
    return []


def _has_words(kind: Any) -> bool:
    return is_text(kind) or bool(pa.types.is_binary(kind.value_type))


def _nested(field: Any, before: str) -> list[str]:
    if not pa.types.is_struct(field.type):
        return [f"{before}{field.name}"]
    return [name for inner in field.type for name in _nested(inner, f"{before}{field.name}.")]


def _costs(batch: Any) -> Any:
    """Bytes of each row's texts, (N,), its share of what else there is, and one for the row."""
    costs = np.ones(batch.num_rows, dtype=np.int64)
    others = 0
    for column in batch.columns:
        if is_text(column.type):
            costs += chunk_bytes(column)
        elif pa.types.is_nested(column.type) or not _has_fixed_width(column.type):
            others += column.nbytes
    return costs + others // max(1, batch.num_rows)


def _has_fixed_width(kind: Any) -> bool:
    return bool(pa.types.is_primitive(kind) or pa.types.is_null(kind))


def _short(error: Exception) -> str:
    return f"{error!s:.200}".splitlines()[0] if str(error) else type(error).__name__

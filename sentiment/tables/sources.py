"""Rows in: csv, tsv, jsonl and parquet files, globs of them, and Hub data sets."""

from __future__ import annotations

import csv
import glob
import gzip
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from sentiment.errors import SentimentError

Row = dict[str, Any]

KINDS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
DELIMITERS = {"csv": ",", "tsv": "\t"}
SURPLUS = "\0surplus"  # marks a csv row with more fields than the header; never written


class TableError(SentimentError):
    """Rows that cannot be read or written; the message says what was got and what is wanted."""


@dataclass(frozen=True, slots=True)
class Window:
    """Successive rows of the source, the first of which is row number ``start``."""

    start: int
    rows: list[Row]
    fraction: float | None  # of the source read so far


class Source:
    """Rows with their columns. ``truncated`` is known once the windows have been read."""

    files: tuple[Path, ...] = ()
    truncated = False

    def rows(self) -> Iterator[Row]:
        """All rows in order."""
        raise NotImplementedError

    def fraction(self) -> float | None:
        """Share of the source read so far, where it can be told."""
        return None

    def columns(self) -> list[str] | None:
        """The columns' names, where the source states them."""
        return None

    def schema(self) -> Any:
        """The columns' Arrow schema, where the source has one."""
        return None

    def check_column(self, name: str) -> None:
        """Raise TableError, listing the columns there are, where ``name`` is none of them."""
        columns = self.columns()
        if columns is not None and name not in columns:
            raise TableError(f"no column {name!r}; the source has {', '.join(columns)}")

    def windows(self, size: int, limit: int | None, shard: tuple[int, int]) -> Iterator[Window]:
        """Every n-th window of ``size`` rows."""
        index, count = shard
        rows = self.rows() if limit is None else islice(self.rows(), limit)
        source, start, number = iter(rows), 0, 0
        while piece := list(islice(source, size)):
            if number % count == index:
                yield Window(start, piece, self.fraction())
            start, number = start + len(piece), number + 1
        if limit is not None and start == limit:
            self.truncated = next(self.rows_behind(limit), None) is not None

    def rows_behind(self, count: int) -> Iterator[Row]:
        """Rows from number ``count`` on."""
        return islice(self.rows(), count, None)


class _TextFiles(Source):
    """csv, tsv and jsonl files, plain or gzipped, all of one kind."""

    def __init__(self, files: Sequence[Path], kind: str) -> None:
        self.files = tuple(files)
        self.kind = kind
        self._sizes = [file.stat().st_size for file in files]
        self._before = 0
        self._raw: IO[bytes] | None = None

    def rows(self) -> Iterator[Row]:
        self._before = 0
        header = self.columns()
        for file, size in zip(self.files, self._sizes, strict=True):
            with self._open(file) as lines:
                if self.kind == "jsonl":
                    yield from _json_rows(lines)
                else:
                    yield from _csv_rows(lines, DELIMITERS[self.kind], header or [], file)
            self._before += size

    @contextmanager
    def _open(self, file: Path) -> Iterator[IO[str]]:
        with file.open("rb") as raw:
            self._raw = raw
            plain: Any = gzip.GzipFile(fileobj=raw) if file.suffix == ".gz" else raw
            with io.TextIOWrapper(
                plain, encoding="utf-8-sig", errors="replace", newline=""
            ) as lines:
                yield lines
        self._raw = None

    def fraction(self) -> float | None:
        total = sum(self._sizes)
        position = 0 if self._raw is None or self._raw.closed else self._raw.tell()
        return min(1.0, (self._before + position) / total) if total else None

    def columns(self) -> list[str] | None:
        if self.kind == "jsonl":
            return None
        with self._open(self.files[0]) as lines:
            header = next(csv.reader(lines, delimiter=DELIMITERS[self.kind]), None)
        if header is None:
            raise TableError(f"{self.files[0]} is empty; want a header line")
        if len(set(header)) != len(header):
            raise TableError(f"{self.files[0]}: a column's name is there twice: {header}")
        return header

    def schema(self) -> Any:
        columns = self.columns()
        if columns is None:
            return None
        import pyarrow as pa

        return pa.schema([(name, pa.string()) for name in columns])


def _csv_rows(lines: IO[str], delimiter: str, header: list[str], file: Path) -> Iterator[Row]:
    csv.field_size_limit(2**31 - 1)
    records = csv.reader(lines, delimiter=delimiter)
    if (got := next(records, [])) != header:
        raise TableError(f"{file}: columns {got}, unlike the first file's {header}")
    width = len(header)
    for record in records:
        if not record:  # a blank line is no row, for every reader of csv
            continue
        row: Row = dict.fromkeys(header)
        row.update(zip(header, record, strict=False))
        if len(record) > width:
            row[SURPLUS] = f"{len(record)} fields, the header has {width}: {record[width:]}"
        yield row


def _json_rows(lines: IO[str]) -> Iterator[Row]:
    for line in lines:
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            problem = None if isinstance(value, dict) else f"want an object, got {value!r:.80}"
        except (ValueError, RecursionError) as error:
            value, problem = None, f"not JSON: {error}"
        yield value if problem is None else {SURPLUS: problem, "input_line": line.strip()}


class _ParquetFiles(Source):
    """Parquet files of one schema."""

    def __init__(self, files: Sequence[Path]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.files = tuple(files)
        try:
            self._readers = [pq.ParquetFile(file) for file in files]
        except (pa.ArrowInvalid, OSError) as error:
            raise TableError(f"not a parquet file: {error}") from error
        self._schema = self._readers[0].schema_arrow
        for file, reader in zip(files, self._readers, strict=True):
            if not reader.schema_arrow.equals(self._schema):
                raise TableError(f"{file}: columns unlike the first file's")
        self._total = sum(reader.metadata.num_rows for reader in self._readers)
        self._read = 0

    def rows(self) -> Iterator[Row]:
        self._read = 0
        for reader in self._readers:
            for batch in reader.iter_batches(batch_size=1024):
                for row in batch.to_pylist():
                    self._read += 1
                    yield row

    def fraction(self) -> float | None:
        return self._read / self._total if self._total else None

    def columns(self) -> list[str]:
        return list(self._schema.names)

    def schema(self) -> Any:
        return self._schema.remove_metadata()


class _HubDataset(Source):
    """A data set on the Hub, streamed. Shares of it are by file where the files allow it."""

    def __init__(self, name: str, split: str) -> None:
        import datasets

        from sentiment.hub import HubError, check_dataset

        try:
            check_dataset(name)
            self._data = datasets.load_dataset(name, split=split, streaming=True)
        except HubError as error:
            raise TableError(str(error)) from error
        except (ConnectionError, FileNotFoundError, ValueError, OSError) as error:
            raise TableError(
                f"no file or glob at {name!r} and no data set of that id could be read: {error}"
            ) from error

    def rows(self) -> Iterator[Row]:
        return iter(self._data)

    def windows(self, size: int, limit: int | None, shard: tuple[int, int]) -> Iterator[Window]:
        from datasets.distributed import split_dataset_by_node

        index, count = shard
        if count > 1:
            self._data = split_dataset_by_node(self._data, rank=index, world_size=count)
        return super().windows(size, limit, (0, 1))

    def columns(self) -> list[str] | None:
        names = self._data.column_names
        return None if names is None else list(names)

    def schema(self) -> Any:
        features = self._data.features
        return None if features is None else features.arrow_schema.remove_metadata()


def open_source(source: str | Path, split: str = "train") -> Source:
    """The rows of a file, a glob or a Hub data set. Raises TableError where there is none."""
    text = str(source)
    files = [Path(name) for name in sorted(glob.glob(text, recursive=True))]
    if Path(text).exists():
        files = [Path(text)]
    files = [file for file in files if not file.is_dir()] or files
    if not files:
        looks_local = glob.has_magic(text) or kind_of(Path(text)) or text.startswith((".", "/"))
        if looks_local or text.count("/") > 1:
            raise TableError(f"no file at {text}")
        return _HubDataset(text, split)
    kinds = {kind_of(file) for file in files}
    if len(kinds) != 1 or None in kinds:
        raise TableError(
            f"want files of one kind among {', '.join(KINDS)}, got "
            f"{', '.join(file.name for file in files[:5])}"
        )
    kind = kinds.pop()
    if kind == "parquet":
        return _ParquetFiles(files)
    return _TextFiles(files, str(kind))


def kind_of(file: Path) -> str | None:
    """ "csv", "tsv", "jsonl" or "parquet" by the file's name, .gz aside; None for others."""
    name = file.with_suffix("") if file.suffix == ".gz" else file
    kind = KINDS.get(name.suffix)
    return None if kind == "parquet" and file.suffix == ".gz" else kind

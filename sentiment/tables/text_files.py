"""Tables and lines of text: csv, tsv and whatever else separates fields, and one text a line."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any

from sentiment.tables.containers import opened
from sentiment.tables.delimited import MAX_RECORD, Record, records
from sentiment.tables.dialect import NAMES, SAMPLE_LINES, Dialect, looks_like_data
from sentiment.tables.encoding import Coding, text_of
from sentiment.tables.errors import TableError
from sentiment.tables.guessing import guess
from sentiment.tables.options import ReadOptions
from sentiment.tables.rows import ObjectRows, Row, Rows, TextRows
from sentiment.tables.source import MAX_COLUMNS, WINDOW_CHARACTERS, Source, checked_names

SAMPLE_CHARACTERS = 1 << 18
_LONGEST = MAX_RECORD + 1


class TextFiles(Source):
    """Files of text of one kind: their encoding, and how far they are read."""

    def __init__(
        self, files: Sequence[Path], codings: Sequence[Coding], options: ReadOptions
    ) -> None:
        super().__init__()
        self.files = tuple(files)
        self.options = options
        self._codings = list(codings)
        self._sizes = [file.stat().st_size for file in files]
        self._before = 0
        self._raw: IO[bytes] | None = None
        for file, found in zip(files, codings, strict=True):
            if found.note:
                self.notes.append(f"{file}: {found.note} (another can be named as the encoding)")

    @property
    def encoding(self) -> str:
        """The first file's encoding."""
        return self._codings[0].name

    @contextmanager
    def text(self, number: int) -> Iterator[io.TextIOWrapper]:
        """The text of one file, its line ends as they are."""
        file = self.files[number]
        with opened(file, self.options.most_characters) as one:
            self._raw = one.raw
            with text_of(one.stream, self._codings[number]) as stream:
                try:
                    yield stream
                except UnicodeDecodeError as error:
                    raise TableError(
                        f"{file} is not {self._codings[number].name} ({error.reason}, byte "
                        f"{error.object[error.start]:#04x}); name another encoding"
                    ) from error
                finally:
                    self._raw = None

    def fraction(self) -> float | None:
        total = sum(self._sizes)
        position = 0 if self._raw is None or self._raw.closed else self._raw.tell()
        return min(1.0, (self._before + position) / total) if total else None

    def in_turn(self) -> Iterator[tuple[int, io.TextIOWrapper]]:
        """Each file's number and text, keeping count of what is read."""
        self._before = 0
        for number, size in enumerate(self._sizes):
            with self.text(number) as stream:
                yield number, stream
            self._before += size


def lines_of(stream: io.TextIOWrapper) -> Iterator[str]:
    """Lines with their ends; of one beyond all measure the beginning."""
    while line := stream.readline(_LONGEST):
        yield line
        while len(line) == _LONGEST and line[-1] not in "\r\n":
            line = stream.readline(_LONGEST)


def sample_of(stream: io.TextIOWrapper) -> list[str]:
    """The first lines, enough to guess by."""
    sample, size = [], 0
    for line in islice(lines_of(stream), SAMPLE_LINES):
        sample.append(line)
        size += len(line)
        if size > SAMPLE_CHARACTERS:
            break
    return sample


class Tables(TextFiles):
    """csv, tsv and their like, of one header."""

    def __init__(
        self, files: Sequence[Path], codings: Sequence[Coding], kind: str, options: ReadOptions
    ) -> None:
        super().__init__(files, codings, options)
        self.kind = kind
        self.dialect = self._dialect(0)
        usual = {"csv": ",", "tsv": "\t"}.get(kind, ",")
        if self.dialect.delimiter != usual and options.delimiter is None:
            named = NAMES.get(self.dialect.delimiter, repr(self.dialect.delimiter))
            self.notes.append(f"{files[0]}: fields are separated by {named}")
        if self.dialect.backslash:
            self.notes.append(f"{files[0]}: quotation marks in fields have a backslash before them")
        first = self._first(0)
        if first is None:
            wanted = "a header line" if options.header else "at least one row"
            raise TableError(f"{files[0]} is empty; want {wanted}")
        header = [field.strip() for field in first.fields]
        if first.error is not None and options.header:
            raise TableError(f"{files[0]}: the header cannot be read: {first.error}")
        if len(header) > MAX_COLUMNS:
            raise TableError(f"{files[0]} has {len(header):,} columns; at most {MAX_COLUMNS:,}")
        self.data_like = options.header and looks_like_data(header)
        if options.header:
            checked_names([name for name in header if name], str(files[0]))
            self._headings = header
            self._names = told_apart(header)
        else:
            self._names = self._headings = [str(i + 1) for i in range(len(header))]
        if self.data_like:
            self.notes.append(
                f"{files[0]}: the first line looks like data rather than names of columns; if it "
                "is, say that there is no header"
            )

    def _dialect(self, number: int) -> Dialect:
        with self.text(number) as stream:
            return guess(sample_of(stream), self.kind, self.options.delimiter)

    def _first(self, number: int) -> Record | None:
        with self.text(number) as stream:
            return next(self._records(stream, self.dialect, None), None)

    def _records(
        self, stream: io.TextIOWrapper, dialect: Dialect, width: int | None
    ) -> Iterator[Record]:
        lines = lines_of(stream)
        for _ in range(dialect.skip):
            next(lines, None)
        return records(lines, dialect, width)

    def columns(self) -> list[str]:
        return list(self._names)

    def headings(self) -> list[str]:
        return list(self._headings)

    def schema(self) -> Any:
        import pyarrow as pa

        return pa.schema([(name, pa.string()) for name in self._names])

    def hint(self) -> str:
        if len(self._names) == 1:
            return "; if its fields are separated by another character, name it as the delimiter"
        if self.data_like:
            return "; the first line looks like data: is there a header at all?"
        return ""

    def pieces(self, size: int) -> Iterator[tuple[Rows, int]]:
        names, width = self._names, len(self._names)
        fields: list[list[str | None]] = []
        errors: list[str | None] = []
        places: list[int] = []
        held = 0
        for record in self._data():
            row: list[Any] = record.fields
            error = record.error
            if len(row) != width:
                row, error = fitted(row, width, error)
            fields.append(row)
            errors.append(error)
            places.append(record.line)
            held += record.characters
            if len(fields) == size or held >= WINDOW_CHARACTERS:
                yield TextRows(names, fields, errors, places), held
                fields, errors, places, held = [], [], [], 0
        if fields:
            yield TextRows(names, fields, errors, places), held

    def _data(self) -> Iterator[Record]:
        """The records of all files behind their headers."""
        for number, stream in self.in_turn():
            dialect = self.dialect if number == 0 else self._dialect(number)
            found = self._records(stream, dialect, len(self._names))
            if self.options.header:
                first = next(found, None)
                got = [] if first is None else [field.strip() for field in first.fields]
                if got != self._headings:
                    raise TableError(
                        f"{self.files[number]}: columns {', '.join(got)}, unlike the first file's "
                        f"{', '.join(self._headings)}"
                    )
            yield from found


def fitted(row: list[str], width: int, error: str | None) -> tuple[list[str | None], str | None]:
    """A row of just so many fields: gaps filled with None, surplus empty fields dropped."""
    if len(row) < width:
        return [*row, *[None] * (width - len(row))], error
    if error is None and any(row[width:]):
        shown = f"{row[width:]!r:.100}"
        error = f"{len(row)} fields, the header has {width}: {shown}"
    return list(row[:width]), error


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


class Lines(TextFiles):
    """One text a line, in a column ``text``; blank lines are no rows."""

    kind = "txt"

    def columns(self) -> list[str]:
        return ["text"]

    def schema(self) -> Any:
        import pyarrow as pa

        return pa.schema([("text", pa.string())])

    def pieces(self, size: int) -> Iterator[tuple[Rows, int]]:
        fields: list[list[str | None]] = []
        places: list[int] = []
        held = 0
        for _, stream in self.in_turn():
            for place, line in enumerate(lines_of(stream), 1):
                if not line.strip():
                    continue
                fields.append([line.rstrip("\r\n")])
                places.append(place)
                held += len(line)
                if len(fields) == size or held >= WINDOW_CHARACTERS:
                    yield TextRows(["text"], fields, [None] * len(fields), places), held
                    fields, places, held = [], [], 0
        if fields:
            yield TextRows(["text"], fields, [None] * len(fields), places), held


def object_pieces(
    found: Iterator[tuple[Row, str | None, int, str | None, int]], size: int
) -> Iterator[tuple[Rows, int]]:
    """Pieces of objects, each with error, place, JSON and characters."""
    batch: list[tuple[Row, str | None, int, str | None, int]] = []
    held = 0
    for one in found:
        batch.append(one)
        held += one[4]
        if len(batch) == size or held >= WINDOW_CHARACTERS:
            yield _objects(batch), held
            batch, held = [], 0
    if batch:
        yield _objects(batch), held


def _objects(batch: list[tuple[Row, str | None, int, str | None, int]]) -> ObjectRows:
    objects, errors, places, lines, _ = zip(*batch, strict=True)
    return ObjectRows(objects, errors, places, lines)

"""Tables and lines of text: csv, tsv and whatever else separates fields, and one text a line."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

from sentiment.tables.containers import opened
from sentiment.tables.delimited import Record, record_batches, records
from sentiment.tables.dialect import NAMES, Dialect
from sentiment.tables.encoding import Coding, text_of
from sentiment.tables.errors import TableError
from sentiment.tables.guessing import guess
from sentiment.tables.header import (
    Headed,
    Header,
    going_on,
    plain_name,
    rows_are_named,
    rows_below,
)
from sentiment.tables.lines import line_batches, sample_of
from sentiment.tables.options import ReadOptions
from sentiment.tables.pieces import Batch
from sentiment.tables.rows import Rows
from sentiment.tables.source import Source
from sentiment.tables.spelling import Spelling, without_end

_OF_CHAT = re.compile(r"\W*\d{1,4}[./-]\d{1,2}[./-]\d{2,4},?\s+\d{1,2}:\d{2}")


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
            if one.note and (note := f"{file}: {one.note}") not in self.notes:
                self.notes.append(note)
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


class Tables(Headed, TextFiles):
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
        self.say_above(files[0], self.dialect.above, self._title)
        self._tail = ""
        begin = self._begin(0)
        if not begin:
            wanted = "a header line" if options.header else "at least one row"
            raise TableError(f"{files[0]} is empty; want {wanted}")
        first = begin[0]
        if first.error is not None and options.header:
            raise TableError(f"{files[0]}: the header cannot be read: {first.error}")
        self._refuse_quoted_lines(begin)
        self._unnamed = int(options.header and rows_are_named(begin))
        self.settle([""] * self._unnamed + first.fields, files[0], named=options.header)
        self._header_text = first.text if options.header else None
        if self._unnamed:
            self.notes.append(f"{files[0]}: the first field of a row is its number, without a name")
            self._header_text = self.dialect.delimiter + (first.text or "")
        self._line_end = without_end(first.text or "")[1] or "\n"
        self._below = rows_below([one.fields for one in begin[1:]]) if options.header else 0
        self.say_below(files[0], self._below)

    def _dialect(self, number: int) -> Dialect:
        with self.text(number) as stream:
            sample = sample_of(stream)
        found = guess(sample, self.kind, self.options)
        if number == 0:
            self._text_above = "".join(sample[: found.skip])
        self._title = "".join(sample[found.skip - found.above : found.skip])
        return found

    def _begin(self, number: int) -> list[Record]:
        with self.text(number) as stream:
            found = records(sample_of(stream), self.dialect, None)
        return found[:-1] if len(found) > 3 else found  # the sample's end may have cut the last

    def _refuse_quoted_lines(self, begin: list[Record]) -> None:
        """Raise TableError where every line is a row in marks of its own: a table within fields."""
        if len(begin) < 3 or any(len(one.fields) != 1 or one.loose for one in begin):
            return
        inner = records([f"{one.fields[0]}\n" for one in begin], Dialect(","), None)
        widths = {len(one.fields) for one in inner if not one.loose}
        if len(inner) == len(begin) and len(widths) == 1 and widths != {1}:
            raise TableError(
                f"{self.files[0]}: each line stands in quotation marks, as if it were one field; "
                "export it again as fields, or take those marks away"
            )

    def hint(self) -> str:
        if len(self.header.names) == 1:
            return "; if its fields are separated by another character, name it as the delimiter"
        return super().hint()

    def pieces(self, size: int) -> Iterator[tuple[Rows, int]]:
        return self.header.pieces(self._data(), size, self.dialect.delimiter)

    def spelling(self) -> Spelling | None:
        dialects = (self._dialect(number) for number in range(1, len(self.files)))
        if any(replace(one, skip=0, above=0) != self._plain_dialect() for one in dialects):
            return None
        return Spelling(
            self.kind,
            self._codings[0],
            self.dialect,
            self._text_above,
            self._header_text,
            self._line_end,
        )

    def tail(self) -> str:
        return self._tail

    def _plain_dialect(self) -> Dialect:
        return replace(self.dialect, skip=0, above=0)

    def _ended(self, batch: Batch) -> Batch:
        """The same with a line end in the file's last row, behind which another file's follow."""
        if batch.lines and (last := batch.lines[-1]) and not without_end(last)[1]:
            return batch._replace(lines=[*batch.lines[:-1], last + self._line_end])
        return batch

    def _data(self) -> Iterator[Batch]:
        """The records of all files behind their headers."""
        for number, stream in self.in_turn():
            dialect = self.dialect if number == 0 else self._dialect(number)
            where = str(self.files[number])
            found = record_batches(line_batches(stream), dialect, len(self.header.names), where)
            if self.options.header:
                first = next(found, Batch([], [], [], []))
                got = [plain_name(field) for record in first.values[:1] for field in record]
                if got != list(self.header.headings)[self._unnamed :]:
                    raise TableError(
                        f"{self.files[number]}: columns {', '.join(got)}, unlike the first file's "
                        f"{', '.join(self.header.headings)}"
                    )
                yield going_on(first.part(1, len(first.values)), self._below)
            if number + 1 == len(self.files):
                self._tail = yield from found
            else:
                yield from map(self._ended, found)


class Lines(Headed, TextFiles):
    """One text a line, in a column ``text``; blank lines are no rows."""

    kind = "txt"
    header = Header(("text",), ("text",))

    def __init__(
        self, files: Sequence[Path], codings: Sequence[Coding], options: ReadOptions
    ) -> None:
        super().__init__(files, codings, options)
        with self.text(0) as stream:
            sample = [line for line in sample_of(stream) if line.strip()]
        if 2 * sum(bool(_OF_CHAT.match(line)) for line in sample) > len(sample):
            self.notes.append(
                f"{files[0]}: lines begin with a day and a time, as a chat's do, which are read "
                "with them as text"
            )

    def pieces(self, size: int) -> Iterator[tuple[Rows, int]]:
        return self.header.pieces(self._found(), size)

    def _found(self) -> Iterator[Batch]:
        for _, stream in self.in_turn():
            first = 1
            for lines in line_batches(stream):
                kept = [
                    (i, line)
                    for i, line in enumerate(lines, first)
                    if line.strip() and i > (self.options.skip_rows or 0)
                ]
                first += len(lines)
                yield Batch(
                    [[line.rstrip("\r\n")] for _, line in kept],
                    [None] * len(kept),
                    [i for i, _ in kept],
                    [len(line) for _, line in kept],
                )

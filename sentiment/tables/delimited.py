"""Records of comma- and tab-separated text, each whole or with its error; no row swallows others.

The standard library's reader does the work, strictly, on many lines at a time. Where it stops, the
first line of what it had read becomes a row of its own and the lines behind it are read again.
"""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterator
from typing import Any, NamedTuple

from sentiment.tables.dialect import Dialect
from sentiment.tables.errors import TableError
from sentiment.tables.pieces import Batch

MAX_RECORD = 1 << 23
"""Characters of a record; more of them are an unclosed quotation mark, or no table at all."""
MAX_LINES = 100_000
"""Lines of a record; each takes far more memory than its few characters."""
MOST_OPEN = 16
"""Records so long that a file may have: the lines behind each of them are read again."""
csv.field_size_limit(2 * MAX_RECORD)
_UNFINISHED = "unfinished"


class Record(NamedTuple):
    """Fields of a row, what is wrong with it, and the number of the line it begins on, from 1.

    ``text`` is what was read, with its line end and blank lines before it, None where a strict
    reader does not read it; ``loose`` tells that the row's marks are not those of a writer of
    quotes.
    """

    fields: list[str]
    error: str | None
    line: int
    characters: int
    text: str | None = None
    loose: bool = False


def records(lines: list[str], dialect: Dialect, width: int | None) -> list[Record]:
    """The records of a few lines, one by one."""
    found = _Reading(lines, dialect, width, 1)
    found.read(dialect.skip, last=True)
    columns = zip(found.fields, found.errors, found.places, found.sizes, found.texts, strict=True)
    return [Record(*one, loose=i in found.loose) for i, one in enumerate(columns)]


def record_batches(
    lines: Iterator[list[str]], dialect: Dialect, width: int | None, where: str
) -> Generator[Batch, None, str]:
    """The records of all lines; blank lines are none. Those behind the last record are returned.

    ``width`` is the header's number of fields, None while it is not known. A quotation mark that
    is never closed, or closed only behind lines that are rows themselves or beyond MAX_RECORD or
    MAX_LINES, is its row's error. Raises TableError for more than MOST_OPEN of the last kind.
    """
    held: list[str] = []
    blank = ""
    start, number, wanted, opened = dialect.skip, 1, 0, 0
    last = False
    while not last:
        more = next(lines, None)
        held += more or ()
        last = more is None
        if not last and len(held) <= MAX_LINES and sum(map(len, held)) < wanted:
            continue
        found = _Reading(held, dialect, width, number, blank)
        end = found.read(start, last=last)
        if not last and (sum(map(len, held[end:])) > MAX_RECORD or len(held) - end > MAX_LINES):
            opened += 1
            if opened > MOST_OPEN:
                raise TableError(
                    f"{where}: a quotation mark opens on line {number + end:,} and is not closed "
                    f"within {MAX_RECORD:,} characters or {MAX_LINES:,} lines, as {MOST_OPEN} "
                    "before it"
                )
            found.add_alone(end, "never closed")
            end += 1
        if found.fields:
            yield Batch(found.fields, found.errors, found.places, found.sizes, found.texts)
        blank = found.blank
        held, start, number = held[end:], max(0, start - end), number + min(end, len(held))
        wanted = min(2 * sum(map(len, held)), MAX_RECORD + 1)
    return blank


class _Reading:
    """What is read of some lines, the first of which is line ``number``.

    ``blank`` has the blank lines before the next record.
    """

    def __init__(
        self,
        lines: list[str],
        dialect: Dialect,
        width: int | None,
        number: int,
        blank: str = "",
    ) -> None:
        self.blank = blank
        self._lines, self._dialect, self._width, self._number = lines, dialect, width, number
        self.fields: list[list[str]] = []
        self.errors: list[str | None] = []
        self.places: list[int] = []
        self.sizes: list[int] = []
        self.texts: list[str | None] = []
        self.loose: set[int] = set()

    def read(self, start: int, *, last: bool) -> int:
        """Read from a line on; where that ends: a record there goes on in lines not yet here."""
        while start < len(self._lines):
            start, problem = self._strictly(start)
            if not problem:
                break
            if problem == _UNFINISHED:
                if not last:
                    break
                problem = "never closed"
            self.add_alone(start, problem)
            start += 1
        return start

    def add_alone(self, start: int, problem: str) -> None:
        """Add a line that no strict reader reads as a row of its own."""
        one = _alone(self._lines[start], self._dialect, self._width, self._number + start, problem)
        if one.loose:
            self.loose.add(len(self.fields))
        self._add(*one[:4], None)

    def _strictly(self, start: int) -> tuple[int, str]:
        """Read whole records; the line where that ends, and why."""
        lines = self._lines
        reader = _reader(map(lines.__getitem__, range(start, len(lines))), self._dialect)
        found: list[list[str]] = []
        ends: list[int] = []
        add, end = found.append, ends.append
        problem = ""
        try:
            for fields in reader:
                add(fields)
                end(reader.line_num)
        except csv.Error as error:
            after = ends[-1] if ends else 0
            if "unexpected end" in str(error):
                problem = _UNFINISHED
            else:
                problem = "not doubled" if reader.line_num - after == 1 else "never closed"
        taken = self._take(found, ends, start)
        if taken < len(found):
            return start + (ends[taken - 1] if taken else 0), "never closed"
        return start + (ends[-1] if ends else 0), problem

    def _take(self, found: list[list[str]], ends: list[int], start: int) -> int:
        """Add the records before one that is rather several rows; how many those are."""
        lines, number = self._lines, self._number + start
        if ends and ends[-1] == len(found) and all(found):  # a line each
            sizes = list(map(len, lines[start : start + len(found)]))
            if max(sizes) <= MAX_RECORD:
                self.fields += found
                self.errors += [None] * len(found)
                self.places += range(number, number + len(found))
                self.sizes += sizes
                self.texts += lines[start : start + len(found)]
                if self.blank:
                    self.texts[-len(found)] = self.blank + lines[start]
                    self.blank = ""
                return len(found)
        before = 0
        for taken, (fields, after) in enumerate(zip(found, ends, strict=True)):
            own = lines[start + before : start + after]
            size = sum(map(len, own))
            if (
                size > MAX_RECORD
                or len(own) > MAX_LINES
                or (len(own) > 1 and swallowed(own, self._dialect, self._width))
            ):
                return taken
            if fields:
                self._add(fields, None, number + before, size, self.blank + "".join(own))
                self.blank = ""
            else:
                self.blank += "".join(own)
            before = after
        return len(found)

    def _add(
        self, fields: list[str], error: str | None, place: int, size: int, text: str | None
    ) -> None:
        self.fields.append(fields)
        self.errors.append(error)
        self.places.append(place)
        self.sizes.append(size)
        self.texts.append(text)


def _reader(lines: Iterator[str], dialect: Dialect) -> Any:
    if not dialect.quotes:
        return csv.reader(
            lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE, quotechar=None, strict=True
        )
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        skipinitialspace=dialect.skip_space,
        escapechar="\\" if dialect.backslash else None,
        strict=True,
    )


def swallowed(lines: list[str], dialect: Dialect, width: int | None) -> bool:
    """Whether a record of several lines is rather several rows, joined by a stray mark.

    So it is where every line has the header's number of fields and, but for tabs, some column
    holds a number in all of them.
    """
    if width is None or width < 2:
        return False
    rows = [line.rstrip("\r\n").split(dialect.delimiter) for line in lines]
    if any(len(row) != width for row in rows):
        return False
    return dialect.delimiter == "\t" or any(
        all(_is_number(field) for field in column) for column in zip(*rows, strict=True)
    )


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _alone(line: str, dialect: Dialect, width: int | None, number: int, problem: str) -> Record:
    """One line that the strict reader could not read, as a row."""
    size = len(line)
    if size > MAX_RECORD:
        error = f"line {number:,} is longer than {MAX_RECORD:,} characters"
        return Record([line[:100]], error, number, size, loose=True)
    if dialect.quotes and not dialect.backslash and '\\"' in line:
        try:
            fields = next(
                csv.reader([line], delimiter=dialect.delimiter, escapechar="\\", strict=True)
            )
        except csv.Error:
            fields = []
        if len(fields) == width:
            return Record(fields, None, number, size)
    raw = line.rstrip("\r\n").split(dialect.delimiter)
    fields = [_unquoted(field) for field in raw]
    if dialect.delimiter == "\t":
        return Record(fields, None, number, size, loose=True)
    balanced = all(field.count('"') % 2 == 0 for field in raw)
    if problem == "not doubled" and len(fields) == width and balanced:
        return Record(fields, None, number, size, loose=True)
    if problem == "never closed":
        error = f"a quotation mark opens on line {number:,} and is never closed"
    else:
        error = f"line {number:,} has a quotation mark inside a quoted field that is not doubled"
    return Record(fields, error, number, size, loose=True)


def _unquoted(field: str) -> str:
    """A field without the marks around it, if all marks within are doubled."""
    inner = field[1:-1]
    if len(field) > 1 and field[0] == field[-1] == '"' and '"' not in inner.replace('""', ""):
        return inner.replace('""', '"')
    return field

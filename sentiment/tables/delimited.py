"""Records of comma- and tab-separated text, each whole or with its error; no row swallows others.

The standard library's reader does the work, strictly. Where it stops, the first line of what it
had read becomes a row of its own and the lines behind it are read again.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from sentiment.tables.dialect import Dialect

MAX_RECORD = 1 << 23
"""Characters of a record; more of them are an unclosed quotation mark, or no table at all."""
csv.field_size_limit(2 * MAX_RECORD)


class Record(NamedTuple):
    """Fields of a row, what is wrong with it, and the number of the line it begins on, from 1.

    ``loose`` tells that the row's marks are not those of a writer of quotes.
    """

    fields: list[str]
    error: str | None
    line: int
    characters: int
    loose: bool = False


class _TooLongError(Exception):
    pass


def records(lines: Iterator[str], dialect: Dialect, width: int | None) -> Iterator[Record]:
    """The records of ``lines``; blank lines are none.

    ``width`` is the header's number of fields, None while it is not known. A quotation mark that
    is never closed, or closed only behind lines that are rows themselves, is its row's error.
    """
    again: deque[str] = deque()
    taken: list[str] = []

    def feed() -> Iterator[str]:
        size = 0
        while True:
            line = again.popleft() if again else next(lines, None)
            if line is None:
                return
            size = size + len(line) if taken else len(line)
            taken.append(line)
            if size > MAX_RECORD:
                raise _TooLongError
            yield line

    number = 1 + dialect.skip
    while True:
        reader = _reader(feed(), dialect)
        problem = ""
        try:
            for fields in reader:
                count = len(taken)
                if count > 1 and swallowed(taken, dialect, width):
                    problem = "never closed"
                    break
                if fields:
                    size = len(taken[0]) if count == 1 else sum(map(len, taken))
                    yield Record(fields, None, number, size)
                number += count
                taken.clear()
            else:
                return
        except (csv.Error, _TooLongError) as error:
            single = len(taken) == 1 and "unexpected end" not in str(error)
            problem = "not doubled" if single else "never closed"
        first = taken[0]
        again.extendleft(reversed(taken[1:]))
        taken.clear()
        yield _alone(first, dialect, width, number, problem)
        number += 1


def _reader(lines: Iterator[str], dialect: Dialect) -> Iterator[list[str]]:
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

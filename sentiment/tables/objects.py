"""JSON in the shapes that people have it: lines of objects, an array of them, one object that
holds a list of them or columns, and the lines of Python dicts of some old dumps.
"""

from __future__ import annotations

import ast
import io
import json
import re
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

from sentiment.tables.delimited import MAX_RECORD
from sentiment.tables.encoding import Coding
from sentiment.tables.errors import TableError
from sentiment.tables.lines import line_batches, lines_of
from sentiment.tables.options import ReadOptions
from sentiment.tables.pieces import Batch, Found, batches_of, object_rows, pieces_of
from sentiment.tables.rows import Row, Rows
from sentiment.tables.source import is_text_column
from sentiment.tables.spelling import Spelling, without_end
from sentiment.tables.text_files import TextFiles

MAX_DOCUMENT = 1 << 26
"""Characters of one JSON object that must be read whole to find the rows in it."""
MAX_VALUES = 5_000_000
"""Values in it, each of which takes memory of its own."""
_CHUNK = 1 << 16
_BLANKS = re.compile(r"[\s,]*")


class _Constants:
    """Notes NaN and Infinity, which Python reads and JSON does not have."""

    def __init__(self) -> None:
        self.seen = False

    def __call__(self, name: str) -> float:
        self.seen = True
        return float(name.replace("Infinity", "inf"))


class Objects(TextFiles):
    """Files of JSON of one shape: lines, array, document or python."""

    def __init__(
        self, files: Sequence[Path], codings: Sequence[Coding], kind: str, options: ReadOptions
    ) -> None:
        super().__init__(files, codings, options)
        self.kind = kind
        self._tail = ""
        if kind == "python":
            self.notes.append(f"{files[0]}: lines are Python dicts rather than JSON; read as such")

    def pieces(self, size: int) -> Iterator[tuple[Rows, int]]:
        return pieces_of(self._batches(), size, object_rows)

    def spelling(self) -> Spelling | None:
        return Spelling(self.kind, self._codings[0]) if self.kind == "jsonl" else None

    def tail(self) -> str:
        return self._tail

    def _batches(self) -> Iterator[Batch]:
        for number, stream in self.in_turn():
            if self.kind == "jsonl":
                found = _json_lines(stream)
                if number + 1 == len(self.files):
                    self._tail = yield from found
                else:
                    yield from map(_ended, found)
                continue
            one_by_one = {"array": _array, "document": _document, "python": _python_lines}
            yield from batches_of(one_by_one[self.kind](stream, str(self.files[number])))


def _ended(batch: Batch) -> Batch:
    """The same with a line end behind its last line."""
    if batch.lines and (last := batch.lines[-1]) and not without_end(last)[1]:
        return batch._replace(lines=[*batch.lines[:-1], last + "\n"])
    return batch


def _json_lines(stream: io.TextIOWrapper) -> Generator[Batch, None, str]:
    """The objects of all lines, each with its line's text and the blank lines before it; those
    behind the last are returned.
    """
    constants = _Constants()
    decoder: Any = json.JSONDecoder(parse_constant=constants)
    scanned = decoder.scan_once  # what the decoder itself calls, without its search for blanks
    first, blank = 1, ""
    for lines in line_batches(stream):
        rows: list[Row] = []
        errors: list[str | None] = []
        places: list[int] = []
        sizes: list[int] = []
        valid: list[str | None] = []
        for place, whole_line in enumerate(lines, first):
            line = whole_line.strip()
            if not line:
                blank += whole_line
                continue
            error: str | None = None
            whole: str | None = whole_line
            try:
                row, end = scanned(line, 0)
                if end != len(line) or constants.seen or row.__class__ is not dict:
                    row, error, whole = _odd(line, place, constants)
            except (ValueError, RecursionError, StopIteration):
                row, error, whole = _odd(line, place, constants)
            rows.append(row)
            errors.append(error)
            places.append(place)
            sizes.append(len(line))
            if whole is not None and blank:
                whole, blank = blank + whole, ""
            valid.append(whole)
        first += len(lines)
        yield Batch(rows, errors, places, sizes, valid)
    return blank


def _odd(line: str, place: int, constants: _Constants) -> tuple[Row, str | None, str | None]:
    """The row of a line that is not JSON, no object, or has a constant that JSON does not."""
    constants.seen = False
    try:
        value = json.loads(line.removesuffix(","))  # elements of an array that lost its brackets
    except (ValueError, RecursionError) as error:
        return {"input_line": line}, f"line {place:,} is not JSON: {_reason(error)}", None
    if not isinstance(value, dict):
        return {"input_line": line}, f"line {place:,}: want an object, got {line:.80}", None
    return value, None, None


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return f"{error}".replace(" line 1 column", " column")


def _python_lines(stream: io.TextIOWrapper, _: str) -> Iterator[Found]:
    for place, line in enumerate(lines_of(stream), 1):
        bare = line.strip()
        if not bare:
            continue
        try:
            value = ast.literal_eval(bare) if len(bare) < 1 << 20 else None
        except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
            reason = f"line {place:,} is no Python dict: {type(error).__name__}"
            yield Found({"input_line": bare}, reason, place, len(bare))
            continue
        if isinstance(value, dict):
            row = {str(name): inner for name, inner in value.items()}
            yield Found(row, None, place, len(bare))
        else:
            reason = f"line {place:,}: want a dict, got {bare:.80}"
            yield Found({"input_line": bare}, reason, place, len(bare))


def _array(stream: io.TextIOWrapper, name: str) -> Iterator[Found]:
    """The elements of one array, read piece by piece."""
    constants = _Constants()
    decoder = json.JSONDecoder(parse_constant=constants)
    text = stream.read(_CHUNK).lstrip()[1:]
    number, begun = 0, False
    while True:
        text = text.lstrip().removeprefix(",").lstrip() if begun else text.lstrip()
        if text.startswith("]"):
            return
        constants.seen = False
        try:
            value, end = decoder.raw_decode(text)
            whole = end < len(text)  # a number may go on
        except RecursionError as error:
            raise TableError(f"{name}: element {number + 1:,} is nested too deeply") from error
        except ValueError as error:
            value, end, whole, fault = None, 0, False, error
        if not whole:
            more = stream.read(max(_CHUNK, len(text)))
            if not more:
                if not end:
                    reason = "it ends too early" if not text else _fault(text, fault)
                    raise TableError(
                        f"{name}: the array cannot be read behind element {number:,} ({reason})"
                    )
            elif len(text) > MAX_RECORD:
                raise TableError(
                    f"{name}: element {number + 1:,} has over {MAX_RECORD:,} characters"
                )
            else:
                text += more
                continue
        begun = True
        if isinstance(value, dict) and value.get("kind") == "Listing":  # of Reddit's, several
            for inner in rows_in(value):
                number += 1
                yield _element(inner, number, None, end)
        else:
            number += 1
            yield _element(value, number, None if constants.seen else text[:end], end)
        text = text[end:]


def _fault(text: str, error: Exception) -> str:
    if text.startswith("{'"):
        return "single quotes are Python's: write it with json.dump, or one dict a line"
    return str(error)


def _element(value: Any, number: int, line: str | None, size: int) -> Found:
    if isinstance(value, str):
        return Found({"text": value}, None, number, size)
    if isinstance(value, dict):
        one_line = line if line is not None and "\n" not in line and "\r" not in line else None
        return Found(value, None, number, size, one_line)
    shown = f"{json.dumps(value)!s:.80}"
    reason = f"element {number:,}: want an object, got {shown}"
    return Found({"input_line": shown}, reason, number, size)


def _document(stream: io.TextIOWrapper, name: str) -> Iterator[Found]:
    """The rows of one object: those of the longest list of objects in it, or its columns."""
    text = stream.read(MAX_DOCUMENT + 1)
    if len(text) > MAX_DOCUMENT:
        raise TableError(
            f"{name} is one JSON object of over {MAX_DOCUMENT:,} characters; want one object a line"
        )
    if sum(map(text.count, "{[,")) > MAX_VALUES:
        raise TableError(
            f"{name} is one JSON object of over {MAX_VALUES:,} values; want one object a line"
        )
    try:
        rows = _all_of(text)
    except (ValueError, RecursionError) as error:
        raise TableError(f"{name} is not JSON: {error}") from error
    size = len(text)
    for number, row in enumerate(rows, 1):
        yield _element(row, number, None, min(size // 8, 1 << 12))


def _all_of(text: str) -> list[Any]:
    """The rows in a text's one object, or its objects where one stands behind the other."""
    decoder, found, at = json.JSONDecoder(), list[Any](), len(text) - len(text.lstrip())
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        found.append(value)
        at = _BLANKS.match(text, at).end()  # type: ignore[union-attr]
    return rows_in(found[0]) if len(found) == 1 else found


def rows_in(value: Any) -> list[Any]:
    """The rows that an object holds, or itself where it holds none.

    They are a list of objects (that with texts under a customary name, else the longest), names
    of columns beside a list of rows, columns, or rows by their names: what pandas' ``to_json``
    makes of a table, among others.
    """
    columns: list[Any] = [v for v in value.values() if isinstance(v, list | dict) and v]
    names, table = value.get("columns"), value.get("data")
    if _are_lists(names, table) and all(_are_lists(r) and len(r) == len(names) for r in table):
        return [dict(zip(map(str, names), row, strict=True)) for row in table]
    if lists := list(_lists(value)):
        return max(lists, key=lambda rows: (any(map(is_text_column, rows[0])), len(rows)))
    if columns and len(columns) == len(value):
        if all(isinstance(c, list) and len(c) == len(columns[0]) for c in columns):
            return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)]
        keys = list(columns[0])
        if all(isinstance(c, dict) and list(c) == keys for c in columns):
            if any(map(is_text_column, keys)) and not any(map(is_text_column, value)):
                return columns
            if all(not isinstance(v, dict | list) for c in columns for v in c.values()):
                return [{name: value[name][key] for name in value} for key in keys]
    return [value]


def _are_lists(*values: Any) -> bool:
    return all(isinstance(value, list) for value in values)


def _lists(value: Any, depth: int = 3) -> Iterator[list[Any]]:
    """Lists of objects in an object, some steps down."""
    for inner in value.values():
        if isinstance(inner, list) and inner and all(isinstance(one, dict) for one in inner):
            yield inner
        elif isinstance(inner, dict) and depth:
            yield from _lists(inner, depth - 1)

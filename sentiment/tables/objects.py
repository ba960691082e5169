"""JSON in the shapes that people have it: lines of objects, an array of them, one object that
holds a list of them or columns, and the lines of Python dicts of some old dumps.
"""

from __future__ import annotations

import ast
import io
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sentiment.tables.encoding import Coding
from sentiment.tables.errors import TableError
from sentiment.tables.options import ReadOptions
from sentiment.tables.rows import Row, Rows
from sentiment.tables.text_files import TextFiles, lines_of, object_pieces

MAX_DOCUMENT = 1 << 26
"""Characters of one JSON object that must be read whole to find the rows in it."""
_CHUNK = 1 << 16

Found = tuple[Row, str | None, int, str | None, int]


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
        if kind == "python":
            self.notes.append(f"{files[0]}: lines are Python dicts rather than JSON; read as such")

    def pieces(self, size: int) -> Iterator[tuple[Rows, int]]:
        return object_pieces(self._found(), size)

    def _found(self) -> Iterator[Found]:
        read: Callable[[io.TextIOWrapper, str], Iterator[Found]] = {
            "jsonl": _json_lines,
            "array": _array,
            "document": _document,
            "python": _python_lines,
        }[self.kind]
        for number, stream in self.in_turn():
            yield from read(stream, str(self.files[number]))


def _json_lines(stream: io.TextIOWrapper, _: str) -> Iterator[Found]:
    constants = _Constants()
    decode = json.JSONDecoder(parse_constant=constants).decode
    for place, line in enumerate(lines_of(stream), 1):
        bare = line.strip()
        if not bare:
            continue
        constants.seen = False
        try:
            value = decode(bare)
        except (ValueError, RecursionError) as error:
            yield _bad(f"line {place:,} is not JSON: {_reason(error)}", bare, place)
            continue
        if isinstance(value, dict):
            yield value, None, place, None if constants.seen else bare, len(bare)
        else:
            yield _bad(f"line {place:,}: want an object, got {bare:.80}", bare, place)


def _bad(error: str, line: str, place: int) -> Found:
    return {"input_line": line}, error, place, None, len(line)


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
            yield _bad(reason, bare, place)
            continue
        if isinstance(value, dict):
            row = {str(name): inner for name, inner in value.items()}
            yield row, None, place, None, len(bare)
        else:
            yield _bad(f"line {place:,}: want a dict, got {bare:.80}", bare, place)


def _array(stream: io.TextIOWrapper, name: str) -> Iterator[Found]:
    """The elements of one array, read piece by piece."""
    constants = _Constants()
    decoder = json.JSONDecoder(parse_constant=constants)
    text = stream.read(_CHUNK).lstrip()[1:]
    number = 0
    while True:
        text = text.lstrip().removeprefix(",").lstrip() if number else text.lstrip()
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
                    reason = "it ends too early" if not text else str(fault)
                    raise TableError(
                        f"{name}: the array cannot be read behind element {number:,} ({reason})"
                    )
            elif len(text) > MAX_DOCUMENT:
                raise TableError(
                    f"{name}: element {number + 1:,} has over {MAX_DOCUMENT:,} characters"
                )
            else:
                text += more
                continue
        number += 1
        yield _element(value, number, None if constants.seen else text[:end], end)
        text = text[end:]


def _element(value: Any, number: int, line: str | None, size: int) -> Found:
    if isinstance(value, str):
        return {"text": value}, None, number, None, size
    if isinstance(value, dict):
        one_line = line if line is not None and "\n" not in line and "\r" not in line else None
        return value, None, number, one_line, size
    shown = f"{json.dumps(value)!s:.80}"
    return (
        {"input_line": shown},
        f"element {number:,}: want an object, got {shown}",
        number,
        None,
        size,
    )


def _document(stream: io.TextIOWrapper, name: str) -> Iterator[Found]:
    """The rows of one object: those of the longest list of objects in it, or its columns."""
    text = stream.read(MAX_DOCUMENT + 1)
    if len(text) > MAX_DOCUMENT:
        raise TableError(
            f"{name} is one JSON object of over {MAX_DOCUMENT:,} characters; want one object a line"
        )
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TableError(f"{name} is not JSON: {error}") from error
    size = len(text)
    for number, row in enumerate(rows_in(value), 1):
        found = _element(row, number, None, 0)
        yield *found[:4], min(size // 8, 1 << 12)


def rows_in(value: Any) -> list[Any]:
    """The rows that an object holds, or itself where it holds none."""
    columns = [inner for inner in value.values() if isinstance(inner, list | dict) and inner]
    lists = sorted(_lists(value), key=len)
    if lists:
        return lists[-1]
    if columns and len(columns) == len(value):
        if all(isinstance(c, list) and len(c) == len(columns[0]) for c in columns):
            return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)]
        keys = list(columns[0])
        scalars = all(not isinstance(v, dict | list) for c in columns for v in _inner(c))
        if scalars and all(isinstance(c, dict) and list(c) == keys for c in columns):
            return [{name: value[name][key] for name in value} for key in keys]
    return [value]


def _inner(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value


def _lists(value: Any, depth: int = 3) -> Iterator[list[Any]]:
    """Lists of objects in an object, some steps down."""
    for inner in value.values():
        if isinstance(inner, list) and inner and all(isinstance(one, dict) for one in inner):
            yield inner
        elif isinstance(inner, dict) and depth:
            yield from _lists(inner, depth - 1)

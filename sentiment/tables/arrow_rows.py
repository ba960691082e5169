"""Rows of an Arrow table: only texts that are read become Python's.

What a column costs is told without unfolding it, and values that Python cannot hold come as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentiment.tables.rows import MISSING, Row, Rows, all_texts, too_long

_UNSHOWN = (ValueError, OverflowError, KeyError, pa.ArrowException)
"""What Arrow raises for values that Python has not; KeyError for a time zone that there is not."""


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
        if all_texts(found, most):
            return found, [None] * len(found)
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
    pieces = [chunk_bytes(chunk) for chunk in column.chunks]
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int64)


def chunk_bytes(chunk: Any) -> Any:
    """Bytes of each text of one array, (N,); none of a null."""
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
    """A column as Python has it; a value that Python cannot hold as Arrow's text of it, and a text
    that is not UTF-8 as its bytes.
    """
    try:
        found: list[Any] = column.to_pylist()
        return found
    except _UNSHOWN:
        return [_python_value(scalar) for scalar in column]


def _python_value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return bytes(scalar.as_buffer())
    except _UNSHOWN:
        try:
            if pa.types.is_timestamp(scalar.type) and scalar.type.tz is not None:
                plain = scalar.cast(pa.timestamp(scalar.type.unit)).cast(pa.string()).as_py()
                return f"{plain} UTC"
            return scalar.cast(pa.string()).as_py()
        except _UNSHOWN:
            return None

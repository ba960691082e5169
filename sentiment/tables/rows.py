"""Successive rows in the form that their source has them: fields of text, objects, or Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]


class Missing:
    """Stands for the value of a column that a row does not have."""


MISSING = Missing()


class Rows:
    """Rows in order. ``errors`` has, for each, why it could not be read, or None.

    ``places`` has the number of each row's line, or of the row where there are no lines; both
    count from 1. ``place`` is the word for which it is.
    """

    place = "line"
    errors: Sequence[str | None]
    places: Sequence[int]

    def __len__(self) -> int:
        return len(self.errors)

    def first(self, count: int) -> Rows:
        """The first ``count`` of the rows."""
        raise NotImplementedError

    def values(self, name: str) -> list[Any]:
        """One column; ``a.b`` reaches into nested values. MISSING where a row has none."""
        raise NotImplementedError

    def records(self) -> list[Row]:
        """The rows as dicts."""
        raise NotImplementedError

    def texts(self, name: str, most: int) -> tuple[list[str], list[str | None]]:
        """The texts of a column, and for each why it cannot be read, or None.

        A text of more than ``most`` characters cannot.
        """
        values = self.values(name)
        if not any(self.errors) and all_texts(values, most):
            return values, [None] * len(values)
        texts, errors = [], []
        for value, error in zip(values, self.errors, strict=True):
            error = error or text_error(value, name, most)
            texts.append("" if error else value)
            errors.append(error)
        return texts, errors


def all_texts(values: Sequence[Any], most: int) -> bool:
    """Whether all values are texts to read: ``text_error`` of none, told at once."""
    return (
        set(map(type, values)) == {str}
        and max(map(len, values)) <= most
        and all(map(str.strip, values))
    )


def text_error(value: Any, name: str, most: int) -> str | None:
    """Why a value is no text to read; None where it is one."""
    if isinstance(value, str):
        if len(value) > most:
            return too_long(len(value), most)
        return None if value.strip() else "empty text"
    if value is MISSING:
        return f"no column {name!r} in this row"
    if value is None:
        return "no text"
    return f"text must be a string, got {type(value).__name__}"


def too_long(count: int, most: int) -> str:
    """The error of a text that is too long."""
    return f"text of {count:,} characters; at most {most:,}"


def reach(value: Any, name: str) -> Any:
    """The value under a name, or under a dotted path of names; MISSING where there is none."""
    if name in value:
        return value[name]
    for part in name.split("."):
        if not isinstance(value, dict) or part not in value:
            return MISSING
        value = value[part]
    return value


def paths(value: Row, before: str = "") -> list[str]:
    """The names in an object, those of objects in it with dots."""
    found = []
    for name, inner in value.items():
        if isinstance(inner, dict) and inner:
            found += paths(inner, f"{before}{name}.")
        else:
            found.append(f"{before}{name}")
    return found


def first_error(rows: Rows) -> str:
    """The first error of some rows, with its place; "" for none."""
    for place, error in zip(rows.places, rows.errors, strict=True):
        if error:
            where = f"{rows.place} {place:,}"
            return error if where in error else f"{where}: {error}"
    return ""


def left_out(source: str, count: int, first: str) -> str:
    """The note on rows that cannot be read."""
    rows = "a row" if count == 1 else f"{count:,} rows"
    return f"{source}: left out {rows} that cannot be read, the first: {first}"


@dataclass(frozen=True, slots=True)
class TextRows(Rows):
    """Rows of csv, tsv, txt and workbooks: every row has a field, text or None, a column.

    ``lines`` has the text that each came from (``Batch``), nothing where there is none.
    """

    names: Sequence[str]
    fields: Sequence[Sequence[str | None]]
    errors: Sequence[str | None]
    places: Sequence[int]
    lines: Sequence[str | None] = ()

    def first(self, count: int) -> TextRows:
        return TextRows(
            self.names,
            self.fields[:count],
            self.errors[:count],
            self.places[:count],
            self.lines[:count],
        )

    def values(self, name: str) -> list[Any]:
        if name not in self.names:
            return [MISSING] * len(self.fields)
        index = list(self.names).index(name)
        return [row[index] for row in self.fields]

    def records(self) -> list[Row]:
        return [dict(zip(self.names, row, strict=True)) for row in self.fields]


@dataclass(frozen=True, slots=True)
class ObjectRows(Rows):
    """Rows of JSON and of data sets. ``lines`` has the JSON each came from, where it is valid."""

    objects: Sequence[Row]
    errors: Sequence[str | None]
    places: Sequence[int]
    lines: Sequence[str | None]

    def first(self, count: int) -> ObjectRows:
        return ObjectRows(
            self.objects[:count], self.errors[:count], self.places[:count], self.lines[:count]
        )

    def values(self, name: str) -> list[Any]:
        return [reach(row, name) for row in self.objects]

    def records(self) -> list[Row]:
        return list(self.objects)


@dataclass(frozen=True, slots=True)
class Window:
    """Successive rows of a source, the first of which is row number ``start``, from 0."""

    start: int
    rows: Rows
    fraction: float | None  # of the source read so far

"""Texts with their labels as they are spelled: the one way in for ``fit``, ``fit --stream``,
``evaluate`` and whatever else learns from a person's rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sentiment import text as words_of
from sentiment.tables import (
    MISSING,
    ObjectRows,
    ReadOptions,
    Rows,
    Source,
    TableError,
    paths,
)
from sentiment.tables.rows import left_out
from train.data.labels import Found, label_of
from train.data.tables import DataError, column, load_table, open_split, stream_split

WINDOW = 4096
MAX_DISTINCT = 10_000


class Pair(NamedTuple):
    """A text, its label as it is spelled, and where it stands."""

    text: str
    label: Any
    place: str


class Pairs:
    """The rows of a source that have a text and a label; the others are counted.

    ``reading`` says how files are read. With ``stream`` a Hub data set is read as it comes,
    else it is downloaded. Raises DataError for a source or a column there is none of.
    """

    def __init__(
        self,
        source: str,
        split: str,
        text_column: str,
        label_column: str,
        *,
        stream: bool = False,
        reading: ReadOptions | None = None,
    ) -> None:
        self.source, self._text, self._label = source, text_column, label_column
        self._table: dict[str, list[Any]] | None = None
        opened = stream_split if stream else open_split
        self._rows: Source | None = opened(source, split, reading)
        self._check_first = False
        if self._rows is None:
            self._table = load_table(source, split)
            names: list[str] | None = list(self._table)
        else:
            names = self._rows.columns()
        if names is None:
            self._check_first = True
        else:
            self._settle(names)
        self._reset()

    def _settle(self, names: list[str]) -> None:
        if self._text == "text" and "text" not in names and "sentence" in names:
            self._text = "sentence"  # stanfordnlp/sst2's name for it
        if self._rows is None:
            for name in (self._text, self._label):
                column({key: [] for key in names}, name, self.source)
            return
        for name in (self._text, self._label):
            if name in names or ("." in name and name.split(".")[0] in names):
                continue
            raise DataError(
                f"{self.source} has no column {name!r}; it has {', '.join(names)}"
                f"{self._rows.hint()}"
            )

    def _reset(self) -> None:
        self.count, self._empty, self._bad, self._first_bad = 0, 0, 0, ""

    def windows(self) -> Iterator[list[Pair]]:
        """The pairs in order; what is counted of them is of the last reading."""
        self._reset()
        if self._rows is None:
            yield self._of_table()
            return
        try:
            for rows, _ in self._rows.pieces(WINDOW):
                if self._check_first:
                    self._settle_objects(rows)
                yield self._of_rows(rows)
        except TableError as error:
            raise DataError(str(error)) from error

    def _settle_objects(self, rows: Rows) -> None:
        self._check_first = False
        if isinstance(rows, ObjectRows):
            whole = [o for o, e in zip(rows.objects, rows.errors, strict=True) if e is None]
            if not whole:
                raise DataError(f"{self.source} cannot be read: {rows.errors[0]}")
            names = list(dict.fromkeys(name for row in whole for name in (*row, *paths(row))))
            self._settle(names)

    def _of_table(self) -> list[Pair]:
        table = self._table or {}
        pairs = zip(table[self._text], table[self._label], strict=True)
        return self._usable(
            (text, label, None, f"row {i}") for i, (text, label) in enumerate(pairs, 1)
        )

    def _of_rows(self, rows: Rows) -> list[Pair]:
        name = ""
        files = self._rows.files if self._rows is not None else ()
        if len(files) > 1 or Path(self.source).is_dir():
            name = f"{Path(self.source).name}, "
        places = (f"{name}{rows.place} {number:,}" for number in rows.places)
        return self._usable(
            zip(rows.values(self._text), self._labels(rows), rows.errors, places, strict=True)
        )

    def _labels(self, rows: Rows) -> list[Any]:
        values = rows.values(self._label)
        classes = getattr(self._rows, "classes", lambda _: None)(self._label)
        if classes is None:
            return values
        return [classes[v] if isinstance(v, int) and v >= 0 else None for v in values]

    def _usable(self, rows: Any) -> list[Pair]:
        pairs = []
        for text, value, error, place in rows:
            if error is None and (isinstance(text, bytes) or isinstance(value, bytes)):
                error = "the text or the label is not UTF-8"
            label = None if value is MISSING or isinstance(value, list | dict) else label_of(value)
            if error is not None:
                self._bad += 1
                at = error if place in error else f"{place}: {error}"
                self._first_bad = self._first_bad or at
            elif (
                isinstance(text, str | int | float)
                and label is not None
                and (words_of.words(str(text)))
            ):
                pairs.append(Pair(str(text), label, place))
            else:
                self._empty += 1
        self.count += len(pairs)
        return pairs

    def notes(self) -> list[str]:
        """How the source was read, and what was left out."""
        notes = list(self._rows.notes) if self._rows is not None else []
        if self._empty:
            rows = "a row" if self._empty == 1 else f"{self._empty:,} rows"
            notes.append(f"{self.source}: left out {rows} without text or label")
        if self._bad:
            notes.append(left_out(self.source, self._bad, self._first_bad))
        return notes

    def none(self) -> DataError:
        """The fault of a source without a single pair."""
        return DataError(f"{self.source}: no row has both {self._text!r} and {self._label!r}")


def count_labels(found: dict[Any, Found], pairs: list[Pair], source: str) -> None:
    """Add the labels of some pairs to those found. Raises DataError where they are too many."""
    for pair in pairs:
        one = found.get(pair.label)
        place = pair.place if one is None else one.place
        found[pair.label] = Found(1 + (0 if one is None else one.count), place)
    if len(found) > MAX_DISTINCT:
        raise DataError(f"{source}: the labels have over {MAX_DISTINCT:,} distinct values")

"""Columns of files, folders of files and Hub data sets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import compress
from pathlib import Path
from typing import Any

from sentiment.errors import SentimentError
from sentiment.hub import HubError, check_dataset
from sentiment.tables import (
    ENDINGS,
    MISSING,
    ReadOptions,
    Source,
    TableError,
    kind_of,
    open_files,
    open_source,
)
from sentiment.tables.rows import first_error, left_out, reach
from sentiment.tables.source import TEXT_COLUMNS

HUB_SPLITS = {"dev": "validation"}


class DataError(SentimentError):
    """Data that cannot be used; the message says what was got and what is wanted."""


class NoSplitError(DataError):
    """Data that lacks the split which was asked for."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a person's texts and labels stand, whether those are ratings, and of which scale, and
    how the files are read.
    """

    text: str = "text"
    label: str = "label"
    ratings: bool | tuple[float, float] = False
    reading: ReadOptions | None = None


def has_splits(source: str) -> bool:
    """Whether a source may have splits of its own: a folder, or a data set on the Hub."""
    return Path(source).is_dir() or not _is_local(source)


def _is_local(source: str) -> bool:
    path = Path(source)
    written_so = path.is_absolute() or source.startswith(".") or kind_of(path) is not None
    return written_so or path.exists() or any(mark in source for mark in "*?[")


def open_split(
    source: str, split: str = "train", reading: ReadOptions | None = None
) -> Source | None:
    """The rows of a file, a glob or a folder of files; None for what can only be on the Hub.

    A folder gives the files that ``split`` names ("dev" also finds "validation"); ``reading``
    says how files are read. Raises NoSplitError where it has no such split, and DataError for
    what cannot be read.
    """
    path = Path(source)
    try:
        if path.is_dir():
            return open_files(_split_files(path, split), reading)
        if _is_local(source):
            return open_source(source, options=reading)
    except TableError as error:
        raise DataError(str(error)) from error
    return None


def stream_split(source: str, split: str, reading: ReadOptions | None = None) -> Source:
    """The rows of a source, those of a Hub data set as they come.

    Raises NoSplitError and DataError as ``open_split``.
    """
    found = open_split(source, split, reading)
    if found is not None:
        return found
    try:
        return open_source(source, HUB_SPLITS.get(split, split))
    except TableError as error:
        kind = NoSplitError if "Bad split" in str(error) else DataError
        raise kind(str(error)) from error


def _split_files(folder: Path, split: str) -> list[Path]:
    names = (split, "validation") if split == "dev" else (split,)
    found = [
        file
        for name in names
        for pattern in (f"{name}.*", f"{name}-*", f"data/{name}-*")
        for file in sorted(folder.glob(pattern))
        if kind_of(file)
    ]
    if not found:
        raise NoSplitError(f"{folder} has no {split} file among {', '.join(ENDINGS)}")
    return found if len({kind_of(file) for file in found}) == 1 else found[:1]


def load_table(
    source: str,
    split: str = "train",
    configuration: str | None = None,
    reading: ReadOptions | None = None,
) -> dict[str, list[Any]]:
    """Columns of a file, of a folder of files, or of a Hub data set.

    Columns of csv and its like are numbers where all their fields spell such, but for those of
    texts by their name; an empty field is None. Rows that cannot be read are left out, and the
    first of them is named with whatever else there is to say of the source, once.
    ``configuration`` names one of a Hub data set's several; ``reading`` says how files are read.
    Raises NoSplitError where there is no such split, and DataError for what is no such source.
    """
    rows = open_split(source, split, reading)
    if rows is None:
        return _hub_table(source, split, configuration)
    names = rows.columns()
    columns: dict[str, list[Any]] = {} if names is None else {name: [] for name in names}
    count, bad, first_bad = 0, 0, ""
    try:
        for piece, _ in rows.pieces(4096):
            whole = [error is None for error in piece.errors]
            if not all(whole):
                first_bad = first_bad or first_error(piece)
                bad += whole.count(False)
            records = list(compress(piece.records(), whole)) if names is None else []
            for name in dict.fromkeys(name for row in records for name in row):
                columns.setdefault(name, [None] * count)
            for name, values in columns.items():
                if names is None:
                    values += [row.get(name) for row in records]
                else:
                    found = compress(piece.values(name), whole)
                    values += [None if value == "" else value for value in found]
            count += sum(whole)
    except TableError as error:
        raise DataError(str(error)) from error
    for note in rows.notes:
        _say_once(note)
    if bad:
        _say_once(left_out(source, bad, first_bad))
    if rows.kind in ("csv", "tsv", "xlsx"):
        return {
            name: values if name.casefold() in TEXT_COLUMNS else typed(values)
            for name, values in columns.items()
        }
    return columns


def load_texts(source: str, split: str = "train", columns: Columns | None = None) -> list[str]:
    """The texts of a source, as ``load_table`` reads it; gaps left out.

    They stand in the column "text" of a source that lacks that which is asked for, as lines of
    text do.
    """
    columns = columns or Columns()
    table = load_table(source, split, reading=columns.reading)
    lacking = columns.text not in table and "." not in columns.text
    found = column(table, "text" if lacking and "text" in table else columns.text, source)
    if damaged := sum(isinstance(text, bytes) for text in found):
        _say_once(left_out(source, damaged, "a text is not UTF-8"))
    return [text for text in found if isinstance(text, str) and text.strip()]


@cache
def _say_once(note: str) -> None:
    """Print a note; a recipe reads the same source again and again."""
    print(note, flush=True)


def typed(values: list[Any]) -> list[Any]:
    """A column of text as numbers or truths, where all that it holds spells such."""
    filled = [value for value in values if value is not None]
    spelling: dict[str, Any] = {"true": True, "false": False}
    for kind in (int, float, lambda value: spelling[value.lower()]):
        try:
            found = {value: kind(value) for value in set(filled)}
        except (ValueError, KeyError):
            continue
        return [None if value is None else found[value] for value in values]
    return values


def _hub_table(source: str, split: str, configuration: str | None) -> dict[str, list[Any]]:
    import datasets

    hub_split = HUB_SPLITS.get(split, split)
    try:
        check_dataset(source)
    except HubError as error:
        raise DataError(str(error)) from error
    try:
        return _columns(datasets.load_dataset(source, configuration, split=hub_split))
    except (datasets.exceptions.DatasetGenerationError, ValueError) as error:
        kind = NoSplitError if "split" in str(error) else DataError
        raise kind(f"{source}, {hub_split}: {error}") from error


def _columns(data: Any) -> dict[str, list[Any]]:
    """All columns; class numbers as names, where there are more than two or several in a row."""
    columns: dict[str, list[Any]] = data[:]
    for name, feature in data.features.items():
        classes = getattr(feature, "names", None)
        if classes is not None and len(classes) > 2:
            columns[name] = [classes[v] if v is not None and v >= 0 else None for v in data[name]]
        several = getattr(getattr(feature, "feature", None), "names", None)
        if several is not None:
            columns[name] = [[several[v] for v in row] for row in data[name]]
    return columns


def column(table: dict[str, list[Any]], name: str, source: str) -> list[Any]:
    """One column; ``a.b`` reaches into nested values. Raises DataError that lists those there are.

    None where a row has no such nested value.
    """
    if name in table:
        return table[name]
    outer, dot, inner = name.partition(".")
    if not (dot and outer in table):
        raise DataError(f"{source} has no column {name!r}; it has {', '.join(table)}")
    found = (reach(value, inner) if isinstance(value, dict) else MISSING for value in table[outer])
    return [None if value is MISSING else value for value in found]

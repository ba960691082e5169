"""Columns of files, folders of files and Hub data sets."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Any

from sentiment.errors import SentimentError
from sentiment.hub import HubError, check_dataset

FILE_KINDS = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "json",
    ".json": "json",
}


class DataError(SentimentError):
    """Data that cannot be used; the message says what was got and what is wanted."""


class NoSplitError(DataError):
    """Data that lacks the split which was asked for."""


def load_table(
    source: str, split: str = "train", configuration: str | None = None
) -> dict[str, list[Any]]:
    """Columns of a parquet, csv or jsonl file, of a folder of such files, or of a Hub data set.

    ``configuration`` names one of a Hub data set's several. A folder gives the file that
    ``split`` names ("dev" also finds "validation"). Raises NoSplitError where it has no such
    split, and DataError for what is no such source.
    """
    import datasets

    path = Path(source)
    if path.is_dir():
        names = (split, "validation") if split == "dev" else (split,)
        found = [
            file
            for name in names
            for pattern in (f"{name}.*", f"{name}-*", f"data/{name}-*")
            for file in sorted(path.glob(pattern))
            if file.suffix in FILE_KINDS
        ]
        if not found:
            raise NoSplitError(f"{path} has no {split} file among {', '.join(FILE_KINDS)}")
        files = found if len({f.suffix for f in found}) == 1 else found[:1]
    elif path.is_file():
        if path.suffix not in FILE_KINDS:
            raise DataError(f"{path}: want one of {', '.join(FILE_KINDS)}, got {path.suffix!r}")
        files = [path]
    elif path.is_absolute() or source.startswith(".") or path.suffix in FILE_KINDS:
        raise DataError(f"no file or folder at {path}")
    else:
        hub_split = {"dev": "validation"}.get(split, split)
        try:
            check_dataset(source)
        except HubError as error:
            raise DataError(str(error)) from error
        try:
            return _columns(datasets.load_dataset(source, configuration, split=hub_split))
        except (datasets.exceptions.DatasetGenerationError, ValueError) as error:
            kind = NoSplitError if "split" in str(error) else DataError
            raise kind(f"{source}, {hub_split}: {error}") from error
    suffix = files[0].suffix
    options: dict[str, Any] = {"sep": "\t"} if suffix == ".tsv" else {}
    if suffix in (".csv", ".tsv"):  # an empty field is a gap, the word "NA" is a text
        options |= {"keep_default_na": False, "na_values": [""]}
    try:
        data = datasets.load_dataset(
            FILE_KINDS[suffix],
            # a file's name is no pattern, whatever brackets it holds
            data_files=[glob.escape(str(f)) for f in files],
            split="train",
            **options,
        )
    except (datasets.exceptions.DatasetGenerationError, ValueError) as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        raise DataError(f"{files[0]} cannot be read as {FILE_KINDS[suffix]}: {reason}") from error
    return _columns(data)


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
    """One column. Raises DataError that lists the columns there are."""
    if name not in table:
        raise DataError(f"{source} has no column {name!r}; it has {', '.join(table)}")
    return table[name]
